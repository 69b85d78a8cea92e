//! Citizens: most only bring a dossier, some walk through the real session, err, press twice and leave suddenly.

use super::kiosk::Disk;
use super::store::Fate;
use super::world::{HOUR, Happening, MINUTE, Ms, SECOND, World};
use crate::clock;
use crate::domain::card::{CardClaim, CardProblem, parse_qr};
use crate::domain::citizen::Date;
use crate::domain::delivery::Input;
use crate::domain::flow::{
    CardTap, ConsentTap, Effect, Event, FormTap, Key, Page, PhotoTap, Purpose, ReviewTap, SaveFailure, Saved, Screen,
    SlipTap, Tap, TriageTap, Trouble,
};
use crate::domain::form::{Field, Rule, Section};
use crate::sim::demo::citizens::{self, Citizen, Way};
use crate::sim::scanner::cards;
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The first midnight, Unix milliseconds: 23 November 2026 in Viet Nam.
const FIRST_MIDNIGHT_MS: i64 = 1_795_366_800_000;
/// A citizen who has done so much and is still not through has no way on.
const MOST_ACTS: u32 = 150;
/// An unsaved form waits so long for an officer, and every other screen a minute and a half.
const PATIENCE_S: u32 = 15 * 60 + 90;

/// The people of the demo, with what their cards say.
pub(super) struct Cast(Vec<Role>);

struct Role {
    citizen: Citizen,
    claim: Option<CardClaim>,
    /// What stands on the card, for who has to type it.
    by_hand: Vec<(Field, &'static str)>,
}

impl Cast {
    pub(super) fn new() -> Self {
        let cards = cards();
        let roles = citizens::all().into_iter().map(|citizen| {
            let key = match citizen.way {
                Way::Card(key) | Way::ReaderComesBack(key) => key,
                Way::ByHand => "",
            };
            let card = cards.iter().find(|card| card.key == key);
            let claim = card.and_then(|card| parse_qr(card.qr.as_bytes()).ok());
            Role { citizen, claim, by_hand: citizens::from_card(key) }
        });
        Self(roles.collect())
    }
}

/// The dossier a session is about, under the names drawn before the first attempt to save it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dossier {
    id: Uuid,
    act: u64,
    parts: u16,
    fate: Fate,
    digest: u64,
}

/// A citizen in front of the kiosk.
#[allow(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(super) struct Visit {
    role: usize,
    dossier: Option<Dossier>,
    is_saving: bool,
    acts: u32,
    /// Walks away after so many acts, without a word.
    leaves_at: u32,
    taps_twice: bool,
    refuses: bool,
    errs: bool,
    has_second_thoughts: bool,
    retries: u32,
    /// Seconds since the last touch, once gone.
    gone_s: Option<u32>,
}

impl World {
    /// Somebody comes to the kiosk.
    pub(super) fn comes(&mut self, k: usize, through_every_screen: bool) {
        if !self.kiosks[k].is_on {
            return;
        }
        if self.kiosks[k].visit.is_some() {
            if !self.is_calm() {
                self.after(10 * MINUTE, Happening::Comes { kiosk: k, through_every_screen });
            }
        } else if through_every_screen {
            self.begins(k);
        } else {
            self.brings(k);
        }
    }

    /// A whole session in one moment: only its dossier matters.
    fn brings(&mut self, k: usize) {
        let dossier = Dossier { digest: self.rng.u64(..), ..self.dossier() };
        let (is_put, is_told) = match self.kiosks[k].disk {
            Disk::Well => (true, true),
            Disk::Floor | Disk::Full => (false, false),
            Disk::Failing => [(true, true), (true, false), (false, false)][self.rng.usize(0..3)],
        };
        if self.rng.u16(0..400) == 0 && !self.is_calm() {
            if is_put && self.rng.bool() {
                self.put(k, dossier);
            }
            let back = self.rng.u64(20 * SECOND..2 * HOUR);
            return self.power_fails(k, Some(back));
        }
        if is_put {
            self.put(k, dossier);
        }
        if is_told {
            self.is_told(k, dossier);
        }
    }

