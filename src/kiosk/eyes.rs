//! What the camera sees, as events of the session.

use super::Told;
use crate::camera::{self, Heard};
use crate::config::Config;
use crate::domain::flow::{CameraState, Event};
use crate::journal::{self, Entry};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// The camera's thread, where one is configured.
pub(super) fn watch(config: &Config, events: mpsc::Sender<Told>) -> std::io::Result<Option<camera::Handle>> {
    let Some(device) = config.camera.clone() else {
        return Ok(None);
    };
    let handle = camera::spawn(device, config.setup.rules.photo, move |heard| {
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
    })?;
    Ok(Some(handle))
}
