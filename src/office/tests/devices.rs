//! What a kiosk says for itself: enrolment by code, heartbeat, status, keys; and how fresh it must be.

use super::bench::{Bench, KIOSK, NOW_MS, answer, new_ids, refusal};
use crate::gateway::wire::{Beat, BeatHeard, Enrol, Enrolled, Signed, StatusBatch, submission_path};
use crate::office::challenge::{self, Challenges};
use crate::office::code::{self, Code};
use crate::office::limits::{Rate, Rates};
use crate::office::serve::Edge;
use crate::office::store::{Bundle, State, Status};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use reqwest::{Method, RequestBuilder};
use std::sync::atomic::Ordering;

const NEW: &str = "kiosk-02";

fn beat(challenge: &str, journal_seq: u64) -> Vec<u8> {
    let beat = Beat {
        v: 1,
        challenge: challenge.to_owned(),
        program: "0.1.0".to_owned(),
        queued: 3,
        received: 4,
        attention: 1,
        oldest_queued_s: Some(60),
        clock_offset_ms: -12,
        disk_free_bytes: 1 << 30,
        quarantined: 0,
        key_storage: "software".to_owned(),
        bundle_version: 1,
        journal_seq,
        journal_head: [9; 32],
    };
    serde_json::to_vec(&beat).unwrap()
}

/// An officer makes a code for the new kiosk.
async fn offer(bench: &Bench) -> Code {
    let code = Code::random().unwrap();
    let hash = code.hash(NEW).unwrap();
    bench.office.store().offer_code(NEW, hash, NOW_MS + code::LIFE_MS).await.unwrap();
    code
}

fn enrol(bench: &Bench, key: &SigningKey, code: &str, challenge: &str) -> RequestBuilder {
    let enrol = Enrol {
        v: 1,
        challenge: challenge.to_owned(),
        kiosk_id: NEW.to_owned(),
        code: code.to_owned(),
        public_key: URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
        key_storage: "software".to_owned(),
    };
    bench.signed_by(key, NEW, Method::POST, "/v1/enrol", &serde_json::to_vec(&enrol).unwrap())
}

#[tokio::test]
async fn a_kiosk_enrols_itself_once_with_the_code_and_delivers() {
    let bench = Bench::start().await;
    let (key, other) = (SigningKey::from_bytes(&[11; 32]), SigningKey::from_bytes(&[12; 32]));
    let code = offer(&bench).await;
    let typed = code.shown().to_lowercase();
    let challenge = bench.pong().await.challenge;

    // Named as its own key, signed by another: nobody enrols a key they do not hold.
    let foreign = enrol(&bench, &key, &typed, &challenge).build().unwrap();
    let body = foreign.body().unwrap().as_bytes().unwrap().to_vec();
    let stolen = bench.signed_by(&other, NEW, Method::POST, "/v1/enrol", &body);
    assert_eq!(refusal(stolen).await, (401, "bad-signature".to_owned()));
    assert_eq!(refusal(enrol(&bench, &key, &typed, "AAAA")).await, (400, "stale-challenge".to_owned()));

    let (status, body) = answer(enrol(&bench, &key, &typed, &challenge)).await;
    assert_eq!(status, 201, "{body}");
    let enrolled: Enrolled = bench.said(&body);
    assert_eq!((enrolled.kiosk_id.as_str(), &enrolled.challenge), (NEW, &challenge));
    assert_eq!(enrolled.public_key, URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()));
    // The first answer may have been lost on its way; for anybody else the code is gone.
    assert_eq!(answer(enrol(&bench, &key, &typed, &challenge)).await.0, 200);
    assert_eq!(refusal(enrol(&bench, &other, &typed, &challenge)).await.0, 403);
    let here = submission_path(new_ids().submission);
    assert_eq!(refusal(bench.signed_by(&key, NEW, Method::GET, &here, b"")).await, (404, "unknown".to_owned()));
}

