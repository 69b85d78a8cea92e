//! `intake import`: dossiers that came on a medium instead of over the network.

use super::{Absent, Data, explain, say};
use anyhow::{Context, ensure};
use clap::Args;
use passport_kiosk::clock;
use passport_kiosk::gateway::parcel::MAX_PARCEL_BYTES;
use passport_kiosk::office::{Office, Settings, keys};
use std::path::PathBuf;
use std::process::ExitCode;

/// `intake import`
#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    data: Data,
    /// Where receipt.key is
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// The parcels
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Import {
    /// Tries every file. `kiosk import-receipts` takes what is written beside them back to the kiosk.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let (key, key_id) = keys::receipt_key(&self.keys).map_err(|e| explain(e, &self.keys))?;
        let runtime = tokio::runtime::Runtime::new()?;
        let store = runtime.block_on(self.data.open(Absent::Refuse))?;
        let office = runtime.block_on(async { Office::new(store, key, key_id, clock::unix_ms, Settings::default()) });
        let mut all_good = true;
        for file in &self.files {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            ensure!(std::fs::metadata(file)?.len() <= MAX_PARCEL_BYTES, "{name}: too long for a parcel");
            let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
            match runtime.block_on(office.import(&bytes)) {
                Ok((submission, receipt)) => {
                    std::fs::write(file.with_extension("receipt"), serde_json::to_vec(&receipt)?)?;
                    say(&serde_json::json!({ "imported": submission }))?;
                }
                Err(error) => {
                    all_good = false;
                    say(&serde_json::json!({ "file": name, "error": error.code() }))?;
                }
            }
        }
        Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
