//! A view as a walk sees it: what can be touched, what kind of screen it is, and every string on it.

use passport_kiosk::domain::flow::{DoorView, Page, Screen, View};

/// Everything that can be touched, and the answers of the disk where it is at work.
pub(super) fn touches(view: &View) -> Vec<String> {
    let mut touches: Vec<String> = [
        "start",
        "have-slip",
        "next",
        "back",
        "leave",
        "curtain",
        "reply cardvalid",
        "skip-photo",
        "shoot",
        "use-photo",
        "photo-again",
        "edit-portrait",
        "consent required",
        "refuse",
        "by-hand",
        "not-me",
        "submit",
        "retry",
        "reveal",
        "finish",
        "taken",
        "print",
        "telex",
        "edit phone",
        "focus phone",
        "key Enter",
        "type 1",
        "card mai",
        "door",
        "order export",
        "order to-enrol",
        "order open",
        "order close",
    ]
    .map(str::to_owned)
    .to_vec();
    if view.screen == Screen::Saving {
        touches.extend(["saved AAAA-AAAA".to_owned(), "save-failed busy".to_owned()]);
    }
    if view.screen == Screen::Pin {
        touches.extend(["judged wrong 1".to_owned(), "judged granted".to_owned()]);
    }
    touches
}

pub(super) fn kind(view: &View) -> String {
    match (view.section, view.trouble) {
        (Some(section), _) => format!("Form {section:?}"),
        (None, Some(trouble)) => format!("Trouble {trouble:?}"),
        (None, None) if view.pin.as_ref().is_some_and(|pin| pin.door == DoorView::Judging) => "Pin judging".to_owned(),
        (None, None) if view.curtain => "Curtain".to_owned(),
        (None, None) => match view.triage.as_ref().map(|triage| triage.page) {
            Some(Page::Question(question)) => format!("Triage {question:?}"),
            Some(page) => format!("Triage {page:?}").to_lowercase().replace("triage", "Triage"),
            None => format!("{:?}", view.screen),
        },
    }
}

/// Every string in a view.
pub(super) fn texts(view: &View) -> Vec<&str> {
    let rows = view.rows.iter().flat_map(|row| {
        let options = row.options.iter().map(|option| option.value.as_str());
        [row.value.as_str(), row.on_card.as_str()].into_iter().chain(options)
    });
    let slip =
        view.slip.iter().flat_map(|slip| [slip.reference.as_str(), slip.sheet.masked_pin.as_str(), slip.link.as_str()]);
    let copied = view.slip.iter().flat_map(|slip| slip.sheet.lines.iter().map(|line| line.value.as_str()));
    let officer = view.officer.iter().flat_map(|officer| {
        let code = officer.enrol.iter().map(|enrol| enrol.code.as_str());
        let sheet = officer.outreach.iter().flat_map(|sheet| [sheet.place.as_str(), sheet.team.as_str()]);
        code.chain(sheet).chain([officer.officer.as_str()])
    });
    let triage = view.triage.iter().map(|triage| triage.link.as_str());
    rows.chain(slip).chain(copied).chain(officer).chain(triage).collect()
}