    pub(super) fn saves_silently(&mut self, k: usize) {
        let dossier = self.dossier();
        self.put(k, dossier);
    }

    fn dossier(&mut self) -> Dossier {
        self.acts += 1;
        let fate = match self.rng.u8(0..200) {
            0 => Fate::Poison,
            1 => Fate::Occupied,
            2 => Fate::RolledBack,
            3 => Fate::AlwaysTorn,
            4 => Fate::PartGone,
            _ => Fate::Good,
        };
        let id = Uuid::from_u128(self.rng.u128(..));
        Dossier { id, act: self.acts, parts: self.rng.u16(1..4), fate, digest: 0 }
    }

    fn put(&mut self, k: usize, Dossier { id, act, parts, fate, digest }: Dossier) {
        self.kiosks[k].store.put(id, act, digest, parts, fate);
        self.tell(k, || format!("{id} is committed, {parts} parts, fate {fate:?}"));
    }

    /// From here on the promise holds.
    fn is_told(&mut self, k: usize, dossier: Dossier) {
        self.judge.told(k, dossier.id, dossier.act, dossier.digest);
        self.feed(k, Input::Saved);
    }

    fn begins(&mut self, k: usize) {
        let rng = &mut self.rng;
        let leaves_at = if rng.u8(0..6) == 0 { rng.u32(1..22) } else { u32::MAX };
        let visit = Visit {
            role: rng.usize(0..self.cast.0.len()),
            dossier: None,
            is_saving: false,
            acts: 0,
            leaves_at,
            taps_twice: rng.u8(0..3) == 0,
            refuses: rng.u8(0..20) == 0,
            errs: rng.u8(0..3) == 0,
            has_second_thoughts: rng.u8(0..4) == 0,
            retries: 0,
            gone_s: None,
        };
        let kiosk = &mut self.kiosks[k];
        kiosk.visit = Some(visit);
        let generation = kiosk.generation;
        self.judge.counts.sessions += 1;
        if self.kiosks[k].wall_off_ms != 0 {
            self.meets("a citizen under a wrong clock");
        }
        self.tell(k, || "a citizen comes who walks through every screen".to_owned());
        self.acts(k, generation);
    }

    /// The citizen does the next thing, or has gone and the seconds pass.
    pub(super) fn acts(&mut self, k: usize, generation: u32) {
        let kiosk = &mut self.kiosks[k];
        if kiosk.generation != generation {
            return;
        }
        let Some(mut visit) = kiosk.visit.take() else { return };
        visit.acts += 1;
        let waiting = kiosk.store.waiting() as u32;
        kiosk.session.step(Event::Outbox { waiting, online: kiosk.is_online });
        if visit.acts == visit.leaves_at {
            visit.gone_s = Some(0);
        }
        let stays = if visit.gone_s.is_some() { self.time_passes(k, &mut visit) } else { self.next_act(k, &mut visit) };
        if stays {
            let pause = if visit.gone_s.is_some() { 30 * SECOND } else { self.rng.u64(SECOND..20 * SECOND) };
            self.kiosks[k].visit = Some(visit);
            self.after(pause, Happening::Acts(k, generation));
        } else {
            let screen = self.kiosks[k].session.screen();
            self.tell(k, || format!("the citizen is gone; the screen: {screen:?}"));
        }
    }

    /// Nobody touches the screen any more. False when it is nobody's turn again.
    fn time_passes(&mut self, k: usize, visit: &mut Visit) -> bool {
        let session = &mut self.kiosks[k].session;
        let idle_s = visit.gone_s.unwrap_or_default() + 30;
        visit.gone_s = Some(idle_s);
        session.step(Event::Second { idle_s });
        let screen = session.screen();
        // A disk at work ends by itself; only then are the seconds counted.
        if screen == Screen::Saving {
            visit.gone_s = Some(0);
            if visit.is_saving && visit.acts < MOST_ACTS {
                return true;
            }
        }
        if screen == Screen::Welcome {
            self.meets("a session that is wiped after a while");
        }
        let limit_s = if screen == Screen::Trouble { PATIENCE_S } else { 90 };
        if screen == Screen::Saving || (screen != Screen::Welcome && idle_s >= limit_s + 30) {
            self.judge_stuck_citizen(k, screen);
            return false;
        }
        screen != Screen::Welcome
    }

