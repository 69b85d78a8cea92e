//! The officer's door and what is behind it: the pad, the figures, the orders, and the books of who came and went.

use super::script::Stage;
use super::{BY_HAND, REVIEW, check, check_from};
use expect_test::expect;
use passport_kiosk::domain::flow::{DoorView, Effect, OfficerTap, OutreachField, Screen, View};
use passport_kiosk::domain::officer::{
    AttentionItem, BundleStanding, Contact, Count, Counts, Done, Door, Judgement, KeyStorage, Order, Outreach, Standing,
};
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::domain::triage::Advice;
use std::fmt::Write;

/// An attention item of the busy kiosk.
pub(super) const ITEM: [u8; 16] = [7; 16];

pub(super) fn door(words: &str) -> Door {
    match words.split_once(' ').unwrap_or((words, "")) {
        ("ready", _) => Door::Ready,
        ("locked", left_s) => Door::Locked { left_s: left_s.parse().unwrap() },
        ("no-officer", _) => Door::NoOfficer,
        ("broken", _) => Door::Broken,
        _ => panic!("{words:?} is no state of a door"),
    }
}

pub(super) fn judgement(words: &str) -> Judgement {
    match words.split_once(' ').unwrap_or((words, "")) {
        ("granted", _) => Judgement::Granted { officer: "Tổ 1".to_owned() },
        ("wrong", left) => Judgement::Wrong { left: left.parse().unwrap() },
        ("locked", left_s) => Judgement::Locked { left_s: left_s.parse().unwrap() },
        ("no-officer", _) => Judgement::NoOfficer,
        ("broken", _) => Judgement::Broken,
        _ => panic!("{words:?} is no judgement"),
    }
}

pub(super) fn order(words: &str) -> OfficerTap {
    match words {
        "try-again" => OfficerTap::TryAgain(ITEM),
        "export" => OfficerTap::Export,
        "send-now" => OfficerTap::SendNow,
        "to-enrol" => OfficerTap::ToEnrol,
        "to-outreach" => OfficerTap::ToOutreach,
        "focus place" => OfficerTap::Focus(OutreachField::Place),
        "focus team" => OfficerTap::Focus(OutreachField::Team),
        "open" => OfficerTap::Open,
        "close" => OfficerTap::Close,
        _ => panic!("{words:?} is no order"),
    }
}

pub(super) fn standing(words: &str) -> Standing {
    let calm = Standing {
        received: 12,
        free_bytes: Some(12 << 30),
        kiosk_id: "kiosk-01".to_owned(),
        device_key: "q3Zx81Lm".to_owned(),
        key_storage: KeyStorage::Software,
        contact: Contact::Reached,
        clock_offset_ms: Some(1_200),
        bundle: Some(BundleStanding { kid: "office-2026-11".to_owned(), version: Some(3), expires_days: Some(88) }),
        db_epoch: Some("5e1f09ac".to_owned()),
        version: "0.1.0".to_owned(),
        ..Standing::default()
    };
    let item = |id: u8, reference: &str, why, hours: u64| AttentionItem {
        id: [id; 16],
        reference: reference.to_owned(),
        why,
        since_s: Some(hours * 3_600),
    };
    match words {
        "calm" => calm,
        "outreach" => Standing { outreach: Some(an_outreach(None)), ..calm },
        "busy" => Standing {
            queued: 512,
            ageing: true,
            full: true,
            journal_broken: true,
            attention: 4,
            oldest_queued_s: Some(4 * 86_400),
            items: vec![
                item(7, "7F3K-92QX", Attention::Refused, 5),
                item(8, "0M2D-K4VA", Attention::Conflict, 70),
                item(9, "9ZZ1-00TR", Attention::Torn, 1),
                item(10, "1A2B-3C4D", Attention::Incomplete, 0),
            ],
            quarantined: 1,
            free_bytes: Some(90 << 20),
            floor_bytes: 100 << 20,
            contact: Contact::Lost { last_s: Some(7_500) },
            clock_offset_ms: Some(-400 * 86_400_000),
            outreach: Some(an_outreach(None)),
            bundle: None,
            ..calm
        },
        _ => panic!("{words:?} is no standing"),
    }
}

fn an_outreach(closed_ms: Option<i64>) -> Outreach {
    let counts = Counts::new([52, 40, 3, 5, 4]);
    let place = "Khu công nghiệp Thử Nghiệm, xã Không Có Thật".to_owned();
    Outreach {
        place,
        team: "Tổ 1".to_owned(),
        opened_ms: 1_795_580_100_000,
        closed_ms,
        counts,
        advised: vec![(Advice::RenewCard, 5), (Advice::GetVneid, 9)],
    }
}

