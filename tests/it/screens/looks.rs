//! What stands on the screens: drawn, labelled, large enough, whole, and in the right language.

use super::{LANDSCAPE, Look, PLAIN, PORTRAIT, SCENES, Window, label, marks, stage};
use i_slint_backend_testing::{ElementHandle, ElementRoot};
use kiosk_ui::{Contrast, TextSize};
use passport_kiosk::domain::flow::View;
use passport_kiosk::domain::officer::Done;
use std::collections::BTreeMap;
use std::fs;

const SIZES: [TextSize; 4] = [TextSize::Standard, TextSize::Larger, TextSize::Large, TextSize::Largest];
const CONTRASTS: [Contrast; 4] = [Contrast::Standard, Contrast::Dark, Contrast::YellowOnBlack, Contrast::Soft];

#[test]
fn every_screen_stands_whole_in_portrait() {
    check_all(PORTRAIT, false);
}

#[test]
fn every_screen_stands_whole_in_landscape() {
    check_all(LANDSCAPE, false);
}

#[test]
fn every_screen_stands_whole_in_portrait_with_everything_to_press_put_low() {
    check_all(PORTRAIT, true);
}

/// Every scene in both languages and all four text sizes; the contrasts go round, so that portrait and landscape
/// together show each scene in each size and contrast. The screen stays and is dressed anew, as by the citizen's press.
#[track_caller]
fn check_all(size: (u32, u32), low: bool) {
    let window = Window::open();
    let shape = if size == LANDSCAPE { "l" } else { "p" };
    let mut wrong = Vec::new();
    for (name, script) in SCENES {
        let shown = stage(script);
        window.draw(&shown, Look { size, low, ..PLAIN });
        for (step, text) in SIZES.into_iter().enumerate() {
            let mut shapes = Vec::new();
            for english in [false, true] {
                let turn = step + usize::from(english) + if size == LANDSCAPE { 2 } else { 0 };
                let contrast = CONTRASTS[turn % CONTRASTS.len()];
                let look = Look { size, english, text, contrast, low };
                window.dress(look);
                let language = if english { "en" } else { "vi" };
                let name =
                    format!("{name}-{shape}-{language}-{text:?}{}", if low { "-low" } else { "" }).to_lowercase();
                let mut found = marks::faults(&window, look);
                // Pictures for eyes: the smallest and the largest; drawing all of them would take a minute.
                if matches!(text, TextSize::Standard | TextSize::Largest) && !english {
                    let picture = window.shoot(&name);
                    if is_blank(picture.as_bytes()) {
                        found.push("nothing is drawn".to_owned());
                    }
                }
                if english {
                    found.extend(vietnamese_left(&window, shown.view()));
                }
                wrong.extend(found.into_iter().map(|fault| format!("{name} {contrast:?}: {fault}")));
                shapes.push(marks::roles(&window));
            }
            if shapes[0] != shapes[1] {
                wrong.push(format!(
                    "{name}-{shape} {text:?}: another language, other controls: {:?} {:?}",
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
