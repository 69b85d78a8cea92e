//! Reading a damaged queue, of any version: row by row through the tables themselves, past every page that cannot be
//! read. Nothing of it is believed but what the device's signature and the manifest's digests vouch for.

use crate::envelope::{Ids, Manifest};
use crate::gateway::wire::{Receipt, Signed};
use crate::queue::slot::{is_as_signed, part_is_as_told};
use crate::queue::store::{Due, Error, connect};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Row};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use uuid::Uuid;

/// Places in a row that cannot be read before the rest is given up. A damaged page hides some tens of them.
const PATIENCE: i64 = 5_000;

/// A submission that is what the device signed.
pub(super) struct Rescued {
    pub(super) due: Due,
    pub(super) supersedes: Option<Uuid>,
    pub(super) db_epoch: [u8; 16],
    pub(super) kiosk_seq: i64,
    pub(super) created_ms: i64,
    pub(super) form_edition: String,
    pub(super) state: State,
    /// All of them, or none where it is delivered and they were erased.
    pub(super) parts: BTreeMap<u16, Vec<u8>>,
}

pub(super) enum State {
    Queued,
    Received { signed: String, receipt_no: Option<i64>, office_epoch: Option<[u8; 16]>, office_ms: Option<i64> },
    Attention { why: String, since_ms: Option<i64> },
}

impl State {
    /// As in the table.
    pub(super) const fn number(&self) -> i64 {
        match self {
            Self::Queued => 0,
            Self::Received { .. } => 2,
            Self::Attention { .. } => 3,
        }
    }
}

/// A damaged queue, open for reading only.
pub(super) struct Old {
    db: Connection,
    /// Row of each part.
    parts: HashMap<([u8; 16], u16), i64>,
    walk: Walk,
}

/// What the row says, before anything of it is believed.
struct Claimed {
    due: Due,
    state: i64,
    created_ms: i64,
    receipt: Option<String>,
    attention: Option<String>,
}

impl Old {
    pub(super) fn open(file: &Path, vfs: Option<&str>) -> Result<Self, Error> {
        let db = connect(file, OpenFlags::empty(), vfs)?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // Not one byte of it may change: whoever looks closer needs it as it is.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        for (pragma, value) in [("query_only", "ON"), ("cell_size_check", "ON"), ("trusted_schema", "OFF")] {
            db.pragma_update(None, pragma, value)?;
        }
        let mut parts = HashMap::new();
        let mut walk = Walk::default();
        let part = "SELECT rowid, submission_id, n FROM part NOT INDEXED WHERE rowid > ?1 ORDER BY rowid LIMIT 1";
        while let Some(found) = walk.step(&db, part, |row| Ok(((row.get(1)?, row.get(2)?), row.get(0)?))) {
            parts.extend(found);
        }
        Ok(Self { db, parts, walk: Walk::default() })
    }

    /// The next submission that can be saved; `None` at the end of what can be read.
    pub(super) fn next(&mut self, device: &VerifyingKey) -> Option<Rescued> {
        let row = "SELECT rowid, id, dossier_id, manifest, signature, failures, state, created_ms, receipt, attention
                   FROM submission NOT INDEXED WHERE rowid > ?1 ORDER BY rowid LIMIT 1";
        while let Some(found) = self.walk.step(&self.db, row, claimed) {
            if let Some(rescued) = found.and_then(|claimed| self.judge(claimed, device)) {
                return Some(rescued);
            }
        }
        None
    }

    /// Submissions that were ever put into it: by its own number; without that by its last row, if every row could be
    /// read.
    pub(super) fn places(&self) -> Option<u64> {
        let next = ["next_seq", "next_kiosk_seq"].into_iter().find_map(|key| {
            let value = self.db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get::<_, i64>(0));
            value.ok()
        });
        let told = next.map(|next| next.saturating_sub(1).unsigned_abs());
        let read = self.walk.last_read.unsigned_abs();
        told.map(|told| told.max(read)).or((self.walk.errors == 0).then_some(read))
    }

    fn judge(&self, claimed: Claimed, device: &VerifyingKey) -> Option<Rescued> {
        let Claimed { due, state, created_ms, receipt, attention } = claimed;
        if !is_as_signed(&due, device) {
            return None;
        }
        let manifest = Manifest::parse(&due.manifest).ok()?;
        let parts = self.parts_of(&due, &manifest);
        let state = match (state, receipt) {
            (2, Some(signed)) => received(&due, signed, parts.is_some())?,
            (3, _) => State::Attention { why: attention.unwrap_or_else(|| "damaged".to_owned()), since_ms: None },
            _ => State::Queued,
        };
        let parts = match (parts, &state) {
            (Some(parts), _) => parts,
            (None, State::Received { .. }) => BTreeMap::new(),
            (None, State::Queued | State::Attention { .. }) => return None,
        };
        Some(Rescued {
            supersedes: manifest.supersedes,
            db_epoch: manifest.db_epoch,
            kiosk_seq: i64::try_from(manifest.kiosk_seq).ok()?,
            created_ms,
            form_edition: manifest.form_edition,
            due,
            state,
            parts,
        })
    }

    /// All parts, each as the manifest names it; `None` when one is missing or altered.
    fn parts_of(&self, due: &Due, manifest: &Manifest) -> Option<BTreeMap<u16, Vec<u8>>> {
        let mut parts = BTreeMap::new();
        for entry in &manifest.parts {
            let row = self.parts.get(&(*due.ids.submission.as_bytes(), entry.n))?;
            let mut query = self.db.prepare_cached("SELECT sealed FROM part NOT INDEXED WHERE rowid = ?1").ok()?;
            let sealed: Vec<u8> = query.query_row([row], |row| row.get(0)).ok()?;
            if !part_is_as_told(due, entry.n, &sealed) {
                return None;
            }
            parts.insert(entry.n, sealed);
        }
        Some(parts)
    }
}

