//! A stolen kiosk: whatever a citizen entered is found in no file of it, at no moment, in no encoding one would think of.

mod memory;

use super::rig::{Citizen, Place, entered, eventually, files_below};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// Entered by the invented citizen, by card or by hand; or shown to no one but them.
const PLANTED: [&str; 14] = [
    "Nguyễn Thị Thử Mai",
    "THỊ THỬ MAI",
    "099190000017",
    "099000017",
    "02011990",
    "02/01/1990",
    "Tổ 1, Thôn Thử, Xã Không Có Thật",
    "0000054321",
    "bang.lang@example.invalid",
    "7777 Ngõ Không Có Thật",
    "7777 Ngox Khoong Cos Thaatj",
    "HOÀNG VĂN THỬ BẰNG LĂNG",
    "hoangf vawn thuwr bawngf lawng",
    "tram-thu-nghiem.invalid/h#",
];

fn citizen() -> Citizen {
    Citizen {
        phone: "0000054321".to_owned(),
        email: "bang.lang@example.invalid".to_owned(),
        address: ("7777 Ngox Khoong Cos Thaatj".to_owned(), "7777 Ngõ Không Có Thật".to_owned()),
        father: ("hoangf vawn thuwr bawngf lawng".to_owned(), "HOÀNG VĂN THỬ BẰNG LĂNG".to_owned()),
    }
}

/// The planted values in every encoding, by their first four bytes.
struct Search(HashMap<[u8; 4], Vec<(String, Vec<u8>)>>);

impl Search {
    fn new() -> Self {
        let mut search = Self(HashMap::new());
        for value in PLANTED {
            for (case, text) in
                [("", value.to_owned()), ("upper ", value.to_uppercase()), ("lower ", value.to_lowercase())]
            {
                search.add(format!("{value}: {case}UTF-8"), text.as_bytes().to_vec());
                let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                search.add(format!("{value}: {case}UTF-16LE"), utf16);
            }
            for shift in 0..3 {
                for (name, alphabet) in [("base64", STANDARD), ("base64url", URL_SAFE)] {
                    // Behind 0, 1 or 2 other bytes; what those have a part in is left off at both ends.
                    let shifted = [&[0; 3][..shift], value.as_bytes()].concat();
                    let text = alphabet.encode(&shifted);
                    let own = &text[[0, 2, 3][shift]..shifted.len() * 8 / 6];
                    search.add(format!("{value}: {name} behind {shift}"), own.as_bytes().to_vec());
                }
            }
        }
        search
    }

    fn add(&mut self, name: String, needle: Vec<u8>) {
        let start = needle[..4].try_into().unwrap();
        self.0.entry(start).or_default().push((name, needle));
    }

    fn hits(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, four) in bytes.windows(4).enumerate() {
            for (name, needle) in self.0.get(four).into_iter().flatten() {
                if bytes[at..].starts_with(needle) {
                    found.insert(name.clone());
                }
            }
        }
        found
    }

    /// Every byte of every file: how many bytes, and what was found where.
    fn below(&self, folder: &Path) -> (usize, Vec<String>) {
        let (mut searched, mut found) = (0, Vec::new());
        for file in files_below(folder) {
            // A file may be gone the next moment, as the queue's log is after its last line; then nothing is in it.
            let Ok(bytes) = std::fs::read(&file) else { continue };
            searched += bytes.len();
            found.extend(self.hits(&bytes).into_iter().map(|hit| format!("{hit} in {}", file.display())));
        }
        (searched, found)
    }

    fn expect_nothing_below(&self, folder: &Path, when: &str) -> usize {
        let (searched, found) = self.below(folder);
        assert!(found.is_empty(), "{when}: {found:#?}");
        searched
    }
}

#[test]
fn nothing_entered_is_in_any_file_at_any_moment_of_a_session() {
    let search = Search::new();
    let mut place = Place::new();
    let home = place.folder.path().to_owned();
    let citizen = citizen();

    let mut kiosk = place.start();
    kiosk.go_to_review(&mut place, &citizen);
    search.expect_nothing_below(&home, "everything is entered, nothing saved");
    kiosk.tap("Lưu hồ sơ");
    kiosk.wait("slip");
    kiosk.tap("Hiện mã QR");
    eventually("it is delivered", || place.stage.open_office().unwrap().len() == 1);
    search.expect_nothing_below(&home, "delivered, the slip on the screen");
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");

    place.stage.cable.pull();
    kiosk.go_to_slip(&mut place, &citizen);
    assert!(place.data().join("queue.db-wal").exists());
    search.expect_nothing_below(&home, "saved without a cable, the log of the queue open");
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");
    kiosk.go_to_review(&mut place, &citizen);
    kiosk.kill();
    search.expect_nothing_below(&home, "killed in the midst of a session");

    let kiosk = place.start();
    place.stage.cable.plug();
    eventually("the second is delivered too", || place.stage.open_office().unwrap().len() == 2);
    kiosk.quit();
    let searched = search.expect_nothing_below(&home, "ended in order");

    let there: BTreeSet<_> =
        files_below(&home).iter().filter_map(|file| file.file_name()?.to_str().map(str::to_owned)).collect();
    assert!(
        ["queue.db", "status.json", "kiosk.toml", "stderr.log", "office.db"].iter().all(|name| there.contains(*name))
    );
    println!("{searched} bytes at the end");
    assert!(searched > 100_000);

    // The negative control: what was delivered does hold the values, and the same search finds them there.
    let dossiers = place.at_the_office().remove(&citizen.phone).unwrap();
    assert_eq!(dossiers.len(), 2);
    for dossier in dossiers {
        assert_eq!(entered(&dossier), citizen.expected());
        let hits = search.hits(&serde_json::to_vec(&dossier).unwrap());
        for value in [
            "THỊ THỬ MAI",
            "099190000017",
            "02/01/1990",
            &citizen.phone,
            &citizen.email,
            &citizen.address.1,
            &citizen.father.1,
        ] {
            assert!(hits.contains(&format!("{value}: UTF-8")), "{value}");
        }
    }
}

/// The negative control: the search would find a careless file, in each encoding.
#[test]
fn the_search_finds_what_a_careless_program_would_leave() {
    let search = Search::new();
    let folder = tempfile::tempdir().unwrap();
    search.expect_nothing_below(folder.path(), "an empty folder");
    for value in PLANTED {
        let json = format!("{{\"v\":1,\"value\":\"{value}\"}}");
        let utf16: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let careless: [(&str, Vec<u8>); 6] = [
            ("UTF-8", json.clone().into_bytes()),
            ("upper UTF-8", json.to_uppercase().into_bytes()),
            ("UTF-16LE", utf16),
            ("base64", STANDARD.encode(&json).into_bytes()),
            ("base64", STANDARD.encode(format!(" {json}")).into_bytes()),
            ("base64url", URL_SAFE.encode(format!("  {json}")).into_bytes()),
        ];
        for (encoding, bytes) in careless {
            let file = folder.path().join("deep.tmp");
            std::fs::write(&file, [&[0xff; 777][..], &bytes, b"\0\0"].concat()).unwrap();
            let (_, found) = search.below(folder.path());
            let wanted = format!("{value}: {encoding}");
            assert!(found.iter().any(|hit| hit.starts_with(&wanted)), "{wanted}: {found:?}");
        }
    }
}
