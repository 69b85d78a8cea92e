//! Where the sealed form lies.

use crate::domain::keep::Outlives;
use rustix::fs::{MemfdFlags, memfd_create};
use sd_notify::NotifyState;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, RawFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Name of the credential (systemd.exec(5)), at least 32 bytes; whoever makes it binds it to the TPM
/// (`systemd-creds encrypt --with-key=tpm2`), which a program cannot see.
pub const CREDENTIAL: &str = "keep";
/// Name of the file in the data folder.
pub const FILE: &str = "half-filled";
/// systemd tells here how many descriptors it keeps for this service (version 254 and later).
const STORE_VARIABLE: &str = "FDSTORE";
const SOCKET_VARIABLE: &str = "NOTIFY_SOCKET";
const NAME: &str = "keep";
const SECRET_MIN: usize = 32;
/// More than any form is.
const MAX_BYTES: u64 = 1024 * 1024;

/// A place for one sealed form.
#[derive(Debug)]
pub enum Shelf {
    /// A memory file which systemd gives back after a crash.
    Memory(File),
    /// A file, worth nothing without the machine's credential.
    Disk {
        /// Where.
        file: PathBuf,
        /// SHA-256 of the credential.
        secret: Zeroizing<[u8; 32]>,
    },
}

impl Shelf {
    /// The best one there is: the disk under a credential, or else a memory file in systemd's store. `None`: nothing that
    /// is kept would outlive this process.
    pub fn find(data: &Path, credentials: Option<&Path>) -> Option<Self> {
        let secret = credentials.and_then(|folder| std::fs::read(folder.join(CREDENTIAL)).ok()).map(Zeroizing::new);
        if let Some(secret) = secret.filter(|secret| secret.len() >= SECRET_MIN) {
            let secret = Zeroizing::new(Sha256::digest(&*secret).into());
            return Some(Self::Disk { file: data.join(FILE), secret });
        }
        let keeps = std::env::var(STORE_VARIABLE).ok()?.parse::<u32>().ok()?;
        // Without a socket nobody would hear that there is something to keep.
        if keeps == 0 || std::env::var_os(SOCKET_VARIABLE).is_none() {
            return None;
        }
        given_back().or_else(|| give().ok()).map(Self::Memory)
    }

    /// What a form here outlives.
    pub fn outlives(&self) -> Outlives {
        match self {
            Self::Memory(_) => Outlives::Crash,
            Self::Disk { .. } => Outlives::PowerCut,
        }
    }

    /// What goes into the key beside the card.
    pub(super) fn secret(&self) -> Option<&[u8; 32]> {
        match self {
            Self::Memory(_) => None,
            Self::Disk { secret, .. } => Some(secret),
        }
    }

    /// What lies here; empty: nothing.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self {
            Self::Memory(file) => {
                let length = file.metadata()?.len().min(MAX_BYTES);
                bytes.resize(length as usize, 0);
                file.read_exact_at(&mut bytes, 0)?;
            }
            Self::Disk { file, .. } => match File::open(file) {
                Ok(file) => {
                    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            },
        }
        Ok(bytes)
    }

    /// Puts it here, in place of what lay here. On the disk a power cut leaves either the old or the new; a memory file
    /// that is torn does not open.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Memory(file) => {
                file.write_all_at(bytes, 0)?;
                file.set_len(bytes.len() as u64)
            }
            Self::Disk { file, .. } => {
                let fresh = file.with_extension("new");
                let mut options = OpenOptions::new();
                let mut out = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
                out.write_all(bytes)?;
                out.sync_all()?;
                std::fs::rename(&fresh, file)?;
                sync_folder(file)
            }
        }
    }

    /// Leaves nothing here. What a flash disk keeps of it is sealed under a credential that stays in the machine.
    pub(super) fn erase(&self) -> io::Result<()> {
        match self {
            Self::Memory(file) => {
                let length = file.metadata()?.len().min(MAX_BYTES);
                file.write_all_at(&vec![0; length as usize], 0)?;
                file.set_len(0)
            }
            Self::Disk { file, .. } => {
                for file in [file.clone(), file.with_extension("new")] {
                    match std::fs::remove_file(&file) {
                        Ok(()) => sync_folder(&file)?,
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
        }
    }
}

fn sync_folder(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// What an earlier process left with systemd (`sd_listen_fds(3)`).
fn given_back() -> Option<File> {
    let mut all = sd_notify::listen_fds_with_names().ok()?;
    let descriptor: RawFd = all.find_map(|(descriptor, name)| (name == NAME).then_some(descriptor))?;
    // The descriptor itself would have to be taken over unsafely; the same file opened by its name in /proc is as good.
    OpenOptions::new().read(true).write(true).open(format!("/proc/self/fd/{descriptor}")).ok()
}

/// A new memory file, given to systemd.
fn give() -> io::Result<File> {
    let file = File::from(memfd_create(NAME, MemfdFlags::CLOEXEC)?);
    // FDPOLL=0: a regular file is never "hung up", and systemd need not ask it.
    let state = [NotifyState::FdStore, NotifyState::FdName(NAME), NotifyState::Custom("FDPOLL=0")];
    sd_notify::notify_with_fds(&state, &[file.as_fd()])?;
    Ok(file)
}
