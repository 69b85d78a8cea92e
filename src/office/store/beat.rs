//! What a kiosk's heartbeat says of its journal, held against what it said before.

/// A place in a kiosk's journal: how many entries, and the head of the hash chain after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) seq: i64,
    pub(super) head: [u8; 32],
}

/// Whether the journal may have become what is said now from what it was at its longest.
pub(super) fn grows(known: Option<Mark>, said: Mark) -> bool {
    known.is_none_or(|known| said.seq > known.seq || said == known)
}

/// The longest journal heard of. Of two with the same length the first one stays.
pub(super) fn longer(known: Option<Mark>, said: Mark) -> Mark {
    match known {
        Some(known) if known.seq >= said.seq => known,
        Some(_) | None => said,
    }
}

/// A count as the databases hold it. More than 2⁶³ of anything is a lie, which may stand as the largest number.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
