//! The demo without a display: seven citizens through the real screens, then a look into the office.

use super::super::camera::Scene;
use super::super::led::{self, Effort, Led, LedError, Note};
use super::super::printer::Fate;
use super::super::scanner::cards;
use super::super::stage::Stage;
use super::album::Album;
use super::citizens::{self, Citizen, TRIAGE, Way};
use super::officer;
use super::summary::{Summary, compare};
use crate::domain::flow::{SaveFailure, Screen, Trouble, View};
use crate::domain::form::{Answer, Answering, Field};
use crate::window::codes;
use crate::{kiosk, window};
use anyhow::{Context, ensure};
use kiosk_ui::{AppWindow, FlawCode, Kiosk, PrintingCode, ReaderState, ResumeCode, Words};
use slint::{Global, Model};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// The phone number of whoever comes back.
pub(super) const CORRECTED: &str = "0000000009";

/// Runs the demo, leaves pictures and `summary.json` in `out`.
pub fn run(out: &Path) -> anyhow::Result<Summary> {
    std::fs::create_dir_all(out)?;
    let folder = tempfile::tempdir()?;
    led::install()?;
    let stage = Stage::set(folder.path())?;
    let app = AppWindow::new()?;
    window::prepare(&app, &stage.config, true);
    let (notes, heard) = mpsc::channel();
    let running = kiosk::start(&stage.config, move |shown| {
        // The demo may be over first; then nobody looks.
        let _ = notes.send(Note::Shown(Box::new(shown)));
    })?;
    let mut led = Led::new(app, heard)?;
    led.bind(running.tell.clone());
    led.bring_a_phone();
    let mut guide = Guide { led, stage, album: Album::new(out.to_owned()), portraits: 0 };

    let mut everyone = vec![citizens::first_timer()];
    everyone.extend(citizens::all());
    let mut saved = 0_usize;
    let mut first_timer = Effort::default();
    for (number, citizen) in everyone.iter().enumerate() {
        let attended = guide.attend(citizen);
        attended.with_context(|| format!("citizen {} on screen {}", number + 1, guide.led.screen()))?;
        saved += 1;
        let effort = guide.led.effort();
        if number == 0 {
            first_timer = effort;
            guide.come_back(citizen).context("the first citizen comes back with the slip")?;
        }
    }
    guide.show_troubles().context("the screens of trouble")?;
    guide.stage.cable.plug();
    let all_there = |led: &Led| Kiosk::get(led.app()).get_waiting() == 0;
    guide.led.wait_until(PATIENCE, all_there).context("the queue did not drain after the cable came back")?;
    guide.show_the_door().context("the officer's door")?;
    guide.show_the_rare().context("the screens that seldom stay")?;
    let opened = guide.stage.open_office()?;
    running.stop();
    let Guide { stage, album, portraits, .. } = guide;
    stage.strike()?;

    let summary = compare(&everyone, saved, &opened, first_timer).with(portraits, album.len());
    std::fs::write(out.join("summary.json"), serde_json::to_string(&summary)? + "\n")?;
    Ok(summary)
}

/// Leads citizens through the screens.
pub(super) struct Guide {
    pub(super) led: Led,
    pub(super) stage: Stage,
    album: Album,
    /// Taken so far.
    portraits: usize,
}

