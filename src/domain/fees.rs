//! What a passport costs on a day. The portal asks for the amount; ours is what was announced, with its source.

use super::citizen::Date;
use super::form::Answer;

/// What the fee is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeKind {
    /// First issue, reissue of an expired or full one, changed data.
    New,
    /// Reissue of a lost or damaged one.
    LostOrDamaged,
}

impl FeeKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::New, Self::LostOrDamaged];

    /// Name in `rules/fees.toml`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::LostOrDamaged => "lost_or_damaged",
        }
    }

    /// What a request for a passport falls under; `None` for an answer to another question.
    pub const fn of(request: Answer) -> Option<Self> {
        match request {
            Answer::FirstIssue | Answer::Expired | Answer::Changed => Some(Self::New),
            Answer::Lost | Answer::Damaged => Some(Self::LostOrDamaged),
            Answer::Male
            | Answer::Female
            | Answer::WithChip
            | Answer::WithoutChip
            | Answer::Post
            | Answer::Collect
            | Answer::NeverIssued
            | Answer::IssuedBefore
            | Answer::ChangedName
            | Answer::ChangedBirthDate
            | Answer::ChangedBirthPlace
            | Answer::ChangedNumber
            | Answer::ChangedOther => None,
        }
    }
}

/// One amount and the days on which it is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// What for.
    pub kind: FeeKind,
    /// Viet Nam dong.
    pub vnd: u32,
    /// First day of application on which it is due.
    pub from: Date,
    /// Last one; `None`: until something else is announced.
    pub until: Option<Date>,
    /// The law or announcement.
    pub source: String,
}

/// Why a table of fees cannot be used: a day would have no amount, or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeeError {
    /// Nothing for one of the two kinds.
    #[error("no fee for one of the requests new, lost_or_damaged")]
    Missing,
    /// An entry does not begin on the day after the one before it ends.
    #[error("the days of one request must follow one another without gap or overlap, and the last entry has no until")]
    Days,
}

/// The table: every day from its first entry on has one amount for each kind, so it rolls by itself at midnight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fees(Vec<Fee>);

/// Both amounts of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeesOn<'a> {
    /// Of which day.
    pub day: Date,
    /// First issue, reissue, changed data.
    pub new: &'a Fee,
    /// Lost or damaged.
    pub lost_or_damaged: &'a Fee,
}

impl Fees {
    /// The table of these entries, in any order.
    pub fn new(mut entries: Vec<Fee>) -> Result<Self, FeeError> {
        entries.sort_by_key(|fee| fee.from);
        for kind in FeeKind::ALL {
            let mut expected = None;
            let mut is_open = false;
            for fee in entries.iter().filter(|fee| fee.kind == kind) {
                if expected.is_some_and(|expected| fee.from != expected) || (expected.is_none() && is_open) {
                    return Err(FeeError::Days);
                }
                is_open = fee.until.is_none();
                expected = fee.until.map(Date::next);
            }
            if !is_open {
                return Err(if expected.is_some() { FeeError::Days } else { FeeError::Missing });
            }
        }
        Ok(Self(entries))
    }

    /// The amounts for an application of `day`; `None` before the first entry.
    pub fn on(&self, day: Date) -> Option<FeesOn<'_>> {
        Some(FeesOn { day, new: self.due(FeeKind::New, day)?, lost_or_damaged: self.due(FeeKind::LostOrDamaged, day)? })
    }

    /// One of them.
    pub fn due(&self, kind: FeeKind, day: Date) -> Option<&Fee> {
        self.0.iter().find(|fee| fee.kind == kind && fee.from <= day && fee.until.is_none_or(|until| day <= until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    fn fee(kind: FeeKind, vnd: u32, from: Date, until: Option<Date>) -> Fee {
        Fee { kind, vnd, from, until, source: String::new() }
    }

    #[test]
    fn a_day_without_a_fee_or_with_two_is_refused() {
        let lost = fee(FeeKind::LostOrDamaged, 2, day(2025, 7, 1), None);
        let new = |from, until| fee(FeeKind::New, 1, from, until);
        let table = |mut entries: Vec<Fee>| {
            entries.push(lost.clone());
            Fees::new(entries).map(|_| ())
        };
        let end = Some(day(2026, 12, 31));
        assert_eq!(table(vec![new(day(2027, 1, 1), None), new(day(2025, 7, 1), end)]), Ok(()));
        assert_eq!(table(vec![]), Err(FeeError::Missing));
        assert_eq!(table(vec![new(day(2025, 7, 1), end)]), Err(FeeError::Days), "ends");
        assert_eq!(table(vec![new(day(2025, 7, 1), end), new(day(2027, 1, 2), None)]), Err(FeeError::Days), "a gap");
        assert_eq!(table(vec![new(day(2025, 7, 1), end), new(day(2026, 12, 31), None)]), Err(FeeError::Days), "two");
        assert_eq!(
            table(vec![new(day(2025, 7, 1), None), new(day(2027, 1, 1), None)]),
            Err(FeeError::Days),
            "two open"
        );
    }

    #[test]
    fn every_request_has_its_fee() {
        let of = |answer| FeeKind::of(answer);
        assert!(
            [Answer::FirstIssue, Answer::Expired, Answer::Changed].map(of).iter().all(|it| *it == Some(FeeKind::New))
        );
        assert!([Answer::Lost, Answer::Damaged].map(of).iter().all(|it| *it == Some(FeeKind::LostOrDamaged)));
    }
}
