//! Where the walks came by: no pair of screen and event may have been left out.

use crate::flow::words::screen as screen_name;
use passport_kiosk::domain::flow::Screen;
use std::collections::{BTreeMap, BTreeSet};

/// Which (screen, event) pairs were met, and the ways that lead from each kind of screen.
#[derive(Default)]
pub(super) struct Visited {
    pub(super) pairs: BTreeSet<(&'static str, &'static str)>,
    pub(super) ways: BTreeMap<String, u32>,
}

impl Visited {
    pub(super) fn assert_nothing_was_left_out(&self) {
        println!("{} distinct (screen, event) pairs, {} kinds of screen", self.pairs.len(), self.ways.len());
        let events = [
            "camera",
            "card",
            "card-refused",
            "delivered",
            "done",
            "door",
            "judged",
            "key",
            "outbox",
            "reader",
            "room",
            "save-failed",
            "saved",
            "second",
            "slip-read",
            "standing",
            "stopping",
            "tap back",
            "tap by-hand",
            "tap choose",
            "tap consent",
            "tap curtain",
            "tap door",
            "tap edit",
            "printed",
            "printer",
            "tap finish",
            "tap print",
            "tap taken",
            "tap focus",
            "tap have-slip",
            "tap leave",
            "tap next",
            "tap not-me",
            "tap officer",
            "tap photo",
            "tap refuse",
            "tap retry",
            "tap reveal",
            "tap start",
            "tap stay",
            "tap submit",
            "tap telex",
            "tap triage",
        ];
        let missing: Vec<_> = SCREENS
            .iter()
            .flat_map(|screen| events.iter().map(move |event| (screen_name(*screen), *event)))
            .filter(|pair| !self.pairs.contains(pair))
            .collect();
        assert!(missing.is_empty(), "never happened: {missing:?}");
        for kind in [
            "Trouble ConsentRefused",
            "Trouble NoRoom",
            "Trouble Stopping",
            "Triage advice",
            "Photo",
            "Resume",
            "Slip",
            "Review",
            "Form Refund",
            "Form Delivery",
            "Pin",
            "Pin judging",
            "Officer",
            "Enrol",
            "Outreach",
        ] {
            assert!(self.ways.contains_key(kind), "never reached: {kind}");
        }
    }
}

const SCREENS: [Screen; 16] = [
    Screen::Welcome,
    Screen::Triage,
    Screen::Consent,
    Screen::Card,
    Screen::Identity,
    Screen::Form,
    Screen::Photo,
    Screen::Review,
    Screen::Saving,
    Screen::Slip,
    Screen::Trouble,
    Screen::Resume,
    Screen::Pin,
    Screen::Officer,
    Screen::Enrol,
    Screen::Outreach,
];
