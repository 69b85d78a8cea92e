//! The portrait: taken here, or left for later.

use super::{Effect, Screen, Session, Tap, form, review};
use crate::domain::photo::{Flaw, Picture, Portrait, Seen, Shot};
use crate::domain::triage::{Question, Reply};
use std::sync::Arc;

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
    /// Take one.
    Shoot,
    /// This one.
    Use,
    /// Another one.
    Again,
    /// Not here: the citizen brings their own file.
    Skip,
}

/// What is asked of the camera. It sees nobody unless it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraOrder {
    /// Tell what is seen, again and again; answered by [`super::Event::PhotoSeen`].
    Watch,
    /// Take one; answered once by [`super::Event::PhotoTaken`].
    Shoot,
    /// See nothing any more.
    Rest,
}

/// What became of the portrait, as the dossier says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PortraitNote {
    /// There was no camera, or the citizen has a file of their own.
    #[default]
    NotAsked,
    /// It is in the dossier.
    Inside,
    /// The citizen went on without.
    Skipped,
}

/// The sitting.
#[derive(Default)]
pub(super) struct Sitting {
    seen: Option<Seen>,
    shot: Option<Shot>,
    /// A picture is being taken.
    waits: bool,
    tries: u8,
    /// The one that was accepted.
    pub(super) kept: Option<Portrait>,
    /// The citizen went on without.
    pub(super) skipped: bool,
}

impl Sitting {
    /// As it was settled in a dossier that has come back.
    pub(super) fn of(kept: Option<Portrait>, skipped: bool) -> Self {
        Self { kept, skipped, ..Self::default() }
    }

    pub(super) fn note(&self) -> PortraitNote {
        match (&self.kept, self.skipped) {
            (Some(_), _) => PortraitNote::Inside,
            (None, true) => PortraitNote::Skipped,
            (None, false) => PortraitNote::NotAsked,
        }
    }
}

/// The screen of the portrait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoView {
    /// What the camera sees, or the picture that was taken.
    pub picture: Option<Arc<Picture>>,
    /// A picture was taken and is looked at.
    pub taken: bool,
    /// One is being taken.
    pub waits: bool,
    /// What is wrong, in order.
    pub flaws: Vec<Flaw>,
    /// The picture that was taken is good enough.
    pub may_use: bool,
    /// Tries that are left; 0: the officer helps.
    pub tries_left: u8,
}

pub(super) fn camera(session: &mut Session, state: CameraState) -> Vec<Effect> {
    session.device.camera = state;
    if session.screen != Screen::Photo {
        return Vec::new();
    }
    // What it saw last is not what it sees.
    (session.citizen.photo.seen, session.citizen.photo.waits) = (None, false);
    match state {
        CameraState::Ready => look(session),
        CameraState::Missing => Vec::new(),
    }
}

/// After the last step of the form. Nothing is asked without a camera, nor of whoever has a file of their own.
pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    let brings_own = session.citizen.triage.answers.to(Question::Photo) == Some(Reply::PhotoOnPhone);
    let is_settled = session.citizen.photo.note() != PortraitNote::NotAsked;
    match session.device.camera {
        CameraState::Ready if !brings_own && !is_settled => again(session),
        CameraState::Ready | CameraState::Missing => review::enter(session),
    }
}

/// From the review: another portrait, or one after all.
pub(super) fn again(session: &mut Session) -> Vec<Effect> {
    session.go(Screen::Photo);
    (session.citizen.photo.seen, session.citizen.photo.shot) = (None, None);
    look(session)
}

fn look(session: &Session) -> Vec<Effect> {
    if session.citizen.photo.shot.is_some() { Vec::new() } else { vec![Effect::Camera(CameraOrder::Watch)] }
}

fn left(session: &Session) -> u8 {
    session.setup.rules.photo.tries.saturating_sub(session.citizen.photo.tries)
}

