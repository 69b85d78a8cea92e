//! The officer's side of the window: touches become events, the standing becomes properties.

use super::{triage, update};
use crate::clock;
use crate::domain::flow::{DoorView, Event, OfficerTap, OutreachField, PinView, Tap, View};
use crate::domain::officer::{BundleStanding, Contact, Count, Done, KeyStorage, Outreach, Standing};
use crate::domain::submission::Attention;
use crate::kiosk::Tell;
use kiosk_ui::{self as ui, Kiosk};
use slint::SharedString;
use uuid::Uuid;

/// Attention items shown at once; the count says how many there are.
const MOST_ITEMS: usize = 50;

pub(super) fn bind(kiosk: &Kiosk<'_>, tell: &Tell) {
    let tap = {
        let tell = tell.clone();
        move |tap: Tap| tell.tell(Event::Tap(tap))
    };
    macro_rules! plain {
        ($($on:ident => $tap:expr),+ $(,)?) => {$({
            let tap = tap.clone();
            kiosk.$on(move || tap($tap));
        })+};
    }
    plain! {
        on_door => Tap::Door,
        on_export_queue => Tap::Officer(OfficerTap::Export),
        on_send_now => Tap::Officer(OfficerTap::SendNow),
        on_to_enrol => Tap::Officer(OfficerTap::ToEnrol),
        on_to_outreach => Tap::Officer(OfficerTap::ToOutreach),
        on_open_outreach => Tap::Officer(OfficerTap::Open),
        on_close_outreach => Tap::Officer(OfficerTap::Close),
    }
    let focus = tap.clone();
    kiosk.on_focus_team(move |team| {
        let field = if team { OutreachField::Team } else { OutreachField::Place };
        focus(Tap::Officer(OfficerTap::Focus(field)));
    });
    kiosk.on_try_again(move |id| {
        if let Ok(id) = Uuid::try_parse(&id) {
            tap(Tap::Officer(OfficerTap::TryAgain(id.into_bytes())));
        }
    });
}

pub(super) fn render(kiosk: &Kiosk<'_>, view: &View) {
    kiosk.set_pin(view.pin.as_ref().map_or_else(ui::PinInfo::default, pin));
    let Some(officer) = &view.officer else {
        kiosk.set_officer(ui::OfficerInfo::default());
        kiosk.set_standing(ui::StandingInfo::default());
        update(&kiosk.get_attention(), Vec::new(), PartialEq::eq, |model| kiosk.set_attention(model));
        update(&kiosk.get_enrol_code(), Vec::new(), PartialEq::eq, |model| kiosk.set_enrol_code(model));
        kiosk.set_sheet(ui::OutreachSheet::default());
        kiosk.set_outreach(ui::OutreachInfo::default());
        kiosk.set_outreach_closed(ui::OutreachInfo::default());
        return;
    };
    let exported = match officer.said {
        Some(Done::Exported(sealed)) => sealed,
        _ => 0,
    };
    kiosk.set_officer(ui::OfficerInfo {
        name: officer.officer.as_str().into(),
        waits: officer.waits,
        done: done(officer.said.as_ref()),
        exported: number(exported),
    });
    let stands = officer.standing.as_deref();
    kiosk.set_standing(stands.map_or_else(ui::StandingInfo::default, standing));
    let items = stands.map(|standing| standing.items.as_slice()).unwrap_or_default();
    let rows = items.iter().take(MOST_ITEMS).map(|item| ui::AttentionRow {
        id: Uuid::from_bytes(item.id).to_string().into(),
        reference: item.reference.as_str().into(),
        why: attention(item.why),
        seconds: item.since_s.map_or(-1, long),
    });
    update(&kiosk.get_attention(), rows.collect(), PartialEq::eq, |model| kiosk.set_attention(model));
    let code = officer.enrol.as_ref().map(|enrol| enrol.code.as_str()).unwrap_or_default();
    let signs: Vec<SharedString> = code.chars().map(SharedString::from).collect();
    update(&kiosk.get_enrol_code(), signs, PartialEq::eq, |model| kiosk.set_enrol_code(model));
    kiosk.set_enrol_whole(officer.enrol.as_ref().is_some_and(|enrol| enrol.is_whole));
    kiosk.set_sheet(officer.outreach.as_ref().map_or_else(ui::OutreachSheet::default, |sheet| ui::OutreachSheet {
        place: sheet.place.as_str().into(),
        team: sheet.team.as_str().into(),
        team_focused: sheet.focus == OutreachField::Team,
        takes_text: sheet.takes_text,
        whole: sheet.is_whole,
        sure: sheet.sure,
    }));
    let open = stands.and_then(|standing| standing.outreach.as_ref());
    kiosk.set_outreach(open.map_or_else(ui::OutreachInfo::default, outreach));
    let closed = match &officer.said {
        Some(Done::Closed(sums)) => outreach(sums),
        _ => ui::OutreachInfo::default(),
    };
    kiosk.set_outreach_closed(closed);
}

fn pin(pin: &PinView) -> ui::PinInfo {
    let (door, tries, seconds) = match pin.door {
        DoorView::Ready => (ui::DoorState::Ready, 0, 0),
        DoorView::TooShort => (ui::DoorState::TooShort, 0, 0),
        DoorView::Judging => (ui::DoorState::Judging, 0, 0),
        DoorView::Wrong { left } => (ui::DoorState::Wrong, left, 0),
        DoorView::Locked { left_s } => (ui::DoorState::Locked, 0, left_s),
        DoorView::NoOfficer => (ui::DoorState::NoOfficer, 0, 0),
        DoorView::Broken => (ui::DoorState::Broken, 0, 0),
    };
    ui::PinInfo {
        digits: number(pin.digits as u32),
        door,
        ends_session: pin.ends_session,
        enough: pin.is_enough,
        seconds: number(seconds),
        takes_digits: pin.takes_digits,
        tries: number(tries),
    }
}

