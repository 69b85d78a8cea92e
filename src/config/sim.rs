//! `rules/sim.toml`: the check, the rules and the carriers in force on a day.

use super::lists::in_force;
use super::{Refusal, Source};
use crate::domain::carriers::{Carrier, SimCheck, SimGuide, SimRule};
use crate::domain::citizen::Date;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    check: Vec<Spanned<Check>>,
    rule: Vec<Spanned<Rule>>,
    carrier: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source and the note are for the people who read the file; they must be there")]
struct Check {
    text: String,
    number: String,
    from: String,
    until: Option<String>,
    source: String,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source and the note are for the people who read the file; they must be there")]
struct Rule {
    id: String,
    from: String,
    until: Option<String>,
    source: String,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source and the note are for the people who read the file; they must be there")]
struct Entry {
    name: String,
    prefixes: Vec<String>,
    app: Option<String>,
    steps: Vec<String>,
    steps_en: Vec<String>,
    from: String,
    until: Option<String>,
    source: String,
    note: Option<String>,
}

pub(super) fn read(source: &Source, today: Date) -> Result<SimGuide, Refusal> {
    let file: File = source.parse()?;
    let mut guide = SimGuide::default();
    let mut has_check = false;
    for check in &file.check {
        let Check { text, number, from, until, .. } = check.get_ref();
        if in_force(source, check, from, until.as_deref(), today)? {
            guide.check = SimCheck { text: text.clone(), number: number.clone() };
            has_check = true;
        }
    }
    if !has_check {
        return Err(source.refuse(0..0, "no check is in force today"));
    }
    for rule in &file.rule {
        let Rule { id, from, until, .. } = rule.get_ref();
        let known = SimRule::ALL.into_iter().find(|known| known.key() == id);
        let known = known.ok_or_else(|| source.refuse(rule.span(), "id: face-matches or moved-sim"))?;
        if in_force(source, rule, from, until.as_deref(), today)? {
            guide.rules.push(known);
        }
    }
    for carrier in &file.carrier {
        let Entry { name, prefixes, app, steps, steps_en, from, until, .. } = carrier.get_ref();
        if prefixes.iter().any(|prefix| prefix.len() != 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(source.refuse(carrier.span(), "prefixes: three digits each"));
        }
        if steps.is_empty() || steps.len() != steps_en.len() {
            return Err(source.refuse(carrier.span(), "steps, steps_en: at least one, and as many in each"));
        }
        if in_force(source, carrier, from, until.as_deref(), today)? {
            guide.carriers.push(Carrier {
                name: name.clone(),
                prefixes: prefixes.clone(),
                app: app.clone(),
                steps: steps.clone(),
                steps_en: steps_en.clone(),
            });
        }
    }
    Ok(guide)
}
