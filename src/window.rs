//! The only module that knows both the core and Slint: touches become events, views become properties.

pub mod codes;
pub mod looks;
mod officer;
mod photo;
pub mod press;
mod ticket;
pub mod triage;

use crate::domain::carriers::SimRule;
use crate::domain::flow::{
    Blank, CardTap, ConsentTap, Event, FormTap, Key, OptionView, PhotoTap, Purpose, ReviewTap, Row, Screen, SlipTap,
    SlipView, Tap, View,
};
use crate::domain::form::{Answer, Rule};
use crate::journal::{self, Entry};
use crate::kiosk::{Shown, Tell};
use crate::{clock, config};
use kiosk_ui::{self as ui, AppWindow, Kiosk};
use qrcode::{EcLevel, QrCode};
use slint::{
    ComponentHandle, Global, Image, Model, ModelRc, PhysicalSize, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel,
};

/// Light modules around the QR (ISO/IEC 18004).
const QUIET: usize = 4;
/// Pixels that a QR on the screen may be wide; the screen enlarges it.
const SCREEN_QR: usize = 520;
/// Pixels of one module of a QR, at most.
const MODULE_MAX: usize = 10;

/// Fills in what never changes and what is about the place. Vietnamese whatever the machine's language is.
pub fn prepare(window: &AppWindow, config: &config::Config, simulated: bool) {
    let kiosk = Kiosk::get(window);
    kiosk.set_simulated(simulated);
    kiosk.set_mm(config.screen.pixels_per_mm());
    kiosk.set_site_name(config.site.name.as_str().into());
    kiosk.set_controller_name(config.site.controller_name.as_str().into());
    kiosk.set_controller_contact(config.site.controller_contact.as_str().into());
    let portal = &config.setup.rules.portal;
    kiosk.set_portal_apply(portal.apply.as_str().into());
    kiosk.set_portal_status(portal.status.as_str().into());
    kiosk.set_retention_days(config.keep_days.try_into().unwrap_or(i32::MAX));
    let sim = &config.setup.rules.sim;
    kiosk.set_check_text(sim.check.text.as_str().into());
    kiosk.set_check_number(sim.check.number.as_str().into());
    kiosk.set_moved_sim(sim.has(SimRule::MovedSim));
    let carriers = sim.carriers.iter().map(|carrier| ui::CarrierInfo {
        name: carrier.name.as_str().into(),
        app: carrier.app.as_deref().unwrap_or_default().into(),
        steps: lines(&carrier.steps),
        steps_en: lines(&carrier.steps_en),
    });
    kiosk.set_carriers(ModelRc::new(carriers.collect::<VecModel<_>>()));
    looks::start_afresh(&kiosk);
}

fn lines(of: &[String]) -> ModelRc<SharedString> {
    of.iter().map(SharedString::from).collect::<Vec<_>>().as_slice().into()
}

