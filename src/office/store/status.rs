//! What became of a submission: the office's four states and the ten of the national portal, as a log of changes.

use super::StoreError;
use uuid::Uuid;

/// No answer to a kiosk has more changes.
pub const MAX_CHANGES: usize = 100;

/// Longest reason or field key, in bytes.
const MAX_CODE_BYTES: usize = 64;
/// Most fields that one change names.
const MAX_FIELDS: usize = 64;
/// The national states have the numbers from 1 to this one.
const NATIONAL_STATES: u8 = 10;

/// A state of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is here.
    Received,
    /// Somebody looked at it.
    Screened,
    /// The citizen must correct something.
    Returned,
    /// It went to the national portal or the case system.
    HandedOver,
    /// One of the portal's own, 1 to 10.
    National(u8),
}

impl State {
    /// The state of that name on the wire (`received`, …, `national-10`).
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "received" => Some(Self::Received),
            "screened" => Some(Self::Screened),
            "returned" => Some(Self::Returned),
            "handed_over" => Some(Self::HandedOver),
            _ => (1..=NATIONAL_STATES).map(Self::National).find(|state| state.name() == name),
        }
    }

    /// The dossier is no longer open here.
    pub(super) fn is_done(self) -> bool {
        matches!(self, Self::HandedOver | Self::National(_))
    }

    /// Its name on the wire.
    pub fn name(self) -> String {
        match self {
            Self::Received => "received".to_owned(),
            Self::Screened => "screened".to_owned(),
            Self::Returned => "returned".to_owned(),
            Self::HandedOver => "handed_over".to_owned(),
            Self::National(n) => format!("national-{n}"),
        }
    }
}

/// What became of one submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    submission_id: Uuid,
    state: State,
    reason: Option<String>,
    fields: Vec<String>,
}

impl Status {
    /// `None` unless `reason` and `fields` are codes (1 to 64 of `a-z 0-9 - _`, at most 64 fields) and the state is one
    /// that gives reasons: free text could carry a citizen's data out of the envelope.
    pub fn new(submission_id: Uuid, state: State, reason: Option<String>, fields: Vec<String>) -> Option<Self> {
        let gives_reasons = matches!(state, State::Returned | State::National(_));
        let is_bare = reason.is_none() && fields.is_empty();
        let codes = reason.iter().chain(&fields).all(|code| is_code(code));
        let fits = codes && fields.len() <= MAX_FIELDS && (gives_reasons || is_bare);
        fits.then_some(Self { submission_id, state, reason, fields })
    }

    /// Which submission.
    pub fn submission_id(&self) -> Uuid {
        self.submission_id
    }

    /// In which state it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Why, as a code.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Which fields, by key.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }
}

fn is_code(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=MAX_CODE_BYTES).contains(&text.len()) && text.bytes().all(allowed)
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the log of the whole office; the cursor that reads what comes after it.
    pub no: u64,
    /// What changed.
    pub status: Status,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// A kiosk's changes after a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// In order.
    pub entries: Vec<Change>,
    /// There is more right now.
    pub more: bool,
}

impl Changes {
    /// The cursor to ask with next, given the one asked with.
    pub fn next_cursor(&self, asked: u64) -> u64 {
        self.entries.last().map_or(asked, |change| change.no)
    }
}

impl Changes {
    /// Of [`one_more_than`] `limit` entries, the first `limit`.
    pub(super) fn cut(mut entries: Vec<Change>, limit: usize) -> Self {
        let limit = limit.min(MAX_CHANGES);
        let more = entries.len() > limit;
        entries.truncate(limit);
        Self { entries, more }
    }
}

/// So many entries are read to know whether there are more than `limit`.
pub(super) fn one_more_than(limit: usize) -> i64 {
    i64::try_from(limit.min(MAX_CHANGES) + 1).unwrap_or(i64::MAX)
}

/// Field keys as a database holds them: no key has a comma.
pub(super) fn joined(fields: &[String]) -> String {
    fields.join(",")
}

/// An entry as a database holds it.
pub(super) fn change(
    no: i64,
    submission_id: Uuid,
    state: &str,
    reason: Option<String>,
    fields: &str,
    at_ms: i64,
) -> Result<Change, StoreError> {
    let fields = fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect();
    let status = State::parse(state).and_then(|state| Status::new(submission_id, state, reason, fields));
    let status = status.ok_or(StoreError::Setting("change.state"))?;
    Ok(Change { no: no.unsigned_abs(), status, at_ms })
}

/// A portal code, if it is one: the portal's own format is not relied on.
pub(super) fn checked_portal_code(code: &str) -> Result<&str, StoreError> {
    let fits = (1..=MAX_CODE_BYTES).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(code) } else { Err(StoreError::PortalCode) }
}
