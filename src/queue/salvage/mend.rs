//! A copy of a damaged queue in which two things are put right that need no guessing: the fixed bytes of the header, and
//! the checksums of the log, behind a broken one of which `SQLite` reads nothing. Every row is judged afterwards all the
//! same.

use crate::queue::disk::free_bytes;
use crate::queue::migrate::VERSION;
use crate::queue::quarantine::with_suffix;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const PAGE: usize = 4_096;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The longest log there is: `journal_size_limit` and one dossier of 64 parts of 2 MiB.
const MAX_LOG_BYTES: usize = 256 * 1024 * 1024;
/// The copy leaves so much free on the disk.
const LEAVES_BYTES: u64 = 64 * 1024 * 1024;

/// Deleted when it is dropped.
pub(super) struct Mended {
    pub(super) file: PathBuf,
    folder: PathBuf,
}

impl Drop for Mended {
    fn drop(&mut self) {
        // What stays is only in the way, and is replaced the next time.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// `None` when there is no room for it or it cannot be made.
pub(super) fn copy(damaged: &Path) -> Option<Mended> {
    let folder = damaged.with_file_name("mended");
    let bytes = fs::metadata(damaged).ok()?.len();
    if free_bytes(damaged.parent()?)? < bytes.saturating_mul(2).saturating_add(LEAVES_BYTES) {
        return None;
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).ok()?;
    let mended = Mended { file: folder.join(damaged.file_name()?), folder };
    fs::copy(damaged, &mended.file).ok()?;
    header(&mended.file).ok()?;
    let log = with_suffix(damaged, "-wal");
    if let Ok(mut frames) = fs::read(log) {
        frames.truncate(MAX_LOG_BYTES);
        checksums(&mut frames);
        fs::write(with_suffix(&mended.file, "-wal"), frames).ok()?;
    }
    Some(mended)
}

/// The bytes that are the same in every file of ours (<https://www.sqlite.org/fileformat2.html>, 1.3).
fn header(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::FileExt;
    let out = fs::OpenOptions::new().write(true).open(file)?;
    let mut start = [0_u8; 24];
    (&mut start[..]).write_all(b"SQLite format 3\0")?;
    // Page size, format for writing and reading (2 is WAL), reserved bytes, payload fractions.
    start[16..].copy_from_slice(&[(PAGE >> 8) as u8, 0, 2, 2, 0, 64, 32, 32]);
    out.write_all_at(&start, 0)?;
    // Schema format 4; UTF-8; our version.
    out.write_all_at(&4_u32.to_be_bytes(), 44)?;
    out.write_all_at(&1_u32.to_be_bytes(), 56)?;
    out.write_all_at(&(VERSION as u32).to_be_bytes(), 60)
}

/// Gives every frame of this log the checksum that belongs to it. Frames of an older log end it.
fn checksums(log: &mut [u8]) {
    if log.len() < LOG_HEADER {
        return;
    }
    let (head, frames) = log.split_at_mut(LOG_HEADER);
    // Checksums over big endian words, page size.
    head[..4].copy_from_slice(&0x377f_0683_u32.to_be_bytes());
    head[4..8].copy_from_slice(&3_007_000_u32.to_be_bytes());
    head[8..12].copy_from_slice(&(PAGE as u32).to_be_bytes());
    // The salt of the most frames is the log's own; the header's may be what is damaged.
    let salts = frames.chunks_exact(FRAME_HEADER + PAGE).filter_map(|frame| frame.get(8..16)?.try_into().ok());
    if let Some(salt) = most(salts) {
        head[16..24].copy_from_slice(&salt);
    }
    let mut sum = add([0, 0], &head[..24]);
    head[24..].copy_from_slice(&bytes(sum));
    for frame in frames.chunks_exact_mut(FRAME_HEADER + PAGE) {
        if frame[8..16] != head[16..24] {
            return;
        }
        sum = add(add(sum, &frame[..8]), &frame[FRAME_HEADER..]);
        frame[16..FRAME_HEADER].copy_from_slice(&bytes(sum));
    }
}

fn most(salts: impl Iterator<Item = [u8; 8]>) -> Option<[u8; 8]> {
    let mut counts = std::collections::HashMap::new();
    for salt in salts {
        *counts.entry(salt).or_insert(0_u32) += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(salt, _)| salt)
}

fn add([mut a, mut b]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| u32::from_be_bytes([pair[at], pair[at + 1], pair[at + 2], pair[at + 3]]);
        a = a.wrapping_add(word(0)).wrapping_add(b);
        b = b.wrapping_add(word(4)).wrapping_add(a);
    }
    [a, b]
}

fn bytes([a, b]: [u32; 2]) -> [u8; 8] {
    let [a, b] = [a.to_be_bytes(), b.to_be_bytes()];
    [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]]
}
