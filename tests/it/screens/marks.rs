//! What a program can see wrong on one drawn screen: something cut, covered, too small, unlabelled, or out of place.

use super::{Look, Place, Window, label};
use i_slint_backend_testing::{ElementHandle, ElementRoot};
use kiosk_ui::{Kiosk, TextSize};
use slint::Global;
use std::fs;
use std::sync::LazyLock;
use ttf_parser::Face;

/// What a finger needs, in millimetres.
const BUTTON_MM: f32 = 20.0;
const KEY_MM: f32 = 15.0;

pub(super) fn faults(window: &Window, look: Look) -> Vec<String> {
    let mut found = Vec::new();
    let mm = Kiosk::get(&window.app).get_mm();
    let (width, height) = look.size;
    let whole = Place { left: 0.0, top: 0.0, right: width as f32, bottom: height as f32 };
    let ports: Vec<(Place, Vec<Place>)> = window
        .of_type("Scroller")
        .iter()
        .map(|port| {
            let inside = texts_in(port).into_iter().chain(Window::controls_in(port));
            (Place::of(port), inside.map(|element| Place::of(&element)).collect())
        })
        .collect();
    let port_of = |place: Place| ports.iter().find(|(_, inside)| inside.contains(&place)).map(|(port, _)| *port);

    for control in window.controls() {
        let (name, place) = (label(&control), Place::of(&control));
        if name.trim().is_empty() && control.accessible_enabled() != Some(false) {
            found.push(format!("a control without a label at {place:?}"));
        }
        let is_key = control.type_name().is_some_and(|kind| kind == "KeyCap");
        let least_mm = if is_key { KEY_MM } else { BUTTON_MM };
        let (wide_mm, tall_mm) = (place.width() / mm, place.height() / mm);
        if wide_mm < least_mm || tall_mm < least_mm {
            found.push(format!("{name:?} is {wide_mm:.1} × {tall_mm:.1} mm"));
        }
        // A key of the screen has its twin on the plugged-in keyboard.
        let ring = || control.query_descendants().match_inherits("Focus").find_all();
        if look.text == TextSize::Standard && !is_key && ring().is_empty() {
            found.push(format!("{name:?} is not reached by Tab"));
        }
        // What is scrolled away is reached where it is scrolled to.
        let in_view = port_of(place).map_or(place, |port| place.shared(port));
        // For the seconds of a QR all the room is the code's.
        let low = look.low && Kiosk::get(&window.app).get_slip().qr_seconds == 0;
        if low && in_view.height() > 2.0 && f32::midpoint(in_view.top, in_view.bottom) < whole.bottom * 0.4 {
            found.push(format!("{name:?} is too high for a low reach: {in_view:?}"));
        }
        if port_of(place).is_none() && !place.is_within(whole, 0.5) {
            found.push(format!("{name:?} leaves the window: {place:?}"));
        }
    }
    let mut visible = Vec::new();
    for text in texts_in(&window.app.root_element()) {
        let place = Place::of(&text);
        let port = port_of(place);
        let (window_part, said) = (place.shared(port.unwrap_or(whole)), label(&text));
        let sideways = place.left < -0.5 || place.right > whole.right + 0.5;
        let beyond = port.is_none() && !place.is_within(whole, 0.5);
        if (sideways || beyond) && place.width() > 0.0 {
            found.push(format!("{said:?} leaves the window: {place:?}"));
        }
        if window_part.width() > 2.0 && window_part.height() > 2.0 {
            visible.push((said, window_part));
        }
    }
    // The idle warning lies over the screen below it.
    let covered = !window.of_type("Idle").is_empty();
    for (at, (said, place)) in visible.iter().enumerate().filter(|_| !covered) {
        for (other, under) in &visible[at + 1..] {
            let shared = place.shared(*under);
            if shared.width() > 3.0 && shared.height() > 6.0 && !(said.is_empty() && other.is_empty()) {
                found.push(format!("{said:?} and {other:?} lie over each other: {shared:?}"));
            }
        }
    }
    for container in
        ["Button", "ChoiceButton", "KeyCap", "Tool", "EditButton", "Notice", "Card", "Field", "Tick", "Sample", "Entry"]
    {
        for element in window.of_type(container) {
            let outer = Place::of(&element);
            for text in texts_in(&element) {
                let inner = Place::of(&text);
                if inner.width() > 0.0 && !inner.is_within(outer, 1.0) {
                    let name = if label(&text).is_empty() { label(&element) } else { label(&text) };
                    found.push(format!("{name:?} stands out of its {container}: {inner:?} of {outer:?}"));
                }
            }
        }
    }
    found.extend(cut(window, look));
    found
}

