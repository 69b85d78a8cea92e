//! The lists and dated rules beside `kiosk.toml`: `lists/*.tsv`, `rules/form.toml`, `rules/offices.toml`.

use super::{Refusal, Source, fees, photo, portal, sim, units};
use crate::domain::citizen::Date;
use crate::domain::form::{ChangeTexts, People, Rules};
use serde::Deserialize;
use std::sync::Arc;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    edition: Vec<Spanned<Edition>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source and the note are for the people who read the file; they must be there")]
struct Edition {
    id: String,
    from: String,
    until: Option<String>,
    source: String,
    title: Option<String>,
    note: Option<String>,
    changes: Changes,
}

/// Item 16 for each change, with `{from}` and `{to}`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    name: String,
    birth_date: String,
    birth_place: String,
    number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficesFile {
    office: Vec<Spanned<Agency>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source and the note are for the people who read the file; they must be there")]
struct Agency {
    code: String,
    name: String,
    province: String,
    from: String,
    until: Option<String>,
    source: String,
    note: Option<String>,
}

/// The one edition of the form that this program knows.
const KNOWN_EDITION: &str = "tk01@tt69-2026";

/// Reads the files below a folder of the disk, or those that came with the program.
pub(super) fn read(files: impl Fn(&str) -> Result<Source, Refusal>, today: Date) -> Result<Rules, Refusal> {
    let (edition, changes) = edition(&files("rules/form.toml")?, today)?;
    let (aliases, homes) = ethnicities(&files("lists/ethnicities.tsv")?)?;
    let people = People {
        birth_codes: pairs(&files("lists/birth-codes.tsv")?, ["code", "province"])?,
        before: before(&files("lists/provinces-2025.tsv")?)?,
        homes,
    };
    Ok(Rules {
        edition,
        changes,
        aliases,
        people,
        agencies: agencies(&files("rules/offices.toml")?, today)?,
        provinces: column(&files("lists/provinces.tsv")?, "name")?,
        countries: column(&files("lists/countries.tsv")?, "name_vi")?,
        ethnicities: column(&files("lists/ethnicities.tsv")?, "name")?,
        religions: column(&files("lists/religions.tsv")?, "name")?,
        banks: column(&files("lists/banks.tsv")?, "name")?,
        occupations: column(&files("lists/occupations.tsv")?, "name")?,
        units: Arc::new(units::read(&files)?),
        fees: fees::read(&files("rules/fees.toml")?)?,
        portal: portal::read(&files("rules/portal.toml")?, today)?,
        sim: sim::read(&files("rules/sim.toml")?, today)?,
        photo: photo::read(&files("rules/photo.toml")?, today)?,
    })
}

fn edition(source: &Source, today: Date) -> Result<(String, ChangeTexts), Refusal> {
    let table: FormFile = source.parse()?;
    for edition in &table.edition {
        let Edition { id, from, until, changes, .. } = edition.get_ref();
        if in_force(source, edition, from, until.as_deref(), today)? {
            if id == KNOWN_EDITION {
                let Changes { name, birth_date, birth_place, number } = changes.clone();
                return Ok((id.clone(), ChangeTexts { name, birth_date, birth_place, number }));
            }
            let what = format!("edition {id} is in force, and this program knows only {KNOWN_EDITION}: update it");
            return Err(source.refuse(edition.span(), &what));
        }
    }
    Err(source.refuse(0..0, "no edition of the form is in force today"))
}

fn agencies(source: &Source, today: Date) -> Result<Vec<String>, Refusal> {
    let table: OfficesFile = source.parse()?;
    let mut names = Vec::new();
    for office in &table.office {
        let Agency { name, from, until, .. } = office.get_ref();
        if in_force(source, office, from, until.as_deref(), today)? {
            names.push(name.clone());
        }
    }
    if names.is_empty() { Err(source.refuse(0..0, "no office is in force today")) } else { Ok(names) }
}

pub(super) fn in_force<T>(
    source: &Source,
    entry: &Spanned<T>,
    from: &str,
    until: Option<&str>,
    today: Date,
) -> Result<bool, Refusal> {
    let from = date(source, entry, from)?;
    let until = until.map(|until| date(source, entry, until)).transpose()?;
    Ok(from <= today && until.is_none_or(|until| today <= until))
}

/// A date of `entry` as files write it.
pub(super) fn date<T>(source: &Source, entry: &Spanned<T>, text: &str) -> Result<Date, Refusal> {
    iso(text).ok_or_else(|| source.refuse(entry.span(), "from/until: a date as YYYY-MM-DD"))
}

fn iso(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Date::new(year, month, day).ok().filter(|_| parts.next().is_none() && text.len() == 10)
}

type Pairs = Vec<(String, String)>;
/// Names, and the provinces in which many of each live.
type Homes = Vec<(String, Vec<String>)>;

fn pairs(source: &Source, names: [&str; 2]) -> Result<Pairs, Refusal> {
    let mut pairs = Vec::new();
    table(source, names, |line, [first, second]| {
        if first.is_empty() || second.is_empty() {
            let what = format!("no value in column {} or {}", names[0], names[1]);
            return Err(Refusal { file: source.file.clone(), line, what });
        }
        pairs.push((first.to_owned(), second.to_owned()));
        Ok(())
    })?;
    Ok(pairs)
}

/// Old names of provinces, each with its other spellings, and what they became.
fn before(source: &Source) -> Result<Pairs, Refusal> {
    let mut before = Vec::new();
    table(source, ["name", "became", "aliases"], |_, [name, became, aliases]| {
        let names = aliases.split(';').chain([name]).filter(|name| !name.is_empty());
        before.extend(names.map(|name| (name.to_owned(), became.to_owned())));
        Ok(())
    })?;
    Ok(before)
}

/// Other spellings of ethnicities, and where many of each live.
fn ethnicities(source: &Source) -> Result<(Pairs, Homes), Refusal> {
    let (mut aliases, mut homes) = (Vec::new(), Vec::new());
    table(source, ["name", "aliases", "provinces"], |_, [name, others, provinces]| {
        let parts = |cell: &str| -> Vec<String> {
            cell.split(';').filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        aliases.extend(parts(others).into_iter().map(|alias| (alias, name.to_owned())));
        homes.push((name.to_owned(), parts(provinces)));
        Ok(())
    })?;
    Ok((aliases, homes))
}

/// One column of a tab-separated file.
fn column(source: &Source, name: &str) -> Result<Vec<String>, Refusal> {
    let mut values = Vec::new();
    table(source, [name], |line, [value]| {
        if value.is_empty() {
            let what = format!("no value in column {name}");
            return Err(Refusal { file: source.file.clone(), line, what });
        }
        values.push(value.to_owned());
        Ok(())
    })?;
    Ok(values)
}

/// Some columns of a tab-separated file, row by row with their line: comments begin with `#`, then a header line. A
/// cell that is not there is empty.
pub(super) fn table<'s, const N: usize>(
    source: &'s Source,
    names: [&str; N],
    mut take: impl FnMut(usize, [&'s str; N]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let refuse = |line: usize, what: &str| Refusal { file: source.file.clone(), line, what: what.to_owned() };
    let mut places: Option<[usize; N]> = None;
    let mut is_empty = true;
    for (line, text) in (1..).zip(source.text.lines()) {
        if text.starts_with('#') || text.trim().is_empty() {
            continue;
        }
        let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
        if let Some(places) = places {
            is_empty = false;
            take(line, places.map(|place| cells.get(place).copied().unwrap_or_default()))?;
            continue;
        }
        let mut found = [0; N];
        for (place, name) in found.iter_mut().zip(names) {
            let at = cells.iter().position(|cell| *cell == name);
            *place = at.ok_or_else(|| refuse(line, &format!("the header has no column {name}")))?;
        }
        places = Some(found);
    }
    if is_empty { Err(refuse(0, "the list is empty")) } else { Ok(()) }
}
