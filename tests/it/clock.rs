//! A kiosk whose clock is wrong by decades, or is set while it sends: TLS holds, and everything saved arrives once. The
//! wrong clock is libfaketime's, before the real program.

use super::rig::{Citizen, Driver, Place, eventually};
use passport_kiosk::clock::{self, FLOOR_MS};
use passport_kiosk::office::serve::{Edge, serve_with};
use passport_kiosk::office::tls::{CA_FILE, certify, server_config};
use passport_kiosk::office::{Office, keys};
use passport_kiosk::sim::cable::Cable;
use rusqlite::Connection;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1_000;
/// Debian's and Ubuntu's places.
const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];
const IN_1970: &str = "@1970-01-02 00:00:00";
const IN_TEN_YEARS: &str = "+10y";

/// A place whose office speaks TLS, with a certificate of today, and whose kiosk believes a clock that we set.
struct Wrong {
    place: Place,
    cable: Cable,
    library: PathBuf,
    _runtime: Runtime,
}

impl Wrong {
    /// `None`: there is no libfaketime, which was said.
    fn place() -> Option<Self> {
        let Some(library) = LIBRARIES.iter().map(PathBuf::from).find(|library| library.exists()) else {
            assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "CI needs libfaketime");
            println!("SKIPPED: libfaketime is not installed");
            return None;
        };
        let place = Place::new();
        let folder = place.folder.path();
        let tls = folder.join("tls");
        certify(&["127.0.0.1".to_owned()], &tls, None, clock::unix_ms()).unwrap();
        let (receipt_key, key_id) = keys::receipt_key(&folder.join("office-keys")).unwrap();
        // A second process of the same office, as far as its store can tell.
        let office = Office::open(&folder.join("office"), receipt_key, key_id, clock::unix_ms).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let edge = Edge { tls: Some(server_config(&tls).unwrap()), ..Edge::default() };
        let cable = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let cable = Cable::lay(listener.local_addr().unwrap()).await.unwrap();
            tokio::spawn(serve_with(listener, office, edge, std::future::pending()));
            cable
        });
        std::fs::copy(tls.join(CA_FILE), folder.join("kiosk-config/trust/ca.pem")).unwrap();
        let config = std::fs::read_to_string(place.config()).unwrap();
        let plain = format!("url = \"http://{}\"", place.stage.cable.address());
        let secret = format!("url = \"https://{}\"\nca = \"trust/ca.pem\"", cable.address());
        assert!(config.contains(&plain));
        std::fs::write(place.config(), config.replace(&plain, &secret)).unwrap();
        let wrong = Self { place, cable, library, _runtime: runtime };
        Some(wrong)
    }

    /// From now on, also in a kiosk that runs: it looks at every question.
    fn set(&self, clock: &str) {
        let (file, new) = (self.clock_file(), self.place.folder.path().join("clock.new"));
        std::fs::write(&new, format!("{clock}\n")).unwrap();
        std::fs::rename(new, file).unwrap();
    }

    fn clock_file(&self) -> PathBuf {
        self.place.folder.path().join("clock")
    }

    fn start(&self) -> Driver {
        let mut command = self.place.command(&["drive"]);
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.clock_file())
            .env("FAKETIME_NO_CACHE", "1")
            // Running time is no wall clock, and nobody can set it.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let log = OpenOptions::new().append(true).create(true).open(self.place.log()).unwrap();
        Driver::new(command, log)
    }

    /// The wall clock at each save, as the kiosk wrote it down: the evidence that it was wrong.
    fn saved_at(&self) -> Vec<i64> {
        saved_at(&self.place.data().join("queue.db"))
    }
}

fn saved_at(queue: &Path) -> Vec<i64> {
    let queue = Connection::open(queue).unwrap();
    let mut query = queue.prepare("SELECT created_ms FROM submission ORDER BY seq").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn save(kiosk: &mut Driver, wrong: &mut Wrong, citizen: &Citizen) {
    kiosk.go_to_slip(&mut wrong.place, citizen);
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");
    kiosk.wait("welcome");
}

/// Two dossiers, one of them saved without a line; gives the wall clock at each.
fn delivers_at(clock: &str) -> Option<Vec<i64>> {
    let mut wrong = Wrong::place()?;
    wrong.set(clock);
    let everybody: Vec<_> = (1..=2).map(Citizen::number).collect();
    wrong.cable.pull();
    let mut kiosk = wrong.start();
    save(&mut kiosk, &mut wrong, &everybody[0]);
    assert!(wrong.place.at_the_office().is_empty());
    wrong.cable.plug();
    save(&mut kiosk, &mut wrong, &everybody[1]);
    wrong.place.expect_at_the_office(&everybody);
    kiosk.quit();
    Some(wrong.saved_at())
}

#[test]
fn with_the_clock_in_1970_everything_is_delivered_over_tls() {
    let Some(saved) = delivers_at(IN_1970) else { return };
    assert!(saved.iter().all(|at| (FLOOR_MS..FLOOR_MS + 1_000).contains(at)), "it was not in 1970: {saved:?}");
}

#[test]
fn with_the_clock_ten_years_ahead_everything_is_delivered_over_tls() {
    let now = clock::unix_ms();
    let Some(saved) = delivers_at(IN_TEN_YEARS) else { return };
    assert!(saved.iter().all(|at| *at > now + 9 * YEAR_MS), "it was not ahead: {saved:?}");
}

#[test]
fn a_clock_that_jumps_back_and_ahead_while_the_kiosk_sends_costs_nothing() {
    let Some(mut wrong) = Wrong::place() else { return };
    let everybody: Vec<_> = (1..=3).map(Citizen::number).collect();
    wrong.set(IN_TEN_YEARS);
    let mut kiosk = wrong.start();
    save(&mut kiosk, &mut wrong, &everybody[0]);
    wrong.place.expect_at_the_office(&everybody[..1]);

    wrong.set(IN_1970);
    save(&mut kiosk, &mut wrong, &everybody[1]);
    // By the line of before, and then by a new one.
    eventually("the second is at the office", || wrong.place.at_the_office().len() == 2);
    wrong.cable.pull();
    wrong.set(IN_TEN_YEARS);
    save(&mut kiosk, &mut wrong, &everybody[2]);
    wrong.set(IN_1970);
    wrong.cable.plug();
    wrong.place.expect_at_the_office(&everybody);
    kiosk.quit();
    let saved = wrong.saved_at();
    println!("saved at {saved:?}");
    assert!(saved[1] < saved[0] && saved[1] < saved[2], "it jumped back and ahead: {saved:?}");
}
