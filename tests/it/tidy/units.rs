//! The systemd units that ship: what the issue of a stolen machine rests on stands in them, and systemd reads them.

use super::{files, read};
use std::path::Path;
use std::process::Command;

#[test]
fn every_unit_forbids_cores_and_swap_and_takes_its_keys_as_credentials() {
    let units = files("kiosk-config/system", &["service"]);
    assert_eq!(units.len(), 2);
    for unit in units {
        let text = read(&unit);
        for line in ["LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=yes", "UMask=0077"] {
            assert!(text.lines().any(|own| own == line), "{}: {line}", unit.display());
        }
        assert!(text.contains("\nLoadCredentialEncrypted="), "{}", unit.display());
    }
}

#[test]
fn systemd_understands_every_line_of_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("SKIPPED: systemd-analyze is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let verify = |name: &Path, text: &str| {
        let copy = folder.path().join(name.file_name().unwrap());
        // The program need not be installed where its unit is checked.
        std::fs::write(&copy, text.replace("/usr/bin/kiosk", "/bin/true").replace("/usr/bin/intake", "/bin/true"))
            .unwrap();
        // It answers 0 also for a key that it does not know: what it says counts.
        let out = Command::new("systemd-analyze").arg("verify").arg(&copy).output().unwrap();
        String::from_utf8_lossy(&out.stderr).into_owned()
    };
    for unit in files("kiosk-config/system", &["service"]) {
        let said = verify(&unit, &read(&unit));
        assert!(said.is_empty(), "{}: {said}", unit.display());
        // The negative control.
        assert!(!verify(&unit, &(read(&unit) + "\n[Service]\nLimitKERNEL=0\n")).is_empty());
    }
}
