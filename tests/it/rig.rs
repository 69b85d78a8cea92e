//! The kiosk's real program in a folder of its own, led line by line, killed and started again; and patience with an end.

mod citizen;

pub use citizen::Citizen;

use citizen::AGENCY;
use passport_kiosk::gateway::wire::Dossier;
use passport_kiosk::office::unseal::Opened;
use passport_kiosk::sim::demo::citizens::TRIAGE;
use passport_kiosk::sim::scanner::cards;
use passport_kiosk::sim::stage::Stage;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// Nothing here takes so long unless it never comes.
pub const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Waits until `holds`, looked at again and again; fails when patience ends.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::park_timeout(LOOK_AGAIN);
    }
}

/// The moment of a kill: not a synchronisation, but what the test varies.
pub fn let_pass(time: Duration) {
    let deadline = Instant::now() + time;
    while let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

/// A kiosk's whole surroundings in a temporary folder: office, cable, scanner, configuration.
pub struct Place {
    /// Office, cable, scanner.
    pub stage: Stage,
    /// Everything the kiosk can write to is in here.
    pub folder: TempDir,
}

impl Place {
    /// Sets everything up; no kiosk runs yet.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::set(folder.path()).unwrap();
        for name in ["tmp", "home"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { stage, folder }
    }

    /// The kiosk's configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("kiosk-config/kiosk.toml")
    }

    /// The kiosk's folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("kiosk-config/data")
    }

    /// The kiosk's standard error of every run.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("stderr.log")
    }

    /// `kiosk` with these words and this place's configuration.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk"));
        let folder = self.folder.path();
        command
            .args(words)
            .arg("--config")
            .arg(self.config())
            .env("TMPDIR", folder.join("tmp"))
            .env("HOME", folder.join("home"));
        command
    }

    /// Starts the kiosk.
    pub fn start(&self) -> Driver {
        let log = OpenOptions::new().append(true).create(true).open(self.log()).unwrap();
        Driver::new(self.command(&["drive"]), log)
    }

    /// Holds a card before the scanner.
    pub fn present(&mut self, key: &str) {
        let cards = cards();
        let card = cards.iter().find(|card| card.key == key).expect("a card of this name");
        self.stage.scanner.present(card.qr.as_bytes()).unwrap();
    }

    /// Everything at the office, opened, by the phone number that stands in it: one list a number.
    pub fn at_the_office(&self) -> BTreeMap<String, Vec<Dossier>> {
        let mut found: BTreeMap<String, Vec<Dossier>> = BTreeMap::new();
        for opened in self.stage.open_office().unwrap() {
            let dossier = content(opened);
            found.entry(dossier.fields["phone"].value.clone()).or_default().push(dossier);
        }
        found
    }

    /// Waits until the office has exactly these submissions, and that each is what was entered.
    pub fn expect_at_the_office(&self, everybody: &[Citizen]) {
        eventually("everything is at the office", || self.stage.open_office().unwrap().len() >= everybody.len());
        let found = self.at_the_office();
        assert_eq!(found.values().map(Vec::len).sum::<usize>(), everybody.len());
        for citizen in everybody {
            let dossiers = found.get(&citizen.phone).map_or(&[][..], Vec::as_slice);
            assert_eq!(dossiers.len(), 1, "{}: once", citizen.phone);
            assert_eq!(entered(&dossiers[0]), citizen.expected());
        }
    }
}

fn content(opened: Opened) -> Dossier {
    match opened.content {
        Ok(content) => content.dossier,
        Err(closed) => panic!("a dossier stays closed: {closed}"),
    }
}

/// The values of a dossier by field.
pub fn entered(dossier: &Dossier) -> BTreeMap<String, String> {
    dossier.fields.iter().map(|(key, value)| (key.clone(), value.value.clone())).collect()
}

/// A running kiosk and its script. Killed when dropped.
pub struct Driver {
    child: Child,
    script: Option<ChildStdin>,
    /// Whoever leads it has a keyboard and touches nothing.
    pub by_keyboard: bool,
    answers: Receiver<Value>,
}