impl Guide {
    fn attend(&mut self, citizen: &Citizen) -> anyhow::Result<()> {
        if citizen.cable {
            self.stage.cable.plug();
        } else {
            self.stage.cable.pull();
        }
        self.picture("1-welcome")?;
        self.led.tap("Bắt đầu")?;
        self.is_asked(citizen.triage())?;
        self.led.wait("consent", PATIENCE)?;
        self.picture("2-consent")?;
        for consent in Kiosk::get(self.led.app()).get_consents().iter() {
            if consent.required || citizen.refund {
                let title = Words::get(self.led.app()).invoke_purpose_title(consent.index);
                self.led.tap(&title)?;
            }
        }
        self.led.tap("Tôi đồng ý, tiếp tục")?;
        self.led.wait("card", PATIENCE)?;
        self.identify(citizen.way)?;
        while self.led.screen() == "form" {
            self.fill_section(citizen)?;
        }
        if self.led.screen() == "photo" {
            self.sit_for_a_portrait(citizen)?;
        }
        self.led.wait("review", PATIENCE)?;
        self.picture("6-review")?;
        self.led.tap("Tôi xin chịu trách nhiệm trước pháp luật về lời khai trên.")?;
        self.picture("6-review-vouched")?;
        self.led.tap("Lưu hồ sơ")?;
        self.led.wait("slip", PATIENCE)?;
        if citizen.cable {
            let sent = |led: &Led| Kiosk::get(led.app()).get_slip().delivery == kiosk_ui::Delivery::Sent;
            self.led.wait_until(PATIENCE, sent).context("the office did not confirm")?;
            self.picture("8-slip-sent")?;
        } else {
            self.picture("8-slip-saved-here")?;
        }
        self.led.tap("Hiện mã QR")?;
        self.picture("9-slip-qr")?;
        self.print(citizen)?;
        self.led.tap("Kết thúc")?;
        self.picture("9-slip-taken")?;
        self.led.tap("Đã lấy đủ, kết thúc")?;
        self.led.wait("welcome", PATIENCE)?;
        Ok(())
    }

    /// Before a grey wall first, then before the white screen; who types everything by hand leaves it for later.
    fn sit_for_a_portrait(&mut self, citizen: &Citizen) -> anyhow::Result<()> {
        let shows = |flaw: FlawCode| {
            move |led: &Led| {
                let photo = Kiosk::get(led.app()).get_photo();
                photo.has_picture && photo.flaw == flaw
            }
        };
        self.led.wait_until(PATIENCE, shows(FlawCode::None)).context("the camera does not see who stands before it")?;
        if citizen.way == Way::ByHand {
            return Ok(self.led.tap("Bỏ qua ảnh")?);
        }
        if self.portraits == 0 {
            self.stage.camera.show(Scene::GreyWall)?;
            let grey = self.led.wait_until(PATIENCE, shows(FlawCode::BackgroundGrey));
            grey.with_context(|| format!("a grey wall is {:?}", Kiosk::get(self.led.app()).get_photo().flaw))?;
            self.picture("5-photo-grey-wall")?;
            self.stage.camera.show(Scene::Ready)?;
            self.led.wait_until(PATIENCE, shows(FlawCode::None))?;
            self.picture("5-photo")?;
        }
        self.led.tap("Chụp ảnh")?;
        let taken = |led: &Led| Kiosk::get(led.app()).get_photo().may_use;
        self.led.wait_until(PATIENCE, taken).context("the camera gave no good picture")?;
        self.picture("5-photo-taken")?;
        self.led.tap("Dùng ảnh này")?;
        self.portraits += 1;
        Ok(())
    }

    /// The slip and another's card, then its own; one value is corrected and saved as the next version.
    fn come_back(&mut self, citizen: &Citizen) -> anyhow::Result<()> {
        let Way::Card(key) = citizen.way else { anyhow::bail!("whoever comes back has a card") };
        let says = |code: ResumeCode| move |led: &Led| Kiosk::get(led.app()).get_resume() == code;
        let link = self.led.photographed().to_owned();
        self.led.tap("Tôi đã có phiếu")?;
        self.led.wait("resume", PATIENCE)?;
        self.picture("10-resume")?;
        self.stage.scanner.present(link.as_bytes())?;
        self.led.wait_until(PATIENCE, says(ResumeCode::Card)).context("the slip was not known")?;
        self.picture("10-resume-card")?;
        self.present("duc")?;
        self.led.wait_until(PATIENCE, says(ResumeCode::OtherCard)).context("another's card was not refused")?;
        self.picture("10-resume-other-card")?;
        self.present(key)?;
        self.led.wait("review", PATIENCE).context("its own card opened nothing")?;
        self.picture("10-resume-review")?;
        self.led.tap("Sửa Số điện thoại")?;
        self.led.wait("form", PATIENCE)?;
        self.led.key(&"{Backspace}".repeat(CORRECTED.len()))?;
        self.led.key(CORRECTED)?;
        self.led.tap("Về tờ khai")?;
        self.led.wait("review", PATIENCE)?;
        self.led.tap("Tôi xin chịu trách nhiệm trước pháp luật về lời khai trên.")?;
        self.led.tap("Lưu hồ sơ")?;
        self.led.wait("slip", PATIENCE)?;
        self.led.tap("Kết thúc")?;
        self.led.tap("Đã lấy đủ, kết thúc")?;
        self.led.wait("welcome", PATIENCE)?;
        Ok(())
    }

