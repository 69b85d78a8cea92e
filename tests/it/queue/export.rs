//! Sealed copies on a medium: read back, repeatable, no delivery; a receipt that comes back on a medium is one.

use super::{Hands, NOW_MS, ids, memory, receipt_for};
use ed25519_dalek::SigningKey;
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::envelope::{Manifest, manifest_is_signed_by, open_with_office_key};
use passport_kiosk::gateway::parcel::Parcel;
use passport_kiosk::gateway::wire::{Receipt, Signed};
use passport_kiosk::queue::standing::Limits;
use passport_kiosk::queue::store::Store;
use passport_kiosk::queue::{ExportError, Exported, Queue, Thread};
use std::path::Path;
use std::sync::Arc;

async fn queue_of(count: u8, file: &Path) -> (Queue, Thread, Hands) {
    let mut hands = Hands::new();
    let submissions: Vec<_> = (1..=count).map(|n| hands.submission(n)).collect();
    let limits = Limits { reserve_bytes: 0, ..Limits::default() };
    let (queue, thread, opened) = Queue::start_within(file, Arc::new(hands.sealer.clone()), limits, || NOW_MS).unwrap();
    opened.unwrap();
    for submission in submissions {
        queue.put(submission).await.unwrap();
    }
    (queue, thread, hands)
}

#[tokio::test]
async fn every_unsent_dossier_is_copied_as_it_is_and_stays_queued() {
    let folder = tempfile::tempdir_in(memory()).unwrap();
    let medium = folder.path().join("usb");
    std::fs::create_dir(&medium).unwrap();
    let (queue, thread, hands) = queue_of(40, &folder.path().join("queue.db")).await;
    queue.attention(ids(3).submission, Attention::Refused).await.unwrap();
    queue.claim(5).await.unwrap();
    let before = queue.due(100).await.unwrap();
    assert_eq!(queue.export(medium.clone()).await.unwrap(), Exported { written: 40, there: 0, damaged: 0 });
    assert_eq!(queue.export(medium.clone()).await.unwrap(), Exported { written: 0, there: 40, damaged: 0 });
    assert_eq!(queue.due(100).await.unwrap(), before, "a copy is not a delivery");
    assert_eq!(std::fs::read_dir(&medium).unwrap().count(), 40);
    for n in 1..=40 {
        let bytes = std::fs::read(medium.join(format!("{}.parcel", ids(n).submission))).unwrap();
        let parcel = Parcel::parse(&bytes).unwrap();
        let key = hands.sealer.device.public();
        assert!(manifest_is_signed_by(&key, &parcel.manifest, &parcel.signature));
        let manifest = Manifest::parse(&parcel.manifest).unwrap();
        assert_eq!(manifest.submission_id, ids(n).submission);
        let opened = open_with_office_key(&manifest, &parcel.parts, &hands.secret).unwrap();
        assert_eq!(*opened[1].bytes, vec![n; 6_000]);
    }
    drop(queue);
    thread.join();
}

#[tokio::test]
async fn a_medium_that_is_gone_or_holds_something_else_under_the_name_is_told_of() {
    let folder = tempfile::tempdir_in(memory()).unwrap();
    let (queue, thread, _) = queue_of(2, &folder.path().join("queue.db")).await;
    let gone = queue.export(folder.path().join("not-there")).await;
    assert!(matches!(gone, Err(ExportError::Medium(_))), "{gone:?}");
    std::fs::write(folder.path().join(Parcel::file_name(ids(2).submission)), b"other").unwrap();
    let other = queue.export(folder.path().to_owned()).await;
    assert!(matches!(other, Err(ExportError::Other)), "{other:?}");
    assert_eq!(queue.tally().borrow().queued, 2);
    drop(queue);
    thread.join();
}

#[tokio::test]
async fn a_receipt_from_a_medium_delivers_exactly_what_it_is_for() {
    let folder = tempfile::tempdir_in(memory()).unwrap();
    let file = folder.path().join("queue.db");
    let (queue, thread, hands) = queue_of(2, &file).await;
    drop(queue);
    thread.join();
    let store = Store::open(&file, [0; 16], None).unwrap();
    let (receipt, text) = receipt_for(&store, ids(1).submission, 1, 6, NOW_MS);
    drop(store);
    let limits = Limits { reserve_bytes: 0, ..Limits::default() };
    let (queue, thread, opened) = Queue::start_within(&file, Arc::new(hands.sealer), limits, || NOW_MS).unwrap();
    opened.unwrap();
    let key = SigningKey::from_bytes(&[3; 32]);
    let verify = |signed: &Signed| signed.verify::<Receipt>(&key.verifying_key());
    let signed: Signed = serde_json::from_str(&text).unwrap();
    let forged = Signed::sign(&receipt, &SigningKey::from_bytes(&[4; 32])).unwrap();
    let elsewhere = Receipt { submission_id: ids(2).submission, ..receipt.clone() };
    let unknown = Receipt { submission_id: ids(9).submission, ..receipt };
    for wrong in [forged, Signed::sign(&elsewhere, &key).unwrap(), Signed::sign(&unknown, &key).unwrap()] {
        assert!(!queue.take_receipt(wrong, verify).await.unwrap());
    }
    assert_eq!(queue.tally().borrow().received, 0);
    assert!(queue.take_receipt(signed.clone(), verify).await.unwrap());
    assert!(queue.take_receipt(signed, verify).await.unwrap(), "again is the same");
    let tally = *queue.tally().borrow();
    assert_eq!((tally.queued, tally.received), (1, 1));
    drop(queue);
    thread.join();
}
