//! Who has an open dossier: asked by enrolled kiosks, by tag, and not often.

use super::bench::{Bench, KIOSK, NOW_MS, answer, enrolment, new_ids, refusal};
use crate::domain::citizen::CitizenId;
use crate::gateway::open::{AskOpen, OpenSaid, PATH, from_text, tag, to_text};
use crate::office::SLIP_DAYS;
use crate::office::challenge::person_key;
use ed25519_dalek::SigningKey;
use reqwest::{Method, RequestBuilder};
use std::sync::atomic::Ordering;
use uuid::Uuid;
use zeroize::Zeroizing;

const NEXT: &str = "kiosk-02";

async fn body(bench: &Bench, tag: Option<[u8; 32]>, dossier_id: Option<Uuid>) -> Vec<u8> {
    let challenge = bench.pong().await.challenge;
    serde_json::to_vec(&AskOpen { v: 1, challenge, tag: tag.as_ref().map(to_text), dossier_id }).unwrap()
}

async fn said(bench: &Bench, request: RequestBuilder) -> OpenSaid {
    let (status, text) = answer(request).await;
    assert_eq!(status, 200, "{text}");
    bench.said(&text)
}

#[tokio::test]
async fn what_one_kiosk_saved_another_one_is_told_until_the_slip_is_too_old() {
    let bench = Bench::start().await;
    let next = SigningKey::from_bytes(&[11; 32]);
    bench.office.enrol(enrolment(NEXT, next.verifying_key())).await.unwrap();
    let ask =
        async |tag, dossier| said(&bench, bench.signed(Method::POST, PATH, &body(&bench, tag, dossier).await)).await;
    let first = ask(None, None).await;
    assert_eq!((first.kiosk_id.as_str(), first.open), (KIOSK, false));
    let key = Zeroizing::new(from_text(&first.key).unwrap());
    let person = tag(&key, &CitizenId::parse("000000000001").unwrap());
    let there = async || {
        let body = body(&bench, Some(person), None).await;
        said(&bench, bench.signed_by(&next, NEXT, Method::POST, PATH, &body)).await
    };
    assert!(!there().await.open);
    assert!(ask(Some(person), Some(new_ids().dossier)).await.open);
    assert_eq!((there().await.open, there().await.key), (true, first.key), "one key for all kiosks");
    bench.now_ms.store(NOW_MS + i64::from(SLIP_DAYS) * 86_400_000 + 1, Ordering::SeqCst);
    assert!(!there().await.open);
}

#[tokio::test]
async fn only_enrolled_kiosks_ask_and_too_seldom_to_try_numbers_out() {
    let bench = Bench::start().await;
    let stranger = SigningKey::from_bytes(&[12; 32]);
    let asked = body(&bench, Some([1; 32]), None).await;
    let foreign = |name| bench.signed_by(&stranger, name, Method::POST, PATH, &asked);
    assert_eq!(refusal(foreign(NEXT)).await, (401, "unknown-kiosk".to_owned()));
    assert_eq!(refusal(foreign(KIOSK)).await, (401, "bad-signature".to_owned()));
    let dossier_alone = body(&bench, None, Some(new_ids().dossier)).await;
    let shapeless = bench.signed(Method::POST, PATH, &dossier_alone);
    assert_eq!(refusal(shapeless).await, (422, "shape".to_owned()));
    for _ in 1..60 {
        assert_eq!(answer(bench.signed(Method::POST, PATH, &asked)).await.0, 200);
    }
    let (status, why) = refusal(bench.signed(Method::POST, PATH, &asked)).await;
    assert_eq!((status, why.as_str()), (429, "too-often"));
    bench.office.revoke(KIOSK).await.unwrap();
    assert_eq!(refusal(bench.signed(Method::POST, PATH, &asked)).await, (403, "revoked".to_owned()));
}

#[test]
fn a_tag_is_the_hmac_of_the_number_under_a_key_of_this_office() {
    let id = CitizenId::parse("000000000001").unwrap();
    assert_eq!(tag(&person_key(&[3; 32]), &id), tag(&person_key(&[3; 32]), &id));
    assert_ne!(tag(&person_key(&[3; 32]), &id), tag(&person_key(&[4; 32]), &id));
    assert_ne!(*person_key(&[3; 32]), [3; 32]);
}
