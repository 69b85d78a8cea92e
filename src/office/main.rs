//! `intake`: the office's program. Makes keys, admits kiosks, receives dossiers, and opens them on an inside machine.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's results and errors go to the terminal")]

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use passport_kiosk::clock;
use passport_kiosk::config::{rules_in, shipped_rules};
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::form::Rules;
use passport_kiosk::envelope::{OfficeSecret, Suite};
use passport_kiosk::gateway::dossier::problems;
use passport_kiosk::gateway::trust::verifying_key;
use passport_kiosk::office::keys::{self, KeysError, PUBLIC_FILE, RECEIPT_FILE, ROOT_FILE, UNSEAL_FILE};
use passport_kiosk::office::store::{self, Store};
use passport_kiosk::office::unseal::{self, Line, Opened};
use passport_kiosk::office::{self, Office};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The office's end of the passport kiosks.
#[derive(Parser)]
#[command(name = "intake")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the office's keys: root.key (safe), unseal.key (inside machine), receipt.key, office.toml (for the kiosks)
    Keys {
        /// Where the four files go; none of them may exist
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Admit a kiosk by its public key
    Enrol {
        /// The office's data
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The kiosk's name: 1 to 64 of a-z, 0-9 and -
        #[arg(long, value_name = "ID")]
        kiosk: String,
        /// Its Ed25519 public key
        #[arg(long, value_name = "BASE64URL")]
        key: String,
        /// What people call it
        #[arg(long, value_name = "TEXT", default_value = "")]
        name: String,
    },
    /// Refuse everything further from a kiosk, for good
    Revoke {
        /// The office's data
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The kiosk's name
        #[arg(long, value_name = "ID")]
        kiosk: String,
    },
    /// Receive sealed dossiers over plain HTTP; needs receipt.key and nothing else
    ///
    /// There is no TLS here: unless the address is a loopback one, a TLS proxy must stand in front.
    Serve {
        /// The office's data
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where receipt.key is
        #[arg(long, value_name = "DIR")]
        keys: PathBuf,
        /// Address and port; port 0 takes a free one. Not loopback: only behind a TLS proxy
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
        listen: SocketAddr,
    },
    /// Open what was delivered, on an inside machine; `serve` may run at the same time
    Open {
        /// The office's data
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where unseal.key is
        #[arg(long, value_name = "DIR")]
        keys: PathBuf,
        /// The kiosks' configuration folder, whose lists decide; without it those of this program's version
        #[arg(long, value_name = "DIR")]
        config: Option<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Output {
    /// One line of JSON per submission, without what the citizen entered
    #[arg(long)]
    list: bool,
    /// As --list, and one file per submission with the fields; a differing file is never overwritten
    #[arg(long, value_name = "OUTDIR")]
    export: Option<PathBuf>,
    /// One line of JSON per submission, with the fields
    #[arg(long)]
    json: bool,
}

/// The command could not start because of how it was called: exit code 2, as for wrong arguments.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("intake: {error:#}");
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Keys { out } => make_keys(&out)?,
        Command::Enrol { data, kiosk, key, name } => {
            let Some(key) = verifying_key(&key) else {
                bail!(Usage("--key is not an Ed25519 public key: 32 bytes in base64url without padding".into()))
            };
            open_store(&data)?.enrol(&kiosk, &key, &name, clock::unix_ms())?;
            say(&serde_json::json!({ "enrolled": kiosk }))?;
        }
        Command::Revoke { data, kiosk } => {
            if !data.join(store::FILE).is_file() {
                bail!("there is no {} in {}", store::FILE, data.display());
            }
            open_store(&data)?.revoke(&kiosk)?;
            say(&serde_json::json!({ "revoked": kiosk }))?;
        }
        Command::Serve { data, keys, listen } => serve(&data, &keys, listen)?,
        Command::Open { data, keys, config, output } => return open(&data, &keys, config, &output),
    }
    Ok(ExitCode::SUCCESS)
}

fn make_keys(out: &Path) -> anyhow::Result<()> {
    let trust = keys::create(out, clock::unix_ms())?;
    let (_, receipt_key_id) = keys::receipt_key(out)?;
    let kid = trust.seal_key(Suite::X25519, None).map(|key| key.kid);
    eprintln!("{ROOT_FILE}     signs key bundles: into a safe, on no machine that has a network");
    eprintln!("{UNSEAL_FILE}   opens dossiers: move it to the inside machine, keep a copy in a safe");
    eprintln!("{RECEIPT_FILE}  signs receipts: stays where `intake serve` runs");
    eprintln!("{PUBLIC_FILE}  public: goes into kiosk-config/trust/ of every kiosk");
    say(&serde_json::json!({ "kid": kid, "receipt_key_id": receipt_key_id }))
}

fn serve(data: &Path, keys_dir: &Path, listen: SocketAddr) -> anyhow::Result<()> {
    let (key, key_id) = keys::receipt_key(keys_dir).map_err(|e| explain(e, keys_dir))?;
    if keys_dir.join(UNSEAL_FILE).exists() {
        eprintln!(
            "intake: warning: {UNSEAL_FILE} lies in {}. It opens every dossier and does not belong on this machine: \
             move it to the inside machine.",
            keys_dir.display()
        );
    }
    if !listen.ip().is_loopback() {
        eprintln!("intake: warning: {listen} is plain HTTP. A TLS proxy must stand in front.");
    }
    let office = Office::open(data, key, key_id, clock::unix_ms).with_context(|| format!("{}", data.display()))?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| format!("cannot use {listen}"))?;
        say(&serde_json::json!({ "listening": listener.local_addr()?.to_string() }))?;
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        Ok(office::serve(listener, office, stop).await?)
    })
}

fn open(data: &Path, keys_dir: &Path, config: Option<PathBuf>, output: &Output) -> anyhow::Result<ExitCode> {
    let secret: OfficeSecret = keys::unsealing_key(keys_dir).map_err(|e| explain(e, keys_dir))?;
    let mut rules = RulesOfTheDay { config, known: None };
    let mut all_good = true;
    for opened in unseal::open_each(data, &secret).with_context(|| format!("{}", data.display()))? {
        let opened = opened?;
        let found = rules.problems(&opened)?;
        std::io::stdout().write_all(&Line::new(&opened, found.clone(), output.json).to_json()?)?;
        all_good &= opened.content.is_ok();
        if let Some(directory) = output.export.as_deref().filter(|_| opened.content.is_ok()) {
            let json = Line::new(&opened, found, true).to_json()?;
            if let Err(error) = unseal::export(directory, opened.submission_id, &json) {
                all_good = false;
                say(&serde_json::json!({ "submission_id": opened.submission_id, "error": error.code() }))?;
            }
        }
    }
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

fn open_store(data: &Path) -> anyhow::Result<Store> {
    Store::open(data).with_context(|| format!("{}", data.display()))
}

/// A missing key is explained with the command that makes it.
fn explain(error: KeysError, directory: &Path) -> anyhow::Error {
    match error {
        KeysError::Missing(_) => {
            let make = format!("The office's keys are made once with: intake keys --out {}", directory.display());
            Usage(format!("{error}. {make}")).into()
        }
        other => other.into(),
    }
}

fn say(line: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
