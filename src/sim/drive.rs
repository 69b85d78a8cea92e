//! `kiosk drive`: the real kiosk with its real serial port, queue and gateway, led line by line on standard input.

use super::led::{self, Led, LedError, Note};
use crate::config::Config;
use crate::{kiosk, window};
use anyhow::Context;
use kiosk_ui::AppWindow;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

/// One command of the script.
enum Command<'a> {
    Tap(&'a str),
    Reach(&'a str),
    Hold(&'a str),
    Key(&'a str),
    State,
    Wait(&'a str, Duration),
    Shot(&'a Path, u32, u32),
    Quit,
}

/// Runs until `quit`, the end of the input, or SIGTERM. Every command is answered by one line of JSON.
pub fn run(config: &Config, input: impl BufRead + Send + 'static, mut output: impl Write) -> anyhow::Result<()> {
    led::install().context("another display is in use")?;
    let app = AppWindow::new()?;
    window::prepare(&app, config, true);
    let (notes, heard) = mpsc::channel();
    let shown = notes.clone();
    let running = kiosk::start(config, move |view| {
        // The main thread may be gone first; then nobody looks.
        let _ = shown.send(Note::Shown(Box::new(view)));
    })?;
    std::thread::Builder::new().name("script".to_owned()).spawn(move || read_script(input, &notes))?;
    let mut led = Led::new(app, heard)?;
    led.bind(running.tell.clone());
    while let Some(line) = led.next_line() {
        if line.trim().is_empty() {
            continue;
        }
        let answer = match parse(line.trim_end_matches(['\r', '\n'])) {
            Some(Command::Quit) => break,
            Some(command) => carry_out(&mut led, &command),
            None => {
                json!({ "ok": false, "error": "tap LABEL | reach LABEL | hold LABEL | key TEXT | state | wait SCREEN MS | shot FILE.png WxH | quit" })
            }
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    running.stop();
    writeln!(output, "{}", json!({ "ok": true, "stopped": true }))?;
    Ok(())
}

fn read_script(input: impl BufRead, notes: &Sender<Note>) {
    for line in input.lines() {
        let Ok(line) = line else { break };
        if notes.send(Note::Line(line)).is_err() {
            return;
        }
    }
    let _ = notes.send(Note::EndOfScript);
}

fn parse(line: &str) -> Option<Command<'_>> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "tap" if !rest.is_empty() => Some(Command::Tap(rest)),
        "reach" if !rest.is_empty() => Some(Command::Reach(rest)),
        "hold" if !rest.is_empty() => Some(Command::Hold(rest)),
        "key" if !rest.is_empty() => Some(Command::Key(rest)),
        "state" if rest.is_empty() => Some(Command::State),
        "quit" if rest.is_empty() => Some(Command::Quit),
        "wait" => {
            let (screen, ms) = rest.split_once(' ')?;
            Some(Command::Wait(screen, Duration::from_millis(ms.trim().parse().ok()?)))
        }
        "shot" => {
            let (file, shape) = rest.rsplit_once(' ')?;
            let (width, height) = shape.split_once('x')?;
            let side = |text: &str| text.parse().ok().filter(|side| (240..=8_000).contains(side));
            Some(Command::Shot(Path::new(file), side(width)?, side(height)?))
        }
        _ => None,
    }
}

fn carry_out(led: &mut Led, command: &Command<'_>) -> Value {
    let done: Result<Value, LedError> = match command {
        Command::Tap(label) => led.tap(label).map(|()| json!({})),
        Command::Reach(label) => led.reach(label).map(|()| json!({})),
        Command::Hold(label) => led.hold(label).map(|()| json!({})),
        Command::Key(text) => led.key(text).map(|()| json!({})),
        Command::State => led.state(),
        Command::Wait(screen, patience) => led.wait(screen, *patience).map(|()| json!({})),
        Command::Shot(file, width, height) => {
            led.shot(file, (*width, *height), None).map(|()| json!({ "file": file.display().to_string() }))
        }
        Command::Quit => Ok(json!({})),
    };
    match done {
        Ok(mut answer) => {
            answer["ok"] = true.into();
            if answer.get("screen").is_none() {
                answer["screen"] = led.screen().into();
            }
            answer
        }
        Err(error) => json!({ "ok": false, "screen": led.screen(), "error": error.to_string() }),
    }
}