fn texts_in(element: &ElementHandle) -> Vec<ElementHandle> {
    element.query_descendants().match_inherits("Text").find_all()
}

/// Texts of known size that got less room than their words need, by the fonts' own widths; only what is certain.
fn cut(window: &Window, look: Look) -> Vec<String> {
    let scale = match look.text {
        TextSize::Standard => 1.0,
        TextSize::Larger => 1.15,
        TextSize::Large => 1.3,
        TextSize::Largest => 1.5,
    };
    let kinds = [
        ("Title", 54.0, true),
        ("Heading", 42.0, true),
        ("Lead", 42.0, false),
        ("Body", 32.0, false),
        ("Small", 30.0, false),
    ];
    let mut found = Vec::new();
    for (kind, size, bold) in kinds {
        let face = Face::parse(if bold { &BOLD } else { &REGULAR }, 0).unwrap();
        for text in window.of_type(kind) {
            let (said, place) = (label(&text), Place::of(&text));
            if said.is_empty() || place.width() == 0.0 {
                continue;
            }
            // Kerning and rounding make up to three hundredths.
            let room = place.width() * 1.03 + 2.0;
            let (lines, widest) = wrapped(&face, &said, size * scale, room);
            let line = f32::from(face.ascender() - face.descender()) / f32::from(face.units_per_em()) * size * scale;
            if place.height() + 2.0 < lines * line {
                found.push(format!("{said:?} needs {lines} lines of {line:.0} px and has {:.0} px", place.height()));
            }
            if widest > room {
                found.push(format!("a word of {said:?} is {widest:.0} px wide and has {:.0} px", place.width()));
            }
        }
    }
    found
}

static BOLD: LazyLock<Vec<u8>> = LazyLock::new(|| fs::read("ui/fonts/NotoSans-Bold.ttf").unwrap());
static REGULAR: LazyLock<Vec<u8>> = LazyLock::new(|| fs::read("ui/fonts/NotoSans-Regular.ttf").unwrap());

/// How many lines words take at this width, and how wide the widest word is.
fn wrapped(face: &Face<'_>, text: &str, size: f32, width: f32) -> (f32, f32) {
    let advance = |text: &str| -> f32 {
        let units = text.chars().filter_map(|letter| face.glyph_hor_advance(face.glyph_index(letter)?));
        units.map(f32::from).sum::<f32>() / f32::from(face.units_per_em()) * size
    };
    let (mut lines, mut widest) = (0.0, 0.0_f32);
    for paragraph in text.split('\n') {
        let mut used = 0.0;
        lines += 1.0;
        for word in paragraph.split(' ') {
            let wide = advance(word);
            // A path, an address or a hyphen may be broken by itself.
            if !word.contains(['/', '-', '–', '@']) {
                widest = widest.max(wide);
            }
            let with_gap = if used > 0.0 { used + advance(" ") + wide } else { wide };
            if with_gap > width && used > 0.0 {
                lines += 1.0;
                used = wide;
            } else {
                used = with_gap;
            }
        }
    }
    (lines, widest)
}

/// Roles of all that can be pressed outside the scrolled part; how much of that is in view depends on the words' length.
pub(super) fn roles(window: &Window) -> Vec<String> {
    let ports = window.of_type("Scroller");
    let inside: Vec<Place> = ports.iter().flat_map(Window::controls_in).map(|control| Place::of(&control)).collect();
    let outside = window.controls().into_iter().filter(|control| !inside.contains(&Place::of(control)));
    // A rail's buttons come and go with the length as well.
    let outside = outside.filter(|control| control.type_name().is_none_or(|name| name != "RailButton"));
    outside.map(|control| format!("{:?}", control.accessible_role().unwrap())).collect()
}
