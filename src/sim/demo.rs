//! `kiosk demo`: the whole way on one laptop, with a window or without.

mod album;
pub mod citizens;
mod headless;
mod officer;
mod summary;

use super::scanner::cards;
use super::stage::Stage;
use crate::speech::Voice;
use crate::{kiosk, window};
use kiosk_ui::{AppWindow, Kiosk};
use slint::{ComponentHandle, Global, ModelRc, SharedString, VecModel};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

pub use headless::run as headless;

/// Opens the kiosk's window with a bar of buttons: cards to present, the reader's plug, the network cable.
pub fn windowed(folder: &Path) -> anyhow::Result<()> {
    let stage = Rc::new(RefCell::new(Stage::set(folder)?));
    let app = AppWindow::new()?;
    let config = stage.borrow().config.clone();
    officer::set_up(&config)?;
    window::prepare(&app, &config, true);
    let running = kiosk::start(&config, window::shower(&app))?;
    window::bind(&app, &running.tell);
    if let Some(voice) = std::env::var_os("PATH").and_then(|path| Voice::find(&path)) {
        window::looks::give_voice(&app, voice);
    }
    show_buttons(&app, &stage.borrow());
    let weak = app.as_weak();
    let pressed = Rc::clone(&stage);
    Kiosk::get(&app).on_sim_press(move |button| {
        let mut stage = pressed.borrow_mut();
        press(&mut stage, usize::try_from(button).unwrap_or(usize::MAX));
        if let Some(app) = weak.upgrade() {
            show_buttons(&app, &stage);
        }
    });
    window::run(&app, &config)?;
    running.stop();
    match Rc::try_unwrap(stage) {
        Ok(stage) => stage.into_inner().strike(),
        // The window still holds its handler; the office ends with the process.
        Err(_) => Ok(()),
    }
}

/// One button a card, then the reader, the printer and the cable.
fn show_buttons(app: &AppWindow, stage: &Stage) {
    let mut labels: Vec<SharedString> = cards().iter().map(|card| format!("Thẻ {}", card.key).into()).collect();
    labels.push(if stage.scanner.is_plugged() { "Rút đầu đọc" } else { "Cắm đầu đọc" }.into());
    labels.push(if stage.printer.is_plugged() { "Rút máy in" } else { "Cắm máy in" }.into());
    labels.push(if stage.cable.is_plugged() { "Rút mạng" } else { "Cắm mạng" }.into());
    Kiosk::get(app).set_sim_buttons(ModelRc::new(VecModel::from(labels)));
}

fn press(stage: &mut Stage, button: usize) {
    let cards = cards();
    match cards.get(button) {
        // A scanner that is unplugged reads nothing, as in life.
        Some(card) => drop(stage.scanner.present(card.qr.as_bytes())),
        None if button == cards.len() => {
            let toggled = if stage.scanner.is_plugged() { stage.scanner.unplug() } else { stage.scanner.plug() };
            drop(toggled);
        }
        None if button == cards.len() + 1 && stage.printer.is_plugged() => stage.printer.unplug(),
        None if button == cards.len() + 1 => stage.printer.plug(),
        None if stage.cable.is_plugged() => stage.cable.pull(),
        None => stage.cable.plug(),
    }
}
