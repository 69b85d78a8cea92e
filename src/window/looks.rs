//! How the screen looks and sounds: language, text size, contrast, reach, voice. The window's own business; the kiosk
//! learns only that somebody is there. The next citizen finds all of it as it was at first.

use crate::domain::flow::{Event, Tap};
use crate::kiosk::Tell;
use crate::speech::{Language, Voice};
use kiosk_ui::{self as ui, AppWindow, Kiosk};
use slint::{ComponentHandle, Global, SharedString, Timer, TimerMode};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// So long after the last sentence of a screen has come, it is read aloud.
const GATHERED: Duration = Duration::from_millis(250);

/// Vietnamese, standard contrast and text size, silent.
pub(super) fn start_afresh(kiosk: &Kiosk<'_>) {
    kiosk.invoke_hush();
    set_english(kiosk, false);
    kiosk.set_contrast(ui::Contrast::Standard);
    kiosk.set_text_size(ui::TextSize::Standard);
    kiosk.set_low_reach(false);
    kiosk.set_speaking(false);
}

fn set_english(kiosk: &Kiosk<'_>, english: bool) {
    set_language(english);
    kiosk.set_english(english);
}

/// Of everything this thread draws.
pub(super) fn set_language(english: bool) {
    // An unknown language would fall back to the source strings, which are Vietnamese.
    let _ = slint::select_bundled_translation(if english { "en" } else { "" });
}

/// Connects what changes the looks.
pub(super) fn bind(window: &AppWindow, tell: &Tell) {
    let kiosk = Kiosk::get(window);
    let weak = window.as_weak();
    let told = tell.clone();
    // A press changes the looks of the window, if there still is one, and says that somebody is there.
    let press = move |change: &dyn Fn(&Kiosk<'_>)| {
        if let Some(window) = weak.upgrade() {
            let kiosk = Kiosk::get(&window);
            kiosk.invoke_hush();
            change(&kiosk);
            told.tell(Event::Tap(Tap::Stay));
        }
    };
    let press = Rc::new(press);
    let pressed = Rc::clone(&press);
    kiosk.on_toggle_language(move || pressed(&|kiosk| set_english(kiosk, !kiosk.get_english())));
    let pressed = Rc::clone(&press);
    kiosk.on_set_look(move |contrast| pressed(&|kiosk| kiosk.set_contrast(contrast)));
    let pressed = Rc::clone(&press);
    kiosk.on_set_size(move |size| pressed(&|kiosk| kiosk.set_text_size(size)));
    let pressed = Rc::clone(&press);
    kiosk.on_toggle_low_reach(move || pressed(&|kiosk| kiosk.set_low_reach(!kiosk.get_low_reach())));
    kiosk.on_toggle_speaking(move || press(&|kiosk| kiosk.set_speaking(!kiosk.get_speaking())));
    let weak = window.as_weak();
    kiosk.on_start_afresh(move || {
        if let Some(window) = weak.upgrade() {
            start_afresh(&Kiosk::get(&window));
        }
    });
}

/// What waits to be said.
struct Reader {
    voice: Voice,
    lines: Vec<SharedString>,
    timer: Timer,
}

/// Gives the window a voice. It says the sentences of every screen that comes while it is switched on.
pub fn give_voice(window: &AppWindow, voice: Voice) {
    let kiosk = Kiosk::get(window);
    let reader = Rc::new(RefCell::new(Reader { voice, lines: Vec::new(), timer: Timer::default() }));
    let says = Rc::clone(&reader);
    let weak = window.as_weak();
    kiosk.on_says(move |line| {
        let mut reader = says.borrow_mut();
        if line.is_empty() || reader.lines.contains(&line) {
            return;
        }
        reader.lines.push(line);
        let (says, weak) = (Rc::clone(&says), weak.clone());
        reader.timer.start(TimerMode::SingleShot, GATHERED, move || {
            let reader = &mut *says.borrow_mut();
            let text = std::mem::take(&mut reader.lines).join("\n") + "\n";
            let Some(window) = weak.upgrade() else { return };
            let kiosk = Kiosk::get(&window);
            if kiosk.get_speaking() {
                let language = if kiosk.get_english() { Language::English } else { Language::Vietnamese };
                reader.voice.say(&text, language);
            }
        });
    });
    kiosk.on_hush(move || {
        let mut reader = reader.borrow_mut();
        reader.lines.clear();
        reader.timer.stop();
        reader.voice.hush();
    });
    kiosk.set_can_speak(true);
}