    fn next_act(&mut self, k: usize, visit: &mut Visit) -> bool {
        let screen = self.kiosks[k].session.screen();
        if visit.acts > MOST_ACTS {
            self.judge_stuck_citizen(k, screen);
            return false;
        }
        self.tell(k, || format!("the citizen is at {screen:?}"));
        match screen {
            Screen::Welcome => {
                let today = self.today(k);
                self.taps(k, visit, Tap::Start { today });
            }
            Screen::Triage => self.is_asked(k, visit),
            Screen::Consent => self.consents(k, visit),
            Screen::Card => self.shows_the_card(k, visit),
            Screen::Identity if visit.has_second_thoughts => {
                visit.has_second_thoughts = false;
                self.taps(k, visit, Tap::Card(CardTap::NotMe));
            }
            Screen::Identity => self.taps(k, visit, Tap::Next),
            Screen::Form => self.fills(k, visit),
            Screen::Review if visit.has_second_thoughts => {
                visit.has_second_thoughts = false;
                self.taps(k, visit, Tap::Form(FormTap::Edit(Field::Phone)));
            }
            Screen::Review => {
                if !self.kiosks[k].session.view().vouched {
                    self.step(k, visit, Event::Tap(Tap::Review(ReviewTap::Vouch)));
                }
                self.taps(k, visit, Tap::Review(ReviewTap::Submit));
            }
            // Impatience does not help; and nobody here holds the corner for two seconds.
            Screen::Photo => self.taps(k, visit, Tap::Photo(PhotoTap::Skip)),
            Screen::Saving | Screen::Resume | Screen::Pin | Screen::Officer | Screen::Enrol | Screen::Outreach => {
                self.taps(k, visit, Tap::Leave);
            }
            Screen::Slip if visit.has_second_thoughts => {
                visit.has_second_thoughts = false;
                self.taps(k, visit, Tap::Slip(SlipTap::RevealQr));
            }
            Screen::Slip => {
                let is_leaving = self.kiosks[k].session.view().slip.is_some_and(|slip| slip.leaving);
                let tap = if is_leaving { SlipTap::Done } else { SlipTap::Finish };
                self.taps(k, visit, Tap::Slip(tap));
            }
            Screen::Trouble => self.in_trouble(k, visit),
        }
        self.kiosks[k].session.screen() != Screen::Welcome
    }

    fn today(&self, k: usize) -> Date {
        let ms = FIRST_MIDNIGHT_MS + self.now.cast_signed() + self.kiosks[k].wall_off_ms;
        let day = clock::date_in_viet_nam(ms.max(clock::FLOOR_MS));
        day.unwrap_or_else(|| unreachable!("no clock here is wrong by centuries"))
    }

    /// Whoever comes here has brought everything: what is missing is another test's matter.
    fn is_asked(&mut self, k: usize, visit: &mut Visit) {
        let tap = match self.kiosks[k].session.view().triage.map(|triage| triage.page) {
            Some(Page::Question(question)) => {
                Tap::Triage(TriageTap::Reply(self.cast.0[visit.role].citizen.reply(question)))
            }
            Some(Page::Advice) | None => Tap::Next,
            Some(Page::SimName | Page::SimNumber | Page::SimGuide) => Tap::Back,
        };
        self.taps(k, visit, tap);
    }

    fn consents(&mut self, k: usize, visit: &mut Visit) {
        if visit.refuses {
            return self.taps(k, visit, Tap::Consent(ConsentTap::Refuse));
        }
        let refund = self.cast.0[visit.role].citizen.refund;
        for consent in self.kiosks[k].session.view().consents {
            let wanted = consent.purpose.is_required() || (refund && consent.purpose == Purpose::Refund);
            if consent.ticked != wanted {
                self.step(k, visit, Event::Tap(Tap::Consent(ConsentTap::Toggle(consent.purpose))));
            }
        }
        self.taps(k, visit, Tap::Next);
    }