/// Connects every touch and key.
pub fn bind(window: &AppWindow, tell: &Tell) {
    let kiosk = Kiosk::get(window);
    let tap = {
        let (tell, weak) = (tell.clone(), window.as_weak());
        move |tap: Tap| {
            // Whoever touches does not want to hear the rest.
            if let Some(window) = weak.upgrade() {
                Kiosk::get(&window).invoke_hush();
            }
            tell.tell(Event::Tap(tap));
        }
    };
    macro_rules! plain {
        ($($on:ident => $tap:expr),+ $(,)?) => {$({
            let tap = tap.clone();
            kiosk.$on(move || tap($tap));
        })+};
    }
    plain! {
        on_start => Tap::Start { today: clock::today() },
        on_next => Tap::Next,
        on_back => Tap::Back,
        on_leave => Tap::Leave,
        on_stay => Tap::Stay,
        on_refuse_consent => Tap::Consent(ConsentTap::Refuse),
        on_by_hand => Tap::Card(CardTap::ByHand),
        on_not_me => Tap::Card(CardTap::NotMe),
        on_next_method => Tap::Form(FormTap::ToggleMethod),
        on_vouch => Tap::Review(ReviewTap::Vouch),
        on_submit => Tap::Review(ReviewTap::Submit),
        on_retry => Tap::Retry,
        on_reveal_qr => Tap::Slip(SlipTap::RevealQr),
        on_print_slip => Tap::Slip(SlipTap::Print),
        on_finish => Tap::Slip(SlipTap::Finish),
        on_done => Tap::Slip(SlipTap::Done),
        on_have_slip => Tap::HaveSlip,
        on_toggle_curtain => Tap::Curtain,
        on_shoot => Tap::Photo(PhotoTap::Shoot),
        on_use_photo => Tap::Photo(PhotoTap::Use),
        on_photo_again => Tap::Photo(PhotoTap::Again),
        on_skip_photo => Tap::Photo(PhotoTap::Skip),
        on_edit_portrait => Tap::Review(ReviewTap::Portrait),
    }
    let consent = tap.clone();
    kiosk.on_toggle_consent(move |index| {
        if let Some(purpose) = usize::try_from(index).ok().and_then(|index| Purpose::ALL.get(index)) {
            consent(Tap::Consent(ConsentTap::Toggle(*purpose)));
        }
    });
    let focus = tap.clone();
    kiosk.on_focus_field(move |code| focus(Tap::Form(FormTap::Focus(codes::field_from(code)))));
    let choose = tap.clone();
    kiosk.on_choose(move |code, value| {
        let field = codes::field_from(code);
        choose(Tap::Form(if value.is_empty() {
            FormTap::Decline(field)
        } else {
            FormTap::Choose(field, value.into())
        }));
    });
    let split = tap.clone();
    kiosk.on_move_split(move |longer| split(Tap::Form(FormTap::MoveSplit { longer })));
    kiosk.on_edit(move |code| tap(Tap::Form(FormTap::Edit(codes::field_from(code)))));
    let keys = tell.clone();
    kiosk.on_key(move |text| {
        for key in keys_of(&text) {
            keys.tell(Event::Key(key));
        }
    });
    officer::bind(&kiosk, tell);
    triage::bind(&kiosk, tell);
    looks::bind(window, tell);
}

/// What one message of the keyboard means; a plugged-in keyboard may send several characters at once.
fn keys_of(text: &str) -> Vec<Key> {
    text.chars()
        .filter_map(|typed| match typed {
            '⌫' => Some(Key::Backspace),
            '⇧' => Some(Key::Shift),
            '⏎' | '\n' => Some(Key::Enter),
            // Function and cursor keys come as private-use characters.
            '\u{E000}'..='\u{F8FF}' => None,
            typed if typed.is_control() => None,
            typed => Some(Key::Char(typed)),
        })
        .collect()
}

