//! `kiosk officer`: who may open the officer's door. A PIN is typed here and never an argument, which others could read.

use anyhow::{Context, ensure};
use passport_kiosk::config::Config;
use passport_kiosk::domain::officer::{Pin, PinProblem};
use passport_kiosk::officer::{Cost, Officers};
use passport_kiosk::{clock, device};
use rustix::termios::{LocalModes, OptionalActions, isatty, tcgetattr, tcsetattr};
use serde_json::json;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// No PIN and no line of a script is longer, in bytes.
const MAX_LINE: usize = 64;

pub(crate) fn add(file: &Path, name: &str) -> anyhow::Result<()> {
    let officers = officers(file)?;
    let pin = read_pin()?;
    let id = officers.add(name, &pin, Cost::FULL)?;
    println!("{}", json!({ "officer": id, "name": name.trim() }));
    Ok(())
}

pub(crate) fn list(file: &Path) -> anyhow::Result<()> {
    for (name, peppered) in officers(file)?.list()? {
        println!("{}", json!({ "name": name, "peppered": peppered }));
    }
    Ok(())
}

pub(crate) fn remove(file: &Path, name: &str) -> anyhow::Result<()> {
    let id = officers(file)?.remove(name)?;
    println!("{}", json!({ "removed": id }));
    Ok(())
}

fn officers(file: &Path) -> anyhow::Result<Officers> {
    let config = Config::read(file, clock::today())?;
    // The folder is made as the running kiosk makes it: closed to other users.
    let credentials = device::credentials();
    device::load_or_create(&config.data, credentials.as_deref())?;
    Ok(Officers::new(&config.data, credentials.as_deref().map(Path::new), clock::running, clock::unix_ms))
}

/// Twice from a terminal, once from a script.
fn read_pin() -> anyhow::Result<Pin> {
    let stdin = std::io::stdin();
    let typed = if isatty(&stdin) {
        let before = tcgetattr(&stdin).context("the terminal")?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO;
        tcsetattr(&stdin, OptionalActions::Flush, &silent).context("the terminal")?;
        let typed = ask("PIN, 6 to 12 digits: ").and_then(|first| Ok((first, ask("The same again: ")?)));
        tcsetattr(&stdin, OptionalActions::Flush, &before).context("the terminal")?;
        let (first, second) = typed?;
        ensure!(first == second, "the two are not the same; nothing was changed");
        first
    } else {
        line()?
    };
    Pin::chosen(typed).map_err(|problem| match problem {
        PinProblem::Shape => anyhow::anyhow!("a PIN has 6 to 12 digits and nothing else"),
        PinProblem::Trivial => anyhow::anyhow!("this PIN is among those that are guessed first; choose another one"),
    })
}

fn ask(what: &str) -> anyhow::Result<Zeroizing<String>> {
    eprint!("{what}");
    let typed = line();
    eprintln!();
    typed
}

fn line() -> anyhow::Result<Zeroizing<String>> {
    // Made once in its full size: a string that grows leaves copies behind.
    let mut typed = Zeroizing::new(String::with_capacity(MAX_LINE));
    for byte in std::io::stdin().lock().bytes() {
        match byte? {
            b'\n' => break,
            b'\r' => {}
            byte => typed.push(char::from(byte)),
        }
        ensure!(typed.len() < MAX_LINE, "a PIN has 6 to 12 digits and nothing else");
    }
    Ok(typed)
}
