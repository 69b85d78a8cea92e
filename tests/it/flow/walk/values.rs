//! What citizens of the random walk write.

use super::Walk;
use passport_kiosk::domain::form::{Answer, Field, Rule, Section};

impl Walk {
    /// A value for a field of this step: right or wrong, and with the citizen's mark where there is room for it.
    pub(super) fn some_field(&mut self, section: Section) -> String {
        let fields: Vec<Field> = section.fields().collect();
        let Some(field) = self.rng.choice(fields) else {
            return "next".to_owned();
        };
        let key = field.spec().key;
        let mark = self.mark;
        match field.spec().rule {
            Rule::Choice(answers) => {
                let answer: Answer = self.rng.choice(answers.iter().copied()).unwrap_or(Answer::Male);
                format!("choose {key} {}", answer.key())
            }
            Rule::Pin => format!("{key} 0990930{mark:05}"),
            Rule::Phone => format!("{key} 00000{mark:05}"),
            Rule::Account => format!("{key} 000{mark:05}"),
            Rule::Passport => format!("{key} B00{mark:05}"),
            Rule::Email => format!("{key} t{mark:05}@example.invalid"),
            Rule::Line if mark.is_multiple_of(2) => format!("{key} Khu {mark:05}, Bình Minh, Thăng Bình, Quảng Nam"),
            Rule::Line | Rule::Listed(_) | Rule::Suggested(_) | Rule::Before => format!("{key} Khu {mark:05}"),
            Rule::Name => format!("{key} {}", ["Thử", "Lê Thử", "x", ""][self.rng.usize(0..4)]),
            Rule::PartialDate | Rule::Date => {
                format!("{key} {}", ["1960", "05/1962", "02011990", "31/02/1990", "2020", "9"][self.rng.usize(0..6)])
            }
        }
    }
}

/// What may happen anywhere, likely or not.
pub(super) const ANYTHING: &[&str] = &[
    "start",
    "begin",
    "reply simunsure",
    "reply cardexpired",
    "check-sim",
    "sim-guide",
    "have-slip",
    "vouch",
    "split longer",
    "split shorter",
    "decline employer",
    "decline spouse_name",
    "slip t1.000100--",
    super::DOSSIER_SLIP,
    "reopened duc",
    "not-reopened not-here",
    "slip t1.1-------",
    "curtain",
    "curtain",
    "skip-photo",
    "edit-portrait",
    "shot good",
    "shoot",
    "has-dossier",
    "keeps crash",
    "keeps crash held",
    "recalled",
    "recalled",
    "recalled nothing",
    "seen good",
    "camera ready",
    "camera ready",
    "camera gone",
    "next",
    "back",
    "stay",
    "refuse",
    "refuse",
    "by-hand",
    "not-me",
    "telex",
    "submit",
    "retry",
    "retry",
    "reveal",
    "finish",
    "taken",
    "print",
    "printer ready",
    "printer ready",
    "printer no-paper",
    "printer none",
    "printed ok",
    "printed cut",
    "leave",
    "consent refund",
    "consent all",
    "card mai",
    "card duc",
    "card old",
    "card-refused garbled",
    "reader gone",
    "reader ready",
    "focus phone",
    "edit refund_account",
    "edit pin",
    "choose sex female",
    "key Enter",
    "key Backspace",
    "key Shift",
    "type ă",
    "idle 30",
    "idle 60",
    "wait 3",
    "idle 89",
    "outbox 3 offline",
    "outbox 0 online",
    "delivered AAAA-AAAA",
    "room full",
    "room enough",
    "saved AAAA-AAAA",
    "save-failed busy",
    "door",
    "door ready",
    "door locked 9",
    "judged granted",
    "judged wrong 1",
    "standing calm",
    "order export",
    "order open",
    "order close",
    "order focus place",
    "done sending",
];
