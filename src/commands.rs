//! What each command of `kiosk` does.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the command line's answers go to the terminal")]

#[cfg(feature = "screen")]
mod fonts;
mod officer;
mod outbox;
#[cfg(feature = "sim")]
mod simulate;
#[cfg(feature = "sim")]
mod simulated;

use anyhow::Context;
use passport_kiosk::config::{Config, Refusal};
use passport_kiosk::journal::{self, Entry};
use passport_kiosk::queue::store::{Error, Store, Tally, quarantined};
use passport_kiosk::{clock, device};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(crate) use outbox::{export, import_receipts, salvage};

#[cfg(feature = "screen")]
pub(crate) use fonts::{pin_fonts, unpin_fonts};
pub(crate) use officer::{add as officer_add, list as officer_list, remove as officer_remove};
#[cfg(feature = "sim")]
pub(crate) use simulate::{Options, simulate};
#[cfg(feature = "sim")]
pub(crate) use simulated::{demo, drive, scanner};

/// A thread that dies would leave a screen that answers nothing: the whole process ends and systemd starts it again.
/// The message of a panic may hold what a citizen typed, so only the place is told.
pub(crate) fn end_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location();
        journal::write(&Entry::Panicked {
            file: place.map_or_else(String::new, |place| place.file().to_owned()),
            line: place.map_or(0, std::panic::Location::line),
        });
        std::process::exit(101);
    }));
}

/// Says what went wrong; 2 when it is the configuration's fault.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("kiosk: {error:#}");
    if error.is::<Refusal>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// Says what is not as it should be, and goes on.
#[cfg(feature = "screen")]
pub(crate) fn warn(error: &anyhow::Error) {
    eprintln!("kiosk: warning: {error:#}");
}

/// Only what draws needs fonts.
#[cfg(feature = "screen")]
pub(crate) fn needs_fonts(command: &super::Command) -> bool {
    match command {
        super::Command::Check { .. }
        | super::Command::Identity { .. }
        | super::Command::Queue { .. }
        | super::Command::Export { .. }
        | super::Command::ImportReceipts { .. }
        | super::Command::Salvage { .. }
        | super::Command::Officer { .. } => false,
        super::Command::Run { .. } => true,
        #[cfg(feature = "sim")]
        super::Command::Demo { .. } | super::Command::Drive { .. } => true,
        #[cfg(feature = "sim")]
        super::Command::Sim { .. } | super::Command::Simulate(_) => false,
    }
}

pub(crate) fn check(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file, clock::today())?;
    print!("{}", config.describe());
    if config.site.is_example() {
        eprintln!("kiosk: warning: the site is an example: its citizen_url leads nowhere");
    }
    if config.office.trust.is_none() {
        eprintln!(
            "kiosk: warning: {} is missing: nothing can be saved until it is installed (see `intake keys`)",
            config.office.trust_file.display()
        );
    }
    Ok(())
}

pub(crate) fn identity(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file, clock::today())?;
    let device = device::load_or_create(&config.data, device::credentials().as_deref())?;
    let key = device::public_text(&device.public());
    println!("{}", json!({ "kiosk": config.kiosk_id, "key": key, "storage": device.storage().code() }));
    Ok(())
}

pub(crate) fn queue(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file, clock::today())?;
    let database = config.data.join("queue.db");
    anyhow::ensure!(database.exists(), "{}: no queue yet; the kiosk has not been started", database.display());
    let (tally, running) = match Store::look(&database) {
        Ok(tally) => (tally, false),
        Err(Error::Busy) => (last_words_of_the_running_kiosk(&config)?, true),
        Err(error) => return Err(error).with_context(|| database.display().to_string()),
    };
    let oldest_s = tally.oldest_queued_ms.map(|ms| (clock::unix_ms() - ms).max(0) / 1_000);
    println!(
        "{}",
        json!({
            "queued": tally.queued,
            "received": tally.received,
            "attention": tally.attention,
            "oldest_queued_s": oldest_s,
            "quarantined": quarantined(&database),
            "kiosk_running": running,
        })
    );
    Ok(())
}

/// A running kiosk holds the file alone and leaves its counts beside it.
fn last_words_of_the_running_kiosk(config: &Config) -> anyhow::Result<Tally> {
    let status = config.data.join("status.json");
    let text = std::fs::read(&status)
        .with_context(|| format!("the queue is held by another process, and {} cannot be read", status.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

#[cfg(feature = "screen")]
pub(crate) fn run(file: &Path) -> anyhow::Result<()> {
    use passport_kiosk::speech::Voice;
    use passport_kiosk::{kiosk, window};
    let config = Config::read(file, clock::today())?;
    let app = kiosk_ui::AppWindow::new().context("no display; on the appliance build with --features linuxkms")?;
    window::prepare(&app, &config, false);
    let running = kiosk::start(&config, window::shower(&app))?;
    window::bind(&app, &running.tell);
    if let Some(voice) = std::env::var_os("PATH").and_then(|path| Voice::find(&path)) {
        window::looks::give_voice(&app, voice);
    }
    window::run(&app, &config)?;
    running.stop();
    Ok(())
}