/// Seen by the camera while a citizen stands before it; anything later is nobody's.
pub(super) fn seen(session: &mut Session, seen: Seen) -> Vec<Effect> {
    if session.screen == Screen::Photo && session.citizen.photo.shot.is_none() && !session.citizen.curtain {
        session.citizen.photo.seen = Some(seen);
    }
    Vec::new()
}

/// The picture that was asked for; a missed one costs no try.
pub(super) fn taken(session: &mut Session, shot: Option<Shot>) -> Vec<Effect> {
    let photo = &mut session.citizen.photo;
    if session.screen != Screen::Photo || !std::mem::take(&mut photo.waits) {
        return Vec::new();
    }
    photo.seen = None;
    let Some(shot) = shot else { return look(session) };
    photo.tries = photo.tries.saturating_add(1);
    photo.shot = Some(shot);
    vec![Effect::Camera(CameraOrder::Rest)]
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Photo(PhotoTap::Shoot) => shoot(session),
        Tap::Photo(PhotoTap::Use) => accept(session),
        Tap::Photo(PhotoTap::Again) if session.citizen.photo.shot.is_some() => again(session),
        Tap::Photo(PhotoTap::Skip) => {
            session.citizen.photo = Sitting::of(None, true);
            on(session)
        }
        // The way on is the way on: the picture that is good, or whatever was settled before.
        Tap::Next if may_use(session) => accept(session),
        Tap::Back => {
            let back = if session.citizen.photo.note() == PortraitNote::NotAsked {
                session.steps().last().map(|last| form::enter(session, *last))
            } else {
                Some(review::enter(session))
            };
            leave(session, back.unwrap_or_default())
        }
        Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Triage(_)
        | Tap::Consent(_)
        | Tap::Card(_)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}

fn shoot(session: &mut Session) -> Vec<Effect> {
    let may = left(session) > 0 && session.device.camera == CameraState::Ready;
    let photo = &mut session.citizen.photo;
    if !may || photo.waits || photo.shot.is_some() {
        return Vec::new();
    }
    photo.waits = true;
    vec![Effect::Camera(CameraOrder::Shoot)]
}

fn may_use(session: &Session) -> bool {
    session.citizen.photo.shot.as_ref().is_some_and(|shot| shot.flaws.is_empty() && shot.portrait.is_some())
}

fn accept(session: &mut Session) -> Vec<Effect> {
    if !may_use(session) {
        return Vec::new();
    }
    let kept = session.citizen.photo.shot.take().and_then(|shot| shot.portrait);
    session.citizen.photo = Sitting::of(kept, false);
    on(session)
}

/// What was vouched for was another dossier.
fn on(session: &mut Session) -> Vec<Effect> {
    session.citizen.vouched = false;
    let effects = review::enter(session);
    leave(session, effects)
}

fn leave(session: &mut Session, effects: Vec<Effect>) -> Vec<Effect> {
    (session.citizen.photo.seen, session.citizen.photo.shot, session.citizen.photo.waits) = (None, None, false);
    [Effect::Camera(CameraOrder::Rest)].into_iter().chain(effects).collect()
}

/// Nothing on every other screen.
pub(super) fn view(session: &Session) -> Option<PhotoView> {
    if session.screen != Screen::Photo {
        return None;
    }
    let Sitting { seen, shot, waits, .. } = &session.citizen.photo;
    let (picture, flaws) = match (shot, seen) {
        (Some(shot), _) => (shot.portrait.as_ref().map(|portrait| Arc::clone(&portrait.small)), &shot.flaws),
        (None, Some(seen)) => (Some(Arc::clone(&seen.preview)), &seen.flaws),
        (None, None) => (None, &Vec::new()),
    };
    Some(PhotoView {
        picture,
        taken: shot.is_some(),
        waits: *waits,
        flaws: flaws.clone(),
        may_use: may_use(session),
        tries_left: left(session),
    })
}