/// Draws a view. The next citizen finds the looks as they were at first.
pub fn render(window: &AppWindow, view: &View) {
    let kiosk = Kiosk::get(window);
    let screen = codes::screen(view.screen);
    if view.screen == Screen::Welcome && kiosk.get_screen() != screen {
        looks::start_afresh(&kiosk);
    }
    kiosk.set_section(codes::section(view.section));
    kiosk.set_step(view.step.try_into().unwrap_or(i32::MAX));
    kiosk.set_steps(view.steps.try_into().unwrap_or(i32::MAX));
    let rows: Vec<ui::FieldRow> = rows(view);
    update(&kiosk.get_rows(), rows, same_row, |model| kiosk.set_rows(model));
    let consents = view.consents.iter().map(|consent| ui::ConsentRow {
        index: consent.purpose as i32,
        required: consent.purpose.is_required(),
        ticked: consent.ticked,
    });
    update(&kiosk.get_consents(), consents.collect(), PartialEq::eq, |model| kiosk.set_consents(model));
    let papers: Vec<ui::PaperCode> = view.papers.iter().copied().map(codes::paper).collect();
    update(&kiosk.get_papers(), papers, PartialEq::eq, |model| kiosk.set_papers(model));
    kiosk.set_may_shorten_surname(view.may_shorten_surname);
    kiosk.set_may_lengthen_surname(view.may_lengthen_surname);
    kiosk.set_from_review(view.from_review);
    kiosk.set_vouched(view.vouched);
    kiosk.set_may_go_on(view.may_go_on);
    kiosk.set_reader(codes::reader(view.device.reader));
    kiosk.set_card_problem(codes::card_problem(view.card_problem));
    kiosk.set_trouble(codes::trouble(view.trouble));
    kiosk.set_may_retry(view.may_retry);
    kiosk.set_slip(slip(view.slip.as_ref(), &kiosk.get_slip()));
    kiosk.set_waiting(view.device.waiting.try_into().unwrap_or(i32::MAX));
    kiosk.set_idle_seconds(view.idle_left_s.try_into().unwrap_or(i32::MAX));
    kiosk.set_keyboard(codes::keyboard(view.keyboard));
    kiosk.set_shift(view.shift);
    kiosk.set_typing(codes::typing(view.method));
    officer::render(&kiosk, view);
    triage::render(&kiosk, view);
    ticket::render(&kiosk, view);
    photo::render(&kiosk, view);
    kiosk.set_resume(codes::reopening(view.reopening));
    kiosk.set_curtain(view.curtain);
    kiosk.set_may_hide(view.may_hide);
    kiosk.set_take_card(view.take_card);
    kiosk.set_has_dossier(view.has_dossier);
    kiosk.set_recalled(view.recalled);
    kiosk.set_holds(view.device.holds);
    kiosk.set_outlives(codes::outlives(view.device.outlives));
    kiosk.set_screen(screen);
}

fn rows(view: &View) -> Vec<ui::FieldRow> {
    let mut before = None;
    view.rows
        .iter()
        .map(|row| {
            let chapter = row.field.spec().section.chapter();
            let first = before.replace(chapter) != Some(chapter);
            field_row(row, first)
        })
        .collect()
}

fn field_row(row: &Row, first: bool) -> ui::FieldRow {
    let spec = row.field.spec();
    let options: Vec<ui::OptionRow> = row.options.iter().map(option_row).collect();
    let answer = Answer::from_key(&row.value).filter(|_| matches!(spec.rule, Rule::Choice(_)));
    let on_card = match (spec.rule, Answer::from_key(&row.on_card)) {
        // What the card itself prints, in either language of the screen.
        (Rule::Choice(_), Some(Answer::Male)) => "Nam".into(),
        (Rule::Choice(_), Some(Answer::Female)) => "Nữ".into(),
        _ => row.on_card.as_str().into(),
    };
    let units = row.options.iter().filter_map(|option| option.reading).next_back();
    ui::FieldRow {
        answer: codes::option(answer),
        code: codes::field(row.field),
        first,
        focused: row.focused,
        kind: codes::kind(spec.rule),
        on_card,
        options: ModelRc::new(VecModel::from(options)),
        problem: codes::problem(row.problem),
        units: codes::reading(units),
        required: row.required,
        gap: row.blank == Some(Blank::Gap),
        declined: row.blank == Some(Blank::Declined),
        chapter: codes::chapter(spec.section.chapter()),
        source: codes::source(row.source),
        value: row.value.as_str().into(),
        warning: codes::warning(row.warning),
    }
}

fn option_row(option: &OptionView) -> ui::OptionRow {
    ui::OptionRow {
        chosen: option.chosen,
        code: option.quick.map_or_else(|| codes::option(option.answer), codes::quick),
        reading: codes::reading(option.reading),
        text: if option.answer.is_none() { option.value.as_str().into() } else { SharedString::new() },
        value: option.value.as_str().into(),
    }
}

