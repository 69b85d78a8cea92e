//! `intake open`: what the inside machine does with the unsealing key.

use super::{Absent, Data, explain, say};
use clap::Args;
use passport_kiosk::clock;
use passport_kiosk::config::{rules_in, shipped_rules};
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::form::Rules;
use passport_kiosk::gateway::dossier::{self, problems};
use passport_kiosk::office::keys;
use passport_kiosk::office::unseal::{self, Line, Opened};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `intake open`
#[derive(Args)]
pub struct Open {
    #[command(flatten)]
    data: Data,
    /// Where unseal.key is
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// The kiosks' configuration folder, whose lists decide; without it those of this program's version
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Output {
    /// One line of JSON per submission, without what the citizen entered
    #[arg(long)]
    list: bool,
    /// As --list, and one file per submission with the fields, and one with the portrait; a differing file is never overwritten
    #[arg(long, value_name = "OUTDIR")]
    export: Option<PathBuf>,
    /// One line of JSON per submission, with the fields
    #[arg(long)]
    json: bool,
}

impl Open {
    /// Opens one submission after the other, in the order of their receipt numbers.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Self { data, keys: keys_dir, config, output } = self;
        let secret = keys::unsealing_key(&keys_dir).map_err(|e| explain(e, &keys_dir))?;
        let mut rules = RulesOfTheDay { config, known: None };
        let (mut all_good, mut last_receipt_no) = (true, 0);
        let runtime = tokio::runtime::Runtime::new()?;
        let store = runtime.block_on(data.open(Absent::ReadOnly))?;
        while let Some(opened) = runtime.block_on(unseal::open_next(&*store, last_receipt_no, &secret))? {
            last_receipt_no = opened.receipt_no;
            let found = rules.problems(&opened)?;
            std::io::stdout().write_all(&Line::new(&opened, found.clone(), output.json).to_json()?)?;
            all_good &= opened.content.is_ok();
            if let Some(directory) = output.export.as_deref().filter(|_| opened.content.is_ok()) {
                let json = Line::new(&opened, found, true).to_json()?;
                if let Err(error) = export(directory, &opened, &json) {
                    all_good = false;
                    say(&serde_json::json!({ "submission_id": opened.submission_id, "error": error.code() }))?;
                }
            }
        }
        Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The fields as JSON, and the portrait as a JPEG beside it.
fn export(directory: &Path, opened: &Opened, json: &[u8]) -> Result<(), unseal::ExportError> {
    unseal::export(directory, opened.submission_id, "json", json)?;
    let attachments = opened.content.iter().flat_map(|content| &content.attachments);
    for portrait in attachments.filter(|part| part.media_type == dossier::PORTRAIT) {
        unseal::export(directory, opened.submission_id, "jpg", &portrait.bytes)?;
    }
    Ok(())
}

/// A dossier is judged by the rules of the day on which the office received it, so that opening it again, another day,
/// gives the same line.
struct RulesOfTheDay {
    config: Option<PathBuf>,
    known: Option<(Date, Rules)>,
}

impl RulesOfTheDay {
    fn problems(&mut self, opened: &Opened) -> anyhow::Result<Vec<(String, &'static str)>> {
        let Ok(content) = &opened.content else {
            return Ok(Vec::new());
        };
        let received = clock::date_in_viet_nam(opened.server_time_ms);
        if self.known.as_ref().map(|(day, _)| *day) != received {
            self.known = match (received, &self.config) {
                (None, _) => None,
                (Some(day), Some(folder)) => Some((day, rules_in(folder, day)?)),
                (Some(day), None) => shipped_rules(day).ok().map(|rules| (day, rules)),
            };
        }
        Ok(match &self.known {
            Some((day, rules)) => problems(&content.dossier, rules, *day),
            None => vec![("form_edition".to_owned(), "no-rules")],
        })
    }
}
