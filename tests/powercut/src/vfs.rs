//! The C side: SQLite's file system interface on a [`Disk`]. It copies arguments in and results out, no more.

#![allow(unsafe_code, reason = "SQLite calls a file system through C function pointers")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, Weak};
use std::{mem, ptr, slice};

use rusqlite::ffi;

use crate::{Create, Delete, Disk, SECTOR, State, SyncDirectory, SyncFile, Truncate, directory_of};

type Vfs = *mut ffi::sqlite3_vfs;
type File = *mut ffi::sqlite3_file;

/// An open file, in memory of SQLite's, which knows the first field.
#[repr(C)]
struct Open {
    base: ffi::sqlite3_file,
    disk: Disk,
    file: usize,
    /// What the first sync must sync as well.
    directory: Option<String>,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(constant::<{ SECTOR as c_int }>),
    // No promises: no atomic writes, no order, no power-safe overwrite.
    xDeviceCharacteristics: Some(constant::<0>),
    // SAFETY: the rest are optional functions, for which zero means none.
    ..unsafe { mem::zeroed() }
};

/// Unregisters: SQLite searches its list of file systems from end to end.
pub(crate) struct Registered(CString);

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: a C string and what it names, or null; the structure stays, for a connection that still has it.
        unsafe { ffi::sqlite3_vfs_unregister(ffi::sqlite3_vfs_find(self.0.as_ptr())) };
    }
}

pub(crate) fn register(disk: Weak<Mutex<State>>) -> (String, Registered) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    static SEED: Once = Once::new();

    let name = format!("powercut-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let c_name = CString::new(name.clone()).expect("no NUL in it");
    // SAFETY: SQLite's own file system lives for ever, and does not look at `pAppData` to sleep or tell the time. What
    // its copy points to is leaked, so SQLite may keep it. This test control takes an int and a connection or null.
    let registered = unsafe {
        let vfs = ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: size_of::<Open>() as c_int,
            zName: c_name.clone().into_raw(),
            pAppData: Box::into_raw(Box::new(disk)).cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            ..*ffi::sqlite3_vfs_find(ptr::null())
        };
        SEED.call_once(|| {
            ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_PRNG_SEED, 1 as c_int, ptr::null_mut::<ffi::sqlite3>());
        });
        ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0)
    };
    assert_eq!(registered, ffi::SQLITE_OK, "SQLite refused the file system");
    (name, Registered(c_name))
}

/// The disk, if anybody still has it, and the name. A file without a name gets a disk of its own.
///
/// # Safety
/// `vfs` must be one that [`register`] made, and `name` null or a C string.
unsafe fn arguments(vfs: Vfs, name: *const c_char) -> Option<(Disk, String)> {
    if name.is_null() {
        return Some(Default::default());
    }
    // SAFETY: `register` leaked the data, which nobody changes; the name is not null, hence a C string.
    let (disk, name) = unsafe { (&*(*vfs).pAppData.cast::<Weak<Mutex<State>>>(), CStr::from_ptr(name)) };
    Some((Disk(disk.upgrade()?), name.to_string_lossy().into_owned()))
}

