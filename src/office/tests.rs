#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod bench;
mod contract;
mod devices;
mod edge;
mod open;
mod tls;

use super::store::sqlite::{FILE, SqliteStore};
use super::store::{IntakeStore, Kept, LOOSE_KEPT_MS, MAX_LOOSE_PARTS, NewPart, StoreError};
use super::unseal::{Closed, ExportError, Line, export, open_all};
use super::{Office, keys};
use crate::envelope::{MAX_CONTENT_BYTES, MAX_MANIFEST_BYTES, Suite};
use crate::gateway::parcel::Parcel;
use crate::gateway::trust::{Trust, TrustError};
use crate::gateway::wire::{
    CONTENT_DIGEST, KIOSK_ID, MANIFEST_SIGNATURE, Missing, Pong, Present, Signed, part_path, submission_path,
};
use bench::{Bench, KIOSK, NOW_MS, dossier, enrolment, new_ids, plain_parts, refusal};
use ed25519_dalek::SigningKey;
use reqwest::Method;
use sha2::{Digest, Sha256};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use uuid::Uuid;

#[tokio::test]
async fn a_submission_is_stored_once_and_gets_the_same_receipt_for_ever() {
    let bench = Bench::start().await;
    let ids = new_ids();
    let sealed = bench.sealed(ids, 1);
    bench.put_parts(ids.submission, &sealed).await;
    assert_eq!(bench.put_part(ids.submission, 1, &sealed.parts[1]).await, (200, String::new()));

    let first = bench.put_manifest(ids.submission, &sealed.manifest).await;
    assert_eq!(first.0, 201);
    let receipt = bench.receipt_in(&first);
    assert_eq!((receipt.dossier_id, receipt.submission_id), (ids.dossier, ids.submission));
    assert_eq!((receipt.kiosk_id.as_str(), receipt.db_epoch), (KIOSK, [5; 16]));
    assert_eq!(receipt.manifest_sha256, <[u8; 32]>::from(Sha256::digest(&sealed.manifest)));
    assert_eq!((receipt.receipt_no, receipt.server_time_ms), (1, NOW_MS));

    let again = (200, first.1);
    assert_eq!(bench.put_part(ids.submission, 0, &sealed.parts[0]).await.0, 200);
    assert_eq!(bench.put_manifest(ids.submission, &sealed.manifest).await, again);
    assert_eq!(bench.get(&submission_path(ids.submission)).await, again);
}

#[tokio::test]
async fn other_bytes_under_a_used_id_are_a_conflict_and_change_nothing() {
    let bench = Bench::start().await;
    let ids = new_ids();
    let receipt = bench.deliver(ids, 1).await;

    assert_eq!(bench.put_part(ids.submission, 0, b"other").await.0, 409);
    assert_eq!(bench.put_part(ids.submission, 2, b"one more").await.0, 409);
    let resealed = bench.sealed(ids, 1).manifest;
    assert_eq!(bench.put_manifest(ids.submission, &resealed).await.0, 409);

    let same_number = new_ids();
    let sealed = bench.sealed(same_number, 1);
    bench.put_parts(same_number.submission, &sealed).await;
    assert_eq!(bench.put_manifest(same_number.submission, &sealed.manifest).await.0, 409);

    let wrong_part = new_ids();
    let sealed = bench.sealed(wrong_part, 2);
    bench.put_part(wrong_part.submission, 0, b"not the part that the manifest names").await;
    assert_eq!(bench.put_manifest(wrong_part.submission, &sealed.manifest).await.0, 409);

    assert_eq!(bench.receipt_in(&bench.get(&submission_path(ids.submission)).await), receipt);
    assert_eq!(open_all(bench.path(), &bench.secret).unwrap().len(), 1);
}

