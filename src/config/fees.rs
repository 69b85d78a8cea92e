//! `rules/fees.toml`: every amount with its days. All of them are kept, so that the table rolls while the kiosk runs.

use super::lists::date;
use super::{Refusal, Source};
use crate::domain::fees::{Fee, FeeKind, Fees};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fee: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the note is for the people who read the file")]
struct Entry {
    request: String,
    vnd: u32,
    from: String,
    until: Option<String>,
    source: String,
    note: Option<String>,
}

pub(super) fn read(source: &Source) -> Result<Fees, Refusal> {
    let file: File = source.parse()?;
    let fees = file.fee.iter().map(|spanned| {
        let entry = spanned.get_ref();
        let kind = FeeKind::ALL.into_iter().find(|kind| kind.key() == entry.request);
        Ok(Fee {
            kind: kind.ok_or_else(|| source.refuse(spanned.span(), "request: new or lost_or_damaged"))?,
            vnd: entry.vnd,
            from: date(source, spanned, &entry.from)?,
            until: entry.until.as_deref().map(|until| date(source, spanned, until)).transpose()?,
            source: entry.source.clone(),
        })
    });
    let fees = fees.collect::<Result<Vec<Fee>, Refusal>>()?;
    Fees::new(fees).map_err(|error| source.refuse(0..0, &error.to_string()))
}
