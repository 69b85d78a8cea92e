//! Dossiers found by their slips, and the cards that were presented with one.

use super::{Error, Kept, Store};
use crate::envelope::Manifest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::OptionalExtension;

/// Beside the manifest, which says the same hash, this tells nothing of anybody.
fn key(lookup_hash: [u8; 32]) -> String {
    format!("tries:{}", URL_SAFE_NO_PAD.encode(lookup_hash))
}

impl Store {
    /// The newest version of the dossier that this hash finds, with all its sealed parts; `None` if there is none, or if
    /// its parts are erased already. Manifests are searched as text: this is asked for once a visit at most.
    pub fn newest(&self, lookup_hash: [u8; 32]) -> Result<Option<Kept>, Error> {
        let wanted = URL_SAFE_NO_PAD.encode(lookup_hash);
        let mut query = self.db.prepare_cached(
            "SELECT manifest FROM submission WHERE instr(manifest, ?1) > 0 ORDER BY seq DESC LIMIT 1",
        )?;
        let found: Option<Vec<u8>> = query.query_row([wanted.as_bytes()], |row| row.get(0)).optional()?;
        let Some(manifest) = found.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok()) else {
            return Ok(None);
        };
        if manifest.lookup_hash != lookup_hash {
            return Ok(None);
        }
        let parts = manifest.parts.iter().map(|entry| self.part(manifest.submission_id, entry.n));
        let parts: Option<Vec<_>> = parts.collect::<Result<_, _>>()?;
        Ok(parts.map(|parts| Kept { manifest, parts }))
    }

    /// Counts a card that is presented with this slip, before it is compared: whatever happens afterwards, the try is on
    /// the disk. Answers the how many-th in a row it is, from 1.
    pub fn count_try(&mut self, lookup_hash: [u8; 32]) -> Result<u32, Error> {
        let mut count = self.db.prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, 1)
             ON CONFLICT DO UPDATE SET value = min(value, 1000000) + 1 RETURNING value",
        )?;
        Ok(count.query_row([key(lookup_hash)], |row| row.get(0))?)
    }

    /// The right card came.
    pub fn forget_tries(&mut self, lookup_hash: [u8; 32]) -> Result<(), Error> {
        self.db.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key(lookup_hash)])?;
        Ok(())
    }
}
