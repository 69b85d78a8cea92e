//! The real screens without a display: pressed, typed on, read and photographed by a program.

use crate::kiosk::{Shown, Tell};
use crate::window;
use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementRoot, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use kiosk_ui::{AppWindow, Contrast, Kiosk, TextSize};
use serde_json::{Value, json};
use slint::platform::{Key, PointerEventButton, WindowEvent};
use slint::{ComponentHandle, Global, LogicalPosition, LogicalSize, PhysicalSize, SharedString};
use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How long an answer of the loop is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lets animations end and chains of changes run out, in turns of the screens' own mocked time.
const TURN: Duration = Duration::from_millis(100);
const TURNS: u32 = 6;
const KEYS_AT_ONCE: usize = 64;
/// More than any screen has to be reached.
const MOST_TABS: usize = 150;
/// So tall that nothing is scrolled out of view between pictures: what is clipped can be neither found nor pressed.
const TALL: (u32, u32) = (1080, 8000);

/// Longer than the long press that opens the officer's door.
const HELD: Duration = Duration::from_millis(2_500);

/// Parts of the screen by the component that draws them, inner ones first.
const REGIONS: &[(&str, &str)] = &[
    ("Idle", "idle"),
    ("Keyboard", "keyboard"),
    ("Header", "header"),
    ("Banner", "banner"),
    ("WelcomeScreen", "welcome"),
    ("ConsentScreen", "consent"),
    ("CardScreen", "card"),
    ("IdentityScreen", "identity"),
    ("FormScreen", "form"),
    ("PhotoScreen", "photo"),
    ("ReviewScreen", "review"),
    ("SavingScreen", "saving"),
    ("SlipScreen", "slip"),
    ("TroubleScreen", "trouble"),
    ("PinScreen", "pin"),
    ("OfficerScreen", "officer"),
    ("EnrolScreen", "enrol"),
    ("OutreachScreen", "outreach"),
];

/// What reaches the main thread.
pub enum Note {
    /// A view to be drawn.
    Shown(Box<Shown>),
    /// A line of a script.
    Line(String),
    /// The script has ended.
    EndOfScript,
}

/// Why a command was not carried out. Nothing of the citizen is in it but labels of controls.
#[derive(Debug, thiserror::Error)]
pub enum LedError {
    /// No control with this label.
    #[error("no control is labelled {0:?}")]
    NoSuchLabel(String),
    /// Several have it.
    #[error("{0:?} stands more than once; say which: {1}")]
    Ambiguous(String, String),
    /// It cannot be pressed now.
    #[error("{0:?} cannot be pressed now")]
    Disabled(String),
    /// Tab does not lead to it.
    #[error("{0:?} is not reached by Tab")]
    OutOfReach(String),
    /// The screen did not come.
    #[error("still on screen {0:?}")]
    WrongScreen(String),
    /// The kiosk's loop has ended or does not answer.
    #[error("the kiosk does not answer")]
    Silent,
    /// A picture could not be made.
    #[error("no picture: {0}")]
    Picture(String),
}

/// What it cost a person to get somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Effort {
    /// Presses on the screen.
    pub taps: usize,
    /// Keys of a keyboard.
    pub keys: usize,
}

/// How the screen is set by whoever sees badly.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Of every text.
    pub size: TextSize,
    /// Of every colour.
    pub contrast: Contrast,
}

impl Look {
    /// Answers how it was before.
    fn put_on(self, app: &AppWindow) -> Self {
        let kiosk = Kiosk::get(app);
        let before = Self { size: kiosk.get_text_size(), contrast: kiosk.get_contrast() };
        kiosk.set_text_size(self.size);
        kiosk.set_contrast(self.contrast);
        before
    }
}

/// A kiosk without a display.
pub struct Led {
    app: AppWindow,
    tell: Option<Tell>,
    notes: Receiver<Note>,
    script: VecDeque<Option<String>>,
    seen: u64,
    over: bool,
    effort: Effort,
    /// What a phone's camera has kept of the last slip; without a phone nothing is.
    phone: Option<String>,
}

/// Installs the display-less platform. Once a process, before the first window.
pub fn install() -> Result<(), slint::platform::SetPlatformError> {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    })))
}

