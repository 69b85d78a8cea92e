//! The commands of the simulated outside world.

use anyhow::Context;
use passport_kiosk::clock;
use passport_kiosk::config::Config;
use passport_kiosk::sim::scanner::{Scanner, cards};
use passport_kiosk::sim::{demo, drive as driver};
use serde_json::json;
use std::io::BufRead;
use std::path::Path;

pub(crate) fn demo(headless: bool, out: &Path) -> anyhow::Result<()> {
    let display =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
    if headless || !display {
        if !headless {
            eprintln!("kiosk: no display here (DISPLAY and WAYLAND_DISPLAY are not set): running as with --headless");
        }
        let summary = demo::headless(out)?;
        eprintln!("kiosk: pictures of every screen are in {}", out.display());
        println!("{}", serde_json::to_string(&summary)?);
        anyhow::ensure!(summary.is_well(), "not every dossier arrived as it was entered");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    demo::windowed(folder.path())
}

pub(crate) fn drive(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file, clock::today())?;
    driver::run(&config, std::io::BufReader::new(std::io::stdin()), std::io::stdout())
}

pub(crate) fn scanner(link: &Path) -> anyhow::Result<()> {
    let mut device = Scanner::new(link)?;
    device.plug()?;
    println!("{}", json!({ "ok": true, "device": link.display().to_string() }));
    for command in std::io::stdin().lock().lines() {
        let command = command?;
        let (word, rest) = command.split_once(' ').unwrap_or((&command, ""));
        let done = match word {
            "quit" => break,
            "" => continue,
            "plug" => device.plug().map_err(Into::into),
            "unplug" => device.unplug().map_err(Into::into),
            "cards" => {
                let keys: Vec<&str> = cards().iter().map(|card| card.key).collect();
                println!("{}", json!({ "ok": true, "cards": keys }));
                continue;
            }
            "card" => present(&mut device, rest),
            "text" => device.present(rest.as_bytes()).map_err(Into::into),
            "hex" => bytes(rest).and_then(|bytes| Ok(device.send_raw(&bytes)?)),
            _ => Err(anyhow::anyhow!("card KEY | cards | text TEXT | hex BYTES | unplug | plug | quit")),
        };
        match done {
            Ok(()) => println!("{}", json!({ "ok": true })),
            Err(error) => println!("{}", json!({ "ok": false, "error": format!("{error:#}") })),
        }
    }
    Ok(())
}

fn present(scanner: &mut Scanner, key: &str) -> anyhow::Result<()> {
    let cards = cards();
    let card = cards.iter().find(|card| card.key == key.trim()).context("no such card; `cards` lists them")?;
    Ok(scanner.present(card.qr.as_bytes())?)
}

fn bytes(hex: &str) -> anyhow::Result<Vec<u8>> {
    let digits: Vec<u8> = hex.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    anyhow::ensure!(digits.len().is_multiple_of(2), "an even number of hex digits");
    digits.chunks(2).map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}
