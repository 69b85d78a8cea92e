//! `rules/portal.toml`: the ministry's portal, as printed on the slip.

use super::lists::in_force;
use super::{Refusal, Source};
use crate::domain::citizen::Date;
use crate::domain::ticket::Portal;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    portal: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source and the note are for the people who read the file; they must be there")]
struct Entry {
    apply: String,
    status: String,
    from: String,
    until: Option<String>,
    source: String,
    note: Option<String>,
}

pub(super) fn read(source: &Source, today: Date) -> Result<Portal, Refusal> {
    let file: File = source.parse()?;
    for spanned in &file.portal {
        let entry = spanned.get_ref();
        if in_force(source, spanned, &entry.from, entry.until.as_deref(), today)? {
            return Ok(Portal { apply: entry.apply.clone(), status: entry.status.clone() });
        }
    }
    Err(source.refuse(0..0, "no portal is in force today"))
}