    /// The first citizen's slip comes out; the second one's printer is out of paper until somebody sees to it.
    fn print(&mut self, citizen: &Citizen) -> anyhow::Result<()> {
        let is = |wanted: PrintingCode| move |led: &Led| Kiosk::get(led.app()).get_print_info().printing == wanted;
        // The QR hides by itself and gives the buttons back.
        let hidden = |led: &Led| Kiosk::get(led.app()).get_slip().qr_seconds == 0;
        match citizen.way {
            Way::Card("mai" | "hoa") => {
                self.led.wait_until(PATIENCE, hidden)?;
                self.led.tap("In phiếu")?;
                self.led.wait_until(PATIENCE, is(PrintingCode::Done)).context("the slip was not printed")?;
                self.picture("9-slip-printed")?;
                self.keep_paper(&["slip", "guide"])?;
            }
            Way::Card("duc") => {
                self.led.wait_until(PATIENCE, hidden)?;
                self.stage.printer.set(Fate { paper_rows: Some(400), ..Fate::default() });
                self.led.tap("In phiếu")?;
                self.led.wait_until(PATIENCE, is(PrintingCode::Failed)).context("no paper, and nobody says so")?;
                self.picture("9-slip-no-paper")?;
                self.stage.printer.set(Fate::default());
                self.led.tap("In lại, có ghi là bản in lại")?;
                self.led.wait_until(PATIENCE, is(PrintingCode::Done)).context("the copy was not printed")?;
                self.keep_paper(&["copy", "copy-guide"])?;
            }
            Way::Card(_) | Way::ByHand | Way::ReaderComesBack(_) => {}
        }
        Ok(())
    }

    /// The last pieces of paper as pictures; before them may come what was cut off to begin cleanly.
    fn keep_paper(&mut self, names: &[&str]) -> anyhow::Result<()> {
        let sheets = self.stage.printer.take_sheets();
        ensure!(
            self.stage.printer.errors().is_empty(),
            "the printer did not understand: {:?}",
            self.stage.printer.errors()
        );
        ensure!(sheets.len() >= names.len(), "{} pieces of paper", sheets.len());
        for (name, sheet) in names.iter().zip(&sheets[sheets.len() - names.len()..]) {
            sheet.write_png(&self.album.place(&format!("paper-{name}")))?;
        }
        Ok(())
    }

    fn identify(&mut self, way: Way) -> anyhow::Result<()> {
        let is = |state: ReaderState| move |led: &Led| Kiosk::get(led.app()).get_reader() == state;
        let key = match way {
            Way::ByHand => {
                self.led.tap("Nhập bằng tay")?;
                return Ok(self.led.wait("form", PATIENCE)?);
            }
            Way::ReaderComesBack(key) => {
                self.stage.scanner.unplug()?;
                self.led.wait_until(PATIENCE, is(ReaderState::Missing))?;
                self.picture("3-card-no-reader")?;
                self.stage.scanner.plug()?;
                key
            }
            Way::Card(key) => key,
        };
        self.led.wait_until(PATIENCE, is(ReaderState::Ready))?;
        self.picture("3-card")?;
        self.present("bad-url")?;
        let refused = |led: &Led| Kiosk::get(led.app()).get_card_problem() != kiosk_ui::CardProblem::None;
        self.led.wait_until(PATIENCE, refused)?;
        self.picture("3-card-refused")?;
        self.present(key)?;
        self.led.wait("identity", PATIENCE)?;
        self.picture("4-identity")?;
        self.led.tap("Đúng là tôi")?;
        self.led.wait("form", PATIENCE)?;
        Ok(())
    }