impl Led {
    /// Leads `app`, which is drawn from the views among `notes`.
    pub fn new(app: AppWindow, notes: Receiver<Note>) -> Result<Self, LedError> {
        app.show().map_err(|error| LedError::Picture(error.to_string()))?;
        app.window().dispatch_event(WindowEvent::WindowActiveChanged(true));
        let led = Self {
            app,
            tell: None,
            notes,
            script: VecDeque::new(),
            seen: 0,
            over: false,
            effort: Effort::default(),
            phone: None,
        };
        led.resize(TALL.0, TALL.1);
        Ok(led)
    }

    /// Connects the screens' touches and keys.
    pub fn bind(&mut self, tell: Tell) {
        window::bind(&self.app, &tell);
        self.tell = Some(tell);
    }

    /// The window.
    pub fn app(&self) -> &AppWindow {
        &self.app
    }

    /// The kiosk has ended by itself.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The next line of the script; `None` at its end or when the kiosk has ended.
    pub fn next_line(&mut self) -> Option<String> {
        loop {
            if let Some(line) = self.script.pop_front() {
                return line;
            }
            if self.over {
                return None;
            }
            let note = self.notes.recv().ok()?;
            self.take(note);
        }
    }

    /// Presses and releases in the middle of the control with this label.
    pub fn tap(&mut self, label: &str) -> Result<(), LedError> {
        // As long as a finger needs at least: a screen takes no touch in its first moments.
        self.settle()?;
        let element = self.find(label)?;
        if element.accessible_enabled() == Some(false) {
            return Err(LedError::Disabled(label.to_owned()));
        }
        element.mock_single_click(PointerEventButton::Left);
        self.effort.taps += 1;
        self.settle()
    }

    /// Goes by Tab alone to the control with this label, and presses it with Enter.
    pub fn reach(&mut self, label: &str) -> Result<(), LedError> {
        self.settle()?;
        for _ in 0..MOST_TABS {
            let element = self.find(label)?;
            if has_focus(&element) {
                return self.key("{Enter}");
            }
            self.key("{Tab}")?;
        }
        Err(LedError::OutOfReach(label.to_owned()))
    }

    /// From here on somebody photographs each QR that is shown.
    pub fn bring_a_phone(&mut self) {
        self.phone = Some(String::new());
    }

    /// The last QR that was photographed.
    pub fn photographed(&self) -> &str {
        self.phone.as_deref().unwrap_or_default()
    }

    /// What has been pressed since the last question, and begins to count anew.
    pub fn effort(&mut self) -> Effort {
        std::mem::take(&mut self.effort)
    }

    /// Presses in the middle of the control with this label and lets go after two and a half seconds.
    pub fn hold(&mut self, label: &str) -> Result<(), LedError> {
        self.settle()?;
        let element = self.find(label)?;
        hold(&element, &self.app);
        self.settle()
    }

    /// Types on a plugged-in keyboard: characters as they are, `{Enter}`, `{Tab}` and `{Backspace}` by name.
    pub fn key(&mut self, text: &str) -> Result<(), LedError> {
        let (mut rest, mut typed) = (text, 0_usize);
        while let Some(next) = rest.chars().next() {
            let named = [("{Enter}", Key::Return), ("{Tab}", Key::Tab), ("{Backspace}", Key::Backspace)];
            let (key, length): (SharedString, usize) = match named.iter().find(|(name, _)| rest.starts_with(name)) {
                Some((name, key)) => ((*key).into(), name.len()),
                None => (next.into(), next.len_utf8()),
            };
            self.app.window().dispatch_event(WindowEvent::KeyPressed { text: key.clone() });
            self.app.window().dispatch_event(WindowEvent::KeyReleased { text: key });
            rest = &rest[length..];
            typed += 1;
            self.effort.keys += 1;
            // No more at once than the loop's queue holds for sure.
            if typed % KEYS_AT_ONCE == 0 {
                self.settle()?;
            }
        }
        self.settle()
    }

    /// The screen, everything a person reads on it, and everything a person can press or fill.
    pub fn state(&mut self) -> Result<Value, LedError> {
        self.settle()?;
        let elements = self.elements(|_| true);
        let texts: Vec<String> = elements
            .iter()
            .filter(|(element, _)| element.accessible_role() == Some(AccessibleRole::Text))
            .filter_map(|(element, _)| element.accessible_label())
            .map(String::from)
            .filter(|text| !text.is_empty())
            .collect();
        let controls: Vec<Value> = elements.iter().filter_map(|(element, region)| control(element, region)).collect();
        Ok(json!({ "screen": self.screen(), "texts": texts, "controls": controls }))
    }