#[tokio::test]
async fn five_wrong_codes_kill_the_right_one_and_a_day_does_too() {
    let bench = Bench::start().await;
    let key = SigningKey::from_bytes(&[11; 32]);
    let challenge = bench.pong().await.challenge;
    assert_eq!(refusal(enrol(&bench, &key, "00000-00000", &challenge)).await, (403, "void-code".to_owned()));
    let code = offer(&bench).await;
    for _ in 0..5 {
        let (status, why) = refusal(enrol(&bench, &key, "00000-00000", &challenge)).await;
        assert!(status == 403 && (why == "wrong-code" || why == "void-code"), "{why}");
    }
    assert_eq!(refusal(enrol(&bench, &key, &code.shown(), &challenge)).await, (403, "void-code".to_owned()));

    let code = offer(&bench).await;
    bench.now_ms.store(NOW_MS + code::LIFE_MS + 1, Ordering::SeqCst);
    let challenge = bench.pong().await.challenge;
    assert_eq!(refusal(enrol(&bench, &key, &code.shown(), &challenge)).await, (403, "void-code".to_owned()));
    assert!(!bench.log_text().contains(&*code.shown()));
}

#[tokio::test]
async fn enrolment_is_slowed_down_for_everybody_and_delivery_for_each_kiosk() {
    let rate = Rate { burst: 2, every_ms: 3_600_000 };
    for rates in [
        Rates { enrol_source: rate, ..Rates::default() },
        Rates { enrol_all: rate, ..Rates::default() },
        Rates { device: rate, ..Rates::default() },
    ] {
        let bench = Bench::with(rates, Edge::default()).await;
        let key = SigningKey::from_bytes(&[11; 32]);
        let device = rates.device == rate;
        let ask = || {
            if device {
                bench.signed(Method::GET, &submission_path(new_ids().submission), b"")
            } else {
                enrol(&bench, &key, "00000-00000", "AAAA")
            }
        };
        for _ in 0..2 {
            assert_ne!(refusal(ask()).await.0, 429);
        }
        let response = ask().send().await.unwrap();
        assert_eq!(response.status(), 429);
        let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((3_500..=3_600).contains(&wait), "{wait}");
        assert_eq!(response.text().await.unwrap(), "{\"code\":\"too-often\"}");
        // Somebody who only uses the kiosk's name does not use up what it may.
        let foreign = bench.signed_by(&key, KIOSK, Method::GET, &submission_path(new_ids().submission), b"");
        assert_eq!(refusal(foreign).await.0, 401);
    }
}

#[tokio::test]
async fn a_heartbeat_is_heard_and_a_shorter_journal_is_noticed() {
    let bench = Bench::start().await;
    let challenge = bench.pong().await.challenge;
    for (seq, grows) in [(7, true), (7, true), (6, false)] {
        let (status, body) = answer(bench.signed(Method::POST, "/v1/heartbeat", &beat(&challenge, seq))).await;
        let heard: BeatHeard = bench.said(&body);
        assert_eq!((status, heard.journal_grows, heard.kiosk_id.as_str()), (200, grows, KIOSK));
        assert_eq!((heard.challenge, heard.server_time_ms), (challenge.clone(), NOW_MS));
    }
    assert_eq!(bench.log_text().matches("journal-broken").count(), 1);
}

#[tokio::test]
async fn what_was_asked_ten_minutes_ago_is_not_answered_again() {
    let bench = Bench::start().await;
    let challenge = bench.pong().await.challenge;
    let path = format!("/v1/status?cursor=0&challenge={challenge}");
    let heartbeat = || bench.signed(Method::POST, "/v1/heartbeat", &beat(&challenge, 1));
    assert_eq!(bench.get(&path).await.0, 200);
    bench.now_ms.fetch_add(challenge::LIFE_MS, Ordering::SeqCst);
    assert_eq!(bench.get(&path).await.0, 200);
    assert_eq!(answer(heartbeat()).await.0, 200);
    bench.now_ms.fetch_add(1, Ordering::SeqCst);
    assert_eq!(refusal(heartbeat()).await, (400, "stale-challenge".to_owned()));
    assert_eq!(refusal(bench.signed(Method::GET, &path, b"")).await, (400, "stale-challenge".to_owned()));
}

