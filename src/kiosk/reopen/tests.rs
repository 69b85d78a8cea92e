//! A slip and a card before a real queue, with a restart of the kiosk between two visits.

use super::open;
use crate::camera::small;
use crate::domain::card::{CardClaim, parse_qr};
use crate::domain::flow::{NotReopened, Presented};
use crate::domain::form::Field;
use crate::domain::photo::Picture;
use crate::domain::slip::{self, SlipQr};
use crate::envelope::{Ids, OfficeSecret, Part, SlipSecret, Suite};
use crate::gateway::dossier::PORTRAIT;
use crate::gateway::http::Gateway;
use crate::gateway::wire::{Consent, Dossier, PortraitState, Value};
use crate::kiosk::tests::{gateway, office};
use crate::queue::store::{Sealer, Submission};
use crate::queue::{Queue, Thread};
use crate::sim::scanner::cards;
use crate::sync::{self, News, Policy};
use ed25519_dalek::SigningKey;
use image::codecs::jpeg::JpegEncoder;
use rand_core::UnwrapErr;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;
use zeroize::Zeroizing;

const TEXT: &str = "2026-01";
const PAGE: &str = "https://office.example/h";

fn start(folder: &Path) -> (Queue, Thread) {
    let sealer = Sealer {
        kiosk_id: "kiosk-01".to_owned(),
        device: Arc::new(SigningKey::from_bytes(&[7; 32])),
        office: Some(OfficeSecret::from_seed(&[9; 32]).key(Suite::X25519)),
        consent_version: TEXT.to_owned(),
    };
    let (queue, thread, opened) = Queue::start(&folder.join("queue.db"), Arc::new(sealer), || 0).unwrap();
    opened.unwrap();
    (queue, thread)
}

fn card(key: &str) -> CardClaim {
    let card = cards().into_iter().find(|card| card.key == key).unwrap();
    parse_qr(card.qr.as_bytes()).unwrap()
}

fn with_slip(secret: &SlipSecret, key: &str) -> Presented {
    let qr = format!("{PAGE}#{}", *secret.to_fragment());
    let Ok(SlipQr::Dossier(slip)) = slip::parse(qr.as_bytes(), PAGE) else { panic!("no slip of a dossier") };
    Presented { key: slip, card: card(key) }
}

/// A dossier of whoever holds the card `mai`, with a portrait.
async fn save(queue: &Queue, secret: &SlipSecret) -> Ids {
    let value = |text: &str| Value { value: text.to_owned(), source: "typed".to_owned(), ..Value::default() };
    let pin = card("mai").id().as_str().to_owned();
    let dossier = Dossier {
        v: 1,
        form_edition: "tk01@tt69-2026".to_owned(),
        fields: [("pin", pin.as_str()), ("phone", "0000000001")]
            .map(|(key, text)| (key.to_owned(), value(text)))
            .into(),
        consent: Consent { version: TEXT.to_owned(), purposes: vec!["prepare".to_owned()] },
        papers: Vec::new(),
        portrait: Some(PortraitState::Inside),
    };
    let mut jpeg = Zeroizing::new(Vec::new());
    JpegEncoder::new(&mut *jpeg).encode(&[200; 40 * 60 * 3], 40, 60, image::ExtendedColorType::Rgb8).unwrap();
    let form = Zeroizing::new(serde_json::to_vec(&dossier).unwrap());
    let parts = vec![
        Part { media_type: "application/json".to_owned(), bytes: form },
        Part { media_type: PORTRAIT.to_owned(), bytes: jpeg },
    ];
    let ids = Ids::random(0, &mut UnwrapErr(getrandom::SysRng));
    let form_edition = "tk01@tt69-2026".to_owned();
    queue.put(Submission { ids, slip: secret.clone(), supersedes: None, form_edition, parts }).await.unwrap();
    ids
}

#[tokio::test]
async fn the_holder_of_slip_and_card_gets_the_dossier_back_with_its_portrait_as_the_next_version() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, _thread) = start(folder.path());
    let secret = SlipSecret::new([3; 32]);
    let ids = save(&queue, &secret).await;
    let (reopened, pending) = open(&queue, None, &with_slip(&secret, "mai"), TEXT).await.unwrap();
    assert_eq!(reopened.draft.value(Field::Phone), "0000000001");
    assert!(reopened.consents[0], "agreed to under the same text");
    let picture = Picture::new(40, 60, vec![200; 40 * 60 * 3]).unwrap();
    let shown = reopened.portrait.unwrap().small;
    assert_eq!((shown.width(), shown.height()), (small(&picture).width(), small(&picture).height()));
    assert_eq!((pending.ids.dossier, pending.supersedes), (ids.dossier, Some(ids.submission)));
    assert_ne!(pending.ids.submission, ids.submission);
    assert!(pending.secret == secret, "the slip at home opens the next version too");
}