pub(super) fn done(words: &str) -> Done {
    match words {
        "requeued" => Done::Requeued,
        "sending" => Done::Sending,
        "exported" => Done::Exported(3),
        "no-stick" => Done::NoStick,
        "enrolled" => Done::Enrolled,
        "code-refused" => Done::CodeRefused,
        "offline" => Done::Offline,
        "opened" => Done::Opened,
        "closed" => Done::Closed(Box::new(an_outreach(Some(1_795_602_000_000)))),
        "failed" => Done::Failed,
        _ => panic!("{words:?} is nothing that was done"),
    }
}

/// The officer's part of a line.
pub(super) fn told(view: &View) -> String {
    let mut out = String::new();
    if let Some(pin) = &view.pin {
        write!(out, " {} digits, ", pin.digits).unwrap();
        match pin.door {
            DoorView::Ready => out += "ready",
            DoorView::TooShort => out += "too short",
            DoorView::Judging => out += "being judged",
            DoorView::Wrong { left } => write!(out, "wrong, {left} left").unwrap(),
            DoorView::Locked { left_s } => write!(out, "locked for {left_s} s").unwrap(),
            DoorView::NoOfficer => out += "no officer",
            DoorView::Broken => out += "broken",
        }
        if pin.ends_session {
            out += ", a citizen waits";
        }
    }
    if let Some(officer) = &view.officer {
        write!(out, " {}", officer.officer).unwrap();
        if let Some(standing) = &officer.standing {
            write!(out, ", {} waiting", standing.queued).unwrap();
        }
        if let Some(enrol) = &officer.enrol {
            write!(out, ", code {:?}{}", enrol.code, if enrol.is_whole { " whole" } else { "" }).unwrap();
        }
        if let Some(sheet) = officer.outreach.as_ref().filter(|sheet| sheet.takes_text) {
            write!(out, ", {:?} {:?}", sheet.place, sheet.team).unwrap();
        }
        if officer.outreach.as_ref().is_some_and(|sheet| sheet.sure) {
            out += ", sure?";
        }
        if officer.waits {
            out += ", waits";
        }
        match &officer.said {
            Some(Done::Closed(sums)) => write!(out, ", closed: {} came", sums.counts.of(Count::Started)).unwrap(),
            Some(done) => write!(out, ", {done:?}").unwrap(),
            None => {}
        }
    }
    out
}

pub(super) fn ordered(order: &Order) -> &'static str {
    match order {
        Order::Report => " → report",
        Order::TryAgain(_) => " → try again",
        Order::Export => " → export",
        Order::SendNow => " → send now",
        Order::Enrol(_) => " → enrol",
        Order::OpenOutreach { .. } => " → open outreach",
        Order::CloseOutreach => " → close outreach",
    }
}

