//! A disk that loses power, for SQLite.
//!
//! [`Disk`] is a file system in memory that remembers every operation in order. A test runs a store on it, picks a
//! moment, asks for the [`Image`]s a real disk may hold when the power went at that moment, and opens the store again
//! on each of them. The rules are those of POSIX and no kinder:
//!
//! - Writes and truncations are durable after a sync of the file; until then each may or may not have happened.
//! - Creations and deletions are durable after a sync of the directory (the name up to the last `/`), whatever happened
//!   to the data. It is synced when SQLite's unix file system would: with the first sync of a journal or log, and after
//!   a deletion for which SQLite asks.
//! - An access can be made to fail ([`Disk::fail_after`]), as on a medium with a bad spot or a loose plug.
//! - A sector is 512 bytes and unsafe against power loss: one that was being written may hold nonsense throughout.
//!
//! There are no locks and no shared memory: one connection at a time, WAL with `locking_mode=EXCLUSIVE` only. Files
//! without a name are in no image and in no count.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod vfs;

#[cfg(test)]
mod tests;

const SECTOR: usize = 512;

/// Durable contents of every file, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Image {
    /// The bytes of each file.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A disk that remembers every operation in order. Clones are the same disk.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    /// An empty disk.
    pub fn new() -> Disk {
        Disk::default()
    }

    /// A disk that holds these files, all of it durable.
    pub fn from_image(image: &Image) -> Disk {
        let names = image.files.keys().cloned().zip(0..).collect();
        let initial = Tree { names, files: image.files.values().cloned().collect() };
        Disk(Arc::new(Mutex::new(State { live: initial.clone(), initial, ..State::default() })))
    }

    /// Makes the disk known to SQLite and returns its name, for `Connection::open_with_flags_and_vfs`.
    ///
    /// The name is gone with the last [`Disk`] and connection; some 200 bytes stay until the process ends. The first
    /// call also gives SQLite's random numbers, which salt its logs, a fixed seed for the whole process.
    pub fn register(&self) -> String {
        let (name, registered) = vfs::register(Arc::downgrade(&self.0));
        self.state().registered.push(registered);
        name
    }

    /// How many operations have been recorded so far: creations, deletions, writes, truncations, and syncs of files and
    /// of directories.
    pub fn operations(&self) -> usize {
        self.state().operations.len()
    }

    /// What may be on the disk if the power went after the first `after` operations: what was synced (unless it shares a
    /// scrambled sector), and of the rest (0) nothing; (1) everything; (2) a random subset; (3) a random subset with
    /// sectors missing, cut short and scrambled; (4) the data, but no creation, deletion or truncation; (5) creations,
    /// deletions and sizes, but no data: zeros where a file grew.
    ///
    /// Choices depend on `seed` and `after` alone. Asking in ascending order of `after` is cheapest.
    pub fn images(&self, after: usize, seed: u64) -> Vec<Image> {
        let mut state = self.state();
        let State { initial, operations, replay, .. } = &mut *state;
        if after < replay.after || replay.after == 0 {
            *replay = Replay { durable: initial.clone(), ..Replay::default() };
        }
        replay.advance(operations, after.min(operations.len()));
        let mut random = Random(seed ^ (after as u64).wrapping_mul(0x2545_f491_4f6c_dd1d));
        KEPT.map(|kept| replay.image(operations, kept, &mut random)).into()
    }

    /// From now on writes fail with `SQLITE_FULL` once more than `bytes` have been written; the write that meets the
    /// limit leaves the part that fits. `None` lifts the limit.
    pub fn limit(&self, bytes: Option<u64>) {
        self.state().room = bytes;
    }

    /// The next access but `calls` fails with `SQLITE_IOERR`, once: a read, write, truncation, sync or deletion, which
    /// then has not happened. `None`: none fails.
    pub fn fail_after(&self, calls: Option<usize>) {
        self.state().calls_to_failure = calls;
    }

    /// How many accesses have failed so.
    pub fn failures(&self) -> usize {
        self.state().failures
    }

    /// From now on syncs do nothing: a disk that lies.
    pub fn lie_about_sync(&self, lie: bool) {
        self.state().lies = lie;
    }

    /// How many syncs of files and directories SQLite has asked for.
    pub fn syncs(&self) -> usize {
        self.state().syncs
    }

    /// How many bytes have been written.
    pub fn bytes_written(&self) -> u64 {
        self.state().written
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files are numbers: a name that is created again is another file.
enum Operation {
    Create(String, usize),
    Delete(String),
    SyncDirectory(String),
    Write(usize, usize, Vec<u8>),
    Truncate(usize, usize),
    SyncFile(usize),
}

use Operation::{Create, Delete, SyncDirectory, SyncFile, Truncate, Write};

fn directory_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// What a running system sees, and how it came about.
#[derive(Default)]
struct State {
    initial: Tree,
    live: Tree,
    operations: Vec<Operation>,
    replay: Replay,
    registered: Vec<vfs::Registered>,
    room: Option<u64>,
    lies: bool,
    calls_to_failure: Option<usize>,
    failures: usize,
    syncs: usize,
    written: u64,
}

impl State {
    /// True when this access is the one that fails.
    fn fails(&mut self) -> bool {
        let left = self.calls_to_failure;
        self.calls_to_failure = left.and_then(|left| left.checked_sub(1));
        self.failures += usize::from(left == Some(0));
        left == Some(0)
    }

    fn record(&mut self, operation: Operation) {
        self.live.apply(&operation, EVERYTHING, &mut Random(0));
        self.operations.push(operation);
    }

    /// Writes what there is room for, and says whether that was all.
    fn write(&mut self, file: usize, offset: usize, bytes: &[u8]) -> bool {
        let fits = self.room.map_or(bytes.len(), |room| bytes.len().min(room as usize));
        if fits > 0 {
            self.record(Write(file, offset, bytes[..fits].to_owned()));
            self.written += fits as u64;
            self.room = self.room.map(|room| room - fits as u64);
        }
        fits == bytes.len()
    }

    fn sync(&mut self, operation: Operation) {
        self.syncs += 1;
        if !self.lies {
            self.record(operation);
        }
    }
}

/// How likely an operation that was not synced has happened, in halves (metadata, data), and whether its sectors tear.
#[derive(Clone, Copy)]
struct Kept(usize, usize, bool);

const EVERYTHING: Kept = Kept(2, 2, false);
/// In the order of [`Disk::images`].
const KEPT: [Kept; 6] =
    [Kept(0, 0, false), EVERYTHING, Kept(1, 1, false), Kept(1, 1, true), Kept(0, 2, false), Kept(2, 0, false)];

/// Names, and the files that have or had one.
#[derive(Clone, Default)]
struct Tree {
    names: BTreeMap<String, usize>,
    files: Vec<Vec<u8>>,
}

impl Tree {
    /// Does what is kept of an operation.
    fn apply(&mut self, operation: &Operation, Kept(metadata, data, torn): Kept, random: &mut Random) {
        if let Create(_, file) | Write(file, ..) | Truncate(file, _) = operation {
            self.files.resize(self.files.len().max(file + 1), Vec::new());
        }
        match operation {
            Create(name, file) if random.below(2) < metadata => _ = self.names.insert(name.clone(), *file),
            Delete(name) if random.below(2) < metadata => _ = self.names.remove(name),
            Truncate(file, size) if random.below(2) < metadata => self.files[*file].resize(*size, 0),
            Write(file, offset, bytes) => {
                let (file, kept) = (&mut self.files[*file], random.below(2) < data);
                if kept && torn && random.below(2) == 0 {
                    tear(file, *offset, bytes, random);
                } else if kept {
                    put(file, *offset, bytes);
                } else if metadata == 2 {
                    file.resize(file.len().max(offset + bytes.len()), 0);
                }
            }
            _ => {}
        }
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    file.resize(file.len().max(end), 0);
    file[offset..end].copy_from_slice(bytes);
}

/// Writes sector by sector: each is whole, missing, cut short or scrambled.
fn tear(file: &mut Vec<u8>, mut offset: usize, mut bytes: &[u8], random: &mut Random) {
    while !bytes.is_empty() {
        let start = offset - offset % SECTOR;
        let (part, rest) = bytes.split_at(bytes.len().min(start + SECTOR - offset));
        match random.below(4) {
            0 => put(file, offset, part),
            1 => put(file, offset, &part[..random.below(part.len())]),
            2 => {
                put(file, offset, part);
                let end = file.len().min(start + SECTOR);
                file[start..end].fill_with(|| random.below(256) as u8);
            }
            _ => {}
        }
        (offset, bytes) = (offset + part.len(), rest);
    }
}

/// What is durable after the first operations, and which of them are not yet.
#[derive(Default)]
struct Replay {
    after: usize,
    durable: Tree,
    unsynced: Vec<usize>,
}

impl Replay {
    fn advance(&mut self, operations: &[Operation], after: usize) {
        for at in self.after..after {
            self.unsynced.push(at);
            self.unsynced.retain(|&earlier| {
                let synced = match (&operations[at], &operations[earlier]) {
                    (SyncFile(synced), Write(file, ..) | Truncate(file, _)) => synced == file,
                    (SyncDirectory(synced), Create(name, _) | Delete(name)) => synced == directory_of(name),
                    (_, sync) => matches!(sync, SyncFile(_) | SyncDirectory(_)),
                };
                if synced {
                    self.durable.apply(&operations[earlier], EVERYTHING, &mut Random(0));
                }
                !synced
            });
        }
        self.after = after;
    }

    fn image(&self, operations: &[Operation], kept: Kept, random: &mut Random) -> Image {
        let mut tree = self.durable.clone();
        for &at in &self.unsynced {
            tree.apply(&operations[at], kept, random);
        }
        let content = |(name, file): (String, usize)| (name, std::mem::take(&mut tree.files[file]));
        Image { files: tree.names.into_iter().map(content).collect() }
    }
}

/// SplitMix64: the same choices for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
