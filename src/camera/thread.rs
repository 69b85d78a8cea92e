//! One thread for the camera: looks whether it is there, and looks through it only while somebody stands before it.

use super::{Camera, Error, Faces, Heard, open, see, take};
use crate::domain::flow::{CameraOrder, CameraState};
use crate::domain::photo::{Norm, Picture};
use crate::worker::Worker;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Between two pictures for the screen: a face is found in about half of it, the rest is the machine's.
const PACE: Duration = Duration::from_millis(120);
/// So often it is looked for while nobody stands before it.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// A running camera. Dropping it waits for the thread, at most for as long as one picture is waited for.
pub type Handle = Worker<CameraOrder>;

/// Starts a camera that calls `tell` from its own thread: at once with whether it is there, and whenever that changes. A
/// `tell` that returns false ends the thread. The device need not exist; the error is that there is no thread.
pub fn spawn(device: PathBuf, norm: Norm, tell: impl Fn(Heard) -> bool + Send + 'static) -> io::Result<Handle> {
    Worker::spawn("camera", move |orders| {
        // The model is part of the program and was read by a test.
        let Some(faces) = Faces::new() else { return };
        Eye { device, norm, tell, orders, faces, camera: None, told: None, blind: false, watches: false }.run();
    })
}

/// Nobody works here any more.
struct Over;

struct Eye<Tell> {
    device: PathBuf,
    norm: Norm,
    tell: Tell,
    orders: Receiver<CameraOrder>,
    faces: Faces,
    camera: Option<Box<dyn Camera>>,
    told: Option<CameraState>,
    /// It stood at its path and gave no picture: it is missing until it gives one.
    blind: bool,
    watches: bool,
}

impl<Tell: Fn(Heard) -> bool> Eye<Tell> {
    fn run(mut self) {
        while self.turn().is_ok() {}
    }

    fn turn(&mut self) -> Result<(), Over> {
        // A camera that is plugged in anew may see again.
        self.blind &= self.device.exists();
        let is_there = !self.blind && (self.camera.is_some() || self.device.exists());
        self.state(if is_there { CameraState::Ready } else { CameraState::Missing })?;
        let pause = if self.watches && is_there { PACE } else { LOOK_AGAIN };
        match self.orders.recv_timeout(pause) {
            Ok(CameraOrder::Watch) => self.watches = true,
            // The next citizen may find that it sees again.
            Ok(CameraOrder::Rest) => (self.watches, self.blind, self.camera) = (false, false, None),
            Ok(CameraOrder::Shoot) => {
                let shot = self.frame().ok().map(|picture| take(&mut self.faces, &picture, &self.norm));
                return self.say(Heard::Taken(shot));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Over),
        }
        if !self.watches {
            return Ok(());
        }
        match self.frame() {
            Ok(picture) => {
                self.state(CameraState::Ready)?;
                let seen = see(&mut self.faces, &picture, &self.norm);
                self.say(Heard::Seen(seen))
            }
            Err(Error::Missing | Error::Silent | Error::Format) => self.state(CameraState::Missing),
        }
    }

    /// A camera that fails is opened anew the next time.
    fn frame(&mut self) -> Result<Picture, Error> {
        let camera = self.camera.take().map_or_else(|| open(&self.device), Ok);
        let looked = camera.and_then(|mut camera| Ok((camera.frame()?, camera)));
        self.blind = looked.is_err();
        let (picture, camera) = looked?;
        self.camera = Some(camera);
        Ok(picture)
    }

    fn state(&mut self, state: CameraState) -> Result<(), Over> {
        if self.told == Some(state) {
            return Ok(());
        }
        self.told = Some(state);
        self.say(Heard::State(state))
    }

    fn say(&self, heard: Heard) -> Result<(), Over> {
        if (self.tell)(heard) { Ok(()) } else { Err(Over) }
    }
}
