//! Two kiosks and their office, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::{Known, Told, lock};
use crate::clock;
use crate::domain::citizen::CitizenId;
use crate::envelope::OfficeSecret;
use crate::gateway::http::Gateway;
use crate::gateway::tls::OfficeTime;
use crate::gateway::trust::receipt_key_name;
use crate::office::store::Enrolment;
use crate::office::{self, Office, keys};
use ed25519_dalek::SigningKey;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

const NOW_MS: i64 = 1_795_000_000_000;

/// Longer than the kiosk gives the office.
const NEVER: Duration = Duration::from_secs(5);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn id(text: &str) -> CitizenId {
    CitizenId::parse(text).unwrap()
}

fn kiosk(name: &str, seed: u8, authority: &str) -> Known {
    let secret = OfficeSecret::from_seed(&[9; 32]);
    let trust = keys::trust(&keys::bundle(1, NOW_MS, &[&secret], &[key(3).verifying_key()]), &key(1)).unwrap();
    let time = Arc::new(OfficeTime::new(NOW_MS, clock::boot_ms));
    let base = format!("http://{authority}");
    Known::nobody(Some(Arc::new(Gateway::new(&base, None, name, Arc::new(key(seed)), trust, time).unwrap())))
}

/// What the loop is told, if it is told anything before every call has ended.
async fn told(known: &mut Known, id: &CitizenId) -> Option<u64> {
    let (events, mut happened) = mpsc::channel(4);
    known.look_up(id, &events);
    // The calls hold the other ends: when they end, the channel does.
    drop(events);
    match tokio::time::timeout(NEVER, happened.recv()).await.expect("nothing waits for the office") {
        Some(Told::HasDossier { asked }) => Some(asked),
        Some(_) => panic!("something else"),
        None => None,
    }
}

fn save(known: &mut Known, id: &CitizenId) {
    known.next = Some(known.tags_of(id, Uuid::from_u128(1)));
    known.saved();
}

struct Place {
    _folder: tempfile::TempDir,
    authority: String,
    _stop: oneshot::Sender<()>,
}

async fn office() -> Place {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let name = receipt_key_name(&key(3).verifying_key());
    let office = Office::open(folder.path(), key(3), name, || NOW_MS).unwrap();
    for (kiosk, seed) in [("kiosk-01", 7), ("kiosk-02", 8)] {
        let (name, key_storage) = (String::new(), "software".to_owned());
        let key = key(seed).verifying_key();
        office.enrol(Enrolment { kiosk_id: kiosk.to_owned(), key, name, key_storage }).await.unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(office::serve(listener, office, async { drop(stopped.await) }));
    Place { _folder: folder, authority, _stop: stop }
}

#[tokio::test]
async fn what_was_saved_at_one_kiosk_is_told_at_the_other() {
    let place = office().await;
    let (mut one, mut other) = (kiosk("kiosk-01", 7, &place.authority), kiosk("kiosk-02", 8, &place.authority));
    let (mai, duc) = (id("000000000001"), id("000000000002"));
    assert_eq!(told(&mut one, &mai).await, None);
    save(&mut one, &mai);
    assert!(told(&mut one, &mai).await.is_some(), "here, without the office");
    let marked = async { while told(&mut other, &mai).await.is_none() {} };
    tokio::time::timeout(NEVER, marked).await.expect("the mark arrives");
    assert_eq!(told(&mut other, &duc).await, None, "nobody else");
}

#[tokio::test]
async fn an_office_that_is_silent_or_away_is_not_waited_for() {
    drop(rustls::crypto::ring::default_provider().install_default());
    // Takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut known = kiosk("kiosk-01", 7, &silent.local_addr().unwrap().to_string());
    assert_eq!(told(&mut known, &id("000000000001")).await, None);
    let gone = silent.local_addr().unwrap().to_string();
    drop(silent);
    let mut known = kiosk("kiosk-01", 7, &gone);
    assert_eq!(told(&mut known, &id("000000000001")).await, None);
    save(&mut known, &id("000000000001"));
    assert!(told(&mut known, &id("000000000001")).await.is_some(), "what was saved here is told all the same");
    assert!(lock(&known.office).marks.is_empty(), "without the office's key nothing of the person is kept for it");
}

#[tokio::test]
async fn an_answer_for_a_session_that_is_over_or_for_another_card_is_nobodys() {
    let mut known = Known::nobody(None);
    save(&mut known, &id("000000000001"));
    let asked = told(&mut known, &id("000000000001")).await.unwrap();
    assert!(known.is_current(asked));
    known.forget();
    assert!(!known.is_current(asked), "the next session");
    let asked = told(&mut known, &id("000000000001")).await.unwrap();
    assert_eq!(told(&mut known, &id("000000000002")).await, None);
    assert!(!known.is_current(asked), "another card of the same session");
}
