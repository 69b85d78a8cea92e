//! A device's end of a serial line that can be plugged and pulled: a pseudo-terminal under a stable path.

use serialport::{SerialPort, TTYPort};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the device is plugged in.
#[derive(Debug)]
pub(super) struct Socket {
    link: PathBuf,
    plugged: Option<Ends>,
}

/// Both ends of the pseudo-terminal.
#[derive(Debug)]
struct Ends {
    ours: TTYPort,
    /// Held open without any lock, so that the kiosk can open it too. It was made raw: without it, what is sent before
    /// the kiosk has opened would come back as an echo, and sending after the kiosk has closed would fail.
    _theirs: TTYPort,
}

impl Socket {
    /// For a device lying beside the kiosk, to be plugged in at `link`. A symbolic link left there by an earlier run is
    /// removed; anything else there is `AlreadyExists`.
    pub(super) fn new(link: &Path) -> io::Result<Self> {
        match fs::symlink_metadata(link) {
            Ok(found) if found.is_symlink() => fs::remove_file(link)?,
            Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(Self { link: link.to_owned(), plugged: None })
    }

    /// Plugs it in; nothing happens if it is. `patience`: for reads and writes at our end.
    pub(super) fn plug(&mut self, patience: Duration) -> io::Result<()> {
        if self.plugged.is_none() {
            let (ours, theirs) = TTYPort::pair()?;
            // The copies are closed in child processes, the originals are not: a child would keep the cable plugged in.
            let (mut ours, theirs) = (ours.try_clone_native()?, theirs.try_clone_native()?);
            ours.set_timeout(patience)?;
            symlink(theirs.name().unwrap_or_default(), &self.link)?;
            self.plugged = Some(Ends { ours, _theirs: theirs });
        }
        Ok(())
    }

    /// Pulls it out, in the midst of a byte if need be; nothing happens if it is out.
    pub(super) fn unplug(&mut self) -> io::Result<()> {
        // The path goes first: else the kiosk could open the dying terminal once more.
        let removed = if self.plugged.is_some() { fs::remove_file(&self.link) } else { Ok(()) };
        self.plugged = None;
        removed
    }

    pub(super) fn is_plugged(&self) -> bool {
        self.plugged.is_some()
    }

    /// Our end, while it is plugged in.
    pub(super) fn port(&mut self) -> Option<&mut TTYPort> {
        self.plugged.as_mut().map(|ends| &mut ends.ours)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A link left behind is removed by the next `new`.
        let _ = self.unplug();
    }
}
