//! From a ticket to dots: the page of `ui/parts/ticket.slint` is drawn beside the screen by Slint's software renderer and
//! made black and white.
//!
//! It is drawn on a thread of its own, which ends with the job: Slint keeps its platform per thread, so this works under
//! every windowing system, the screen goes on meanwhile, and nothing of the citizen outlives the thread.

use super::looks::set_language;
use super::{qr, ticket};
use crate::domain::ticket::{Text, Ticket};
use crate::kiosk::ToPrint;
use crate::printer::Raster;
use crate::printer::raster::WIDTH;
use kiosk_ui::{self as ui, AppWindow, Kiosk, TicketLook, TicketPage};
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, PlatformError, WindowAdapter};
use slint::{ComponentHandle, Global, PhysicalSize, Rgb8Pixel, SharedPixelBuffer, SharedString};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// Darker than this is black; letters keep their strokes, and what softens their edges goes.
const BLACK: u32 = 150;
/// Dots left free beside the QR and its own quiet zone.
const QR_MAX: usize = 560;
/// Layouts settle in steps.
const STEPS: usize = 4;
/// No slip is longer, in rows: 2.5 m.
const ROWS_MAX: f32 = 20_000.0;

/// What stands on every slip of this place, and the language it is in.
#[derive(Clone)]
pub struct Place {
    english: bool,
    site: SharedString,
    controller: SharedString,
    contact: SharedString,
    apply: SharedString,
    status: SharedString,
}

impl Place {
    /// As the window shows it now.
    pub fn of(window: &AppWindow) -> Self {
        let kiosk = Kiosk::get(window);
        Self {
            english: kiosk.get_english(),
            site: kiosk.get_site_name(),
            controller: kiosk.get_controller_name(),
            contact: kiosk.get_controller_contact(),
            apply: kiosk.get_portal_apply(),
            status: kiosk.get_portal_status(),
        }
    }
}

/// Draws what is to be printed and answers; without a thread to draw on, nobody answers, which says it too.
pub(super) fn start(window: &AppWindow, to_print: ToPrint) {
    let place = Place::of(window);
    let thread = std::thread::Builder::new().name("press".to_owned());
    // The handle goes: the answer is all that is waited for.
    drop(thread.spawn(move || to_print.answer(|ticket| draw(ticket, &place).ok())));
}

/// The pages of a slip. Once a thread, because a thread has one platform.
pub fn draw(ticket: &Ticket, place: &Place) -> Result<Vec<Raster>, PlatformError> {
    let made = Rc::default();
    slint::platform::set_platform(Box::new(Beside(Rc::clone(&made))))
        .map_err(|error| PlatformError::Other(error.to_string()))?;
    let page = TicketPage::new()?;
    // Made with the first look at it.
    page.window().size();
    let window = made.borrow().upgrade().ok_or(PlatformError::NoPlatform)?;
    TicketLook::get(&page).set_on_paper(true);
    let kiosk = Kiosk::get(&page);
    set_language(place.english);
    kiosk.set_site_name(place.site.clone());
    kiosk.set_controller_name(place.controller.clone());
    kiosk.set_controller_contact(place.contact.clone());
    kiosk.set_portal_apply(place.apply.clone());
    kiosk.set_portal_status(place.status.clone());
    ticket::on_paper(&kiosk, ticket);
    let mut info = kiosk.get_ticket();
    if let Some((side, image)) = qr(&ticket.link, QR_MAX) {
        (info.qr_side, info.qr) = (side as f32, image);
    }
    kiosk.set_ticket(info.clone());
    page.show()?;
    let mut pages = vec![dots(&page, &window)];
    match ticket.text {
        Text::Dossier(_) => {
            kiosk.set_ticket(ui::TicketInfo { kind: ui::TicketKind::Guide, ..ui::TicketInfo::default() });
            pages.push(dots(&page, &window));
        }
        Text::Triage(_) => {}
    }
    // Shown, it would hold on to itself, and to what stands on it.
    page.hide()?;
    Ok(pages)
}

fn dots(page: &TicketPage, window: &MinimalSoftwareWindow) -> Raster {
    let mut tall = 0;
    for _ in 0..STEPS {
        slint::platform::update_timers_and_animations();
        tall = rows(page.get_tall());
        window.set_size(PhysicalSize::new(WIDTH as u32, tall));
    }
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(WIDTH as u32, tall);
    window.request_redraw();
    window.draw_if_needed(|renderer| {
        renderer.render(pixels.make_mut_slice(), WIDTH);
    });
    let pixels = pixels.as_slice();
    Raster::new(tall as usize, |column, row| {
        let Rgb8Pixel { r, g, b } = pixels[row * WIDTH + column];
        (u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1_000 < BLACK
    })
}

#[allow(clippy::cast_sign_loss, reason = "at least one row")]
fn rows(tall: f32) -> u32 {
    tall.clamp(1.0, ROWS_MAX).ceil() as u32
}

/// A platform with one window that nobody sees. It must not own it: the window knows its platform, and neither would ever be
/// dropped.
struct Beside(Rc<RefCell<Weak<MinimalSoftwareWindow>>>);

impl Platform for Beside {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
        *self.0.borrow_mut() = Rc::downgrade(&window);
        Ok(window)
    }
}
