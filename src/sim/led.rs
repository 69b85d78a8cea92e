//! The real screens without a display: pressed, typed on, read and photographed by a program.

use crate::kiosk::{Shown, Tell};
use crate::window;
use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementRoot, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use kiosk_ui::{AppWindow, Kiosk};
use serde_json::{Value, json};
use slint::platform::{Key, PointerEventButton, WindowEvent};
use slint::{ComponentHandle, Global, LogicalPosition, LogicalSize, PhysicalSize, SharedString};
use std::collections::VecDeque;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How long an answer of the loop is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lets animations end, in the screens' own mocked time.
const SETTLE: Duration = Duration::from_millis(600);
/// One turn of a wheel when something has to be brought into view, in pixels.
const WHEEL_PX: f32 = 120.0;
const MAX_TURNS: u32 = 200;

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
    /// It cannot be brought into view.
    #[error("{0:?} cannot be brought into view")]
    OutOfView(String),
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

/// A kiosk without a display.
pub struct Led {
    app: AppWindow,
    tell: Option<Tell>,
    notes: Receiver<Note>,
    script: VecDeque<Option<String>>,
    seen: u64,
    over: bool,
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
        let led = Self { app, tell: None, notes, script: VecDeque::new(), seen: 0, over: false };
        led.resize(1080, 1920);
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
        let element = self.find(label)?;
        if element.accessible_enabled() == Some(false) {
            return Err(LedError::Disabled(label.to_owned()));
        }
        self.bring_into_view(&element, label)?;
        element.mock_single_click(PointerEventButton::Left);
        self.settle()
    }

    /// Types on a plugged-in keyboard: characters as they are, `{Enter}`, `{Tab}` and `{Backspace}` by name.
    pub fn key(&mut self, text: &str) -> Result<(), LedError> {
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let named = [("{Enter}", Key::Return), ("{Tab}", Key::Tab), ("{Backspace}", Key::Backspace)];
            let (key, length): (SharedString, usize) = match named.iter().find(|(name, _)| rest.starts_with(name)) {
                Some((name, key)) => ((*key).into(), name.len()),
                None => (next.into(), next.len_utf8()),
            };
            self.app.window().dispatch_event(WindowEvent::KeyPressed { text: key.clone() });
            self.app.window().dispatch_event(WindowEvent::KeyReleased { text: key });
            rest = &rest[length..];
        }
        self.settle()
    }

    /// The screen, everything a person reads on it, and everything a person can press or fill.
    pub fn state(&mut self) -> Result<Value, LedError> {
        self.settle()?;
        let elements = self.elements();
        let texts: Vec<String> = elements
            .iter()
            .filter(|element| element.accessible_role() == Some(AccessibleRole::Text))
            .filter_map(|element| element.accessible_label())
            .map(String::from)
            .filter(|text| !text.is_empty())
            .collect();
        let controls: Vec<Value> = elements.iter().filter_map(control).collect();
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

    /// Draws the screen at this size into a PNG file.
    pub fn shot(&mut self, file: &Path, width: u32, height: u32) -> Result<(), LedError> {
        self.settle()?;
        let before = self.app.window().size();
        self.resize(width, height);
        let picture = self.app.window().take_snapshot();
        self.resize(before.width, before.height);
        let picture = picture.map_err(|error| LedError::Picture(error.to_string()))?;
        write_png(file, picture.width(), picture.height(), picture.as_bytes())
            .map_err(|error| LedError::Picture(error.to_string()))
    }

    fn resize(&self, width: u32, height: u32) {
        self.app.window().set_size(PhysicalSize::new(width, height));
        self.app.window().dispatch_event(WindowEvent::Resized { size: LogicalSize::new(width as f32, height as f32) });
        mock_elapsed_time(SETTLE);
    }

    /// Waits until every touch and key so far has been answered and drawn.
    fn settle(&mut self) -> Result<(), LedError> {
        self.drain();
        mock_elapsed_time(SETTLE);
        while !self.over && self.tell.as_ref().is_some_and(|tell| self.seen < tell.sent()) {
            match self.notes.recv_timeout(PATIENCE) {
                Ok(note) => self.take(note),
                Err(_) => return Err(LedError::Silent),
            }
        }
        self.drain();
        mock_elapsed_time(SETTLE);
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
                window::render(&self.app, &shown.view);
                self.seen = shown.seen;
                self.over |= shown.over;
                mock_elapsed_time(Duration::from_millis(20));
            }
            Note::Line(line) => self.script.push_back(Some(line)),
            Note::EndOfScript => self.script.push_back(None),
        }
    }

    fn elements(&self) -> Vec<ElementHandle> {
        self.app
            .root_element()
            .query_descendants()
            .match_predicate(|element| element.accessible_role().is_some())
            .find_all()
    }

    /// A control by its label, or by `region/label` where the label stands twice.
    fn find(&self, label: &str) -> Result<ElementHandle, LedError> {
        let (region, bare) = match label.split_once('/') {
            Some((region, bare)) => (Some(region), bare),
            None => (None, label),
        };
        let controls: Vec<ElementHandle> = self.elements().into_iter().filter(|e| control(e).is_some()).collect();
        let labelled = |wanted: &str| -> Vec<&ElementHandle> {
            controls.iter().filter(|element| element.accessible_label().as_deref() == Some(wanted)).collect()
        };
        let mut found = labelled(label);
        if found.is_empty() {
            found = labelled(bare).into_iter().filter(|element| region == Some(region_of(element).as_str())).collect();
        }
        match found.as_slice() {
            [] => Err(LedError::NoSuchLabel(label.to_owned())),
            [only] => Ok((*only).clone()),
            several => {
                let names: Vec<String> = several.iter().map(|e| format!("{}/{bare}", region_of(e))).collect();
                Err(LedError::Ambiguous(label.to_owned(), names.join(", ")))
            }
        }
    }

    /// Turns the wheel over the scrolled area around the control until its middle can be pressed.
    fn bring_into_view(&self, element: &ElementHandle, label: &str) -> Result<(), LedError> {
        let areas = self.app.root_element().query_descendants().match_inherits("Flickable").find_all();
        let around = areas.into_iter().find(|area| {
            area.query_descendants().find_all().iter().any(|inner| {
                inner.accessible_label() == element.accessible_label()
                    && inner.absolute_position() == element.absolute_position()
                    && inner.size() == element.size()
            })
        });
        let Some(area) = around else { return Ok(()) };
        let (top, height) = (area.absolute_position().y, area.size().height);
        let position = LogicalPosition::new(
            area.absolute_position().x + area.size().width / 2.0,
            area.absolute_position().y + height / 2.0,
        );
        for _ in 0..MAX_TURNS {
            let middle = element.absolute_position().y + element.size().height / 2.0;
            let delta_y = match middle {
                above if above < top + 4.0 => WHEEL_PX,
                below if below > top + height - 4.0 => -WHEEL_PX,
                _ => return Ok(()),
            };
            self.app.window().dispatch_event(WindowEvent::PointerScrolled { position, delta_x: 0.0, delta_y });
            mock_elapsed_time(SETTLE);
        }
        Err(LedError::OutOfView(label.to_owned()))
    }
}

/// What can be pressed or filled, as `state` prints it.
fn control(element: &ElementHandle) -> Option<Value> {
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
        "region": region_of(element),
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

/// The part of the screen a control stands in, from the name of the component that declares it: `KeyboardPanel` is
/// `keyboard`, `FormScreen` is `form`.
fn region_of(element: &ElementHandle) -> String {
    let id = element.id().unwrap_or_default();
    let component = id.split("::").next().unwrap_or_default();
    let bare = ["Screen", "Panel", "Bar", "Overlay", "Dialog"]
        .iter()
        .find_map(|suffix| component.strip_suffix(suffix))
        .unwrap_or(component);
    bare.to_lowercase()
}

fn write_png(file: &Path, width: u32, height: u32, rgba: &[u8]) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(file)?), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgba)?;
    writer.finish()
}