impl Driver {
    /// Spawns `command`, which is a `kiosk drive`.
    pub fn new(mut command: Command, log: File) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (tell, answers) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                // A killed kiosk may leave half a line.
                let Some(answer) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else {
                    return;
                };
                if tell.send(answer).is_err() {
                    return;
                }
            }
        });
        let script = child.stdin.take();
        Self { child, script, by_keyboard: false, answers }
    }

    /// Writes one command and does not wait.
    pub fn write(&mut self, line: &str) {
        let script = self.script.as_mut().expect("a script");
        writeln!(script, "{line}").and_then(|()| script.flush()).unwrap();
    }

    /// The next answer.
    pub fn answer(&mut self) -> Value {
        self.answers.recv_timeout(PATIENCE).expect("an answer in time")
    }

    /// One command and its answer, whatever it is.
    pub fn ask(&mut self, line: &str) -> Value {
        self.write(line);
        self.answer()
    }

    /// One command that must succeed; gives the screen.
    pub fn order(&mut self, line: &str) -> String {
        let label = line.strip_prefix("tap ").filter(|_| self.by_keyboard);
        let answer = self.ask(&label.map_or_else(|| line.to_owned(), |label| format!("reach {label}")));
        assert_eq!(answer["ok"], true, "{line}: {answer}");
        answer["screen"].as_str().unwrap_or_default().to_owned()
    }

    /// Presses.
    pub fn tap(&mut self, label: &str) -> String {
        self.order(&format!("tap {label}"))
    }

    /// Opens the pad at the officer's door.
    pub fn go_to_door(&mut self) {
        self.order("hold Dành cho cán bộ: giữ 2 giây");
        self.wait("pin");
    }

    /// Waits for a screen.
    pub fn wait(&mut self, screen: &str) {
        self.order(&format!("wait {screen} 50000"));
    }

    /// Everything that can be read, and what is in the fields.
    pub fn texts(&mut self) -> Vec<String> {
        let state = self.ask("state");
        let texts = state["texts"].as_array().into_iter().flatten().cloned();
        let values = state["controls"].as_array().into_iter().flatten().map(|control| control["value"].clone());
        texts.chain(values).filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    /// Waits until this can be read.
    pub fn read(&mut self, wanted: &str) {
        eventually(wanted, || self.texts().iter().any(|text| text.contains(wanted)));
    }

    /// From the welcome screen through the triage of somebody who lacks nothing.
    pub fn go_to_consent(&mut self) {
        self.tap("Bắt đầu");
        for label in TRIAGE {
            self.tap(label);
        }
        self.wait("consent");
    }

    /// From the welcome screen to the one that asks for a card.
    pub fn go_to_card(&mut self) {
        self.go_to_consent();
        for purpose in
            ["Đọc thẻ và soạn tờ khai TK01", "Dùng dân tộc và tôn giáo", "Chuyển hồ sơ cho cơ quan xuất nhập cảnh"]
        {
            self.tap(purpose);
        }
        self.tap("Tôi đồng ý, tiếp tục");
        self.wait("card");
    }

    /// From the welcome screen to the review, every field filled and answered for.
    pub fn go_to_review(&mut self, place: &mut Place, citizen: &Citizen) {
        self.go_to_card();
        self.read("Đầu đọc đang chờ thẻ");
        place.present("mai");
        self.wait("identity");
        self.tap("Đúng là tôi");
        let next = "tap Tiếp tục".to_owned();
        let (phone, email, address, father) = (&citizen.phone, &citizen.email, &citizen.address.0, &citizen.father.0);
        for line in [
            "tap Đà Nẵng".to_owned(),
            "tap Kinh".to_owned(),
            "tap Không".to_owned(),
            format!("key {phone}{{Enter}}{email}"),
            next.clone(),
            format!("key {address}"),
            next.clone(),
            "tap Không có".to_owned(),
            "tap Công nhân".to_owned(),
            "tap Không có".to_owned(),
            format!("key {father}{{Enter}}1960"),
            next.clone(),
            "key lee thij thuwr mej{Enter}1962".to_owned(),
            next,
            "tap Không có".to_owned(),
            "tap Chưa từng được cấp".to_owned(),
            "tap Có gắn chip".to_owned(),
            format!("tap {AGENCY}"),
        ] {
            self.order(&line);
        }
        self.wait("photo");
        self.read("Đúng chỗ rồi.");
        self.tap("Chụp ảnh");
        self.read("Máy không thấy lỗi nào.");
        self.tap("Dùng ảnh này");
        self.wait("review");
        self.tap("Tôi xin chịu trách nhiệm trước pháp luật về lời khai trên.");
    }

    /// From the welcome screen to the slip: the dossier is said to be saved.
    pub fn go_to_slip(&mut self, place: &mut Place, citizen: &Citizen) {
        self.go_to_review(place, citizen);
        self.tap("Lưu hồ sơ");
        self.wait("slip");
    }

    /// SIGKILL; gives every answer that had come out.
    pub fn kill(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::iter::from_fn(|| self.answers.recv_timeout(PATIENCE).ok()).collect()
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let status = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.child.id())).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end that was asked for; gives the exit status and every answer left.
    pub fn ended(mut self) -> (ExitStatus, Vec<Value>) {
        let left = std::iter::from_fn(|| self.answers.recv_timeout(PATIENCE).ok()).collect();
        let mut status = None;
        eventually("the kiosk ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        (status.unwrap(), left)
    }

    /// Ends in order.
    pub fn quit(mut self) {
        self.write("quit");
        assert!(self.ended().0.success());
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}
