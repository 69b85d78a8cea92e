//! `lists/communes.tsv`, `lists/provinces-2025.tsv`, `lists/units-2025.tsv`, `lists/units-earlier.tsv` as one table.

use super::lists::table;
use super::{Refusal, Source};
use crate::domain::units::{Kind, UnitError, Units};

pub(super) fn read(files: impl Fn(&str) -> Result<Source, Refusal>) -> Result<Units, Refusal> {
    let mut units = Units::default();
    rows(&files("lists/provinces.tsv")?, ["name", "kind"], 0, |[name, kind]| {
        units.add_province(Kind::from_word(kind).ok_or(UnitError::NoKind)?, name);
        Ok(())
    })?;
    rows(&files("lists/communes.tsv")?, ["province", "kind", "name"], 1, |[province, kind, name]| {
        units.add_commune(province, Kind::from_word(kind).ok_or(UnitError::NoKind)?, name)
    })?;
    rows(&files("lists/provinces-2025.tsv")?, ["name", "became", "aliases"], 0, |[name, became, aliases]| {
        let aliases: Vec<&str> = aliases.split(';').filter(|alias| !alias.is_empty()).collect();
        units.add_old_province(name, became, &aliases)
    })?;
    rows(
        &files("lists/units-2025.tsv")?,
        ["province", "district", "became", "wards"],
        2,
        |[province, district, became, wards]| units.add_move(province, district, became, wards),
    )?;
    rows(
        &files("lists/units-earlier.tsv")?,
        ["province", "district", "ward", "keys"],
        2,
        |[province, district, ward, keys]| units.add_earlier(province, district, ward, keys),
    )?;
    Ok(units)
}

/// The named columns of every row. Of the first `repeated` of them an empty cell means: as in the row above.
fn rows<const N: usize>(
    source: &Source,
    names: [&str; N],
    repeated: usize,
    mut take: impl FnMut([&str; N]) -> Result<(), UnitError>,
) -> Result<(), Refusal> {
    let mut above = [""; N];
    table(source, names, |line, cells| {
        for (at, cell) in cells.into_iter().enumerate() {
            if !cell.is_empty() || at >= repeated {
                above[at] = cell;
            }
        }
        take(above).map_err(|error| Refusal { file: source.file.clone(), line, what: error.to_string() })
    })
}
