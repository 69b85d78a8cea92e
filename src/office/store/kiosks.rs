//! Who may deliver: kiosks by name and key.

use super::{Store, StoreError};
use crate::envelope::is_kiosk_id;
use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// An enrolled kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kiosk {
    /// Checks its signatures.
    pub key: VerifyingKey,
    /// It may no longer deliver; what it delivered stays.
    pub revoked: bool,
}

impl Store {
    /// Admits a kiosk. Admitting it again with the same key changes nothing; a name never gets another key, because
    /// the key must still check what the kiosk delivered.
    pub fn enrol(&self, id: &str, key: &VerifyingKey, name: &str, now_ms: i64) -> Result<(), StoreError> {
        if !is_kiosk_id(id) {
            return Err(StoreError::KioskName);
        }
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match find(&tx, id)? {
            Some(kiosk) if kiosk.revoked => return Err(StoreError::Revoked),
            Some(kiosk) if kiosk.key != *key => return Err(StoreError::OtherKey),
            Some(_) => return Ok(()),
            None => {}
        }
        tx.execute(
            "INSERT INTO kiosk (id, public_key, name, enrolled_ms) VALUES (?1, ?2, ?3, ?4)",
            params![id, key.as_bytes(), name, now_ms],
        )?;
        Ok(tx.commit()?)
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
    let found: Option<([u8; 32], bool)> = connection
        .prepare("SELECT public_key, revoked FROM kiosk WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((bytes, revoked)) = found else { return Ok(None) };
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| StoreError::Setting("kiosk.public_key"))?;
    Ok(Some(Kiosk { key, revoked }))
}
