//! What every store promises of the citizens' slips.

use super::{KIOSK, NOW_MS, Place, RACERS, at_once, deliver, delivery, enrol_both};
use fastrand::Rng;
use passport_kiosk::office::store::{MAX_OPENINGS, NewSubmission, StoreError};
use uuid::Uuid;

pub(super) async fn a_slip_finds_the_newest_version_and_counts_every_opening(place: Place) {
    let (one, other) = (&*place.one, &*place.other);
    enrol_both(one).await;
    let mut rng = Rng::with_seed(8);
    let (parts, first) = delivery(&mut rng, KIOSK, 1, &[10, 20]);
    let hash = [1; 32];
    let first = NewSubmission { lookup_hash: hash, ..first };
    assert_eq!(one.slip(&hash).await.unwrap(), None);
    deliver(one, &parts, &first).await;
    let (parts, second) = delivery(&mut rng, KIOSK, 2, &[30]);
    let second = NewSubmission { lookup_hash: hash, dossier_id: first.dossier_id, ..second };
    let newest = deliver(other, &parts, &second).await;

    let slip = other.slip(&hash).await.unwrap().unwrap();
    assert_eq!((&slip.newest, &slip.manifest, slip.openings), (&newest, &second.manifest, 0));
    assert_eq!(one.part(second.submission_id, 0).await.unwrap().as_ref(), Some(&parts[0].bytes));
    assert_eq!(one.part(second.submission_id, 1).await.unwrap(), None);

    let counted = at_once(&place, |_, store| async move { store.count_opening(&hash).await.unwrap() });
    let mut counted = counted.await;
    counted.sort_unstable();
    let most = MAX_OPENINGS + 1;
    assert_eq!(counted, (1..=RACERS as u32).map(|n| n.min(most)).collect::<Vec<_>>(), "each is counted for itself");
    let is_void = async || one.slip(&hash).await.unwrap().unwrap().is_void();
    assert_eq!(is_void().await, RACERS as u32 > MAX_OPENINGS);
    one.clear_openings(&hash).await.unwrap();
    assert_eq!(is_void().await, RACERS as u32 > MAX_OPENINGS, "what is void stays so");

    let (parts, third) = delivery(&mut rng, KIOSK, 3, &[5]);
    let third = NewSubmission { lookup_hash: [2; 32], ..third };
    deliver(one, &parts, &third).await;
    one.count_opening(&third.lookup_hash).await.unwrap();
    other.clear_openings(&third.lookup_hash).await.unwrap();
    assert_eq!(one.slip(&third.lookup_hash).await.unwrap().unwrap().openings, 0, "a right card");
    other.record_portal_code(third.dossier_id, "G01-0001", NOW_MS).await.unwrap();
    one.void_slips(third.dossier_id, NOW_MS).await.unwrap();
    other.void_slips(third.dossier_id, NOW_MS + 1).await.unwrap();
    let slip = one.slip(&third.lookup_hash).await.unwrap().unwrap();
    assert_eq!((slip.void_ms, slip.portal_code.as_deref(), slip.is_void()), (Some(NOW_MS), Some("G01-0001"), true));
    assert!(matches!(one.void_slips(Uuid::from_u128(1), NOW_MS).await, Err(StoreError::UnknownSubmission)));
}