#[tokio::test]
async fn a_manifest_before_its_parts_is_told_what_is_missing() {
    let bench = Bench::start().await;
    let ids = new_ids();
    let sealed = bench.sealed(ids, 1);
    for missing in [vec![0, 1], vec![0]] {
        let (status, body) = bench.put_manifest(ids.submission, &sealed.manifest).await;
        assert_eq!((status, serde_json::from_str::<Missing>(&body).unwrap()), (424, Missing { missing }));
        bench.put_part(ids.submission, 1, &sealed.parts[1]).await;
        let (status, body) = bench.get(&submission_path(ids.submission)).await;
        assert_eq!((status, serde_json::from_str::<Present>(&body).unwrap()), (202, Present { present: vec![1] }));
    }
    bench.put_part(ids.submission, 0, &sealed.parts[0]).await;
    assert_eq!(bench.put_manifest(ids.submission, &sealed.manifest).await.0, 201);
}

#[tokio::test]
async fn every_refusal_has_its_status_and_code() {
    let bench = Bench::start().await;
    let id = Uuid::now_v7();
    let part = |body: &[u8]| bench.signed(Method::PUT, &part_path(id, 0), body);
    let manifest = |path: &str, bytes: &[u8]| bench.put_manifest_at(path, bytes);
    let (ids, other) = (new_ids(), submission_path(Uuid::now_v7()));
    let good = bench.sealed(ids, 1).manifest;
    let foreign = String::from_utf8(good.clone()).unwrap().replace(KIOSK, "chu-lai-2").into_bytes();
    let here = submission_path(ids.submission);
    let bare = || bench.request(Method::PUT, &here).body(vec![0; MAX_CONTENT_BYTES]);
    let get = |path: &str| bench.signed(Method::GET, path, b"");
    let nobodys = SigningKey::from_bytes(&[8; 32]);

    for (request, status, code) in [
        (bare(), 401, "unknown-kiosk"),
        (bare().header(KIOSK_ID, "nobody"), 401, "unknown-kiosk"),
        (bare().header(KIOSK_ID, KIOSK), 401, "bad-signature"),
        (bench.signed_by(&nobodys, KIOSK, Method::PUT, &here, b"x"), 401, "bad-signature"),
        (part(b"torn on its way").body("torn on"), 400, "digest-mismatch"),
        (bench.signed(Method::PUT, &part_path(id, 0), b"").body("not announced"), 400, "digest-mismatch"),
        (part(b"two").header(CONTENT_DIGEST, "sha-256=::"), 401, "bad-signature"),
        (bench.signed(Method::PUT, &here, &good), 401, "manifest-signature"),
        (bench.signed(Method::PUT, &here, &good).header(MANIFEST_SIGNATURE, "A".repeat(86)), 401, "manifest-signature"),
        (manifest(&other, &good), 422, "id-mismatch"),
        (manifest(&here, &foreign), 422, "id-mismatch"),
        (manifest(&here, b"{}"), 422, "manifest-shape"),
        (manifest(&here, &bench.sealed(ids, 0).manifest), 422, "manifest-shape"),
        (manifest(&here, &vec![b' '; MAX_MANIFEST_BYTES + 1]), 413, "too-large"),
        (part(&vec![0; MAX_CONTENT_BYTES + 1]), 413, "too-large"),
        (bench.signed(Method::PUT, &part_path(id, 64), b"x"), 404, "no-such-path"),
        (manifest(&here.to_uppercase().replace("/V1/SUBMISSIONS", "/v1/submissions"), &good), 404, "no-such-path"),
        (bench.request(Method::GET, "/"), 404, "no-such-path"),
        (bench.request(Method::GET, &here), 401, "unknown-kiosk"),
        (get(&here), 404, "unknown"),
        (bench.request(Method::DELETE, &here), 405, "method"),
        (bench.request(Method::GET, "/v1/ping"), 400, "nonce"),
        (bench.request(Method::GET, "/v1/ping?nonce=a%20b"), 400, "nonce"),
        (bench.request(Method::GET, "/v1/keys"), 404, "no-keys"),
        (get("/v1/status?cursor=-1&challenge=x"), 400, "query"),
        (get("/v1/status?cursor=0&challenge=x"), 400, "stale-challenge"),
        (bench.signed(Method::POST, "/v1/heartbeat", b"{}"), 422, "shape"),
        (bench.signed(Method::POST, "/v1/enrol", b"{}"), 422, "shape"),
    ] {
        assert_eq!(refusal(request).await, (status, code.to_owned()));
        assert!(include_str!("openapi.yaml").contains(&format!("`{code}`:")), "{code} is in the contract");
    }
    bench.office.revoke(KIOSK).await.unwrap();
    assert_eq!(refusal(part(b"x")).await, (403, "revoked".to_owned()));
    assert_eq!(refusal(bench.signed_by(&nobodys, KIOSK, Method::PUT, &here, b"x")).await.0, 401);
    assert!(open_all(bench.path(), &bench.secret).unwrap().is_empty());
}

