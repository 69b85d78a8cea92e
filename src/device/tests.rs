#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::{CREDENTIAL, Device, KeyError, Storage, load_or_create, public_text};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Verifier;
use std::os::unix::fs::PermissionsExt;

fn signs_for_its_public_key(device: &dyn Device) {
    let signature = device.sign(b"message");
    assert!(device.verifying_key().verify(b"message", &signature).is_ok());
    assert!(device.verifying_key().verify(b"massage", &signature).is_err());
}

#[test]
fn a_software_key_is_made_once_and_says_that_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = load_or_create(&data, None).unwrap();
    assert_eq!(first.storage(), Storage::Software);
    signs_for_its_public_key(&*first);
    assert_eq!(load_or_create(&data, None).unwrap().verifying_key(), first.verifying_key());
    assert_eq!(std::fs::metadata(data.join("device.key")).unwrap().permissions().mode() & 0o777, 0o600);

    std::fs::write(data.join("device.key"), "not a key").unwrap();
    assert!(matches!(load_or_create(&data, None), Err(KeyError::Shape(_))));
}

#[test]
fn a_credential_of_systemd_comes_before_the_file_and_leaves_nothing_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (data, credentials) = (folder.path().join("data"), folder.path().join("credentials"));
    std::fs::create_dir(&credentials).unwrap();
    let seed = [7; 32];
    for content in
        [seed.to_vec(), URL_SAFE_NO_PAD.encode(seed).into_bytes(), (URL_SAFE_NO_PAD.encode(seed) + "\n").into()]
    {
        std::fs::write(credentials.join(CREDENTIAL), content).unwrap();
        let device = load_or_create(&data, Some(credentials.as_os_str())).unwrap();
        assert_eq!(device.storage(), Storage::SystemdCredential);
        assert_eq!(device.verifying_key(), ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key());
        assert_eq!(public_text(&device.verifying_key()).len(), 43);
        signs_for_its_public_key(&*device);
    }
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0);
}

/// A credential that is there and broken must not turn into a new identity that nobody has enrolled.
#[test]
fn a_broken_credential_is_refused_and_a_missing_one_is_not_one() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials");
    std::fs::create_dir(&credentials).unwrap();
    let load = || load_or_create(&folder.path().join("data"), Some(credentials.as_os_str()));
    assert_eq!(load().unwrap().storage(), Storage::Software);
    for broken in ["", "short", "123456789012345678901234567890123"] {
        std::fs::write(credentials.join(CREDENTIAL), broken).unwrap();
        assert!(matches!(load(), Err(KeyError::Shape(_))), "{broken}");
    }
}
