//! Every screen, drawn for real in both languages and both orientations: pictures in `target/shots/` for eyes, and what
//! a program can see of them as tests. The views come from scripts (`flow/script.rs`), drawn as the kiosk draws them.

mod looks;
mod marks;
mod taps;

use crate::flow::script::{Stage, lines, today};
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot, mock_elapsed_time};
use kiosk_ui::{AppWindow, Contrast, Kiosk, TextSize};
use passport_kiosk::config::Config;
use passport_kiosk::sim::led;
use passport_kiosk::window;
use slint::platform::WindowEvent;
use slint::{ComponentHandle, Global, LogicalSize, PhysicalSize};
use std::path::Path;
use std::time::Duration;

/// Name of a scene, and the script that leads to it.
const SCENES: &[(&str, &str)] = &[
    ("welcome", ""),
    ("welcome-waiting", "outbox 3 offline"),
    ("triage-card", "begin"),
    ("triage-sim", "begin\nreply cardvalid\nreply ageadult\nreply vneidready"),
    ("triage-check", "begin\nreply cardvalid\nreply ageadult\nreply vneidready\ncheck-sim"),
    ("triage-advice", "slip t1.00212310"),
    ("triage-ready", "slip t1.00000000"),
    ("triage-stop", "slip t1.1-------"),
    ("triage-stop-printer", "slip t1.1-------\nprinter ready"),
    ("triage-refer", "slip t1.01------"),
    ("triage-guide", "slip t1.00120000\nsim-guide"),
    ("resume", "have-slip"),
    ("resume-card", "slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ("resume-other-card", "slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\ncard mai\nnot-reopened other-card"),
    ("resume-not-here", "slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\ncard mai\nnot-reopened not-here"),
    ("photo", "@photo"),
    ("photo-wrong", "@photo\nseen background-uneven"),
    ("photo-right", "@photo\nseen good"),
    ("photo-taken", "@photo\nseen good\nshoot\nshot good"),
    ("photo-taken-wrong", "@photo\nseen good\nshoot\nshot too-far"),
    ("photo-gone", "@photo\ncamera gone"),
    ("review-portrait", "@photo\nseen good\nshoot\nshot good\nuse-photo"),
    ("consent", "start"),
    ("consent-ready", "start\nconsent all"),
    ("card", "reader ready\nstart\nconsent required\nnext"),
    ("card-refused", "reader ready\nstart\nconsent required\nnext\ncard old"),
    ("card-no-reader", "start\nconsent required\nnext"),
    ("identity", "start\nconsent required\nnext\ncard lan"),
    ("identity-known", "start\nconsent required\nnext\ncard lan\nhas-dossier"),
    ("welcome-held", "keeps crash held"),
    ("card-crash", "keeps crash\nreader ready\nstart\nconsent required\nnext"),
    ("card-power-cut", "keeps power-cut\nreader ready\nstart\nconsent required\nnext"),
    (
        "identity-recalled",
        "keeps crash\nstart\nconsent required\nnext\ncard lan\nnext\ncrash\nkeeps crash held\ncard lan\nrecalled",
    ),
    ("form-person", "start\nconsent all\nnext\nby-hand"),
    ("form-person-vni", "start\nconsent all\nnext\nby-hand\ntelex"),
    ("form-person-wrong", "start\nconsent all\nnext\nby-hand\nfill person\npin 099000017\ncard lan\nnext"),
    ("form-birthplace", "@birthplace"),
    ("form-ethnicity", "@ethnicity"),
    ("form-ethnicity-list", "@ethnicity\nethnicity b"),
    ("form-religion", "@religion"),
    ("form-contact", "@contact"),
    ("form-email", "@contact\nphone 000\nemail thu@example"),
    ("form-permanent", "start\nconsent all\nnext\nby-hand\nto permanent"),
    (
        "form-permanent-units",
        "start\nconsent all\nnext\nby-hand\nto permanent\npermanent_address Thôn 2, Bình Minh, Thăng Bình, Quảng Nam",
    ),
    (
        "form-permanent-split",
        "start\nconsent all\nnext\nby-hand\nto permanent\npermanent_address Tổ 3, xã Hòa Liên, Hòa Vang, Đà Nẵng",
    ),
    ("form-current", "@current"),
    ("form-temporary", "@temporary"),
    ("form-occupation", "@occupation"),
    ("form-employer", "@employer"),
    ("form-father", "@father"),
    ("form-father-date", "@father\nfather_birth 31/02/1960\nfather_name x"),
    ("form-mother-again", "@mother\nnext"),
    ("form-spouse", "@spouse"),
    ("form-ever-issued", "@receive\nedit request"),
    ("form-first-confirmed", "@receive\nedit first_confirmed"),
    ("form-request", "@before"),
    ("form-old-passport", "@before\nchoose request damaged"),
    ("form-old-passport-wrong", "@before\nchoose request damaged\ntype 12\nnext"),
    ("form-change", "@before\nchoose request changed\ntype C0000000\nnext"),
    ("form-change-from", "@before\nchoose request changed\ntype C0000000\nnext\nchoose change_kind changed_name"),
    ("form-chip", "@chip"),
    ("form-refund", "@refund"),
    ("form-agency", "@agency"),
    ("form-receive", "@review\nedit receive_mode"),
    ("form-delivery", "@review\nedit receive_mode\nchoose receive_mode post"),
    ("review", "@review"),
    ("review-vouched", "@review\nvouch"),
    ("review-lost", "@before\nchoose request lost\nnext\nto review"),
    ("review-wrong", "@review\nedit phone\nkey Backspace\nback"),
    ("saving", "@review\nsubmit"),
    ("slip", "@review\nsubmit\nsaved 7F3K-92QX\noutbox 1 offline"),
    ("slip-qr", "@review\nsubmit\nsaved 7F3K-92QX\nreveal"),
    ("slip-printer", "@review\nsubmit\nsaved 7F3K-92QX\nprinter ready"),
    ("slip-printed", "@review\nsubmit\nsaved 7F3K-92QX\nprinter ready\nprint\nprinted ok"),
    ("slip-printing", "@review\nsubmit\nsaved 7F3K-92QX\nprinter ready\nprint"),
    ("slip-jam", "@review\nsubmit\nsaved 7F3K-92QX\nprinter ready\nprint\nprinted jam"),
    ("slip-no-paper", "@review\nsubmit\nsaved 7F3K-92QX\nprinter no-paper"),
    ("slip-leaving", "@review\nsubmit\nsaved 7F3K-92QX\nprinter ready\nprint\nprinted ok\nfinish"),
    ("slip-sent", "@review\nsubmit\nsaved 7F3K-92QX\ndelivered 7F3K-92QX"),
    ("trouble-refused", "start\nrefuse"),
    ("trouble-disk-full", "@review\nsubmit\nsave-failed disk-full"),
    ("trouble-busy", "@review\nsubmit\nsave-failed busy"),
    ("trouble-broken", "@review\nsubmit\nsave-failed broken"),
    ("trouble-no-key", "@review\nsubmit\nsave-failed office-key-missing"),
    ("trouble-no-room", "room full\nstart"),
    ("trouble-stopping", "start\nstopping"),
    ("pin", "door\ndoor ready\ntype 7391"),
    ("pin-wrong", "door\ntype 739152\nnext\njudged wrong 3"),
    ("pin-judging", "door\ntype 739152\nnext"),
    ("pin-locked", "door\ndoor locked 840"),
    ("pin-from-trouble", "@review\nsubmit\nsave-failed disk-full\ndoor\ntype 73"),
    ("officer", "reader ready\n@officer\nstanding calm"),
    ("officer-busy", "@officer\nstanding busy\norder export\ndone no-stick"),
    ("enrol", "@officer\nstanding calm\norder to-enrol\ntype 7f3k92qxb4\nnext\ndone code-refused\ntype 7f3k92q"),
    ("outreach", "@officer\nstanding calm\norder to-outreach\ntype toor 1"),
    ("outreach-open", "@officer\nstanding outreach\norder to-outreach\norder close"),
    (
        "outreach-closed",
        "@officer\nstanding outreach\norder to-outreach\norder close\norder close\ndone closed\nstanding calm",
    ),
    ("idle", "start\nconsent required\nnext\nby-hand\nidle 70"),
];

const PORTRAIT: (u32, u32) = (1080, 1920);
const LANDSCAPE: (u32, u32) = (1920, 1080);

/// `@father` is the way to that step, with everything before it filled in; `@before` that of somebody who had a passport;
/// `@officer` the way through the door.
pub(crate) fn stage(script: &str) -> Stage {
    let script = script.replace("@officer", "door\ntype 739152\nnext\njudged granted");
    let Some(named) = script.strip_prefix('@') else {
        return Stage::after(&script);
    };
    let (goal, rest) = named.split_once('\n').unwrap_or((named, ""));
    let camera = if goal == "photo" { "camera ready\n" } else { "" };
    let mut stage = Stage::after(&format!("{camera}reader ready\nstart\nconsent all\nnext\ncard mai\nnext"));
    match goal {
        "before" => {
            for line in ["to review", "edit request", "choose ever_issued issued_before"] {
                stage.play(line);
            }
        }
        goal => drop(stage.play(&format!("to {goal}"))),
    }
    lines(rest).for_each(|line| drop(stage.play(line)));
    stage
}

/// How a scene is looked at.
#[derive(Clone, Copy)]
struct Look {
    size: (u32, u32),
    english: bool,
    text: TextSize,
    contrast: Contrast,
    low: bool,
}

const PLAIN: Look =
    Look { size: PORTRAIT, english: false, text: TextSize::Standard, contrast: Contrast::Standard, low: false };

/// One window of this test's thread.
struct Window {
    app: AppWindow,
    config: Config,
}

impl Window {
    fn open() -> Self {
        // A thread that runs several tests has the platform already.
        let _ = led::install();
        let config = Config::read(Path::new("kiosk-config/kiosk.toml"), today()).unwrap();
        let app = AppWindow::new().unwrap();
        window::prepare(&app, &config, true);
        app.show().unwrap();
        app.window().dispatch_event(WindowEvent::WindowActiveChanged(true));
        Self { app, config }
    }

    /// The scene on a screen that was not there before.
    fn draw(&self, stage: &Stage, look: Look) {
        window::render(&self.app, &Stage::new().view().clone());
        window::render(&self.app, stage.view());
        self.dress(look);
        // A new screen takes no touch at first.
        mock_elapsed_time(Duration::from_millis(600));
    }

    /// The screen that is there, as the citizen changes it.
    fn dress(&self, look: Look) {
        let kiosk = Kiosk::get(&self.app);
        let (width, height) = look.size;
        self.app.window().set_size(PhysicalSize::new(width, height));
        self.app.window().dispatch_event(WindowEvent::Resized { size: LogicalSize::new(width as f32, height as f32) });
        slint::select_bundled_translation(if look.english { "en" } else { "" }).unwrap();
        kiosk.set_english(look.english);
        kiosk.set_contrast(look.contrast);
        kiosk.set_text_size(look.text);
        kiosk.set_low_reach(look.low);
        // Layouts settle in steps.
        for pause_ms in [20, 20, 20] {
            mock_elapsed_time(Duration::from_millis(pause_ms));
        }
    }

    fn shoot(&self, name: &str) -> slint::SharedPixelBuffer<slint::Rgba8Pixel> {
        let picture = self.app.window().take_snapshot().unwrap();
        std::fs::create_dir_all("target/shots").unwrap();
        let file = std::fs::File::create(format!("target/shots/{name}.png")).unwrap();
        let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), picture.width(), picture.height());
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(picture.as_bytes()).unwrap();
        picture
    }

    /// Everything a person can press or fill, as far as it is not scrolled away.
    fn controls(&self) -> Vec<ElementHandle> {
        Self::controls_in(&self.app.root_element())
    }

    fn controls_in(part: &ElementHandle) -> Vec<ElementHandle> {
        let is_control = |element: &ElementHandle| {
            matches!(
                element.accessible_role(),
                Some(
                    AccessibleRole::Button
                        | AccessibleRole::Checkbox
                        | AccessibleRole::RadioButton
                        | AccessibleRole::Switch
                        | AccessibleRole::TextInput
                )
            )
        };
        part.query_descendants().match_predicate(is_control).find_all()
    }

    fn of_type(&self, name: &str) -> Vec<ElementHandle> {
        self.app.root_element().query_descendants().match_inherits(name).find_all()
    }
}

fn label(element: &ElementHandle) -> String {
    element.accessible_label().map(String::from).unwrap_or_default()
}

/// A rectangle on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Place {
    fn of(element: &ElementHandle) -> Self {
        let (at, size) = (element.absolute_position(), element.size());
        Self { left: at.x, top: at.y, right: at.x + size.width, bottom: at.y + size.height }
    }

    fn is_within(self, outer: Self, slack: f32) -> bool {
        self.left >= outer.left - slack
            && self.top >= outer.top - slack
            && self.right <= outer.right + slack
            && self.bottom <= outer.bottom + slack
    }

    fn shared(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    fn width(self) -> f32 {
        (self.right - self.left).max(0.0)
    }

    fn height(self) -> f32 {
        (self.bottom - self.top).max(0.0)
    }
}