    fn shows_the_card(&mut self, k: usize, visit: &mut Visit) {
        let cast = Arc::clone(&self.cast);
        match &cast.0[visit.role].claim {
            Some(claim) if self.kiosks[k].has_reader => {
                if visit.errs {
                    self.step(k, visit, Event::CardRefused(CardProblem::Garbled));
                }
                self.step(k, visit, Event::CardRead(Box::new(claim.clone())));
            }
            Some(_) => {
                self.meets("a reader that is pulled out");
                self.taps(k, visit, Tap::Card(CardTap::ByHand));
            }
            None => self.taps(k, visit, Tap::Card(CardTap::ByHand)),
        }
    }

    fn fills(&mut self, k: usize, visit: &mut Visit) {
        let view = self.kiosks[k].session.view();
        let Some(section) = view.section else { return };
        let cast = Arc::clone(&self.cast);
        let role = &cast.0[visit.role];
        for row in &view.rows {
            let own = role.citizen.fields.iter().find(|(field, ..)| *field == row.field);
            let printed = role.by_hand.iter().find(|(field, _)| *field == row.field);
            let (keys, wanted) = match (own, printed) {
                (Some((_, keys, wanted)), _) => (*keys, *wanted),
                (None, Some((_, printed))) => (*printed, *printed),
                (None, None) => continue,
            };
            if row.value == wanted {
                continue;
            }
            match row.field.spec().rule {
                Rule::Choice(_) | Rule::Listed(_) | Rule::Suggested(_) => {
                    self.step(k, visit, Event::Tap(Tap::Form(FormTap::Choose(row.field, wanted.to_owned()))));
                }
                _ => self.types(k, visit, row.field, &row.value, keys),
            }
        }
        if visit.errs && section == Section::Contact {
            visit.errs = false;
            self.types(k, visit, Field::Phone, "0000000001", "12");
        }
        // A step of one question has gone on by itself.
        if self.kiosks[k].session.view().section == Some(section) {
            self.taps(k, visit, Tap::Next);
        }
    }

    fn types(&mut self, k: usize, visit: &mut Visit, field: Field, before: &str, keys: &str) {
        self.step(k, visit, Event::Tap(Tap::Form(FormTap::Focus(field))));
        for _ in before.chars() {
            self.step(k, visit, Event::Key(Key::Backspace));
        }
        for typed in keys.chars() {
            self.step(k, visit, Event::Key(Key::Char(typed)));
        }
    }

    fn in_trouble(&mut self, k: usize, visit: &mut Visit) {
        let view = self.kiosks[k].session.view();
        visit.retries += 1;
        let tap = match view.trouble {
            Some(Trouble::ConsentRefused) if visit.retries == 1 && self.rng.bool() => {
                visit.refuses = false;
                Tap::Back
            }
            Some(Trouble::NotSaved(_)) if visit.retries < 12 => match self.rng.u8(0..4) {
                0 if view.may_go_on => Tap::Back,
                _ => Tap::Retry,
            },
            Some(Trouble::NotSaved(_) | Trouble::ConsentRefused | Trouble::NoRoom | Trouble::Stopping) | None => {
                Tap::Leave
            }
        };
        self.taps(k, visit, tap);
    }

    fn taps(&mut self, k: usize, visit: &mut Visit, tap: Tap) {
        let before = self.kiosks[k].session.screen();
        self.step(k, visit, Event::Tap(tap.clone()));
        // The screen takes no touch in its first 400 ms: the second half of a double tap meets only what did not change.
        if visit.taps_twice && self.kiosks[k].session.screen() == before {
            self.step(k, visit, Event::Tap(tap));
        }
    }