    /// Name of the screen, as in `state`.
    pub fn screen(&self) -> String {
        format!("{:?}", Kiosk::get(&self.app).get_screen()).to_lowercase()
    }

    /// Waits until the screen is there.
    pub fn wait(&mut self, screen: &str, patience: Duration) -> Result<(), LedError> {
        let wanted = screen.to_owned();
        self.wait_until(patience, |led| led.screen() == wanted)
    }

    /// Waits until `holds`; looked at again with every view of the kiosk, which comes at least when something changes.
    pub fn wait_until(&mut self, patience: Duration, holds: impl Fn(&Self) -> bool) -> Result<(), LedError> {
        let deadline = tokio::time::Instant::now() + patience;
        self.drain();
        while !holds(self) {
            if self.over {
                return Err(LedError::Silent);
            }
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            match self.notes.recv_timeout(left) {
                Ok(note) => self.take(note),
                Err(RecvTimeoutError::Timeout) => return Err(LedError::WrongScreen(self.screen())),
                Err(RecvTimeoutError::Disconnected) => return Err(LedError::Silent),
            }
            self.drain();
        }
        Ok(())
    }

    /// Draws the screen at this size into a PNG file, in the look it has or in another one.
    pub fn shot(&mut self, file: &Path, (width, height): (u32, u32), look: Option<Look>) -> Result<(), LedError> {
        self.settle()?;
        let before = look.map(|look| look.put_on(&self.app));
        self.resize(width, height);
        let picture = self.app.window().take_snapshot();
        if let Some(before) = before {
            before.put_on(&self.app);
        }
        self.resize(TALL.0, TALL.1);
        let picture = picture.map_err(|error| LedError::Picture(error.to_string()))?;
        write_png(file, picture.width(), picture.height(), picture.as_bytes())
            .map_err(|error| LedError::Picture(error.to_string()))
    }

    fn resize(&self, width: u32, height: u32) {
        self.app.window().set_size(PhysicalSize::new(width, height));
        self.app.window().dispatch_event(WindowEvent::Resized { size: LogicalSize::new(width as f32, height as f32) });
        let_settle();
    }

    /// Waits until every touch and key so far has been answered and drawn.
    fn settle(&mut self) -> Result<(), LedError> {
        self.drain();
        let_settle();
        while !self.over && self.tell.as_ref().is_some_and(|tell| self.seen < tell.sent()) {
            match self.notes.recv_timeout(PATIENCE) {
                Ok(note) => self.take(note),
                Err(_) => return Err(LedError::Silent),
            }
        }
        self.drain();
        let_settle();
        Ok(())
    }

    fn drain(&mut self) {
        while let Ok(note) = self.notes.try_recv() {
            self.take(note);
        }
    }

    fn take(&mut self, note: Note) {
        match note {
            Note::Shown(shown) => {
                (self.seen, self.over) = (shown.seen, self.over | shown.over);
                let slip = shown.view.slip.as_ref().filter(|slip| !slip.link.is_empty());
                if let (Some(phone), Some(slip)) = (&mut self.phone, slip) {
                    phone.clone_from(&slip.link);
                }
                window::show(&self.app, *shown);
                mock_elapsed_time(Duration::from_millis(20));
            }
            Note::Line(line) => self.script.push_back(Some(line)),
            Note::EndOfScript => self.script.push_back(None),
        }
    }