fn done(said: Option<&Done>) -> ui::DoneCode {
    match said {
        None => ui::DoneCode::None,
        Some(Done::Requeued) => ui::DoneCode::Requeued,
        Some(Done::Sending) => ui::DoneCode::Sending,
        Some(Done::Exported(_)) => ui::DoneCode::Exported,
        Some(Done::NoStick) => ui::DoneCode::NoStick,
        Some(Done::Enrolled) => ui::DoneCode::Enrolled,
        Some(Done::CodeRefused) => ui::DoneCode::CodeRefused,
        Some(Done::Offline) => ui::DoneCode::Offline,
        Some(Done::Opened) => ui::DoneCode::Opened,
        Some(Done::Closed(_)) => ui::DoneCode::Closed,
        Some(Done::Failed) => ui::DoneCode::Failed,
    }
}

fn attention(why: Attention) -> ui::AttentionCode {
    match why {
        Attention::Conflict => ui::AttentionCode::Conflict,
        Attention::EpochRollback => ui::AttentionCode::EpochRollback,
        Attention::Refused => ui::AttentionCode::Refused,
        Attention::Torn => ui::AttentionCode::Torn,
        Attention::Incomplete => ui::AttentionCode::Incomplete,
        Attention::Damaged => ui::AttentionCode::Damaged,
        Attention::Returned => ui::AttentionCode::Returned,
    }
}

fn standing(stands: &Standing) -> ui::StandingInfo {
    let (contact, heard) = match stands.contact {
        Contact::Unknown => (ui::Contact::Unknown, None),
        Contact::Reached => (ui::Contact::Reached, None),
        Contact::Lost { last_s } => (ui::Contact::Lost, last_s),
    };
    let bundle = stands.bundle.as_ref();
    let offset_s = stands.clock_offset_ms.map(|offset_ms| offset_ms / 1_000);
    ui::StandingInfo {
        ageing: stands.ageing,
        attention: number(stands.attention),
        bundle_days: bundle.and_then(expires).unwrap_or_default(),
        bundle_expires: bundle.and_then(expires).is_some(),
        bundle_key: bundle.map(|bundle| bundle.kid.as_str()).unwrap_or_default().into(),
        bundle_version: bundle.and_then(|bundle| bundle.version).map_or(0, long),
        clock_known: offset_s.is_some(),
        clock_seconds: offset_s.map_or(0, signed),
        clock_wrong: stands.is_clock_wrong(),
        contact,
        contact_seconds: heard.map_or(-1, long),
        device_key: stands.device_key.as_str().into(),
        epoch: stands.db_epoch.as_deref().unwrap_or_default().into(),
        floor_mb: long(stands.floor_bytes >> 20),
        free_mb: stands.free_bytes.map_or(-1, |free| long(free >> 20)),
        full: stands.full,
        journal_broken: stands.journal_broken,
        key_storage: match stands.key_storage {
            KeyStorage::Software => ui::KeyStorage::Software,
            KeyStorage::SystemdCredential => ui::KeyStorage::SystemdCredential,
        },
        kiosk: stands.kiosk_id.as_str().into(),
        known: true,
        oldest_seconds: stands.oldest_queued_s.map_or(-1, long),
        quarantined: number(stands.quarantined),
        queue_broken: stands.queue_broken,
        queued: number(stands.queued),
        received: number(stands.received),
        version: stands.version.as_str().into(),
    }
}

fn expires(bundle: &BundleStanding) -> Option<i32> {
    bundle.expires_days.map(signed)
}

fn outreach(outreach: &Outreach) -> ui::OutreachInfo {
    let of = |count| number(outreach.counts.of(count));
    let advised: Vec<ui::AdvisedRow> = outreach
        .advised
        .iter()
        .map(|(advice, people)| ui::AdvisedRow { code: triage::advice(*advice), people: number(*people) })
        .collect();
    ui::OutreachInfo {
        abandoned: of(Count::Abandoned),
        advised: slint::ModelRc::new(slint::VecModel::from(advised)),
        closed: outreach.closed_ms.map(moment).unwrap_or_default(),
        finished: of(Count::Finished),
        opened: moment(outreach.opened_ms),
        place: outreach.place.as_str().into(),
        refused: of(Count::Refused),
        sent_back: of(Count::SentBack),
        started: of(Count::Started),
        team: outreach.team.as_str().into(),
        there: true,
    }
}

/// Hour, minute and day, as people in Viet Nam write them in either language of the screen.
fn moment(ms: i64) -> SharedString {
    let (hour, minute) = clock::time_in_viet_nam(ms);
    let day = clock::date_in_viet_nam(ms)
        .map(|day| format!(", {:02}/{:02}/{}", day.day(), day.month(), day.year()))
        .unwrap_or_default();
    format!("{hour:02}:{minute:02}{day}").into()
}

const MOST: i32 = i32::MAX;

fn number(value: u32) -> i32 {
    value.try_into().unwrap_or(MOST)
}

fn long(value: u64) -> i32 {
    value.try_into().unwrap_or(MOST)
}

fn signed(value: i64) -> i32 {
    value.clamp(i64::from(i32::MIN) + 1, i64::from(MOST)) as i32
}
