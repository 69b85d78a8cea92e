//! Where damaged queues lie: `quarantine/<n>/` beside the queue, whole and never deleted.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The database and its companions. The log goes first: a database without its log would open as an older one.
const SUFFIXES: [&str; 5] = ["-wal", "-journal", "-shm", "-seen", ""];
/// Stands in a folder while files are still being moved into it.
const MOVING: &str = "moving";

/// Moves a damaged database and its companions into `quarantine/<n>/` beside it. Nothing is deleted. Whatever a power
/// cut leaves undone, [`finish_moving`] does.
pub fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let quarantine = path.with_file_name("quarantine");
    let n = (1_u32..).find(|n| !quarantine.join(n.to_string()).exists()).unwrap_or(u32::MAX);
    let folder = quarantine.join(n.to_string());
    fs::create_dir_all(&folder)?;
    File::create(folder.join(MOVING))?.sync_all()?;
    sync(&folder)?;
    sync(&quarantine)?;
    sync_parent(path)?;
    finish(path, &folder)?;
    Ok(folder)
}

/// Moves what a power cut has left half moved. Before the queue is opened: a database without its log looks in order.
pub(super) fn finish_moving(path: &Path) -> io::Result<()> {
    for n in numbers(path) {
        let folder = path.with_file_name("quarantine").join(n.to_string());
        if folder.join(MOVING).exists() {
            finish(path, &folder)?;
        }
    }
    Ok(())
}

fn finish(path: &Path, folder: &Path) -> io::Result<()> {
    for suffix in SUFFIXES {
        let from = with_suffix(path, suffix);
        let to = folder.join(from.file_name().unwrap_or_default());
        if from.exists() && !to.exists() {
            fs::rename(&from, &to)?;
        }
    }
    sync(folder)?;
    sync_parent(path)?;
    fs::remove_file(folder.join(MOVING))?;
    sync(folder)
}

/// How many damaged queues lie aside beside this one, waiting for a technician.
pub fn quarantined(path: &Path) -> usize {
    numbers(path).len()
}

/// Their folders, the latest first.
pub(super) fn numbers(path: &Path) -> Vec<u32> {
    let folders = fs::read_dir(path.with_file_name("quarantine")).into_iter().flatten().flatten();
    let mut numbers: Vec<u32> = folders.filter_map(|folder| folder.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers
}

/// The database in one of them.
pub(super) fn database(path: &Path, n: u32) -> PathBuf {
    path.with_file_name("quarantine").join(n.to_string()).join(path.file_name().unwrap_or_default())
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn sync_parent(path: &Path) -> io::Result<()> {
    sync(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}