#[test]
fn a_long_press_leads_to_the_pad_and_the_right_pin_to_the_figures() {
    check(
        "
        door
        door ready
        type 73x
        next                    // too short: no try
        type 739152
        key Enter
        back                    // an answer is out: nothing leads away
        type 1
        judged wrong 4
        type 739152
        next
        judged granted
        standing calm
        wait 5
        leave
        ",
        expect![[r#"
            door                         pin 0 digits, ready → ask the door
            door ready                   pin 0 digits, ready
            type 73x                     pin 2 digits, ready
            next                         pin 0 digits, too short
            type 739152                  pin 6 digits, too short
            key Enter                    pin 0 digits, being judged → try
            back                         pin 0 digits, being judged
            type 1                       pin 0 digits, being judged
            judged wrong 4               pin 0 digits, wrong, 4 left
            type 739152                  pin 6 digits, wrong, 4 left
            next                         pin 0 digits, being judged → try
            judged granted               officer Tổ 1 → forget → report
            standing calm                officer Tổ 1, 0 waiting
            wait 5                       officer Tổ 1, 0 waiting → report
            leave                        welcome → forget
        "#]],
    );
}

#[test]
fn while_the_door_is_shut_no_digit_is_taken_and_it_is_asked_again_at_the_end() {
    check(
        "
        door
        door locked 2
        type 739152
        next
        wait 2
        door locked 1           // the pad's own count is not believed
        wait 1
        door ready
        type 7
        back
        door
        door no-officer
        type 7
        idle 45
        stay
        idle 60
        ",
        expect![[r#"
            door                         pin 0 digits, ready → ask the door
            door locked 2                pin 0 digits, locked for 2 s
            type 739152                  pin 0 digits, locked for 2 s
            next                         pin 0 digits, locked for 2 s
            wait 2                       pin 0 digits, locked for 1 s → ask the door
            door locked 1                pin 0 digits, locked for 1 s
            wait 1                       pin 0 digits, locked for 1 s → ask the door
            door ready                   pin 0 digits, ready
            type 7                       pin 1 digits, ready
            back                         welcome → forget
            door                         pin 0 digits, ready → ask the door
            door no-officer              pin 0 digits, no officer
            type 7                       pin 0 digits, no officer
            idle 45                      pin, wiped in 15 s 0 digits, no officer
            stay                         pin 0 digits, no officer
            idle 60                      welcome → forget
        "#]],
    );
}

#[test]
fn a_citizens_unsaved_form_is_kept_at_the_pad_and_ends_when_the_door_opens() {
    check_from(
        &format!("{REVIEW}submit\nsave-failed disk-full\n"),
        "
        door
        type 739152
        back
        door
        idle 60                 // left alone: back to what the citizen waits at
        retry
        save-failed busy
        door
        type 739152
        next
        judged granted
        leave
        start
        consent required
        next
        by-hand
        show family_name
        ",
        expect![[r#"
            door                         pin 0 digits, ready, a citizen waits → ask the door
            type 739152                  pin 6 digits, ready, a citizen waits
            back                         trouble disk-full, may retry
            door                         pin 0 digits, ready, a citizen waits → ask the door
            idle 60                      trouble disk-full, may retry
            retry                        saving → save
            save-failed busy             trouble busy, may retry
            door                         pin 0 digits, ready, a citizen waits → ask the door
            type 739152                  pin 6 digits, ready, a citizen waits
            next                         pin 0 digits, being judged, a citizen waits → try
            judged granted               officer Tổ 1 → forget → report
            leave                        welcome → forget
            start                        consent
            consent required             consent, may go on
            next                         card
            by-hand                      form person 1/15 @family_name
            show family_name             "", letters keys
        "#]],
    );
}

#[test]
fn a_judgement_that_nobody_waits_for_opens_nothing() {
    check(
        "
        judged granted
        door
        judged granted
        door ready
        back
        start
        judged granted
        door
        standing busy
        done requeued
        ",
        expect![[r#"
            judged granted               welcome
            door                         pin 0 digits, ready → ask the door
            judged granted               pin 0 digits, ready
            door ready                   pin 0 digits, ready
            back                         welcome → forget
            start                        consent
            judged granted               consent
            door                         consent
            standing busy                consent
            done requeued                consent
        "#]],
    );
}

#[test]
fn orders_are_given_one_at_a_time_and_their_outcome_stays_on_the_screen() {
    check_from(
        "door\ntype 739152\nnext\njudged granted\nstanding busy\n",
        "
        order try-again
        order send-now          // waits for the first answer
        done requeued
        done requeued
        order export
        done no-stick
        order to-enrol
        type 7f3k-o
        type 92qxb
        key Backspace
        next                    // not whole
        type b4
        next
        done code-refused
        back
        ",
        expect![[r#"
            order try-again              officer Tổ 1, 512 waiting, waits → try again
            order send-now               officer Tổ 1, 512 waiting, waits
            done requeued                officer Tổ 1, 512 waiting, Requeued → report
            done requeued                officer Tổ 1, 512 waiting, Requeued
            order export                 officer Tổ 1, 512 waiting, waits → export
            done no-stick                officer Tổ 1, 512 waiting, NoStick → report
            order to-enrol               enrol Tổ 1, 512 waiting, code ""
            type 7f3k-o                  enrol Tổ 1, 512 waiting, code "7F3K0"
            type 92qxb                   enrol Tổ 1, 512 waiting, code "7F3K092QXB" whole
            key Backspace                enrol Tổ 1, 512 waiting, code "7F3K092QX"
            next                         enrol Tổ 1, 512 waiting, code "7F3K092QX"
            type b4                      enrol Tổ 1, 512 waiting, code "7F3K092QXB" whole
            next                         enrol Tổ 1, 512 waiting, code "", waits → enrol
            done code-refused            enrol Tổ 1, 512 waiting, code "", CodeRefused → report
            back                         officer Tổ 1, 512 waiting
        "#]],
    );
}

#[test]
fn an_outreach_session_is_opened_with_a_place_and_a_team_and_closed_on_the_second_press() {
    check_from(
        "door\ntype 739152\nnext\njudged granted\nstanding calm\norder to-outreach\n",
        "
        order open              // no team yet
        type toor 1
        order focus place
        key Backspace
        order open
        done opened
        standing outreach
        type x                  // nothing is typed into an open session
        order close
        back
        order to-outreach
        order close
        order close
        done closed
        standing calm
        order open
        back
        ",
        expect![[r#"
            order open                   outreach, shift Tổ 1, 0 waiting, "Trạm thử" ""
            type toor 1                  outreach Tổ 1, 0 waiting, "Trạm thử" "Tổ 1"
            order focus place            outreach Tổ 1, 0 waiting, "Trạm thử" "Tổ 1"
            key Backspace                outreach Tổ 1, 0 waiting, "Trạm th" "Tổ 1"
            order open                   outreach Tổ 1, 0 waiting, waits → open outreach
            done opened                  outreach Tổ 1, 0 waiting, Opened → report
            standing outreach            outreach Tổ 1, 0 waiting, Opened
            type x                       outreach Tổ 1, 0 waiting, Opened
            order close                  outreach Tổ 1, 0 waiting, sure?, Opened
            back                         officer Tổ 1, 0 waiting
            order to-outreach            outreach Tổ 1, 0 waiting
            order close                  outreach Tổ 1, 0 waiting, sure?
            order close                  outreach Tổ 1, 0 waiting, waits → close outreach
            done closed                  outreach Tổ 1, 0 waiting, closed: 52 came → report
            standing calm                outreach Tổ 1, 0 waiting, closed: 52 came
            order open                   outreach Tổ 1, 0 waiting, closed: 52 came
            back                         officer Tổ 1, 0 waiting
        "#]],
    );
}

#[test]
fn the_officers_side_closes_when_it_is_left_alone() {
    check_from(
        "door\ntype 739152\nnext\njudged granted\nstanding calm\n",
        "
        idle 44
        idle 45
        stay
        order to-enrol
        type 7f3k
        idle 60
        door
        ",
        expect![[r#"
            idle 44                      officer Tổ 1, 0 waiting
            idle 45                      officer, wiped in 15 s Tổ 1, 0 waiting
            stay                         officer Tổ 1, 0 waiting
            order to-enrol               enrol Tổ 1, 0 waiting, code ""
            type 7f3k                    enrol Tổ 1, 0 waiting, code "7F3K"
            idle 60                      welcome → forget
            door                         pin 0 digits, ready → ask the door
        "#]],
    );
}

/// What is counted for the closing report: who comes in goes out in exactly one way.
#[test]
fn every_citizen_is_counted_once_coming_and_once_going() {
    let saved = format!("{REVIEW}submit\nsaved 7F3K-92QX\n");
    for (script, books) in [
        (format!("{saved}finish\ntaken"), [1, 1, 0, 0, 0]),
        (format!("{saved}idle 90\nstart\nleave"), [2, 1, 0, 0, 1]),
        ("start\nrefuse\nleave".to_owned(), [1, 0, 1, 0, 0]),
        (format!("start\nrefuse\nback\nleave\n{saved}"), [2, 1, 0, 0, 1]),
        ("start\nrefuse\ndoor\ntype 739152\nnext\njudged granted\nleave".to_owned(), [1, 0, 1, 0, 0]),
        (format!("{BY_HAND}stopping\nleave"), [1, 0, 0, 0, 1]),
        (format!("{REVIEW}submit\nsave-failed busy\ndoor\ntype 739152\nnext\njudged granted"), [1, 0, 0, 0, 1]),
        ("slip t1.1-------\nnext".to_owned(), [1, 0, 0, 1, 0]),
        ("begin\nreply card-none\nidle 90".to_owned(), [1, 0, 0, 1, 0]),
        ("begin\nreply card-none\nback\nleave".to_owned(), [1, 0, 0, 0, 1]),
        ("door\nleave\ndoor\nstopping\nleave".to_owned(), [0, 0, 0, 0, 0]),
    ] {
        let mut counts = Counts::default();
        let mut stage = Stage::new();
        for line in super::script::lines(&script) {
            for effect in stage.play(line).iter().flat_map(|seen| &seen.effects) {
                if let Effect::Counted(count) = effect {
                    counts.add(*count);
                }
            }
        }
        assert_eq!(counts, Counts::new(books), "{script}");
    }
}

#[test]
fn nothing_that_was_typed_at_the_door_is_left_after_it() {
    let mut stage = Stage::after("door\ntype 739152\nnext\njudged granted\nstanding busy\norder to-enrol\ntype 7f3k");
    stage.play("leave");
    assert_eq!(stage.screen(), Screen::Welcome);
    assert!(*stage.view() == View::default(), "something of the officer's side is left");
}
