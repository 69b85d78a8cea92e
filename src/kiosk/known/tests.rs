//! Two kiosks and their office, over HTTP.

use super::{Known, Told, lock};
use crate::domain::citizen::CitizenId;
use crate::kiosk::tests::{gateway, office};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Longer than the kiosk gives the office.
const NEVER: Duration = Duration::from_secs(5);

fn id(text: &str) -> CitizenId {
    CitizenId::parse(text).unwrap()
}

fn kiosk(kiosk: usize, authority: &str) -> Known {
    Known::nobody(Some(gateway(kiosk, authority)))
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

#[tokio::test]
async fn what_was_saved_at_one_kiosk_is_told_at_the_other() {
    let place = office().await;
    let (mut one, mut other) = (kiosk(0, &place.authority), kiosk(1, &place.authority));
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
    let mut known = kiosk(0, &silent.local_addr().unwrap().to_string());
    assert_eq!(told(&mut known, &id("000000000001")).await, None);
    let gone = silent.local_addr().unwrap().to_string();
    drop(silent);
    let mut known = kiosk(0, &gone);
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