    /// Everything with a role and a label that `wanted` accepts, each with the part of the screen it stands in.
    fn elements(&self, wanted: impl Fn(&str) -> bool + Clone + 'static) -> Vec<(ElementHandle, &'static str)> {
        let mut found: Vec<(ElementHandle, &'static str)> = Vec::new();
        let mut places = HashSet::new();
        for (component, region) in REGIONS {
            for part in self.app.root_element().query_descendants().match_inherits(*component).find_all() {
                let wanted = wanted.clone();
                let labelled = move |element: &ElementHandle| {
                    element.accessible_role().is_some()
                        && element.accessible_label().is_some_and(|label| wanted(&label))
                };
                for element in part.query_descendants().match_predicate(labelled).find_all() {
                    // What stands in a part within a part is listed once, with the inner one.
                    let (at, role) = (element.absolute_position(), format!("{:?}", element.accessible_role()));
                    if places.insert((at.x.to_bits(), at.y.to_bits(), role, element.accessible_label())) {
                        found.push((element, region));
                    }
                }
            }
        }
        found
    }

    /// A control by its label, or by `region/label` where the label stands twice.
    fn find(&self, label: &str) -> Result<ElementHandle, LedError> {
        // One walk is enough for a label that stands once, which is nearly always.
        if let [only] = self.labelled_anywhere(label).as_slice() {
            return Ok(only.clone());
        }
        let labelled = |wanted: &str| -> Vec<(ElementHandle, &'static str)> {
            let wanted = wanted.to_owned();
            let mut found = self.elements(move |label| label == wanted);
            found.retain(|(element, region)| control(element, region).is_some());
            found
        };
        let (region, bare) = match label.split_once('/') {
            Some((region, bare)) => (Some(region), bare),
            None => (None, label),
        };
        let mut found = labelled(label);
        if found.is_empty() {
            found = labelled(bare);
            found.retain(|(_, place)| region == Some(*place));
        }
        match found.as_slice() {
            [] => Err(LedError::NoSuchLabel(label.to_owned())),
            [(only, _)] => Ok(only.clone()),
            several => {
                let names: Vec<String> = several.iter().map(|(_, place)| format!("{place}/{bare}")).collect();
                Err(LedError::Ambiguous(label.to_owned(), names.join(", ")))
            }
        }
    }

    fn labelled_anywhere(&self, label: &str) -> Vec<ElementHandle> {
        let wanted = label.to_owned();
        let is_it =
            move |e: &ElementHandle| e.accessible_label().as_deref() == Some(&wanted) && control(e, "").is_some();
        self.app.root_element().query_descendants().match_predicate(is_it).find_all()
    }
}

/// A long press in the middle of `element`, in the screens' own mocked time.
pub fn hold(element: &ElementHandle, app: &AppWindow) {
    let (at, size) = (element.absolute_position(), element.size());
    let position = LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
    let button = PointerEventButton::Left;
    app.window().dispatch_event(WindowEvent::PointerMoved { position });
    app.window().dispatch_event(WindowEvent::PointerPressed { position, button });
    for _ in 0..HELD.as_millis() / TURN.as_millis() {
        mock_elapsed_time(TURN);
    }
    app.window().dispatch_event(WindowEvent::PointerReleased { position, button });
    app.window().dispatch_event(WindowEvent::PointerExited);
}

/// What can be pressed or filled, as `state` prints it.
fn control(element: &ElementHandle, region: &str) -> Option<Value> {
    let role = match element.accessible_role()? {
        AccessibleRole::Button => "button",
        AccessibleRole::Checkbox => "checkbox",
        AccessibleRole::RadioButton => "radio",
        AccessibleRole::Switch => "switch",
        AccessibleRole::TextInput => "field",
        _ => return None,
    };
    let label = element.accessible_label()?;
    let mut shown = json!({
        "label": label.as_str(),
        "role": role,
        "region": region,
        "enabled": element.accessible_enabled().unwrap_or(true),
    });
    if let Some(value) = element.accessible_value() {
        shown["value"] = value.as_str().into();
    }
    if let Some(description) = element.accessible_description().filter(|text| !text.is_empty()) {
        shown["description"] = description.as_str().into();
    }
    if role != "button" && role != "field" {
        shown["checked"] = element.accessible_checked().unwrap_or(false).into();
    }
    Some(shown)
}

/// The ring of the keyboard's focus stands on it.
fn has_focus(element: &ElementHandle) -> bool {
    let rings = element.query_descendants().match_inherits("Focus").find_all();
    rings.iter().any(|ring| !ring.query_descendants().match_predicate(|_| true).find_all().is_empty())
}

fn let_settle() {
    for _ in 0..TURNS {
        mock_elapsed_time(TURN);
    }
}

fn write_png(file: &Path, width: u32, height: u32, rgba: &[u8]) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(file)?), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgba)?;
    writer.finish()
}
