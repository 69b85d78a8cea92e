//! What stands on the screens: drawn, labelled, large enough, whole, and in the right language.

use super::{LANDSCAPE, Look, PORTRAIT, Place, SCENES, Window, label, stage};
use i_slint_backend_testing::{ElementHandle, ElementRoot};
use kiosk_ui::Contrast;
use passport_kiosk::domain::flow::View;
use passport_kiosk::domain::officer::Done;
use std::collections::BTreeMap;
use std::fs;
use ttf_parser::Face;

const TARGET_PX: f32 = 76.0;
const BUTTON_PX: f32 = 88.0;

#[test]
fn every_screen_stands_whole_in_portrait() {
    check_all(PORTRAIT, "p", SCENES.iter().copied(), &[(false, Contrast::Standard, "")]);
}

#[test]
fn every_screen_stands_whole_in_landscape() {
    check_all(LANDSCAPE, "l", SCENES.iter().copied(), &[(false, Contrast::Standard, "")]);
}

/// The largest text in the strongest contrast, where there is most to read.
#[test]
fn forms_the_review_and_the_officers_side_stand_whole_in_the_largest_text_and_yellow_on_black() {
    let read =
        ["triage", "photo", "resume", "form", "review", "trouble-no-room", "pin", "officer", "enrol", "outreach"];
    let scenes = || SCENES.iter().copied().filter(|(name, _)| read.iter().any(|part| name.starts_with(part)));
    let look = [(true, Contrast::YellowOnBlack, "-large-yellow")];
    check_all(PORTRAIT, "p", scenes(), &look);
    check_all(LANDSCAPE, "l", scenes(), &look);
}

