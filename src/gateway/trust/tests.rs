#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::{BUNDLE_SHAPE, Trust, TrustError, receipt_key_name};
use crate::envelope::{OfficeSecret, Suite};
use crate::gateway::wire::{KeyBundle, Pong, ReceiptKey, SealKey, Signed};
use ed25519_dalek::SigningKey;

const NOW_MS: i64 = 1_795_000_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// Sealing keys of both suites from `unseal`, receipt keys from `receipts`.
fn bundle(version: u64, unseal: u8, receipts: &[u8]) -> KeyBundle {
    let secret = OfficeSecret::from_seed(&[unseal; 32]);
    KeyBundle {
        v: BUNDLE_SHAPE,
        version,
        issued_ms: NOW_MS,
        expires_ms: NOW_MS + 1_000,
        seal: Suite::ALL.map(|suite| SealKey::from(&secret.key(suite))).to_vec(),
        receipt: receipts.iter().map(|seed| ReceiptKey::from(&key(*seed).verifying_key())).collect(),
    }
}

fn signed(bundle: &KeyBundle) -> Signed {
    Signed::sign(bundle, &key(1)).unwrap()
}

fn trust(version: u64) -> Trust {
    Trust::new(key(1).verifying_key(), signed(&bundle(version, 9, &[3]))).unwrap()
}

fn pong(by: u8, called: u8) -> Signed {
    let pong = Pong {
        v: 1,
        nonce: String::new(),
        server_time_ms: NOW_MS,
        office_epoch: [0; 16],
        durable_through: 0,
        bundle_version: 1,
        challenge: String::new(),
        key_id: receipt_key_name(&key(called).verifying_key()),
    };
    Signed::sign(&pong, &key(by)).unwrap()
}

#[test]
fn the_file_says_what_was_written_and_nothing_else_is_believed() {
    let trust = trust(1);
    let text = trust.to_toml().unwrap();
    assert_eq!(Trust::parse(&text).unwrap(), trust);
    assert!(matches!(Trust::parse(&format!("{text}more = 1\n")), Err(TrustError::Shape(_))));
    assert!(matches!(Trust::parse(""), Err(TrustError::Shape(_))));
    let root = text.lines().next().unwrap();
    assert_eq!(Trust::parse(&text.replace(root, "root_public = \"AAAA\"")), Err(TrustError::Root));
    let zero = format!("root_public = \"{}\"", "A".repeat(43));
    assert_eq!(
        Trust::parse(&text.replace(root, &zero)),
        Err(TrustError::Root),
        "a key that accepts foreign signatures"
    );
    let other = Trust::new(key(2).verifying_key(), Signed::sign(&bundle(1, 9, &[3]), &key(2)).unwrap()).unwrap();
    let stranger = other.to_toml().unwrap();
    assert_eq!(Trust::parse(&text.replace(root, stranger.lines().next().unwrap())), Err(TrustError::Signature));
}

#[test]
fn only_the_root_brings_a_bundle_and_never_an_older_one() {
    let trust = trust(5);
    let newer = trust.newer(&signed(&bundle(6, 10, &[3, 4]))).unwrap();
    assert_eq!((newer.version(), trust.version()), (6, 5));
    assert_eq!(newer.newer(trust.signed()), None, "back to the one before");
    for version in [0, 1, 4, 5] {
        assert_eq!(trust.newer(&signed(&bundle(version, 10, &[3]))), None, "version {version}");
    }
    assert_eq!(trust.newer(&Signed::sign(&bundle(6, 10, &[3]), &key(2)).unwrap()), None, "another root");
    assert_eq!(trust.newer(&Signed::sign(&bundle(6, 10, &[3]), &key(3)).unwrap()), None, "the receipt key");
    assert_eq!(trust.newer(&pong(1, 1)), None, "another statement by the root's hand");
}

#[test]
fn a_signed_bundle_that_cannot_be_used_is_not_used() {
    let wrong = |alter: fn(&mut KeyBundle)| {
        let mut bundle = bundle(6, 10, &[3]);
        alter(&mut bundle);
        trust(5).newer(&signed(&bundle))
    };
    assert!(wrong(|_| ()).is_some(), "the control");
    assert!(wrong(|b| b.v = 2).is_none(), "another shape");
    assert!(wrong(|b| b.receipt.clear()).is_none());
    assert!(wrong(|b| b.seal.clear()).is_none());
    assert!(wrong(|b| _ = b.seal.remove(0)).is_none(), "without suite 1 most kiosks could not seal");
    assert!(wrong(|b| b.seal[0].kid = b.seal[1].kid.clone()).is_none(), "names crossed");
    assert!(wrong(|b| b.seal[0].public = b.seal[1].public.clone()).is_none(), "a key of the other suite");
    assert!(wrong(|b| b.seal[1].public.push('A')).is_none());
    assert!(wrong(|b| b.receipt[0].key_id = "receipt-00000000".to_owned()).is_none());
    assert!(wrong(|b| b.receipt[0].public = "A".repeat(43)).is_none(), "a weak key");
    let later = wrong(|b| b.seal.push(SealKey { kid: "office-1".to_owned(), suite: 9, public: String::new() }));
    assert!(later.is_some(), "a key for kiosks to come is passed over");
}

#[test]
fn a_receipt_counts_by_the_key_it_names_and_only_while_the_bundle_has_it() {
    let before = trust(1);
    let both = before.newer(&signed(&bundle(2, 9, &[4, 3]))).unwrap();
    let after = both.newer(&signed(&bundle(3, 9, &[4]))).unwrap();
    let believes = |trust: &Trust, by: u8| trust.verify::<Pong>(&pong(by, by)).is_some();
    assert_eq!([3, 4].map(|by| believes(&before, by)), [true, false]);
    assert_eq!([3, 4].map(|by| believes(&both, by)), [true, true]);
    assert_eq!([3, 4].map(|by| believes(&after, by)), [false, true]);
    assert!(both.verify::<Pong>(&pong(3, 4)).is_none(), "signed by one key in the name of the other");
    assert!(before.verify::<Pong>(&pong(1, 1)).is_none(), "the root signs bundles and nothing else");
}

#[test]
fn a_bundle_expires_by_the_offices_clock_and_by_no_other() {
    let (trust, secret) = (trust(1), OfficeSecret::from_seed(&[9; 32]));
    for suite in Suite::ALL {
        for known in [None, Some(0), Some(NOW_MS), Some(NOW_MS + 1_000)] {
            assert_eq!(trust.seal_key(suite, known), Some(secret.key(suite)), "{known:?}");
        }
        assert_eq!(trust.seal_key(suite, Some(NOW_MS + 1_001)), None);
    }
}

#[test]
fn a_suite_that_the_office_has_no_key_for_falls_back_to_suite_1() {
    let mut bundle = bundle(1, 9, &[3]);
    bundle.seal.truncate(1);
    let trust = Trust::new(key(1).verifying_key(), signed(&bundle)).unwrap();
    assert_eq!(trust.seal_key(Suite::XWing, None), Some(OfficeSecret::from_seed(&[9; 32]).key(Suite::X25519)));
}