/// Changes only the rows that differ: a finger that is down on one keeps it.
fn update<T: Clone + 'static>(
    shown: &ModelRc<T>,
    wanted: Vec<T>,
    same: impl Fn(&T, &T) -> bool,
    replace: impl FnOnce(ModelRc<T>),
) {
    let Some(model) = shown.as_any().downcast_ref::<VecModel<T>>().filter(|model| model.row_count() == wanted.len())
    else {
        replace(ModelRc::new(VecModel::from(wanted)));
        return;
    };
    for (at, row) in wanted.into_iter().enumerate() {
        if !model.row_data(at).is_some_and(|old| same(&old, &row)) {
            model.set_row_data(at, row);
        }
    }
}

fn same_row(a: &ui::FieldRow, b: &ui::FieldRow) -> bool {
    let alike = ui::FieldRow { options: ModelRc::default(), ..a.clone() }
        == ui::FieldRow { options: ModelRc::default(), ..b.clone() };
    alike && a.options.iter().eq(b.options.iter())
}

fn slip(slip: Option<&SlipView>, shown: &ui::SlipInfo) -> ui::SlipInfo {
    let Some(slip) = slip else {
        return ui::SlipInfo::default();
    };
    let is_shown = shown.qr_seconds > 0 && shown.reference == slip.reference.as_str();
    let qr = match slip.link.as_str() {
        "" => Image::default(),
        _ if is_shown => shown.qr.clone(),
        link => qr(link, SCREEN_QR).map(|(_, image)| image).unwrap_or_default(),
    };
    ui::SlipInfo {
        delivery: codes::delivery(slip.delivery),
        leaving: slip.leaving,
        masked_number: slip.sheet.masked_pin.as_str().into(),
        qr,
        qr_seconds: slip.qr_left_s.try_into().unwrap_or(i32::MAX),
        reference: slip.reference.as_str().into(),
    }
}

/// An address as a QR of at most `widest` pixels, every module a whole number of them; black on white in every contrast, or
/// phones cannot read it. `None`: too long for that.
fn qr(link: &str, widest: usize) -> Option<(usize, Image)> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let module = (widest / (width + 2 * QUIET)).min(MODULE_MAX);
    let side = (width + 2 * QUIET) * module;
    if module == 0 {
        return None;
    }
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(side as u32, side as u32);
    for (at, pixel) in pixels.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (at % side / module, at / side / module);
        let inside = (QUIET..QUIET + width).contains(&x) && (QUIET..QUIET + width).contains(&y);
        let dark = inside && colors[(y - QUIET) * width + x - QUIET] == qrcode::Color::Dark;
        *pixel = if dark { Rgb8Pixel::new(0, 0, 0) } else { Rgb8Pixel::new(255, 255, 255) };
    }
    Some((side, Image::from_rgb8(pixels)))
}

/// Draws what the loop shows, and what it wants printed.
pub fn show(window: &AppWindow, shown: Shown) {
    render(window, &shown.view);
    if let Some(to_print) = shown.print {
        press::start(window, to_print);
    }
}

/// The function by which the kiosk's loop shows its views in a window with an event loop.
pub fn shower(window: &AppWindow) -> impl Fn(Shown) + Send + 'static {
    let weak = window.as_weak();
    move |shown| {
        let drawn = weak.upgrade_in_event_loop(move |window| {
            let over = shown.over;
            show(&window, shown);
            if over && slint::quit_event_loop().is_err() {
                journal::write(&Entry::Stopped);
            }
        });
        // The window may have been closed first; then nobody looks.
        drop(drawn);
    }
}

/// Shows the window and runs until it is closed or the kiosk ends.
pub fn run(window: &AppWindow, config: &config::Config) -> Result<(), slint::PlatformError> {
    window.show()?;
    if config.screen.fullscreen {
        window.window().set_fullscreen(true);
    }
    // Without a window manager nobody grants fullscreen; the configured size holds then.
    window.window().set_size(PhysicalSize::new(config.screen.width, config.screen.height));
    slint::run_event_loop()
}
