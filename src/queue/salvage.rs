//! Out of a damaged queue into the new one: each submission that is still exactly what the device signed comes over under
//! its old ids, with its manifest byte for byte. The damaged file is only read. Everything can be repeated: what is here
//! already is not put in again, and only the last step notes that the file is done.

mod adopt;
mod mend;
mod read;

use super::quarantine;
use super::store::{Error, Salvaged, Store};
use super::witness::Witness;
use ed25519_dalek::VerifyingKey;
use read::Old;
use std::path::Path;

/// Put in together, so that not each costs a sync.
const BATCH: usize = 32;

/// How one reading of a damaged file went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Reading {
    /// Rows of it that are in the new queue now.
    saved: u64,
    /// Submissions that were ever put into it, as far as it can tell.
    places: Option<u64>,
}

/// Saves what can be saved from `quarantine/<n>/` beside `queue`, also from a mended copy of it, and notes what came of
/// it in `store`.
pub(super) fn from_quarantine(
    store: &mut Store,
    queue: &Path,
    n: u32,
    device: &VerifyingKey,
    now_ms: i64,
) -> Result<Salvaged, Error> {
    let file = quarantine::database(queue, n);
    let witness = Witness::read(&file).map(|witness| witness.places);
    let mut reading = read_into(store, &file, None, device, now_ms)?;
    if reading.lost(witness) != Some(0)
        && let Some(mended) = mend::copy(&file)
    {
        let second = read_into(store, &mended.file, None, device, now_ms)?;
        reading = Reading { saved: reading.saved.max(second.saved), places: reading.places.max(second.places) };
    }
    note(store, n, reading, witness, now_ms)
}

/// The same from a single file on the file system `vfs`, without mending it: for tests.
pub fn from_file(
    store: &mut Store,
    file: &Path,
    vfs: &str,
    n: u32,
    device: &VerifyingKey,
    now_ms: i64,
) -> Result<Salvaged, Error> {
    let reading = read_into(store, file, Some(vfs), device, now_ms)?;
    note(store, n, reading, None, now_ms)
}

impl Reading {
    fn lost(self, witness: Option<u64>) -> Option<u64> {
        self.places.max(witness).map(|places| places.saturating_sub(self.saved))
    }
}

fn note(
    store: &mut Store,
    quarantine: u32,
    reading: Reading,
    witness: Option<u64>,
    now_ms: i64,
) -> Result<Salvaged, Error> {
    let salvaged = Salvaged { quarantine, saved: reading.saved, lost: reading.lost(witness) };
    store.note_salvage(salvaged, now_ms)?;
    Ok(salvaged)
}

/// A file of which nothing can be read gives nothing, and is no error: it is told by its counts.
fn read_into(
    store: &mut Store,
    file: &Path,
    vfs: Option<&str>,
    device: &VerifyingKey,
    now_ms: i64,
) -> Result<Reading, Error> {
    let mut reading = Reading::default();
    let Ok(mut old) = Old::open(file, vfs) else {
        return Ok(reading);
    };
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let found = old.next(device);
        let over = found.is_none();
        batch.extend(found);
        if batch.len() == BATCH || over {
            reading.saved += store.adopt(&batch, now_ms)?;
            batch.clear();
        }
        if over {
            reading.places = old.places();
            return Ok(reading);
        }
    }
}
