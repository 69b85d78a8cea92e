//! Who may deliver: kiosks by name and key.

use super::Store;
use crate::office::store::kiosk::admit;
use crate::office::store::{Enrolment, Kept, Kiosk, StoreError};
use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

impl Store {
    /// See [`crate::office::store::IntakeStore::enrol`].
    pub fn enrol(&self, enrolment: &Enrolment, now_ms: i64) -> Result<Kept, StoreError> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let kept = admit(find(&tx, &enrolment.kiosk_id)?.as_ref(), enrolment)?;
        if kept == Kept::New {
            tx.execute(
                "INSERT INTO kiosk (id, public_key, name, enrolled_ms) VALUES (?1, ?2, ?3, ?4)",
                params![enrolment.kiosk_id, enrolment.key.as_bytes(), enrolment.name, now_ms],
            )?;
            tx.commit()?;
        }
        Ok(kept)
    }

    /// Takes a kiosk's permission to deliver, for good.
    pub fn revoke(&self, id: &str) -> Result<(), StoreError> {
        let changed = self.lock().execute("UPDATE kiosk SET revoked = 1 WHERE id = ?1", [id])?;
        if changed == 0 { Err(StoreError::UnknownKiosk) } else { Ok(()) }
    }

    /// The kiosk of that name.
    pub fn kiosk(&self, id: &str) -> Result<Option<Kiosk>, StoreError> {
        find(&self.lock(), id)
    }
}

pub(super) fn find(connection: &Connection, id: &str) -> Result<Option<Kiosk>, StoreError> {
    let found: Option<([u8; 32], String, bool)> = connection
        .prepare("SELECT public_key, name, revoked FROM kiosk WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((bytes, name, revoked)) = found else { return Ok(None) };
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| StoreError::Setting("kiosk.public_key"))?;
    Ok(Some(Kiosk { key, name, key_storage: String::new(), revoked }))
}
