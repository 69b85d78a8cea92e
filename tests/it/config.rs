//! `kiosk-config/` as shipped is right, on every day that matters; every wrong example says what is wrong and where.

use passport_kiosk::clock::{FLOOR_MS, date_in_viet_nam};
use passport_kiosk::config::{Config, shipped_rules};
use passport_kiosk::domain::carriers::SimRule;
use passport_kiosk::domain::citizen::Date;
use std::fs;
use std::path::{Path, PathBuf};

const SHIPPED: &str = "kiosk-config";
const WRONG: &str = "tests/data/config";

/// A copy of the shipped folder, with `text` as its `kiosk.toml`.
fn installed(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(SHIPPED), folder.path());
    let file = folder.path().join("kiosk.toml");
    fs::write(&file, text).unwrap();
    (folder, file)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn shipped() -> String {
    fs::read_to_string(Path::new(SHIPPED).join("kiosk.toml")).unwrap()
}

fn days() -> [Date; 3] {
    [(2026, 11, 23), (2027, 1, 1), (2036, 11, 23)].map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

/// `file` with one piece of text replaced; the message without the folder it stands in.
#[track_caller]
fn check_refused(name: &str, from: &str, to: &str, message: &str) {
    let (folder, kiosk) = installed(&shipped());
    let file = folder.path().join(name);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{name} has no {from:?}");
    fs::write(&file, text.replacen(from, to, 1)).unwrap();
    let refusal = Config::read(&kiosk, days()[0]).expect_err("it must be refused").to_string();
    let told = refusal.replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(told, message);
}

#[test]
fn the_shipped_folder_is_in_force_today_and_at_the_turn_of_the_year_and_in_ten_years() {
    for site in ["sites/station-demo.toml", "sites/chu-lai.toml"] {
        let (folder, file) = installed(&shipped().replace("sites/station-demo.toml", site));
        for today in days() {
            let config = Config::read(&file, today).unwrap_or_else(|refusal| panic!("{refusal}"));
            assert_eq!(config.kiosk_id, "kiosk-01");
            assert_eq!(config.data, Path::new("/var/lib/passport-kiosk"), "an absolute path stays one");
            assert_eq!(config.setup.rules.edition, "tk01@tt69-2026");
            assert_eq!(config.setup.rules.provinces.len(), 34);
            assert_eq!(config.setup.rules.agencies.len(), 34);
            assert_eq!(config.setup.rules.ethnicities.len(), 54);
            assert!(config.office.trust.is_none(), "no office's keys are shipped");
            assert!(config.site.citizen_url.starts_with("https://"));
        }
        drop(folder);
    }
}

#[test]
fn relative_paths_are_relative_to_the_folder_of_the_file() {
    let (folder, file) = installed(&shipped().replace("/var/lib/passport-kiosk", "data"));
    let config = Config::read(&file, days()[0]).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(config.data, folder.path().join("data"));
    assert_eq!(config.office.trust_file, folder.path().join("trust/office.toml"));
    assert!(!config.data.exists(), "reading a configuration makes nothing");
}

#[test]
fn the_program_carries_the_same_rules_as_the_folder() {
    let (_folder, file) = installed(&shipped());
    for today in days() {
        let config = Config::read(&file, today).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert!(config.setup.rules == shipped_rules(today).unwrap());
    }
}

#[test]
fn the_defaults_are_what_the_shipped_file_says() {
    let bare = "[kiosk]\nid = \"kiosk-01\"\ndata = \"/var/lib/passport-kiosk\"\nsite = \"sites/station-demo.toml\"\n\
        [office]\nurl = \"http://127.0.0.1:8443\"\ntrust = \"trust/office.toml\"\n\
        [reader]\ndevice = \"/dev/serial/by-id/scanner\"\n";
    let (folder, file) = installed(bare);
    let (other, commented) = installed(&shipped());
    let told = |file: &Path, folder: &Path| {
        let config = Config::read(file, days()[0]).unwrap_or_else(|refusal| panic!("{refusal}"));
        config.describe().replace(&folder.display().to_string(), "")
    };
    assert_eq!(told(&file, folder.path()), told(&commented, other.path()));
}

#[test]
fn every_wrong_file_is_refused_with_the_promised_words() {
    let mut examples: Vec<PathBuf> = fs::read_dir(WRONG).unwrap().map(|entry| entry.unwrap().path()).collect();
    examples.sort();
    assert!(examples.len() >= 20, "the examples are there");
    let mut wrong = Vec::new();
    for example in examples {
        let text = fs::read_to_string(&example).unwrap();
        let promised = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default();
        let (_folder, file) = installed(&text);
        let told = match Config::read(&file, days()[0]) {
            Ok(_) => "accepted".to_owned(),
            Err(refusal) => format!("{}: {}", refusal.line, refusal.what),
        };
        if told != promised {
            wrong.push(format!("{}\n  promised {promised}\n  told     {told}", example.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_in_sites_lists_and_rules_are_named_in_their_own_file() {
    check_refused(
        "sites/station-demo.toml",
        "citizen_url",
        "url",
        "sites/station-demo.toml:5: unknown field `url`, expected one of `name`, `controller_name`, \
         `controller_contact`, `citizen_url`, `consent_version`",
    );
    check_refused(
        "rules/form.toml",
        "tk01@tt69-2026",
        "tk01@tt1-2027",
        "rules/form.toml:6: edition tk01@tt1-2027 is in force, and this program knows only tk01@tt69-2026: update it",
    );
    check_refused(
        "rules/form.toml",
        "2026-07-01",
        "2026-12-01",
        "rules/form.toml:1: no edition of the form is in force today",
    );
    check_refused("rules/form.toml", "2026-07-01", "1/7/2026", "rules/form.toml:6: from/until: a date as YYYY-MM-DD");
    check_refused("lists/religions.tsv", "\nname\n", "\ntên\n", "lists/religions.tsv:2: the header has no column name");
    check_refused("lists/provinces.tsv", "\tHà Nội\t", "\t\t", "lists/provinces.tsv:3: no value in column name");
}

#[test]
fn mistakes_in_the_table_of_units_are_named_with_their_line() {
    let no_commune = "no commune of that kind and name in that province";
    check_refused(
        "lists/units-2025.tsv",
        "Xã An Phú\t",
        "Xã An Phu\t",
        &format!("lists/units-2025.tsv:3: {no_commune}"),
    );
    check_refused(
        "lists/communes.tsv",
        "Xã\tThăng An\t",
        "Xã\tThăng Ân\t",
        &format!("lists/units-2025.tsv:2748: {no_commune}"),
    );
    let no_kind = "a unit begins with its kind: Xã, Phường, Thị trấn, Đặc khu, Huyện, Quận, Thị xã, Thành phố, Tỉnh";
    check_refused("lists/units-2025.tsv", "Xã Phú Hội", "Phú Hội", &format!("lists/units-2025.tsv:3: {no_kind}"));
    check_refused(
        "lists/provinces-2025.tsv",
        "An Giang\tAn Giang",
        "An Giang\tAn Giàng",
        "lists/provinces-2025.tsv:3: no province of that name since 2025-07-01",
    );
    check_refused(
        "lists/units-earlier.tsv",
        "Thành phố Long Xuyên",
        "Thành phố Xuyên Long",
        "lists/units-earlier.tsv:3: no district of that kind and name in that province",
    );
    check_refused("lists/communes.tsv", "\tkind\t", "\tloại\t", "lists/communes.tsv:2: the header has no column kind");
}

/// 31 December 2026, 24:00 in Viet Nam, in Unix milliseconds.
const NEW_YEAR_MS: i64 = 1_798_736_400_000;

#[test]
fn the_fee_rolls_at_midnight_of_viet_nam_without_a_restart() {
    let rules = shipped_rules(date_in_viet_nam(FLOOR_MS).unwrap()).unwrap();
    for (ms, new, lost) in [(NEW_YEAR_MS - 1, 100_000, 200_000), (NEW_YEAR_MS, 200_000, 400_000)] {
        let fees = rules.fees.on(date_in_viet_nam(ms).unwrap()).unwrap();
        assert_eq!((fees.new.vnd, fees.lost_or_damaged.vnd), (new, lost), "{}", fees.day.to_string_vi());
        assert!(fees.new.source.starts_with("TT ") && fees.lost_or_damaged.source.starts_with("TT "));
    }
    assert_eq!(date_in_viet_nam(NEW_YEAR_MS).unwrap().to_string_vi(), "01/01/2027");
    check_refused(
        "rules/fees.toml",
        "until = \"2026-12-31\"",
        "until = \"2026-12-30\"",
        "rules/fees.toml:1: the days of one request must follow one another without gap or overlap, and the last entry \
         has no until",
    );
    check_refused(
        "rules/fees.toml",
        "\"new\"\nvnd",
        "\"express\"\nvnd",
        "rules/fees.toml:5: request: new or lost_or_damaged",
    );
}

#[test]
fn the_sim_guide_knows_the_rules_of_its_day_and_offers_a_carrier_by_prefix() {
    let on = |year, month, day| {
        shipped_rules(Date::new(year, month, day).unwrap()).unwrap_or_else(|refusal| panic!("{refusal}")).sim
    };
    let sim = on(2026, 11, 25);
    assert_eq!((sim.check.text.as_str(), sim.check.number.as_str()), ("TTTB", "1414"));
    assert!(sim.has(SimRule::FaceMatches) && sim.has(SimRule::MovedSim));
    assert_eq!(sim.likely("096").map(|carrier| carrier.name.as_str()), Some("Viettel"));
    assert!(sim.likely("000").is_none());
    let mut prefixes: Vec<&String> = sim.carriers.iter().flat_map(|carrier| &carrier.prefixes).collect();
    let all = prefixes.len();
    prefixes.sort();
    prefixes.dedup();
    assert_eq!(prefixes.len(), all, "a prefix with two carriers");
    check_refused("rules/sim.toml", "moved-sim", "swapped-sim", "rules/sim.toml:18: id: face-matches or moved-sim");
    check_refused(
        "rules/sim.toml",
        "[\"Bấm Khác\", ",
        "[",
        "rules/sim.toml:42: steps, steps_en: at least one, and as many in each",
    );
    check_refused("rules/sim.toml", "\"032\"", "\"32\"", "rules/sim.toml:24: prefixes: three digits each");
}

#[test]
fn a_missing_list_stops_the_start() {
    let (folder, file) = installed(&shipped());
    fs::remove_file(folder.path().join("lists/banks.tsv")).unwrap();
    let refusal = Config::read(&file, days()[0]).expect_err("it must be refused");
    assert_eq!((refusal.line, refusal.what.as_str()), (0, "cannot be read (entity not found)"));
    assert!(refusal.file.ends_with("lists/banks.tsv"));
}
