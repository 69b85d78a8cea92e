//! What the camera sees, as events of the session.

use super::Told;
use crate::camera::{self, Heard};
use crate::config::Config;
use crate::domain::flow::{CameraOrder, CameraState, Event};
use crate::journal::{self, Entry};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// The camera as the loop uses it; where none is configured, nothing.
#[derive(Clone)]
pub(super) struct Eyes(Option<Arc<camera::Handle>>);

impl Eyes {
    /// Starts the camera's thread, where one is configured: what it tells becomes events.
    pub(super) fn open(config: &Config, events: mpsc::Sender<Told>) -> std::io::Result<Self> {
        let Some(device) = config.camera.clone() else {
            return Ok(Self(None));
        };
        let handle = camera::spawn(device, config.setup.rules.photo, move |heard| tell(heard, &events))?;
        Ok(Self(Some(Arc::new(handle))))
    }

    pub(super) fn order(&self, order: CameraOrder) {
        if let Some(camera) = &self.0 {
            camera.order(order);
        }
    }
}

/// False when the loop has ended.
fn tell(heard: Heard, events: &mpsc::Sender<Told>) -> bool {
    let event = match heard {
        // A picture that finds no room is followed by the next one.
        Heard::Seen(seen) => {
            let sent = events.try_send(Told::World(Event::PhotoSeen(seen)));
            return !matches!(sent, Err(TrySendError::Closed(_)));
        }
        Heard::State(state) => {
            journal::write(&match state {
                CameraState::Ready => Entry::CameraReady,
                CameraState::Missing => Entry::CameraMissing,
            });
            Event::Camera(state)
        }
        Heard::Taken(shot) => Event::PhotoTaken(shot),
    };
    events.blocking_send(Told::World(event)).is_ok()
}