#[test]
fn only_this_office_makes_its_challenges() {
    let (ours, theirs) = (Challenges::new(&[3; 32]), Challenges::new(&[4; 32]));
    let challenge = ours.make(NOW_MS);
    assert!(ours.is_fresh(&challenge, NOW_MS) && Challenges::new(&[3; 32]).is_fresh(&challenge, NOW_MS));
    assert!(!theirs.is_fresh(&challenge, NOW_MS));
    assert!(!ours.is_fresh(&challenge, NOW_MS - 120_000), "made in the future");
    let bytes = URL_SAFE_NO_PAD.decode(&challenge).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(!ours.is_fresh(&URL_SAFE_NO_PAD.encode(altered), NOW_MS), "bit {bit}");
    }
    assert!(!ours.is_fresh("", NOW_MS) && !ours.is_fresh(&format!("{challenge}AA"), NOW_MS));
}

#[tokio::test]
async fn a_kiosk_learns_what_became_of_its_own_submissions() {
    let bench = Bench::start().await;
    let ids = new_ids();
    bench.deliver(ids, 1).await;
    let fields = vec!["family_name".to_owned()];
    let returned = Status::new(ids.submission, State::Returned, Some("photo-missing".to_owned()), fields.clone());
    bench.office.store().set_status(returned.unwrap(), NOW_MS + 5).await.unwrap();
    let challenge = bench.pong().await.challenge;
    let ask = async |cursor: u64| -> StatusBatch {
        let (status, body) = bench.get(&format!("/v1/status?cursor={cursor}&challenge={challenge}")).await;
        assert_eq!(status, 200, "{body}");
        bench.said(&body)
    };
    let batch = ask(0).await;
    assert_eq!((batch.kiosk_id.as_str(), batch.cursor, batch.more), (KIOSK, 0, false));
    let last = batch.entries.last().unwrap();
    assert_eq!((last.submission_id, last.state.as_str(), last.at_ms), (ids.submission, "returned", NOW_MS + 5));
    assert_eq!((last.reason.as_deref(), &last.fields), (Some("photo-missing"), &fields));
    assert!(ask(batch.next_cursor).await.entries.is_empty());
}

#[tokio::test]
async fn the_newest_bundle_goes_out_as_the_root_signed_it() {
    let bench = Bench::start().await;
    assert_eq!(bench.pong().await.bundle_version, 0);
    let signed = Signed { statement: "c2lnbmVk".to_owned(), signature: "A".repeat(86) };
    let text = serde_json::to_string(&signed).unwrap();
    bench.office.store().keep_bundle(Bundle { version: 7, signed: text.clone() }, NOW_MS).await.unwrap();
    assert_eq!(bench.pong().await.bundle_version, 7);
    assert_eq!(answer(bench.request(Method::GET, "/v1/keys")).await, (200, text));
}

#[test]
fn a_code_is_read_as_people_type_it() {
    let code = Code::random().unwrap();
    let shown = code.shown();
    assert_eq!((shown.len(), shown.as_bytes()[5]), (11, b'-'));
    let hash = |text: &str| Code::parse(text).and_then(|code| code.hash(NEW));
    assert_eq!(hash(&shown.to_lowercase().replace('-', " ")), code.hash(NEW));
    assert_ne!(code.hash(NEW), code.hash(KIOSK));
    assert_eq!(hash("oil00-00000"), hash("01100-00000"));
    assert!(["", "0000-00000", "00000-000000", "U0000-00000"].iter().all(|text| Code::parse(text).is_none()));
    assert!(code.hash("Not A Kiosk").is_none());
}
