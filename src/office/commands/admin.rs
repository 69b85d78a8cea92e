//! `intake code`, `enrol`, `revoke`, `kiosks`, `status`, `record-portal-code`: the technician's and the officer's words.

use super::{Absent, Data, Usage, block_on, say};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use passport_kiosk::clock;
use passport_kiosk::gateway::trust::verifying_key;
use passport_kiosk::office::code::{self, Code};
use passport_kiosk::office::store::{Enrolment, Listed, State, Status, StoreError};
use serde_json::json;
use uuid::Uuid;

/// `intake code`
#[derive(Args)]
pub struct NewCode {
    #[command(flatten)]
    data: Data,
    /// The kiosk's name: 1 to 64 of a-z, 0-9 and -
    #[arg(long, value_name = "ID")]
    kiosk: String,
}

impl NewCode {
    /// Makes a code and shows it, once: only its digest is kept.
    pub fn run(&self) -> anyhow::Result<()> {
        let code = Code::random()?;
        let hash = code.hash(&self.kiosk).ok_or(StoreError::KioskName)?;
        let expires_ms = clock::unix_ms() + code::LIFE_MS;
        block_on(async {
            let store = self.data.open(Absent::Make).await?;
            Ok(store.offer_code(&self.kiosk, hash, expires_ms).await?)
        })?;
        eprintln!("For one use within 24 hours; five wrong tries void it.");
        say(&json!({ "kiosk": self.kiosk, "code": &**code.shown(), "expires_ms": expires_ms }))
    }
}

/// `intake enrol`
#[derive(Args)]
pub struct Enrol {
    #[command(flatten)]
    data: Data,
    /// The kiosk's name: 1 to 64 of a-z, 0-9 and -
    #[arg(long, value_name = "ID")]
    kiosk: String,
    /// Its Ed25519 public key
    #[arg(long, value_name = "BASE64URL")]
    key: String,
    /// What people call it
    #[arg(long, value_name = "TEXT", default_value = "")]
    name: String,
}

impl Enrol {
    /// Admits the kiosk.
    pub fn run(self) -> anyhow::Result<()> {
        let Some(key) = verifying_key(&self.key) else {
            bail!(Usage("--key is not an Ed25519 public key: 32 bytes in base64url without padding".into()))
        };
        let enrolment = Enrolment { kiosk_id: self.kiosk.clone(), key, name: self.name, key_storage: String::new() };
        block_on(async {
            let store = self.data.open(Absent::Make).await?;
            Ok(store.enrol(enrolment, clock::unix_ms()).await?)
        })?;
        say(&json!({ "enrolled": self.kiosk }))
    }
}

/// `intake revoke`
#[derive(Args)]
pub struct Revoke {
    #[command(flatten)]
    data: Data,
    /// The kiosk's name
    #[arg(long, value_name = "ID")]
    kiosk: String,
}

impl Revoke {
    /// Shuts the kiosk out.
    pub fn run(&self) -> anyhow::Result<()> {
        block_on(async { Ok(self.data.open(Absent::Refuse).await?.revoke(&self.kiosk).await?) })?;
        say(&json!({ "revoked": self.kiosk }))
    }
}

/// `intake kiosks`
#[derive(Args)]
pub struct Kiosks {
    #[command(flatten)]
    data: Data,
}

impl Kiosks {
    /// One line of JSON a kiosk.
    pub fn run(&self) -> anyhow::Result<()> {
        let now_ms = clock::unix_ms();
        let all = block_on(async { Ok(self.data.open(Absent::ReadOnly).await?.kiosks().await?) })?;
        all.iter().try_for_each(|kiosk| say(&line(kiosk, now_ms)))
    }
}

fn line(kiosk: &Listed, now_ms: i64) -> serde_json::Value {
    let heard = kiosk.heard.as_ref().map(|heard| {
        json!({
            "age_s": now_ms.saturating_sub(heard.at_ms) / 1_000,
            "program": heard.program,
            "queued": heard.queued,
            "received": heard.received,
            "attention": heard.attention,
            "oldest_queued_s": heard.oldest_queued_s,
            "clock_offset_ms": heard.clock_offset_ms,
            "disk_free_bytes": heard.disk_free_bytes,
            "quarantined": heard.quarantined,
            "bundle_version": heard.bundle_version,
            "journal_broken_since_ms": heard.broken_ms,
        })
    });
    json!({
        "kiosk": kiosk.id,
        "name": kiosk.name,
        "revoked": kiosk.revoked,
        "key_storage": kiosk.key_storage,
        "enrolled_ms": kiosk.enrolled_ms,
        "heard": heard,
    })
}

/// `intake status`
#[derive(Subcommand)]
pub enum StatusCommand {
    /// Set the state of a submission; the kiosk that sent it learns of it
    Set(SetStatus),
}

/// `intake status set`
#[derive(Args)]
pub struct SetStatus {
    #[command(flatten)]
    data: Data,
    /// The submission's id
    #[arg(long, value_name = "UUID")]
    submission: Uuid,
    /// received, screened, returned, `handed_over`, or national-1 to national-10 (after record-portal-code)
    #[arg(long, value_name = "STATE")]
    state: String,
    /// Why, as a code: with returned and national states
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
    /// The key of a field it is about; may be given more than once
    #[arg(long, value_name = "KEY")]
    field: Vec<String>,
}

impl StatusCommand {
    /// Appends to the log of changes.
    pub fn run(self) -> anyhow::Result<()> {
        let Self::Set(SetStatus { data, submission, state, reason, field }) = self;
        let Some(known) = State::parse(&state) else {
            bail!(Usage("--state is received, screened, returned, handed_over, or national-1 to national-10".into()))
        };
        let Some(status) = Status::new(submission, known, reason, field) else {
            bail!(Usage("--reason and --field are codes (a-z 0-9 - _), with states that give reasons only".into()))
        };
        block_on(async { Ok(data.open(Absent::Refuse).await?.set_status(status, clock::unix_ms()).await?) })
            .context("the state was not set")?;
        say(&json!({ "submission_id": submission, "state": state }))
    }
}

/// `intake void`
#[derive(Args)]
pub struct Void {
    #[command(flatten)]
    data: Data,
    /// The dossier's id
    #[arg(long, value_name = "UUID")]
    dossier: Uuid,
}

impl Void {
    /// The dossier itself stays as it is.
    pub fn run(&self) -> anyhow::Result<()> {
        block_on(async {
            let store = self.data.open(Absent::Refuse).await?;
            Ok(store.void_slips(self.dossier, clock::unix_ms()).await?)
        })?;
        say(&json!({ "void": self.dossier }))
    }
}

/// `intake record-portal-code`
#[derive(Args)]
pub struct PortalCode {
    #[command(flatten)]
    data: Data,
    /// The dossier's id
    #[arg(long, value_name = "UUID")]
    dossier: Uuid,
    /// The portal's code
    #[arg(long, value_name = "CODE")]
    code: String,
}

impl PortalCode {
    /// Notes the code.
    pub fn run(&self) -> anyhow::Result<()> {
        block_on(async {
            let store = self.data.open(Absent::Refuse).await?;
            Ok(store.record_portal_code(self.dossier, &self.code, clock::unix_ms()).await?)
        })?;
        say(&json!({ "dossier_id": self.dossier }))
    }
}
