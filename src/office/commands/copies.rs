//! `intake backup`, `restore`, `durable`: what makes it safe that kiosks erase what they delivered.

use super::{Absent, Data, Usage, block_on, postgres, say};
use anyhow::{Context, bail};
use clap::Args;
use passport_kiosk::clock;
use passport_kiosk::office::store::sqlite::SqliteStore;
use passport_kiosk::office::store::{IntakeStore, Standing};
use serde_json::json;
use std::path::PathBuf;

/// `intake backup`
#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    data: Data,
    /// The copy; must not exist. On a medium that survives this machine: kiosks may erase what is in it
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Only copy; `intake durable` is called when the copy has reached a safe place
    #[arg(long)]
    not_yet_durable: bool,
}

impl Backup {
    /// Copies the embedded database.
    pub fn run(&self) -> anyhow::Result<()> {
        let Some(folder) = self.data.folder()? else {
            bail!(Usage("PostgreSQL is copied by its own tools (pg_dump, pg_basebackup); then: intake durable".into()))
        };
        // A bare file name has no folder that could be synced.
        let to = std::path::absolute(&self.to)?;
        let copied = block_on(async {
            let store = SqliteStore::open(folder).with_context(|| folder.display().to_string())?;
            let copied = if self.not_yet_durable { store.copy(&to).await } else { store.backup(&to).await };
            Ok(copied?)
        })?;
        say(&json!({ "copied_through": copied.last_receipt_no, "durable": !self.not_yet_durable }))
    }
}

/// `intake restore`
#[derive(Args)]
pub struct Restore {
    #[command(flatten)]
    data: Data,
    /// The copy that `intake backup` made; not with PostgreSQL, which its own tools have restored before
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

impl Restore {
    /// Begins a new epoch in what was restored.
    pub fn run(&self) -> anyhow::Result<()> {
        let mut epoch = [0_u8; 16];
        getrandom::fill(&mut epoch)?;
        let now_ms = clock::unix_ms();
        let standing = match (self.data.folder()?, &self.from) {
            (Some(folder), Some(copy)) => {
                std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
                SqliteStore::restore(copy, folder, epoch, now_ms)?
            }
            (None, None) => block_on(async {
                let store = postgres().await?;
                store.begin_epoch(epoch, now_ms).await?;
                Ok(store.standing().await?)
            })?,
            (Some(_), None) => bail!(Usage("--from FILE is missing: the copy that `intake backup` made".into())),
            (None, Some(_)) => bail!(Usage("--from is a copy of the embedded database, not of PostgreSQL".into())),
        };
        say(&told(&standing))
    }
}

/// `intake durable`
#[derive(Args)]
pub struct Durable {
    #[command(flatten)]
    data: Data,
    /// Every receipt up to this number is in a backup that was seen to be readable
    #[arg(long, value_name = "RECEIPT_NO", conflicts_with = "restored")]
    through: Option<u64>,
    /// PostgreSQL: the backup was restored here as another database; it is read, and what is in it is durable
    #[arg(long, value_name = "URL")]
    restored: Option<String>,
}

impl Durable {
    /// Shows the watermark, after raising it if asked to.
    pub fn run(&self) -> anyhow::Result<()> {
        let standing = block_on(async {
            if let Some(restored) = &self.restored {
                if self.data.folder()?.is_some() {
                    bail!(Usage("--restored is for PostgreSQL; the embedded database has `intake backup`".into()));
                }
                let store = postgres().await?;
                store.confirm_backup(restored).await?;
                return Ok(store.standing().await?);
            }
            let store = self.data.open(Absent::Refuse).await?;
            if let Some(through) = self.through {
                store.set_durable_through(through).await?;
            }
            Ok(store.standing().await?)
        })?;
        say(&told(&standing))
    }
}

fn told(standing: &Standing) -> serde_json::Value {
    json!({ "durable_through": standing.durable_through, "last_receipt_no": standing.last_receipt_no })
}
