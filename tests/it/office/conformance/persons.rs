//! What every store promises of those who have an open dossier.

use super::{KIOSK, NOW_MS, Place, deliver, delivery, enrol_both};
use fastrand::Rng;
use passport_kiosk::office::store::{NewSubmission, State, Status};
use uuid::Uuid;

pub(super) async fn a_person_is_told_of_until_the_dossier_is_handed_over_void_or_old(place: Place) {
    let (one, other) = (&*place.one, &*place.other);
    enrol_both(one).await;
    let mut rng = Rng::with_seed(9);
    let (parts, handed) = delivery(&mut rng, KIOSK, 1, &[10]);
    let handed = NewSubmission { lookup_hash: [1; 32], ..handed };
    let (tag, stranger) = ([1; 32], [2; 32]);
    one.mark_open(&tag, handed.dossier_id, NOW_MS, 0).await.unwrap();
    assert!(other.is_open(&tag, 0).await.unwrap(), "marked before the dossier has arrived");
    assert!(!other.is_open(&stranger, 0).await.unwrap());
    assert!(!other.is_open(&tag, NOW_MS + 1).await.unwrap(), "too old");

    deliver(one, &parts, &handed).await;
    let set = async |state| {
        let status = Status::new(handed.submission_id, state, None, Vec::new()).unwrap();
        one.set_status(status, NOW_MS).await.unwrap();
    };
    set(State::Screened).await;
    assert!(other.is_open(&tag, 0).await.unwrap());
    set(State::HandedOver).await;
    assert!(!other.is_open(&tag, 0).await.unwrap());
    other.mark_open(&tag, handed.dossier_id, NOW_MS, 0).await.unwrap();
    assert!(!one.is_open(&tag, 0).await.unwrap(), "a mark that comes late marks nobody");

    let (parts, void) = delivery(&mut rng, KIOSK, 2, &[10]);
    let void = NewSubmission { lookup_hash: [2; 32], ..void };
    deliver(one, &parts, &void).await;
    one.mark_open(&tag, void.dossier_id, NOW_MS, 0).await.unwrap();
    one.mark_open(&tag, void.dossier_id, NOW_MS, 0).await.unwrap();
    assert!(other.is_open(&tag, 0).await.unwrap());
    other.void_slips(void.dossier_id, NOW_MS).await.unwrap();
    assert!(!one.is_open(&tag, 0).await.unwrap());

    one.mark_open(&tag, Uuid::from_u128(1), NOW_MS, 0).await.unwrap();
    one.mark_open(&stranger, Uuid::from_u128(2), NOW_MS + 2, NOW_MS + 1).await.unwrap();
    assert!(!other.is_open(&tag, 0).await.unwrap(), "the next mark erased what was too old");
    assert!(other.is_open(&stranger, 0).await.unwrap());
}
