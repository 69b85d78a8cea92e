//! What the commands of `intake` have in common: which store, and how results are said.

pub mod admin;
pub mod copies;
pub mod import;
pub mod keys;
pub mod open;
pub mod serve;

use anyhow::{Context, bail};
use clap::Args;
use passport_kiosk::office::keys::KeysError;
use passport_kiosk::office::store::IntakeStore;
use passport_kiosk::office::store::postgres::PostgresStore;
use passport_kiosk::office::store::sqlite::{FILE, SqliteStore};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The command could not start because of how it was called: exit code 2, as for wrong arguments.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Names a `PostgreSQL` database instead of `--data`.
const DATABASE_URL: &str = "DATABASE_URL";
/// PEM of the authority of a database on another machine.
const DATABASE_CA: &str = "DATABASE_CA";

/// Which store.
#[derive(Args)]
pub struct Data {
    /// Folder of the embedded database; not with `DATABASE_URL` (and `DATABASE_CA`, a PEM file, if on another machine)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What to do when there is no store yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Make one.
    Make,
    /// Say so.
    Refuse,
    /// Say so; and only read the one that is there.
    ReadOnly,
}

impl Data {
    /// The folder of the embedded database; `None`: it is `PostgreSQL`.
    pub fn folder(&self) -> anyhow::Result<Option<&Path>> {
        match (&self.data, database_url()) {
            (Some(_), Some(_)) => bail!(Usage(format!("either --data or {DATABASE_URL}, not both"))),
            (None, None) => bail!(Usage(format!("--data DIR or {DATABASE_URL}=postgres://… is missing"))),
            (folder, _) => Ok(folder.as_deref()),
        }
    }

    /// Opens the store.
    pub async fn open(&self, absent: Absent) -> anyhow::Result<Arc<dyn IntakeStore>> {
        let Some(folder) = self.folder()? else {
            return Ok(Arc::new(postgres().await?));
        };
        if absent != Absent::Make && !folder.join(FILE).is_file() {
            bail!("there is no {FILE} in {}", folder.display());
        }
        let opened = match absent {
            Absent::ReadOnly => SqliteStore::open_to_read(folder),
            Absent::Make | Absent::Refuse => SqliteStore::open(folder),
        };
        Ok(Arc::new(opened.with_context(|| folder.display().to_string())?))
    }
}

fn database_url() -> Option<String> {
    std::env::var(DATABASE_URL).ok().filter(|url| !url.is_empty())
}

/// The address is not repeated in errors: a password may stand in it.
pub async fn postgres() -> anyhow::Result<PostgresStore> {
    let url = database_url().with_context(|| format!("{DATABASE_URL} is missing"))?;
    let opened = match std::env::var_os(DATABASE_CA) {
        Some(file) => {
            let pem = std::fs::read(&file).with_context(|| format!("{DATABASE_CA} cannot be read"))?;
            PostgresStore::open_far(&url, &pem).await
        }
        None => PostgresStore::open(&url).await,
    };
    opened.with_context(|| format!("the database of {DATABASE_URL}"))
}

/// Runs one command to its end.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

/// One line of JSON on standard output.
pub fn say(line: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// A missing key is explained with the command that makes it.
pub fn explain(error: KeysError, directory: &Path) -> anyhow::Error {
    match error {
        KeysError::Missing(_) => {
            let make = format!("The office's keys are made once with: intake keys --out {}", directory.display());
            Usage(format!("{error}. {make}")).into()
        }
        other => other.into(),
    }
}
