//! No button is dead, and from every screen a button leads on and another one out.

use super::{PLAIN, SCENES, Window, label, stage};
use crate::flow::script::today;
use i_slint_backend_testing::mock_elapsed_time;
use kiosk_ui::Kiosk;
use passport_kiosk::domain::flow::{
    CardTap, ConsentTap, DoorView, Event, FormTap, Key, OfficerTap, OutreachField, PhotoTap, Purpose, ReviewTap,
    Screen, SlipTap, Tap, TriageTap, View,
};
use passport_kiosk::sim::led;
use passport_kiosk::window::{codes, triage};
use slint::Global;
use slint::platform::PointerEventButton;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// What a touch asked for: an event of the kiosk, or a matter of the window alone.
enum Asked {
    Event(Event),
    Looks,
}

type Heard = Rc<RefCell<Vec<Asked>>>;

fn listen(kiosk: &Kiosk<'_>) -> Heard {
    let heard = Heard::default();
    macro_rules! events {
        ($($on:ident => $event:expr),+ $(,)?) => {$({
            let heard = heard.clone();
            kiosk.$on(move || heard.borrow_mut().push($event));
        })+};
    }
    let tap = |tap| Asked::Event(Event::Tap(tap));
    events! {
        on_start => tap(Tap::Start { today: today() }),
        on_next => tap(Tap::Next),
        on_back => tap(Tap::Back),
        on_leave => tap(Tap::Leave),
        on_stay => tap(Tap::Stay),
        on_refuse_consent => tap(Tap::Consent(ConsentTap::Refuse)),
        on_by_hand => tap(Tap::Card(CardTap::ByHand)),
        on_not_me => tap(Tap::Card(CardTap::NotMe)),
        on_next_method => tap(Tap::Form(FormTap::ToggleMethod)),
        on_vouch => tap(Tap::Review(ReviewTap::Vouch)),
        on_submit => tap(Tap::Review(ReviewTap::Submit)),
        on_retry => tap(Tap::Retry),
        on_reveal_qr => tap(Tap::Slip(SlipTap::RevealQr)),
        on_print_slip => tap(Tap::Slip(SlipTap::Print)),
        on_finish => tap(Tap::Slip(SlipTap::Finish)),
        on_done => tap(Tap::Slip(SlipTap::Done)),
        on_have_slip => tap(Tap::HaveSlip),
        on_toggle_curtain => tap(Tap::Curtain),
        on_skip_photo => tap(Tap::Photo(PhotoTap::Skip)),
        on_shoot => tap(Tap::Photo(PhotoTap::Shoot)),
        on_use_photo => tap(Tap::Photo(PhotoTap::Use)),
        on_photo_again => tap(Tap::Photo(PhotoTap::Again)),
        on_edit_portrait => tap(Tap::Review(ReviewTap::Portrait)),
        on_check_sim => tap(Tap::Triage(TriageTap::CheckSim)),
        on_sim_guide => tap(Tap::Triage(TriageTap::SimGuide)),
        on_door => tap(Tap::Door),
        on_export_queue => tap(Tap::Officer(OfficerTap::Export)),
        on_send_now => tap(Tap::Officer(OfficerTap::SendNow)),
        on_to_enrol => tap(Tap::Officer(OfficerTap::ToEnrol)),
        on_to_outreach => tap(Tap::Officer(OfficerTap::ToOutreach)),
        on_open_outreach => tap(Tap::Officer(OfficerTap::Open)),
        on_close_outreach => tap(Tap::Officer(OfficerTap::Close)),
        on_toggle_language => Asked::Looks,
        on_toggle_low_reach => Asked::Looks,
        on_toggle_speaking => Asked::Looks,
    }
    let said = heard.clone();
    kiosk.on_set_look(move |_| said.borrow_mut().push(Asked::Looks));
    let said = heard.clone();
    kiosk.on_set_size(move |_| said.borrow_mut().push(Asked::Looks));
    let said = heard.clone();
    kiosk.on_toggle_consent(move |index| {
        let purpose = Purpose::ALL[usize::try_from(index).unwrap()];
        said.borrow_mut().push(tap(Tap::Consent(ConsentTap::Toggle(purpose))));
    });
    let said = heard.clone();
    kiosk.on_focus_field(move |code| said.borrow_mut().push(tap(Tap::Form(FormTap::Focus(codes::field_from(code))))));
    let said = heard.clone();
    kiosk.on_choose(move |code, value| {
        said.borrow_mut().push(tap(Tap::Form(FormTap::Choose(codes::field_from(code), value.into()))));
    });
    let said = heard.clone();
    kiosk.on_move_split(move |longer| said.borrow_mut().push(tap(Tap::Form(FormTap::MoveSplit { longer }))));
    let said = heard.clone();
    kiosk.on_edit(move |code| said.borrow_mut().push(tap(Tap::Form(FormTap::Edit(codes::field_from(code))))));
    let said = heard.clone();
    kiosk.on_reply(move |code| said.borrow_mut().push(tap(Tap::Triage(TriageTap::Reply(triage::reply_from(code))))));
    let said = heard.clone();
    kiosk.on_ask_again(move |code| {
        said.borrow_mut().push(tap(Tap::Triage(TriageTap::Again(triage::question_from(code)))));
    });
    let said = heard.clone();
    kiosk.on_sim_name(move |right| said.borrow_mut().push(tap(Tap::Triage(TriageTap::SimName(right)))));
    let said = heard.clone();
    kiosk.on_sim_number(move |right| said.borrow_mut().push(tap(Tap::Triage(TriageTap::SimNumber(right)))));
    let said = heard.clone();
    kiosk.on_focus_team(move |team| {
        let field = if team { OutreachField::Team } else { OutreachField::Place };
        said.borrow_mut().push(tap(Tap::Officer(OfficerTap::Focus(field))));
    });
    let said = heard.clone();
    kiosk.on_try_again(move |id| {
        let id = uuid::Uuid::parse_str(&id).unwrap().into_bytes();
        said.borrow_mut().push(tap(Tap::Officer(OfficerTap::TryAgain(id))));
    });
    let said = heard.clone();
    kiosk.on_key(move |text| {
        let key = match text.as_str() {
            "⌫" => Key::Backspace,
            "⇧" => Key::Shift,
            "⏎" => Key::Enter,
            text => Key::Char(text.chars().next().unwrap()),
        };
        said.borrow_mut().push(Asked::Event(Event::Key(key)));
    });
    heard
}