    fn present(&mut self, key: &str) -> anyhow::Result<()> {
        let cards = cards();
        let card = cards.iter().find(|card| card.key == key).context("no such card")?;
        Ok(self.stage.scanner.present(card.qr.as_bytes())?)
    }

    /// Fills the step on the screen as a citizen would, and goes on.
    fn fill_section(&mut self, citizen: &Citizen) -> anyhow::Result<()> {
        let section = format!("{:?}", Kiosk::get(self.led.app()).get_section()).to_lowercase();
        let here: Vec<Field> =
            Kiosk::get(self.led.app()).get_rows().iter().map(|row| codes::field_from(row.code)).collect();
        self.picture(&format!("5-form-{section}"))?;
        for field in here {
            if let Some((_, typed, wanted)) = citizen.fields.iter().find(|(wanted, ..)| *wanted == field) {
                self.fill(field, typed, wanted, citizen.way == Way::ByHand)?;
            }
        }
        let name = |led: &Led| format!("{:?}", Kiosk::get(led.app()).get_section()).to_lowercase();
        // A step of one question goes on by itself.
        if self.led.screen() == "form" && name(&self.led) == section {
            self.picture(&format!("5-form-{section}-filled"))?;
            self.led.tap("Tiếp tục")?;
        }
        let now = name(&self.led);
        ensure!(self.led.screen() != "form" || now != section, "the step {section} would not let go");
        Ok(())
    }

    fn fill(&mut self, field: Field, typed: &str, wanted: &str, on_screen: bool) -> anyhow::Result<()> {
        let words = |led: &Led| Words::get(led.app()).invoke_label(codes::field(field)).to_string();
        if let Some(offered) = self.offered(field, wanted).filter(|_| !on_screen) {
            return Ok(self.led.tap(&offered)?);
        }
        match field.spec().rule.answering() {
            Answering::Choice(_) => {
                let option = codes::option(Answer::from_key(typed));
                let label = Words::get(self.led.app()).invoke_option(option).to_string();
                self.led.tap(&label)?;
            }
            Answering::List(_) => {
                let label = words(&self.led);
                self.led.tap(&label)?;
                self.write(typed, on_screen)?;
                if section_picture(field) {
                    self.picture("5-form-list-open")?;
                }
                self.led.tap(wanted)?;
            }
            Answering::Text => {
                if !self.has_caret(field) {
                    let label = words(&self.led);
                    self.led.tap(&label)?;
                }
                self.write(typed, on_screen)?;
            }
        }
        Ok(())
    }

    fn has_caret(&self, field: Field) -> bool {
        Kiosk::get(self.led.app()).get_rows().iter().any(|row| row.focused && codes::field_from(row.code) == field)
    }

    /// What one press gives without any typing, as it is written on the screen.
    fn offered(&self, field: Field, wanted: &str) -> Option<String> {
        let row = Kiosk::get(self.led.app()).get_rows().iter().find(|row| codes::field_from(row.code) == field)?;
        let option = row.options.iter().find(|option| option.value == wanted)?;
        let words = Words::get(self.led.app());
        let says_itself = option.code == kiosk_ui::OptionCode::Listed;
        let label = if says_itself { option.text } else { words.invoke_option(option.code) };
        let caption = words.invoke_reading(option.reading);
        Some(if caption.is_empty() { label.to_string() } else { format!("{caption}: {label}") })
    }

