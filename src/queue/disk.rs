//! The disk below the queue: how much is free, and a reserve that is given up only so that what must be written can be.

use crate::queue::quarantine::with_suffix;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Free bytes for us on the disk of `folder`; `None` when the system does not say.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let found = statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// A file that holds room. Deleting it is what makes room for a receipt on a full disk.
pub(super) struct Reserve {
    file: PathBuf,
    bytes: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    Missing,
    /// The file system cannot promise room.
    Impossible,
}

impl Reserve {
    /// Beside the queue. Nothing is done yet.
    pub(super) fn beside(queue: &Path, bytes: u64) -> Self {
        Self { file: with_suffix(queue, "-reserve"), bytes, state: State::Missing }
    }

    pub(super) fn is_held(&self) -> bool {
        self.state == State::Held
    }

    /// True when what is not essential may be written: the room kept for receipts is not in danger by it.
    pub(super) fn allows_more(&self) -> bool {
        self.state != State::Missing
    }

    /// Takes the room if it is there. `true`: it was taken just now.
    pub(super) fn take(&mut self) -> bool {
        if self.state == State::Held && self.file.exists() {
            return false;
        }
        let before = self.state;
        self.state = match self.allocate() {
            Ok(()) => State::Held,
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => State::Impossible,
            Err(_) => State::Missing,
        };
        if self.state != State::Held {
            // A part of a reserve is only in the way.
            let _ = fs::remove_file(&self.file);
        }
        before == State::Missing && self.state == State::Held
    }

    fn allocate(&self) -> Result<(), Errno> {
        let io = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
        let file: File = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(&self.file)
            .map_err(io)?;
        if self.bytes > 0 && file.metadata().map_err(io)?.len() != self.bytes {
            fallocate(&file, FallocateFlags::empty(), 0, self.bytes)?;
            file.set_len(self.bytes).map_err(io)?;
            file.sync_all().map_err(io)?;
        }
        Ok(())
    }

    /// Gives the room up. `true`: there was some.
    pub(super) fn release(&mut self) -> bool {
        if self.state == State::Held {
            self.state = State::Missing;
        }
        // One that an earlier run has left may be what the opening of the queue needs.
        fs::remove_file(&self.file).is_ok()
    }
}