/// The panel of text size and contrast is the window's own; true when it stood open and has been closed by its button.
fn close_display(window: &Window) -> bool {
    let Some(panel) = window.of_type("Display").first().cloned() else { return false };
    let done = Window::controls_in(&panel).into_iter().find(|control| label(control) == "Đóng bảng").unwrap();
    done.mock_single_click(PointerEventButton::Left);
    mock_elapsed_time(Duration::from_millis(50));
    assert!(window.of_type("Display").is_empty(), "the panel stays open");
    true
}

#[test]
fn no_button_is_dead_and_each_screen_has_a_way_on_and_a_way_out() {
    let window = Window::open();
    let heard = listen(&Kiosk::get(&window.app));
    let tall = super::Look { size: (1080, 8000), ..PLAIN };
    let mut dead = Vec::new();
    let mut no_way = Vec::new();
    for (scene, script) in SCENES {
        let shown = stage(script);
        window.draw(&shown, tall);
        let before = shown.view().clone();
        let (mut leads_to, mut asks_first) = (Vec::new(), false);
        let count = window.controls().len();
        for at in 0..count {
            let controls = window.controls();
            let control = &controls[at];
            let key = control.type_name().is_some_and(|name| name == "KeyCap");
            // A board of keys is tried on one scene of each kind; the keys are the same on all.
            if control.accessible_enabled() == Some(false)
                || (key && !["form-person", "form-email", "pin-wrong", "enrol"].contains(scene))
            {
                continue;
            }
            let name = label(control);
            heard.borrow_mut().clear();
            if control.type_name().is_some_and(|name| name == "HoldCorner") {
                led::hold(control, &window.app);
            } else {
                control.mock_single_click(PointerEventButton::Left);
            }
            mock_elapsed_time(Duration::from_millis(50));
            if close_display(&window) {
                continue;
            }
            let asked = heard.take();
            if before.idle_left_s > 0 && !name.starts_with("Tôi vẫn") {
                assert!(asked.is_empty(), "{name:?} was pressed through the idle warning");
                continue;
            }
            let mut again = stage(script);
            // A key may have nothing to erase; "on" with a mistake on the screen leaves the caret at the mistake.
            let stays = before.rows.iter().any(|row| row.problem.is_some());
            let mut alive = key && !asked.is_empty();
            for asked in asked {
                match asked {
                    // A second touch of what is chosen or has the caret may change nothing.
                    Asked::Looks
                    | Asked::Event(Event::Tap(
                        Tap::Form(FormTap::Focus(_) | FormTap::Choose(..)) | Tap::Officer(OfficerTap::Focus(_)),
                    )) => {
                        alive = true;
                    }
                    Asked::Event(event) => {
                        alive |= stays && matches!(event, Event::Tap(Tap::Next));
                        again.step(event);
                    }
                }
            }
            let after = again.now();
            let asks = |view: &View| view.slip.as_ref().is_some_and(|slip| slip.leaving);
            asks_first |= asks(&after) && !asks(&before);
            alive |= after != before;
            leads_to.push(after.screen);
            if !alive {
                dead.push(format!("{scene}: {name:?}"));
            }
        }
        let on = leads_to.iter().any(|screen| *screen != before.screen && *screen != Screen::Welcome);
        // The slip asks for card and slip first; that page is a scene of its own.
        let out = leads_to.contains(&Screen::Welcome) || asks_first;
        let (needs_on, needs_out) = match before.screen {
            Screen::Welcome => (true, false),
            Screen::Saving => (false, false),
            // Only the answer leads on.
            Screen::Pin if before.pin.as_ref().is_some_and(|pin| pin.door == DoorView::Judging) => (false, false),
            Screen::Slip | Screen::Pin | Screen::Enrol | Screen::Outreach => (false, true),
            Screen::Officer => (true, true),
            Screen::Trouble => (before.may_retry || before.may_go_on, true),
            // Over every screen lies "are you still there?": first it is answered.
            _ if before.idle_left_s > 0 => (false, false),
            Screen::Triage | Screen::Form | Screen::Resume => (false, true),
            Screen::Consent => (before.may_go_on, true),
            Screen::Card | Screen::Identity | Screen::Photo | Screen::Review => (true, true),
        };
        if (needs_on && !on) || (needs_out && !out) {
            no_way.push(format!("{scene}: on {on}, out {out}"));
        }
    }
    assert!(dead.is_empty(), "pressed, and nothing happened: {dead:#?}");
    assert!(no_way.is_empty(), "no way on or no way out: {no_way:#?}");
}
