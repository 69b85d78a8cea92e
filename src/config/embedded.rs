//! `kiosk-config/` as it was when the program was built: for the demo, and for an office that checks dossiers without
//! a kiosk's folder beside it.

use super::{Refusal, Source, lists};
use crate::domain::citizen::Date;
use crate::domain::form::Rules;
use std::path::{Path, PathBuf};

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../kiosk-config/", $name)))),+]
    };
}

const SHIPPED: &[(&str, &str)] = shipped![
    "lists/banks.tsv",
    "lists/communes.tsv",
    "lists/birth-codes.tsv",
    "lists/countries.tsv",
    "lists/ethnicities.tsv",
    "lists/occupations.tsv",
    "lists/provinces-2025.tsv",
    "lists/provinces.tsv",
    "lists/religions.tsv",
    "lists/units-2025.tsv",
    "lists/units-earlier.tsv",
    "rules/fees.toml",
    "rules/form.toml",
    "rules/offices.toml",
    "rules/photo.toml",
    "rules/portal.toml",
    "rules/sim.toml",
    "sites/station-demo.toml",
];

/// The lists and dated rules that came with the program.
pub fn shipped_rules(today: Date) -> Result<Rules, Refusal> {
    lists::read(
        |name| {
            let found = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
            let text = found.map(|(_, text)| (*text).to_owned());
            let file = PathBuf::from(name);
            match text {
                Some(text) => Ok(Source { file, text }),
                None => Err(Refusal { file, line: 0, what: "did not come with the program".to_owned() }),
            }
        },
        today,
    )
}

/// Writes the shipped files below `folder`, for a demo that needs no installation.
pub fn write_shipped(folder: &Path) -> std::io::Result<()> {
    for (name, text) in SHIPPED {
        let file = folder.join(name);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(file, text)?;
    }
    Ok(())
}
