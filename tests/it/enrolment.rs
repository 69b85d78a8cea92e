//! A kiosk that the office does not know yet: it keeps what it is given, an officer admits it by a one-time code on its
//! screen, and from then on everything flows: dossiers, heartbeats, states, and the office's newer keys.

use super::officer::{PIN, officer};
use super::rig::{Citizen, Place, eventually};
use passport_kiosk::clock;
use passport_kiosk::office::code::Code;
use passport_kiosk::office::store::sqlite::SqliteStore;
use passport_kiosk::office::store::{IntakeStore, Listed, State, Status};
use rusqlite::Connection;
use tokio::runtime::Runtime;

const NEW: &str = "kiosk-new";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn block_on<T>(work: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(work)
}

fn listed(store: &SqliteStore) -> Option<Listed> {
    block_on(store.kiosks()).unwrap().into_iter().find(|kiosk| kiosk.id == NEW)
}

#[test]
fn a_new_kiosk_is_admitted_by_a_code_on_its_own_screen_and_then_everything_flows() {
    let mut place = Place::new();
    let file = place.config();
    let config = std::fs::read_to_string(&file).unwrap().replace("\"kiosk-demo\"", &format!("\"{NEW}\""));
    std::fs::write(&file, config).unwrap();
    assert!(officer(&place, &["add", "--name", "Tổ 1"], &format!("{PIN}\n")).status.success());
    let office = SqliteStore::open(&place.folder.path().join("office")).unwrap();
    let code = Code::random().unwrap();
    block_on(office.offer_code(NEW, code.hash(NEW).unwrap(), clock::unix_ms() + DAY_MS)).unwrap();

    let mut kiosk = place.start();
    let citizen = Citizen::number(1);
    kiosk.go_to_slip(&mut place, &citizen);
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");
    assert!(place.at_the_office().is_empty(), "nobody knows this kiosk yet");

    kiosk.go_to_door();
    kiosk.order(&format!("key {PIN}{{Enter}}"));
    kiosk.wait("officer");
    kiosk.tap("Ghi danh máy với cơ quan");
    kiosk.wait("enrol");
    kiosk.order("key 0000000000");
    kiosk.tap("Ghi danh");
    kiosk.read("Cơ quan không nhận mã này");
    kiosk.order(&format!("key {}", code.shown().replace('-', "")));
    kiosk.tap("Ghi danh");
    kiosk.read("Cơ quan đã ghi danh máy này");
    place.expect_at_the_office(&[citizen]);

    eventually("the office hears the kiosk's heart", || listed(&office).is_some_and(|kiosk| kiosk.heard.is_some()));
    let kiosk_there = listed(&office).unwrap();
    assert_eq!(kiosk_there.key_storage, "software", "and says plainly where its key lies");
    assert_eq!(kiosk_there.heard.unwrap().broken_ms, None, "its journal grows");

    // What the office decides is pulled by the next run.
    let [delivered] = &place.stage.open_office().unwrap()[..] else { panic!("one dossier") };
    let returned =
        Status::new(delivered.submission_id, State::Returned, Some("photo".to_owned()), vec!["photo".to_owned()])
            .unwrap();
    block_on(office.set_status(returned, clock::unix_ms())).unwrap();
    kiosk.quit();
    let mut kiosk = place.start();
    eventually("the state is here", || {
        let log = std::fs::read_to_string(place.log()).unwrap();
        log.contains("\"event\":\"statuses-taken\"")
    });
    kiosk.go_to_door();
    kiosk.order(&format!("key {PIN}{{Enter}}"));
    kiosk.wait("officer");
    kiosk.read("Cơ quan trả lại để bổ sung");
    kiosk.quit();
    let db = Connection::open(place.data().join("queue.db")).unwrap();
    let state: String = db.query_row("SELECT state FROM office_status", [], |row| row.get(0)).unwrap();
    assert_eq!(state, "returned");
}