#[tokio::test]
async fn a_ping_is_answered_by_the_office_itself() {
    let bench = Bench::start().await;
    let (status, body) = bench.get("/v1/ping?nonce=aZ09-_").await;
    let signed: Signed = serde_json::from_str(&body).unwrap();
    let pong: Pong = signed.verify(&bench.receipt.verifying_key()).unwrap();
    assert_eq!((status, pong.nonce.as_str(), pong.server_time_ms), (200, "aZ09-_", NOW_MS));
    assert_eq!(pong.office_epoch, bench.office.store().standing().await.unwrap().office_epoch);
}

#[tokio::test]
async fn a_restart_keeps_the_epoch_and_goes_on_counting() {
    let bench = Bench::start().await;
    let ids = new_ids();
    let first = bench.deliver(ids, 1).await;
    let bench = bench.restart().await;
    let second = bench.deliver(new_ids(), 2).await;
    assert_eq!((second.office_epoch, second.receipt_no), (first.office_epoch, 2));
    assert_eq!(bench.receipt_in(&bench.get(&submission_path(ids.submission)).await), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_at_once_are_one_submission_with_one_receipt() {
    let bench = Arc::new(Bench::start().await);
    let ids = new_ids();
    let sealed = Arc::new(bench.sealed(ids, 1));
    bench.put_parts(ids.submission, &sealed).await;
    let racers: Vec<_> = (0..16)
        .map(|_| {
            let (bench, sealed) = (Arc::clone(&bench), Arc::clone(&sealed));
            tokio::spawn(async move { bench.put_manifest(ids.submission, &sealed.manifest).await })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 15);
    assert!(answers.iter().all(|(_, body)| *body == answers[0].1));
    assert_eq!(bench.deliver(new_ids(), 2).await.receipt_no, 2);
    assert_eq!(open_all(bench.path(), &bench.secret).unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_opened_equals_what_was_sealed_and_one_spoilt_row_stops_nothing() {
    let bench = Bench::start().await;
    let spoilt = new_ids();
    bench.deliver(spoilt, 1).await;
    bench.deliver(new_ids(), 2).await;
    let database = rusqlite::Connection::open(bench.path().join(FILE)).unwrap();
    let spoil = "UPDATE part SET bytes = zeroblob(length(bytes)) WHERE submission_id = ?1 AND n = 1";
    database.execute(spoil, [spoilt.submission.as_bytes()]).unwrap();

    let opened = open_all(bench.path(), &bench.secret).unwrap();
    let codes: Vec<_> = opened.iter().map(|o| o.content.as_ref().err().map(|e| e.code())).collect();
    assert_eq!(codes, [Some("part"), None]);
    let content = opened[1].content.as_ref().unwrap_or_else(|_| unreachable!("opened above"));
    assert!(content.dossier == dossier() && content.attachments == plain_parts()[1..]);
    assert!(
        open_all(bench.path(), &crate::envelope::OfficeSecret::from_seed(&[1; 32]))
            .unwrap()
            .iter()
            .all(|o| matches!(o.content, Err(Closed::OtherKey)))
    );

    let out = bench.path().join("out");
    let json = Line::new(&opened[1], Vec::new(), true).to_json().unwrap();
    assert!(String::from_utf8_lossy(&json).contains("NGUYỄN"));
    assert!(!String::from_utf8_lossy(&Line::new(&opened[1], Vec::new(), false).to_json().unwrap()).contains("NGUYỄN"));
    for _ in 0..2 {
        export(&out, opened[1].submission_id, "json", &json).unwrap();
    }
    let file = out.join(format!("{}.json", opened[1].submission_id));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(export(&out, opened[1].submission_id, "json", b"{}\n"), Err(ExportError::Differs)));
    assert_eq!(std::fs::read(&file).unwrap(), *json);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
}

#[tokio::test]
async fn parts_without_a_manifest_are_limited_and_make_room_after_a_month() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    store.enrol(enrolment(KIOSK, SigningKey::from_bytes(&[7; 32]).verifying_key()), NOW_MS).await.unwrap();
    let put = async |now_ms| {
        let (submission, kiosk_id) = (Uuid::now_v7(), KIOSK.to_owned());
        store.put_part(NewPart { submission, n: 0, kiosk_id, sha256: [0; 32], bytes: b"x".to_vec() }, now_ms).await
    };
    for _ in 0..MAX_LOOSE_PARTS {
        assert_eq!(put(NOW_MS).await.unwrap(), Kept::New);
    }
    assert!(matches!(put(NOW_MS + LOOSE_KEPT_MS).await, Err(StoreError::TooManyLoose)));
    assert_eq!(put(NOW_MS + LOOSE_KEPT_MS + 1).await.unwrap(), Kept::New);
}

#[tokio::test]
async fn a_kiosk_keeps_its_key_and_a_revoked_one_stays_out() {
    let data = tempfile::tempdir().unwrap();
    let office = Office::open(data.path(), SigningKey::from_bytes(&[3; 32]), "receipt".to_owned(), || NOW_MS).unwrap();
    let [key, other] = [7, 8].map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key());
    office.enrol(enrolment(KIOSK, key)).await.unwrap();
    office.enrol(enrolment(KIOSK, key)).await.unwrap();
    assert!(matches!(office.enrol(enrolment(KIOSK, other)).await, Err(StoreError::OtherKey)));
    assert!(matches!(office.enrol(enrolment("Chu Lai", key)).await, Err(StoreError::KioskName)));
    assert!(matches!(office.revoke("nobody").await, Err(StoreError::UnknownKiosk)));
    office.revoke(KIOSK).await.unwrap();
    assert!(matches!(office.enrol(enrolment(KIOSK, key)).await, Err(StoreError::Revoked)));
}

#[test]
fn a_newer_database_is_refused() {
    let data = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(data.path()).unwrap());
    let database = rusqlite::Connection::open(data.path().join(FILE)).unwrap();
    database.pragma_update(None, "user_version", 9).unwrap();
    assert!(matches!(SqliteStore::open(data.path()), Err(StoreError::TooNew { found: 9, .. })));
}

#[test]
fn keys_are_made_once_and_kiosks_read_the_public_half() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("keys");
    let trust = keys::create(&dir, NOW_MS).unwrap();
    assert!(matches!(keys::create(&dir, NOW_MS), Err(keys::KeysError::Exists(_))));
    for name in [keys::ROOT_FILE, keys::UNSEAL_FILE, keys::RECEIPT_FILE] {
        assert_eq!(std::fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let (receipt, key_id) = keys::receipt_key(&dir).unwrap();
    assert_eq!(trust.receipt_key(&key_id), Some(&receipt.verifying_key()));
    let secret = keys::unsealing_key(&dir).unwrap();
    for suite in Suite::ALL {
        assert_eq!(trust.seal_key(suite, Some(NOW_MS)), Some(secret.key(suite)));
    }

    let text = std::fs::read_to_string(dir.join(keys::PUBLIC_FILE)).unwrap();
    assert_eq!(Trust::parse(&text).unwrap(), trust);
    assert!(matches!(Trust::parse(&format!("{text}more = 1\n")), Err(TrustError::Shape(_))));
    let rotated = keys::bundle(2, NOW_MS, &[&secret], &[receipt.verifying_key()]);
    let signed = keys::sign_bundle(&rotated, &keys::root_key(&dir).unwrap()).unwrap();
    assert_eq!(trust.newer(&signed).unwrap().version(), 2);
}

#[test]
fn the_next_bundle_is_signed_by_the_same_root_and_kiosks_take_it() {
    let parent = tempfile::tempdir().unwrap();
    let (first, second, third) = (parent.path().join("1"), parent.path().join("2"), parent.path().join("3"));
    let trust = keys::create(&first, NOW_MS).unwrap();
    let text = std::fs::read_to_string(first.join(keys::PUBLIC_FILE)).unwrap();
    let (_, old_receipt) = keys::receipt_key(&first).unwrap();

    let change = keys::Rotation { receipt: true, unseal: true, drop: Vec::new() };
    let next = keys::rotate(&text, &first, &second, &change, NOW_MS + 1).unwrap();
    assert_eq!(trust.newer(next.signed()).as_ref(), Some(&next));
    assert_eq!((next.version(), next.expires_ms()), (2, NOW_MS + 1 + keys::BUNDLE_MS));
    let (_, new_receipt) = keys::receipt_key(&second).unwrap();
    assert!(next.receipt_key(&old_receipt).is_some() && next.receipt_key(&new_receipt).is_some());
    let secret = keys::unsealing_key(&second).unwrap();
    for suite in Suite::ALL {
        assert_eq!(next.seal_key(suite, None), Some(secret.key(suite)));
    }

    let text = std::fs::read_to_string(second.join(keys::PUBLIC_FILE)).unwrap();
    let change = keys::Rotation { drop: vec![old_receipt.clone()], ..keys::Rotation::default() };
    let last = keys::rotate(&text, &first, &third, &change, NOW_MS + 2).unwrap();
    assert!(last.receipt_key(&old_receipt).is_none() && last.receipt_key(&new_receipt).is_some());
    assert!(!third.join(keys::RECEIPT_FILE).exists() && !third.join(keys::UNSEAL_FILE).exists());

    let all = keys::Rotation { drop: vec![new_receipt], ..keys::Rotation::default() };
    assert!(keys::rotate(&text, &first, &parent.path().join("4"), &all, NOW_MS).is_ok(), "the old one is left");
    let stranger = parent.path().join("stranger");
    keys::create(&stranger, NOW_MS).unwrap();
    let foreign = keys::rotate(&text, &stranger, &parent.path().join("5"), &keys::Rotation::default(), NOW_MS);
    assert!(matches!(foreign, Err(keys::KeysError::Public(TrustError::Signature))));
}

#[tokio::test]
async fn a_parcel_from_a_medium_is_the_same_delivery() {
    let bench = Bench::start().await;
    let ids = new_ids();
    let sealed = bench.sealed(ids, 1);
    let signature = crate::envelope::sign_manifest(&bench.kiosk, &sealed.manifest);
    let parcel = Parcel { manifest: sealed.manifest.clone(), signature, parts: sealed.parts.clone() };
    let (submission, receipt) = bench.office.import(&parcel.to_bytes()).await.unwrap();
    let text = serde_json::to_string(&receipt).unwrap();
    assert_eq!((submission, bench.receipt_in(&(201, text.clone())).receipt_no), (ids.submission, 1));
    assert_eq!(bench.put_manifest(ids.submission, &sealed.manifest).await, (200, text));
    let stranger = crate::envelope::sign_manifest(&SigningKey::from_bytes(&[8; 32]), &sealed.manifest);
    let foreign = Parcel { signature: stranger, ..parcel };
    assert_eq!(bench.office.import(&foreign.to_bytes()).await.unwrap_err().code(), "bad-signature");
}
