//! The demo's first-time citizen before the session itself, without a window: what they do next on what they see.

use super::demo::citizens;
use super::scanner::cards;
use crate::domain::card::parse_qr;
use crate::domain::citizen::Date;
use crate::domain::flow::{
    CardTap, ConsentTap, Event, FormTap, Key, Page, PhotoTap, ReviewTap, Row, Screen, SlipTap, Tap, TriageTap, View,
};
use crate::domain::form::Answering;

/// What the citizen does next, one press or key an event. Nothing where they can only wait.
pub fn next(view: &View, today: Date) -> Vec<Event> {
    let taps = match view.screen {
        Screen::Welcome => vec![Tap::Start { today }],
        Screen::Triage => match view.triage.as_ref().map(|triage| &triage.page) {
            Some(Page::Question(question)) => {
                vec![Tap::Triage(TriageTap::Reply(citizens::first_timer().reply(*question)))]
            }
            Some(Page::Advice) | None => vec![Tap::Next],
            Some(Page::SimName | Page::SimNumber | Page::SimGuide) => vec![Tap::Back],
        },
        Screen::Consent => {
            let missing = view.consents.iter().filter(|consent| consent.purpose.is_required() && !consent.ticked);
            let ticks = missing.map(|consent| Tap::Consent(ConsentTap::Toggle(consent.purpose)));
            ticks.chain([Tap::Next]).collect()
        }
        Screen::Card => return present(),
        Screen::Form => return fill(view),
        Screen::Identity => vec![Tap::Next],
        Screen::Photo => match &view.photo {
            Some(photo) if photo.may_use => vec![Tap::Photo(PhotoTap::Use)],
            Some(photo) if photo.picture.is_some() && !photo.waits && !photo.taken => vec![Tap::Photo(PhotoTap::Shoot)],
            Some(photo) if photo.waits => Vec::new(),
            Some(_) | None => vec![Tap::Photo(PhotoTap::Skip)],
        },
        Screen::Review if view.vouched => vec![Tap::Review(ReviewTap::Submit)],
        Screen::Review => vec![Tap::Review(ReviewTap::Vouch)],
        Screen::Slip if view.slip.as_ref().is_some_and(|slip| slip.leaving) => vec![Tap::Slip(SlipTap::Done)],
        Screen::Slip => vec![Tap::Slip(SlipTap::Finish)],
        Screen::Saving => Vec::new(),
        Screen::Resume | Screen::Pin | Screen::Officer | Screen::Enrol | Screen::Outreach | Screen::Trouble => {
            vec![Tap::Leave]
        }
    };
    taps.into_iter().map(Event::Tap).collect()
}

/// Their card at the scanner; what it says by hand where it cannot be read.
fn present() -> Vec<Event> {
    let card = cards().into_iter().find(|card| citizens::first_timer().way == citizens::Way::Card(card.key));
    match card.and_then(|card| parse_qr(card.qr.as_bytes()).ok()) {
        Some(claim) => vec![Event::CardRead(Box::new(claim))],
        None => vec![Event::Tap(Tap::Card(CardTap::ByHand))],
    }
}

/// What is asked on this step and not there yet, then on.
fn fill(view: &View) -> Vec<Event> {
    let citizen = citizens::first_timer();
    let mut events = Vec::new();
    let mut goes_on = false;
    for row in &view.rows {
        let Some((_, keys, wanted)) = citizen.fields.iter().find(|(field, ..)| *field == row.field) else { continue };
        if row.value == *wanted {
            continue;
        }
        let is_offered = row.options.iter().any(|option| option.value == *wanted);
        goes_on = is_offered && view.rows.len() == 1;
        match row.field.spec().rule.answering() {
            Answering::Text if !is_offered => type_in(row, keys, &mut events),
            Answering::Text | Answering::Choice(_) | Answering::List(_) => {
                events.push(Event::Tap(Tap::Form(FormTap::Choose(row.field, (*wanted).to_owned()))));
            }
        }
    }
    // A step of one question goes on by itself.
    if !goes_on {
        events.push(Event::Tap(Tap::Next));
    }
    events
}

fn type_in(row: &Row, keys: &str, events: &mut Vec<Event>) {
    if !row.focused {
        events.push(Event::Tap(Tap::Form(FormTap::Focus(row.field))));
    }
    events.extend(row.value.chars().map(|_| Event::Key(Key::Backspace)));
    events.extend(keys.chars().map(|typed| Event::Key(Key::Char(typed))));
}
