//! The line itself, never waited for longer than said: a write to a terminal that takes nothing would block for ever.

use super::{Flow, Line};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use rustix::io::Errno;
use rustix::termios::{self, ControlModes, InputModes, OptionalActions, QueueSelector};
use std::os::fd::OwnedFd;
use std::time::Duration;

/// The device broke off, or was pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost;

/// An open line, nobody else's.
pub(super) struct Port {
    line: OwnedFd,
    turn: Timespec,
}

impl Port {
    pub(super) fn open(line: &Line) -> Result<Self, Lost> {
        Self::try_open(line).map_err(|_| Lost)
    }

    fn try_open(wanted: &Line) -> rustix::io::Result<Self> {
        let how = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let line = open(&wanted.device, how, Mode::empty())?;
        flock(&line, FlockOperation::NonBlockingLockExclusive)?;
        termios::ioctl_tiocexcl(&line)?;
        let mut settings = termios::tcgetattr(&line)?;
        settings.make_raw();
        settings.control_modes |= ControlModes::CREAD | ControlModes::CLOCAL | ControlModes::CS8;
        settings.control_modes -= ControlModes::PARENB | ControlModes::CSTOPB | ControlModes::CRTSCTS;
        settings.input_modes -= InputModes::IXON | InputModes::IXOFF;
        match wanted.flow {
            Flow::None => {}
            Flow::Software => settings.input_modes |= InputModes::IXON,
            Flow::Hardware => settings.control_modes |= ControlModes::CRTSCTS,
        }
        settings.set_speed(wanted.baud)?;
        termios::tcsetattr(&line, OptionalActions::Now, &settings)?;
        termios::tcflush(&line, QueueSelector::IOFlush)?;
        Ok(Self { line, turn: timespec(wanted.turn) })
    }

    /// Sends some of `bytes`; `None` when the line took nothing for one turn.
    pub(super) fn send(&self, bytes: &[u8]) -> Result<Option<usize>, Lost> {
        if !self.wait(PollFlags::OUT)? {
            return Ok(None);
        }
        match rustix::io::write(&self.line, bytes) {
            Ok(count) => Ok(Some(count)),
            // There was room, and it is gone again.
            Err(Errno::AGAIN | Errno::INTR) => Ok(Some(0)),
            Err(_) => Err(Lost),
        }
    }

    /// The next byte; `None` when none came for one turn.
    pub(super) fn receive(&self) -> Result<Option<u8>, Lost> {
        if !self.wait(PollFlags::IN)? {
            return Ok(None);
        }
        let mut byte = [0];
        match rustix::io::read(&self.line, &mut byte) {
            Ok(1) => Ok(Some(byte[0])),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            // A terminal never ends.
            Ok(_) | Err(_) => Err(Lost),
        }
    }

    fn wait(&self, wanted: PollFlags) -> Result<bool, Lost> {
        let mut line = [PollFd::new(&self.line, wanted)];
        match poll(&mut line, Some(&self.turn)) {
            Ok(0) | Err(Errno::INTR) => Ok(false),
            Ok(_) if line[0].revents().intersects(wanted) => Ok(true),
            Ok(_) | Err(_) => Err(Lost),
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // What was not sent is a piece of somebody's slip, and closing would wait for it.
        let _ = termios::tcflush(&self.line, QueueSelector::IOFlush);
    }
}

fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX), tv_nsec: i64::from(time.subsec_nanos()) }
}