unsafe extern "C" fn open(vfs: Vfs, name: *const c_char, out: File, flags: c_int, out_flags: *mut c_int) -> c_int {
    // SAFETY: a file system of ours, a C string or null, and room for an `Open`; without methods it is not open.
    let arguments = unsafe {
        (*out).pMethods = ptr::null();
        arguments(vfs, name)
    };
    let Some((disk, name)) = arguments else {
        return ffi::SQLITE_CANTOPEN;
    };
    let mut state = disk.state();
    let (found, next) = (state.live.names.get(&name).copied(), state.live.files.len());
    let create = flags & ffi::SQLITE_OPEN_CREATE != 0;
    if found.is_none() && create {
        state.record(Create(name.clone(), next));
    } else if found.is_none() {
        return ffi::SQLITE_CANTOPEN;
    }
    drop(state);
    // UNIXFILE_DIRSYNC in os_unix.c.
    let logs = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    let directory = (create && flags & logs != 0).then(|| directory_of(&name).to_owned());
    let base = ffi::sqlite3_file { pMethods: &METHODS };
    // SAFETY: as above; `out_flags` is null or a place for the result.
    unsafe {
        out.cast::<Open>().write(Open { base, disk, file: found.unwrap_or(next), directory });
        if let Some(out_flags) = out_flags.as_mut() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: Vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    // SAFETY: a file system of ours and a C string.
    let Some((disk, name)) = (unsafe { arguments(vfs, name) }) else {
        return ffi::SQLITE_IOERR_DELETE;
    };
    let mut state = disk.state();
    if state.fails() {
        return ffi::SQLITE_IOERR_DELETE;
    }
    if !state.live.names.contains_key(&name) {
        return ffi::SQLITE_IOERR_DELETE_NOENT;
    }
    state.record(Delete(name.clone()));
    if sync_directory & 1 != 0 {
        state.sync(SyncDirectory(directory_of(&name).to_owned()));
    }
    ffi::SQLITE_OK
}

/// As in os_unix.c, an empty file does not count as existing.
unsafe extern "C" fn access(vfs: Vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    // SAFETY: a file system of ours and a C string.
    let Some((disk, name)) = (unsafe { arguments(vfs, name) }) else {
        return ffi::SQLITE_IOERR_ACCESS;
    };
    let live = &disk.state().live;
    let found = live.names.get(&name).map(|&file| live.files[file].is_empty());
    // SAFETY: a place for the result.
    unsafe { *out = c_int::from(found.is_some_and(|empty| !empty || flags != ffi::SQLITE_ACCESS_EXISTS)) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(_: Vfs, name: *const c_char, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: a C string, and room for as many bytes elsewhere.
    unsafe {
        let length = CStr::from_ptr(name).count_bytes() + 1;
        if length > room as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        ptr::copy_nonoverlapping(name, out, length);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: File) -> c_int {
    // SAFETY: an open file, which SQLite does not use again.
    unsafe { file.cast::<Open>().drop_in_place() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: File, into: *mut c_void, length: c_int, offset: i64) -> c_int {
    // SAFETY: an open file, and a buffer of this length, which is filled before it is lent.
    let (open, into) = unsafe {
        into.write_bytes(0, length as usize);
        (&*file.cast::<Open>(), slice::from_raw_parts_mut(into.cast::<u8>(), length as usize))
    };
    let mut state = open.disk.state();
    if state.fails() {
        return ffi::SQLITE_IOERR_READ;
    }
    let live = &state.live;
    let from = live.files[open.file].get(offset as usize..).unwrap_or_default();
    let both = from.len().min(into.len());
    into[..both].copy_from_slice(&from[..both]);
    if both < into.len() { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
}

unsafe extern "C" fn write(file: File, from: *const c_void, length: c_int, offset: i64) -> c_int {
    // SAFETY: an open file and a buffer of this length.
    let (open, from) = unsafe { (&*file.cast::<Open>(), slice::from_raw_parts(from.cast(), length as usize)) };
    let mut state = open.disk.state();
    if state.fails() {
        return ffi::SQLITE_IOERR_WRITE;
    }
    let all = state.write(open.file, offset as usize, from);
    if all { ffi::SQLITE_OK } else { ffi::SQLITE_FULL }
}

unsafe extern "C" fn truncate(file: File, size: i64) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { &*file.cast::<Open>() };
    let mut state = open.disk.state();
    if state.fails() {
        return ffi::SQLITE_IOERR_TRUNCATE;
    }
    state.record(Truncate(open.file, size as usize));
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(file: File, _flags: c_int) -> c_int {
    // SAFETY: an open file, for which SQLite makes one call at a time.
    let open = unsafe { &mut *file.cast::<Open>() };
    let mut state = open.disk.state();
    if state.fails() {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    state.sync(SyncFile(open.file));
    if let Some(directory) = open.directory.take() {
        state.sync(SyncDirectory(directory));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn size(file: File, out: *mut i64) -> c_int {
    // SAFETY: an open file and a place for the result.
    let (open, out) = unsafe { (&*file.cast::<Open>(), &mut *out) };
    *out = open.disk.state().live.files[open.file].len() as i64;
    ffi::SQLITE_OK
}

extern "C" fn lock(_: File, _level: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn reserved(_: File, out: *mut c_int) -> c_int {
    // SAFETY: a place for the result.
    unsafe { *out = 0 };
    ffi::SQLITE_OK
}

extern "C" fn control(_: File, _verb: c_int, _argument: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

extern "C" fn constant<const VALUE: c_int>(_: File) -> c_int {
    VALUE
}
