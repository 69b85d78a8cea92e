//! Every version of the schema there ever was, one step after the other in one transaction. A new file walks through
//! all of them, so a step that was shipped is never edited and uses nothing of the program that may change.

use super::chain;
use super::store::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

/// The version this code writes.
pub const VERSION: i64 = 2;

const TO_1: &str = include_str!("migrate/1.sql");
const TO_2: &str = include_str!("migrate/2.sql");

/// Brings the file to [`VERSION`]; all or nothing. `epoch` names a new file. A newer file is refused.
pub fn migrate(db: &mut Connection, epoch: [u8; 16]) -> Result<(), Error> {
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == VERSION {
        return Ok(());
    }
    if !(0..=VERSION).contains(&found) {
        return Err(Error::TooNew);
    }
    // A version that does not fit the tables is a rotten bit, not an old file.
    if has_table(db, "meta")? != (found > 0) || has_table(db, "office")? {
        return Err(Error::Damaged);
    }
    // A table is replaced below under its own name; what refers to it keeps the name. Neither can be set inside.
    db.pragma_update(None, "foreign_keys", "OFF")?;
    db.pragma_update(None, "legacy_alter_table", "ON")?;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if found < 1 {
        to_1(&tx, epoch)?;
    }
    to_2(&tx)?;
    if tx.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Error::Damaged);
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    db.pragma_update(None, "legacy_alter_table", "OFF")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    Ok(())
}

fn has_table(db: &Connection, name: &str) -> Result<bool, Error> {
    Ok(db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?.exists([name])?)
}

fn to_1(tx: &Transaction<'_>, epoch: [u8; 16]) -> Result<(), Error> {
    tx.execute_batch(TO_1)?;
    tx.execute("INSERT INTO meta (key, value) VALUES ('db_epoch', ?1), ('next_kiosk_seq', 1)", [epoch])?;
    Ok(())
}

fn to_2(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute_batch(TO_2)?;
    tx.execute("INSERT INTO meta (key, value) SELECT 'next_seq', value FROM meta WHERE key = 'next_kiosk_seq'", [])?;
    let epoch: [u8; 16] = tx.query_row("SELECT value FROM meta WHERE key = 'db_epoch'", [], |row| row.get(0))?;
    let mut hash = chain::genesis(&epoch);
    tx.execute("INSERT INTO meta (key, value) VALUES ('journal_base_seq', 0), ('journal_base_hash', ?1)", [hash])?;
    let mut lines = tx.prepare("SELECT at_ms, entry FROM journal_1 ORDER BY seq")?;
    let mut lines = lines.query([])?;
    let mut seq = 0_i64;
    while let Some(line) = lines.next()? {
        let (at_ms, entry): (i64, String) = (line.get(0)?, line.get(1)?);
        seq += 1;
        hash = chain::next(&hash, seq, at_ms, &entry);
        tx.prepare_cached("INSERT INTO journal (seq, at_ms, entry, hash) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![seq, at_ms, entry, hash])?;
    }
    drop(lines);
    tx.execute_batch("DROP TABLE journal_1")?;
    receipts(tx)
}

/// Version 1 kept a receipt only as it came; its number and epoch are taken out of it. One that cannot be read keeps
/// its row delivered, and the parts stay.
fn receipts(tx: &Transaction<'_>) -> Result<(), Error> {
    let mut rows = tx.prepare("SELECT seq, receipt FROM submission WHERE state = 2")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, text): (i64, String) = (row.get(0)?, row.get(1)?);
        if let Some((receipt_no, epoch)) = number_and_epoch(&text) {
            tx.prepare_cached("UPDATE submission SET receipt_no = ?2, office_epoch = ?3 WHERE seq = ?1")?
                .execute(params![seq, receipt_no, epoch])?;
        }
    }
    Ok(())
}

fn number_and_epoch(signed: &str) -> Option<(i64, [u8; 16])> {
    let signed: serde_json::Value = serde_json::from_str(signed).ok()?;
    let statement = URL_SAFE_NO_PAD.decode(signed.get("statement")?.as_str()?).ok()?;
    let statement: serde_json::Value = serde_json::from_slice(&statement).ok()?;
    let epoch = URL_SAFE_NO_PAD.decode(statement.get("office_epoch")?.as_str()?).ok()?;
    Some((statement.get("receipt_no")?.as_i64()?, epoch.try_into().ok()?))
}
