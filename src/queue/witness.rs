//! How far the queue had come, in a small file beside it: written after each commit and never waited for.
//!
//! A rotten bit in the log makes `SQLite` drop everything behind it without a word. What stands here was committed
//! before it was written, so a queue that is behind it has lost something: it is damaged.

use crate::queue::quarantine::with_suffix;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

const SUFFIX: &str = "-seen";
const BYTES: usize = 48;

/// What was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Of which database.
    pub db_epoch: [u8; 16],
    /// Submissions ever put into it.
    pub places: u64,
    /// Lines of its journal so far.
    pub journal_seq: u64,
}

impl Witness {
    /// What the file beside `queue` says; `None` when there is none, or when a power cut or a rotten bit has spoilt it.
    pub fn read(queue: &Path) -> Option<Self> {
        let bytes: [u8; BYTES] = std::fs::read(with_suffix(queue, SUFFIX)).ok()?.try_into().ok()?;
        let number = |at: usize| Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let witness = Self { db_epoch: bytes[..16].try_into().ok()?, places: number(16)?, journal_seq: number(24)? };
        (witness.to_bytes() == bytes).then_some(witness)
    }

    fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..16].copy_from_slice(&self.db_epoch);
        bytes[16..24].copy_from_slice(&self.places.to_be_bytes());
        bytes[24..32].copy_from_slice(&self.journal_seq.to_be_bytes());
        let digest: [u8; 32] = Sha256::digest(&bytes[..32]).into();
        bytes[32..].copy_from_slice(&digest[..16]);
        bytes
    }
}

/// The file, kept open.
pub(super) struct Pen {
    file: Option<File>,
    last: Option<Witness>,
}

impl Pen {
    /// Before the queue is open.
    pub(super) const fn closed() -> Self {
        Self { file: None, last: None }
    }

    pub(super) fn beside(queue: &Path) -> Self {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(with_suffix(queue, SUFFIX));
        Self { file: file.ok(), last: None }
    }

    /// Where it cannot be written the queue works all the same, with one guard less.
    pub(super) fn write(&mut self, witness: Witness) {
        if self.last == Some(witness) {
            return;
        }
        if let Some(file) = &self.file {
            self.last = file.write_all_at(&witness.to_bytes(), 0).ok().map(|()| witness);
        }
    }
}