    /// With the keys on the screen, or on a plugged-in keyboard.
    fn write(&mut self, typed: &str, on_screen: bool) -> Result<(), LedError> {
        if !on_screen {
            return self.led.key(typed);
        }
        for character in typed.chars() {
            match character {
                ' ' => self.led.tap("Dấu cách")?,
                upper if upper.is_uppercase() => {
                    self.led.tap("Hoa")?;
                    self.led.tap(&upper.to_string())?;
                }
                '/' => self.led.tap("keyboard//").or_else(|_| self.led.tap("/"))?,
                other => self.led.tap(&other.to_string())?,
            }
        }
        Ok(())
    }

    /// The triage of somebody who lacks nothing.
    fn is_asked(&mut self, labels: [&str; 9]) -> anyhow::Result<()> {
        self.led.wait("triage", PATIENCE)?;
        self.picture("1-triage")?;
        for label in labels {
            if label == labels[3] {
                self.picture("1-triage-sim")?;
            }
            if label == labels[8] {
                self.picture("1-triage-advice")?;
            }
            self.led.tap(label)?;
        }
        Ok(())
    }

    /// What a citizen sees when things go wrong: a mistake in the form, no consent, the idle warning's place.
    fn show_troubles(&mut self) -> anyhow::Result<()> {
        self.led.tap("Bắt đầu")?;
        self.is_asked(TRIAGE)?;
        self.led.tap("Tôi không đồng ý")?;
        self.led.wait("trouble", PATIENCE)?;
        self.picture("7-trouble-no-consent")?;
        self.led.tap("Quay lại")?;
        self.led.wait("consent", PATIENCE)?;
        for consent in Kiosk::get(self.led.app()).get_consents().iter().filter(|consent| consent.required) {
            let title = Words::get(self.led.app()).invoke_purpose_title(consent.index);
            self.led.tap(&title)?;
        }
        self.led.tap("Tôi đồng ý, tiếp tục")?;
        self.led.tap("Nhập bằng tay")?;
        self.led.tap("Tiếp tục")?;
        self.picture("7-form-mistakes")?;
        self.led.tap("English")?;
        self.picture("7-form-mistakes-english")?;
        self.led.tap("Tiếng Việt")?;
        self.led.tap("Che")?;
        self.picture("7-curtain")?;
        self.led.tap("Làm tiếp")?;
        self.led.tap("Hiển thị")?;
        self.picture("7-form-display")?;
        self.led.tap("Đưa mọi nút xuống thấp")?;
        self.led.tap("Đóng bảng")?;
        self.picture("7-form-low-reach")?;
        self.led.tap("Thoát")?;
        self.led.wait("welcome", PATIENCE)?;
        Ok(())
    }

    /// Screens that pass too quickly or come too seldom to be met on the way, drawn from made-up views.
    fn show_the_rare(&mut self) -> anyhow::Result<()> {
        let trouble = |failure| View {
            screen: Screen::Trouble,
            trouble: Some(Trouble::NotSaved(failure)),
            may_retry: true,
            ..View::default()
        };
        let rare = [
            ("7-saving", View { screen: Screen::Saving, ..View::default() }),
            ("7-idle-warning", View { screen: Screen::Card, idle_left_s: 30, ..View::default() }),
            ("7-trouble-disk-full", trouble(SaveFailure::DiskFull)),
            ("7-trouble-queue-busy", trouble(SaveFailure::Busy)),
            ("7-trouble-queue-broken", trouble(SaveFailure::Broken)),
            ("7-trouble-office-key", trouble(SaveFailure::OfficeKeyMissing)),
        ];
        for (name, view) in rare.into_iter().chain(officer::rare()) {
            window::render(self.led.app(), &view);
            self.picture(name)?;
        }
        window::render(self.led.app(), &View::default());
        Ok(())
    }

    /// A picture of the screen in every look, once under each name.
    pub(super) fn picture(&mut self, name: &str) -> anyhow::Result<()> {
        Ok(self.album.take(&mut self.led, name)?)
    }
}

fn section_picture(field: Field) -> bool {
    field == Field::Ethnicity
}
