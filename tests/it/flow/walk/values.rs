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