fn claimed(row: &Row<'_>) -> rusqlite::Result<Claimed> {
    let id = |column| row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes);
    Ok(Claimed {
        due: Due {
            ids: Ids { submission: id(1)?, dossier: id(2)? },
            manifest: row.get(3)?,
            signature: row.get(4)?,
            failures: row.get(5)?,
        },
        state: row.get(6)?,
        created_ms: row.get(7)?,
        receipt: row.get(8)?,
        attention: row.get(9)?,
    })
}

/// A receipt that is not for exactly this submission is no receipt: with its parts the submission is sent again, under
/// the same ids. Without parts the office's word is all there is, and it stays.
fn received(due: &Due, signed: String, has_parts: bool) -> Option<State> {
    let statement = |text: &str| -> Option<Receipt> {
        let signed: Signed = serde_json::from_str(text).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.statement).ok()?).ok()
    };
    let digest: [u8; 32] = Sha256::digest(&due.manifest).into();
    let receipt = statement(&signed).filter(|receipt| {
        receipt.submission_id == due.ids.submission
            && receipt.dossier_id == due.ids.dossier
            && receipt.manifest_sha256 == digest
    });
    match receipt {
        Some(receipt) => Some(State::Received {
            signed,
            receipt_no: Some(i64::try_from(receipt.receipt_no).ok()?),
            office_epoch: Some(receipt.office_epoch),
            office_ms: Some(receipt.server_time_ms),
        }),
        None if has_parts => Some(State::Queued),
        None => Some(State::Received { signed, receipt_no: None, office_epoch: None, office_ms: None }),
    }
}

/// Along a table by its row numbers, past what cannot be read.
#[derive(Default)]
struct Walk {
    last: i64,
    last_read: i64,
    errors: i64,
    in_a_row: i64,
}

impl Walk {
    /// `None`: the end. `Some(None)`: something here cannot be read. `sql` gives the first row behind `?1`, with its
    /// number first.
    fn step<T>(
        &mut self,
        db: &Connection,
        sql: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Option<Option<T>> {
        let found = db
            .prepare_cached(sql)
            .and_then(|mut query| query.query_row([self.last], |row| Ok((row.get::<_, i64>(0)?, read(row)))));
        match found {
            // In a damaged tree the first row behind a number may have a smaller one: that way would never end.
            Ok((number, row)) if number > self.last => {
                (self.last, self.last_read) = (number, number);
                self.in_a_row = 0;
                self.errors += i64::from(row.is_err());
                Some(row.ok())
            }
            Err(rusqlite::Error::QueryReturnedNoRows) => None,
            Ok(_) | Err(_) if self.in_a_row < PATIENCE => {
                self.last += 1;
                self.errors += 1;
                self.in_a_row += 1;
                Some(None)
            }
            Ok(_) | Err(_) => None,
        }
    }
}
