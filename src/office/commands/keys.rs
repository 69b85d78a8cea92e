//! `intake keys`, `rotate`, `certify`: what is made at a desk, not on the serving machine.

use super::{Usage, explain, say};
use anyhow::{Context, bail};
use clap::Args;
use passport_kiosk::clock;
use passport_kiosk::envelope::Suite;
use passport_kiosk::office::keys::{self, PUBLIC_FILE, RECEIPT_FILE, ROOT_FILE, Rotation, UNSEAL_FILE};
use passport_kiosk::office::tls::{self, CA_FILE, CA_KEY_FILE, CERTIFICATE_FILE, KEY_FILE};
use std::path::PathBuf;

/// `intake keys`
#[derive(Args)]
pub struct Make {
    /// Where the four files go; none of them may exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Make {
    /// Makes the keys and says where each belongs.
    pub fn run(&self) -> anyhow::Result<()> {
        let trust = keys::create(&self.out, clock::unix_ms())?;
        let (_, receipt_key_id) = keys::receipt_key(&self.out)?;
        let kid = trust.seal_key(Suite::X25519, None).map(|key| key.kid);
        eprintln!("{ROOT_FILE}     signs key bundles: into a safe, on no machine that has a network");
        eprintln!("{UNSEAL_FILE}   opens dossiers: move it to the inside machine, keep a copy in a safe");
        eprintln!("{RECEIPT_FILE}  signs receipts: stays where `intake serve` runs");
        eprintln!("{PUBLIC_FILE}  public: goes into kiosk-config/trust/ of every kiosk, and stays beside receipt.key");
        say(&serde_json::json!({ "kid": kid, "receipt_key_id": receipt_key_id }))
    }
}

/// `intake rotate`
#[derive(Args)]
pub struct Rotate {
    /// The office.toml in force
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Where root.key is
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Where the next office.toml and the new keys go
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Draw a new receipt.key; the old one stays good until it is dropped
    #[arg(long)]
    receipt: bool,
    /// Draw a new unseal.key; nothing more is sealed to the old one, which still opens what was
    #[arg(long)]
    unseal: bool,
    /// Leave a key out, by its name
    #[arg(long, value_name = "KEY")]
    drop: Vec<String>,
}

impl Rotate {
    /// Signs the next bundle.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { trust, root, out, receipt, unseal, drop } = self;
        let current = std::fs::read_to_string(&trust).with_context(|| trust.display().to_string())?;
        let change = Rotation { receipt, unseal, drop };
        let next =
            keys::rotate(&current, &root, &out, &change, clock::unix_ms()).map_err(|error| explain(error, &root))?;
        eprintln!("{PUBLIC_FILE}  goes beside receipt.key of every `intake serve`, which offers it to the kiosks");
        say(&serde_json::json!({ "bundle_version": next.version(), "expires_ms": next.expires_ms() }))
    }
}

/// `intake certify`
#[derive(Args)]
pub struct Certify {
    /// The server's name or address as kiosks write it; may be given more than once
    #[arg(long, value_name = "NAME", required = true)]
    host: Vec<String>,
    /// Where server.pem and server.key go, and ca.pem and ca.key of a new authority
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where ca.key of the authority is that kiosks know; without it a new authority is made
    #[arg(long, value_name = "DIR")]
    ca: Option<PathBuf>,
}

impl Certify {
    /// Makes the certificate.
    pub fn run(&self) -> anyhow::Result<()> {
        if self.host.iter().any(|name| name.is_empty() || name.contains([':', '/']) && !name.contains("::")) {
            bail!(Usage("--host is a name or an address, without scheme and port".to_owned()));
        }
        tls::certify(&self.host, &self.out, self.ca.as_deref(), clock::unix_ms())?;
        if self.ca.is_none() {
            eprintln!("{CA_KEY_FILE}      makes certificates that kiosks believe: into a safe, not onto the server");
            eprintln!("{CA_FILE}      public: `office.ca` of every kiosk");
        }
        eprintln!("{CERTIFICATE_FILE}, {KEY_FILE}  for `intake serve --tls`; good for two years");
        say(&serde_json::json!({ "hosts": self.host }))
    }
}