#[track_caller]
fn check_all(
    size: (u32, u32),
    shape: &str,
    scenes: impl Iterator<Item = (&'static str, &'static str)>,
    looks: &[(bool, Contrast, &str)],
) {
    let window = Window::open();
    let mut wrong = Vec::new();
    for (name, script) in scenes {
        let shown = stage(script);
        for (large, contrast, suffix) in looks {
            let mut shapes = Vec::new();
            for english in [false, true] {
                let look = Look { size, english, large: *large, contrast: *contrast };
                window.draw(&shown, look);
                let language = if english { "en" } else { "vi" };
                let name = format!("{name}-{shape}-{language}{suffix}");
                let picture = window.shoot(&name);
                let mut found = faults(&window, look);
                if is_blank(picture.as_bytes()) {
                    found.push("nothing is drawn".to_owned());
                }
                if english {
                    found.extend(vietnamese_left(&window, shown.view()));
                }
                wrong.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
                shapes.push(roles(&window));
            }
            if shapes[0] != shapes[1] {
                wrong.push(format!(
                    "{name}-{shape}{suffix}: another language, other controls: {:?} {:?}",
                    shapes[0], shapes[1]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.join("\n"));
}

/// One colour, or nearly.
fn is_blank(rgba: &[u8]) -> bool {
    let mut colours: BTreeMap<&[u8], usize> = BTreeMap::new();
    rgba.chunks_exact(4).step_by(7).for_each(|pixel| *colours.entry(pixel).or_default() += 1);
    let most = colours.values().max().copied().unwrap_or_default();
    colours.len() < 4 || most * 7 * 4 > rgba.len() / 1000 * 995
}

fn faults(window: &Window, look: Look) -> Vec<String> {
    let mut found = Vec::new();
    let (width, height) = look.size;
    let whole = Place { left: 0.0, top: 0.0, right: width as f32, bottom: height as f32 };
    let ports: Vec<(Place, Vec<Place>)> = window
        .of_type("Scroller")
        .iter()
        .map(|port| (Place::of(port), texts_in(port).iter().map(Place::of).collect()))
        .collect();
    let port_of = |place: Place| ports.iter().find(|(_, inside)| inside.contains(&place)).map(|(port, _)| *port);

    for control in window.controls() {
        let (name, place) = (label(&control), Place::of(&control));
        if name.trim().is_empty() && control.accessible_enabled() != Some(false) {
            found.push(format!("a control without a label at {place:?}"));
        }
        let is_key = control.type_name().is_some_and(|kind| kind == "KeyCap");
        let least = if is_key { TARGET_PX } else { BUTTON_PX };
        if place.width() < least || place.height() < least {
            found.push(format!("{name:?} is {} × {} px", place.width(), place.height()));
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
    for container in ["Button", "ChoiceButton", "KeyCap", "Tool", "EditButton", "Notice", "Card", "Field", "Tick"] {
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
    let scale = if look.large { 1.25 } else { 1.0 };
    let kinds = [("Title", 54.0, true), ("Heading", 42.0, true), ("Body", 32.0, false), ("Small", 30.0, false)];
    let mut found = Vec::new();
    for (kind, size, bold) in kinds {
        let bytes =
            fs::read(if bold { "ui/fonts/NotoSans-Bold.ttf" } else { "ui/fonts/NotoSans-Regular.ttf" }).unwrap();
        let face = Face::parse(&bytes, 0).unwrap();
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
fn roles(window: &Window) -> Vec<String> {
    let ports = window.of_type("Scroller");
    let inside: Vec<Place> = ports.iter().flat_map(Window::controls_in).map(|control| Place::of(&control)).collect();
    let outside = window.controls().into_iter().filter(|control| !inside.contains(&Place::of(control)));
    // A rail's buttons come and go with the length as well.
    let outside = outside.filter(|control| control.type_name().is_none_or(|name| name != "RailButton"));
    outside.map(|control| format!("{:?}", control.accessible_role().unwrap())).collect()
}

/// Sentences that are Vietnamese still, when all data is taken out.
fn vietnamese_left(window: &Window, view: &View) -> Vec<String> {
    let mut data: Vec<String> = view
        .rows
        .iter()
        .flat_map(|row| {
            let options = row.options.iter().map(|option| option.value.clone());
            [row.value.clone(), row.on_card.clone()].into_iter().chain(options)
        })
        .collect();
    let site = &window.config.site;
    data.extend([site.name.clone(), site.controller_name.clone(), site.controller_contact.clone()]);
    let officer = view.officer.as_deref();
    let sums = officer.and_then(|officer| match &officer.said {
        Some(Done::Closed(sums)) => Some(&**sums),
        _ => None,
    });
    let open = officer.and_then(|officer| officer.standing.as_ref()?.outreach.as_ref());
    let outreach = open.into_iter().chain(sums).flat_map(|outreach| [&outreach.place, &outreach.team]);
    let sheet = officer.and_then(|officer| officer.outreach.as_ref());
    let sheet = sheet.into_iter().flat_map(|sheet| [&sheet.place, &sheet.team]);
    data.extend(outreach.chain(sheet).chain(officer.map(|officer| &officer.officer)).cloned());
    data.extend(examples());
    // The way back is in the language of those who need it.
    data.push("Tiếng Việt".to_owned());
    // So the decree is cited.
    data.push("NĐ-CP".to_owned());
    data.retain(|text| !text.is_empty());
    data.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let is_key = |element: &ElementHandle| element.type_name().is_some_and(|name| name == "KeyCap");
    let told =
        window.app.root_element().query_descendants().match_predicate(|element| element.accessible_label().is_some());
    let told = told.find_all().into_iter().filter(|element| !is_key(element));
    told.filter_map(|element| {
        let text = data.iter().fold(label(&element), |text, known| text.replace(known, ""));
        let strange = text.chars().any(|letter| {
            "ăâđêôơư".contains(letter.to_lowercase().next().unwrap()) || ('\u{1EA0}'..='\u{1EF9}').contains(&letter)
        });
        strange.then(|| format!("Vietnamese on an English screen: {text:?}"))
    })
    .collect()
}

/// What `Words.example` says: Vietnamese on purpose, because that is what is to be written.
fn examples() -> Vec<String> {
    let words = fs::read_to_string("ui/words.slint").unwrap();
    let function = words.split("function example(").nth(1).unwrap().split("public pure").next().unwrap();
    function.split("{ \"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
