//! `intake serve`: the one command that kiosks talk to.

use super::{Absent, Data, Usage, explain, say};
use anyhow::{Context, bail};
use clap::Args;
use passport_kiosk::clock;
use passport_kiosk::config::shipped_rules;
use passport_kiosk::gateway::trust::Trust;
use passport_kiosk::office::keys::{self, PUBLIC_FILE, ROOT_FILE, UNSEAL_FILE};
use passport_kiosk::office::serve::{Edge, serve_metrics, serve_with};
use passport_kiosk::office::store::{Bundle, IntakeStore, StoreError};
use passport_kiosk::office::tls::{self, CA_KEY_FILE};
use passport_kiosk::office::{Office, SLIP_DAYS, Settings};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// `intake serve`
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    data: Data,
    /// Where receipt.key and office.toml are
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// Address and port; port 0 takes a free one. Not loopback: with --tls, or --plain-behind-proxy
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// TLS 1.3 with server.pem and server.key from this folder, made by `intake certify`
    #[arg(long, value_name = "DIR", conflicts_with = "plain_behind_proxy")]
    tls: Option<PathBuf>,
    /// Plain HTTP on an address that is not loopback: a TLS proxy stands in front and passes the Host header on
    #[arg(long)]
    plain_behind_proxy: bool,
    /// Days after the receipt for which a citizen's slip opens the dossier on a phone
    #[arg(long, value_name = "DAYS", default_value_t = SLIP_DAYS, value_parser = clap::value_parser!(u32).range(1..=3650))]
    slip_days: u32,
    /// Address of the metrics for Prometheus, below /metrics; loopback only
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub fn run(&self) -> anyhow::Result<()> {
        self.check_place()?;
        let (key, key_id) = keys::receipt_key(&self.keys).map_err(|e| explain(e, &self.keys))?;
        let tls = self.tls.as_deref().map(tls::server_config).transpose()?;
        let edge = Edge { tls, ..Edge::default() };
        tokio::runtime::Runtime::new()?.block_on(async {
            let store = self.data.open(Absent::Make).await?;
            offer_bundle(&*store, &self.keys, &key_id).await?;
            let office = Office::new(store, key, key_id, clock::unix_ms, self.settings());
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            let listener = bind(self.listen).await?;
            if let Some(address) = self.metrics {
                tokio::spawn(serve_metrics(bind(address).await?, office.clone()));
            }
            say(&serde_json::json!({ "listening": listener.local_addr()?.to_string() }))?;
            let stop = async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            };
            Ok(serve_with(listener, office, edge, stop).await?)
        })
    }

    /// The portal's address is that of the rules that came with the program.
    fn settings(&self) -> Settings {
        let portal = shipped_rules(clock::today()).map(|rules| rules.portal.apply).unwrap_or_default();
        Settings { slip_days: self.slip_days, portal, ..Settings::default() }
    }

    /// Refuses keys where they do not belong, and plain HTTP where others can listen. A demo on loopback is warned.
    fn check_place(&self) -> anyhow::Result<()> {
        let is_demo = self.listen.ip().is_loopback() && self.tls.is_none() && !self.plain_behind_proxy;
        if !self.listen.ip().is_loopback() && self.tls.is_none() && !self.plain_behind_proxy {
            bail!(Usage(format!("{} is not loopback: give --tls DIR, or --plain-behind-proxy", self.listen)));
        }
        if self.metrics.is_some_and(|address| !address.ip().is_loopback()) {
            bail!(Usage("--metrics is for loopback addresses only".to_owned()));
        }
        let tls = self.tls.as_deref().unwrap_or(&self.keys);
        let places = [(&*self.keys, UNSEAL_FILE), (&*self.keys, ROOT_FILE), (tls, CA_KEY_FILE)];
        for (folder, name) in places.into_iter().filter(|(folder, name)| folder.join(name).exists()) {
            let what = format!("{name} lies in {} and does not belong on this machine", folder.display());
            if !is_demo {
                bail!(Usage(format!("{what}: move it to where `intake keys` and `intake certify` said")));
            }
            eprintln!("intake: warning: {what}");
        }
        Ok(())
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot use {address}"))
}

/// Puts the bundle of `office.toml` into the store, unless a newer one is there, and sees to it that kiosks will believe
/// what this process signs.
async fn offer_bundle(store: &dyn IntakeStore, keys_dir: &Path, key_id: &str) -> anyhow::Result<()> {
    let file = keys_dir.join(PUBLIC_FILE);
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("intake: warning: there is no {}: kiosks get no key bundle from here", file.display());
        return Ok(());
    };
    let mut trust = Trust::parse(&text).with_context(|| file.display().to_string())?;
    let bundle = Bundle { version: trust.version(), signed: serde_json::to_string(trust.signed())? };
    match store.keep_bundle(bundle, clock::unix_ms()).await {
        Ok(_) => {}
        Err(StoreError::OldBundle) => {
            let newest = store.bundle().await?.and_then(|bundle| serde_json::from_str(&bundle.signed).ok());
            trust = newest.and_then(|signed| trust.newer(&signed)).with_context(|| {
                format!("the store holds a newer key bundle that the root in {} has not signed", file.display())
            })?;
        }
        Err(error) => return Err(error.into()),
    }
    if trust.receipt_key(key_id).is_none() {
        bail!("receipt.key ({key_id}) is not in key bundle {}: no kiosk would believe it", trust.version());
    }
    Ok(())
}
