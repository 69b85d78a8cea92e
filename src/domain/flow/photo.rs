//! The portrait: taken here, or left for later.

use super::{Effect, Screen, Session, Tap, form, review};

/// What happened to the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CameraState {
    /// None is configured, or none is at the configured path.
    #[default]
    Missing,
    /// It gives pictures.
    Ready,
}

/// A touch at the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoTap {
    /// Not here: the citizen brings their own file.
    Skip,
}

pub(super) fn camera(session: &mut Session, state: CameraState) -> Vec<Effect> {
    session.device.camera = state;
    Vec::new()
}

/// After the last step of the form. Without a camera there is nothing to ask.
pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    match session.device.camera {
        CameraState::Ready => session.go(Screen::Photo),
        CameraState::Missing => review::enter(session),
    }
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Photo(PhotoTap::Skip) | Tap::Next => review::enter(session),
        Tap::Back => match session.steps().last() {
            Some(last) => form::enter(session, *last),
            None => Vec::new(),
        },
        Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Triage(_)
        | Tap::Consent(_)
        | Tap::Card(_)
        | Tap::Form(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}