    fn step(&mut self, k: usize, visit: &mut Visit, event: Event) {
        for effect in self.kiosks[k].session.step(event) {
            match effect {
                Effect::Forget => visit.dossier = None,
                // No outreach session is open, no officer comes; no printer, no camera, and nobody brings a slip.
                Effect::Counted(_)
                | Effect::Reopen(_)
                | Effect::Advised(_)
                | Effect::Print(_)
                | Effect::Camera(_)
                | Effect::LookUp(_)
                | Effect::Recall(_)
                | Effect::Keep(_)
                | Effect::AskDoor
                | Effect::TryPin(_)
                | Effect::Officer(_) => {}
                Effect::Save(sealable) => {
                    let digest = super::drive::digest(&sealable.application);
                    let dossier = visit.dossier.unwrap_or_else(|| self.dossier());
                    visit.dossier = Some(Dossier { digest, ..dossier });
                    visit.is_saving = true;
                    let cast = Arc::clone(&self.cast);
                    self.judge_entered(k, &sealable.application, &cast.0[visit.role].citizen.fields);
                    self.save_begins(k);
                }
            }
        }
    }

    fn save_begins(&mut self, k: usize) {
        let takes: Ms = if self.rng.u8(0..10) == 0 { self.rng.u64(SECOND..9 * SECOND) } else { self.rng.u64(20..400) };
        let generation = self.kiosks[k].generation;
        self.after(takes, Happening::SaveEnds(k, generation));
        if self.rng.u8(0..40) == 0 && !self.is_calm() {
            let (cut, off) = (self.rng.u64(0..takes), self.rng.u64(20 * SECOND..2 * HOUR));
            self.after(cut, Happening::Power(k, false));
            self.after(cut + off, Happening::Power(k, true));
        }
    }

    /// The queue answers.
    pub(super) fn save_ends(&mut self, k: usize, generation: u32) {
        if self.kiosks[k].generation != generation {
            return;
        }
        let Some(mut visit) = self.kiosks[k].visit.take() else { return };
        visit.is_saving = false;
        if let Some(dossier) = visit.dossier {
            let errs = self.rng.u8(0..30) == 0 && !self.is_calm();
            let (is_put, failure) = match self.kiosks[k].disk {
                Disk::Well if !errs => (true, None),
                Disk::Floor | Disk::Full => (false, Some(SaveFailure::DiskFull)),
                Disk::Well | Disk::Failing => [
                    (true, None),
                    (true, Some(SaveFailure::Broken)),
                    (false, Some(SaveFailure::Broken)),
                    (false, Some(SaveFailure::Busy)),
                ][self.rng.usize(0..4)],
            };
            if is_put {
                self.put(k, dossier);
            }
            let saved = Saved { reference: super::drive::reference(dossier.id), link: Zeroizing::default() };
            let event = failure.map_or(Event::Saved(saved), Event::SaveFailed);
            self.kiosks[k].session.step(event);
            self.meets(match failure {
                None => "a save",
                Some(SaveFailure::DiskFull) => "a full disk at a save",
                Some(SaveFailure::Broken) if is_put => "a save whose end is not known, which was done",
                Some(SaveFailure::Broken | SaveFailure::Busy | SaveFailure::OfficeKeyMissing) => "a save that fails",
            });
            self.tell(k, || format!("{}: saved, failure {failure:?}", dossier.id));
            if self.kiosks[k].session.screen() == Screen::Slip {
                self.is_told(k, dossier);
            }
        }
        if self.kiosks[k].is_on && self.kiosks[k].generation == generation {
            self.kiosks[k].visit = Some(visit);
        }
    }

    /// The power goes while the disk is at work: it was written or not, and nobody was told.
    pub(super) fn interrupted_save(&mut self, k: usize) {
        let Some(visit) = self.kiosks[k].visit.take() else { return };
        if let Some(dossier) = visit.dossier.filter(|_| visit.is_saving)
            && self.kiosks[k].disk == Disk::Well
            && self.rng.bool()
        {
            self.put(k, dossier);
            self.meets("a power cut in the midst of a save, which was done");
        }
    }
}