#[tokio::test]
async fn five_wrong_cards_void_a_slip_for_good_though_the_kiosk_was_restarted_between_them() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, other) = (SlipSecret::new([3; 32]), SlipSecret::new([4; 32]));
    let (queue, thread) = start(folder.path());
    save(&queue, &secret).await;
    save(&queue, &other).await;
    let wrong = async |queue: &Queue| open(queue, None, &with_slip(&secret, "duc"), TEXT).await.err();
    for left in [4, 3] {
        assert_eq!(wrong(&queue).await, Some(NotReopened::OtherCard { left }));
    }
    assert!(open(&queue, None, &with_slip(&secret, "mai"), TEXT).await.is_ok(), "a right card begins the count anew");
    for left in [4, 3, 2] {
        assert_eq!(wrong(&queue).await, Some(NotReopened::OtherCard { left }));
    }
    drop(queue);
    tokio::task::spawn_blocking(|| thread.join()).await.unwrap();

    let (queue, _thread) = start(folder.path());
    assert_eq!(wrong(&queue).await, Some(NotReopened::OtherCard { left: 1 }), "a restart gives nobody a try");
    assert_eq!(wrong(&queue).await, Some(NotReopened::Void));
    let right = open(&queue, None, &with_slip(&secret, "mai"), TEXT).await;
    assert_eq!(right.err(), Some(NotReopened::Void), "not even for its own card");
    assert!(open(&queue, None, &with_slip(&other, "mai"), TEXT).await.is_ok(), "another slip is another matter");
}

#[tokio::test]
async fn a_slip_of_another_kiosk_is_not_here_and_counts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, _thread) = start(folder.path());
    for _ in 0..6 {
        let stranger = with_slip(&SlipSecret::new([8; 32]), "mai");
        assert_eq!(open(&queue, None, &stranger, TEXT).await.err(), Some(NotReopened::NotHere));
    }
}

/// Until the office has confirmed one.
async fn deliver(queue: &Queue, gateway: Arc<Gateway>) {
    let (stop, stopped) = watch::channel(false);
    let (_now, tried) = watch::channel(0);
    let policy =
        Policy { longest_pause_ms: 1_000, keep_delivered_ms: 0, suite: Suite::X25519, key_storage: "software" };
    let tell = async |news| {
        if matches!(news, News::Delivered(_)) {
            stop.send_replace(true);
        }
    };
    sync::run(queue.clone(), gateway, policy, tell, tried, stopped).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_another_kiosk_is_opened_from_the_office_for_its_own_card_alone() {
    let place = office().await;
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secret = SlipSecret::new([3; 32]);
    let (queue, _thread) = start(there.path());
    let ids = save(&queue, &secret).await;
    deliver(&queue, gateway(0, &place.authority)).await;

    let (queue, _thread) = start(here.path());
    let way = gateway(1, &place.authority);
    let presented =
        async |secret: &SlipSecret, key: &str| open(&queue, Some(&way), &with_slip(secret, key), TEXT).await;
    assert_eq!(presented(&SlipSecret::new([8; 32]), "mai").await.err(), Some(NotReopened::NotHere));
    assert_eq!(presented(&secret, "duc").await.err(), Some(NotReopened::OtherCard { left: 4 }));
    let (reopened, pending) = presented(&secret, "mai").await.unwrap();
    assert_eq!(reopened.draft.value(Field::Phone), "0000000001");
    assert!(reopened.portrait.is_some(), "with its portrait");
    assert_eq!((pending.ids.dossier, pending.supersedes), (ids.dossier, Some(ids.submission)));
    assert_eq!(presented(&secret, "duc").await.err(), Some(NotReopened::OtherCard { left: 4 }), "counted anew");

    let nowhere = gateway(1, "127.0.0.1:9");
    let away = open(&queue, Some(&nowhere), &with_slip(&secret, "mai"), TEXT).await;
    assert_eq!(away.err(), Some(NotReopened::NotHere), "an office that does not answer");
}
