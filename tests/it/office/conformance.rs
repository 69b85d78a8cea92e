//! What both stores do, each of these once on SQLite and once on PostgreSQL, always through two openings at once.

mod persons;
mod slips;

use super::goods::{KIOSK, NOW_MS, OTHER_KIOSK, beat, delivery, enrol_both, enrolment, id, naming, part};
use super::{Place, on_postgres, on_sqlite};
use fastrand::Rng;
use passport_kiosk::gateway::wire::Beat;
use passport_kiosk::office::store::{
    Bundle, Enrolment, Heard, IntakeStore, Kept, LOOSE_KEPT_MS, MAX_LOOSE_PARTS, NewPart, NewSubmission, Redeemed,
    State, Status, StoreError, Stored,
};
use persons::a_person_is_told_of_until_the_dossier_is_handed_over_void_or_old;
use slips::a_slip_finds_the_newest_version_and_counts_every_opening;
use std::sync::Arc;
use uuid::Uuid;

const RACERS: usize = 16;
/// Changes of each submission whose log is read.
const TURNS: u32 = 6;

macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::on_sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(place) = super::on_postgres().await {
                    super::$name(place).await;
                }
            })+
        }
    };
}

on_both! {
    what_was_stored_is_stored_again_without_a_trace,
    other_content_under_a_used_name_is_a_conflict,
    of_sixteen_at_once_exactly_one_stores,
    of_sixteen_that_differ_exactly_one_is_right,
    receipt_numbers_have_no_gaps_whoever_fails_meanwhile,
    a_code_works_once_and_dies_of_five_wrong_tries,
    a_reader_of_the_log_misses_nothing,
    a_slip_finds_the_newest_version_and_counts_every_opening,
    a_person_is_told_of_until_the_dossier_is_handed_over_void_or_old,
    a_national_state_needs_the_portals_code,
    the_watermark_never_goes_down_and_an_epoch_never_comes_back,
    a_journal_that_shrinks_is_found,
    every_kiosk_is_listed_with_what_it_said_last,
    a_key_bundle_never_gets_older,
    loose_parts_make_room_but_never_those_of_a_submission_on_its_way,
}

/// Runs them at once, on both openings in turn, and gives the answers in order.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    place: &Place,
    run: impl Fn(usize, Arc<dyn IntakeStore>) -> F,
) -> Vec<T> {
    let racers: Vec<_> = (0..RACERS).map(|n| tokio::spawn(run(n, place.turn(n)))).collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    answers
}

async fn deliver(store: &dyn IntakeStore, parts: &[NewPart], new: &NewSubmission) -> Stored {
    for part in parts {
        store.put_part(part.clone(), NOW_MS).await.unwrap();
    }
    store.accept(new.clone(), NOW_MS).await.unwrap().stored
}

async fn what_was_stored_is_stored_again_without_a_trace(place: Place) {
    let (mut rng, store) = (Rng::with_seed(1), &*place.one);
    enrol_both(store).await;
    let (parts, new) = delivery(&mut rng, KIOSK, 1, &[2_000, 150_000]);
    assert!(matches!(store.accept(new.clone(), NOW_MS).await, Err(StoreError::Missing(m)) if m == [0, 1]));
    assert_eq!(store.put_part(parts[1].clone(), NOW_MS).await.unwrap(), Kept::New);
    assert_eq!(place.other.parts_present(new.submission_id, KIOSK).await.unwrap(), [1]);
    assert!(place.other.parts_present(new.submission_id, OTHER_KIOSK).await.unwrap().is_empty());
    assert!(matches!(store.accept(new.clone(), NOW_MS).await, Err(StoreError::Missing(m)) if m == [0]));
    assert_eq!(store.submission(new.submission_id).await.unwrap(), None);

    let stored = deliver(store, &parts, &new).await;
    assert_eq!((stored.receipt_no, stored.server_time_ms), (1, NOW_MS));
    assert_eq!(stored.office_epoch, store.standing().await.unwrap().office_epoch);
    for (kept, part) in [(Kept::Again, &parts[0]), (Kept::Again, &parts[1])] {
        assert_eq!(place.other.put_part(part.clone(), NOW_MS + 1).await.unwrap(), kept);
    }
    let again = place.other.accept(new.clone(), NOW_MS + 1).await.unwrap();
    assert_eq!((again.kept, again.stored), (Kept::Again, stored.clone()));
    assert_eq!(place.other.submission(new.submission_id).await.unwrap(), Some(stored.clone()));

    let row = place.other.next_after(0).await.unwrap().unwrap();
    assert_eq!((row.stored, row.supersedes, row.manifest), (stored, new.supersedes, new.manifest));
    assert_eq!((row.signature, row.parts), (new.signature, parts.into_iter().map(|p| p.bytes).collect()));
    assert_eq!(store.next_after(1).await.unwrap(), None);
    assert_eq!(store.stats().await.unwrap().loose_parts, 0);
}

async fn other_content_under_a_used_name_is_a_conflict(place: Place) {
    let (mut rng, store) = (Rng::with_seed(2), &*place.one);
    enrol_both(store).await;
    let (parts, new) = delivery(&mut rng, KIOSK, 1, &[10, 10]);
    let stored = deliver(store, &parts, &new).await;
    let here = new.submission_id;
    let foreign = NewPart { kiosk_id: OTHER_KIOSK.to_owned(), ..parts[0].clone() };
    for part in [part(here, 0, KIOSK, vec![1]), part(here, 2, KIOSK, vec![1]), foreign] {
        assert!(matches!(place.other.put_part(part, NOW_MS).await, Err(StoreError::Conflict)));
    }
    let resealed = naming(&mut rng, here, KIOSK, 2, &parts);
    let stolen = NewSubmission { kiosk_id: OTHER_KIOSK.to_owned(), ..new.clone() };
    let (same_seq_parts, same_seq) = delivery(&mut rng, KIOSK, 1, &[10]);
    let (parts_not_named, fewer) = delivery(&mut rng, KIOSK, 3, &[10, 10]);
    let fewer = NewSubmission { parts: vec![fewer.parts[0]], ..fewer };
    for part in same_seq_parts.into_iter().chain(parts_not_named) {
        store.put_part(part, NOW_MS).await.unwrap();
    }
    for new in [resealed, stolen, same_seq, fewer] {
        assert!(matches!(place.other.accept(new, NOW_MS).await, Err(StoreError::Conflict)));
    }
    let (_, nobody) = delivery(&mut rng, "nobody", 1, &[10]);
    assert!(matches!(store.accept(nobody, NOW_MS).await, Err(StoreError::UnknownKiosk)));
    let unknown = part(id(&mut rng), 0, "nobody", vec![1]);
    assert!(matches!(store.put_part(unknown, NOW_MS).await, Err(StoreError::UnknownKiosk)));
    assert_eq!(store.submission(here).await.unwrap(), Some(stored));
    assert_eq!(store.standing().await.unwrap().last_receipt_no, 1);
}

async fn of_sixteen_at_once_exactly_one_stores(place: Place) {
    let mut rng = Rng::with_seed(3);
    enrol_both(&*place.one).await;
    for seq in 1..=5 {
        let (parts, new) = delivery(&mut rng, KIOSK, seq, &[3_000]);
        let kept = at_once(&place, |_, store| {
            let part = parts[0].clone();
            async move { store.put_part(part, NOW_MS).await.unwrap() }
        });
        assert_eq!(kept.await.into_iter().filter(|kept| *kept == Kept::New).count(), 1);
        let accepted = at_once(&place, |_, store| {
            let new = new.clone();
            async move { store.accept(new, NOW_MS).await.unwrap() }
        });
        let accepted = accepted.await;
        assert_eq!(accepted.iter().filter(|a| a.kept == Kept::New).count(), 1);
        assert!(accepted.iter().all(|a| a.stored == accepted[0].stored && a.stored.receipt_no == seq));
    }
    let enrolled = at_once(&place, |_, store| async move { store.enrol(enrolment("k", 9), NOW_MS).await.unwrap() });
    assert_eq!(enrolled.await.into_iter().filter(|kept| *kept == Kept::New).count(), 1);
}

async fn of_sixteen_that_differ_exactly_one_is_right(place: Place) {
    let mut rng = Rng::with_seed(4);
    enrol_both(&*place.one).await;
    let (parts, new) = delivery(&mut rng, KIOSK, 1, &[3_000]);
    let put = at_once(&place, |n, store| {
        let part = part(new.submission_id, 1, KIOSK, vec![n as u8; 100]);
        async move { store.put_part(part, NOW_MS).await }
    });
    expect_one_right(put.await);
    for part in &parts {
        place.one.put_part(part.clone(), NOW_MS).await.unwrap();
    }
    let (one_parts, one) = delivery(&mut rng, KIOSK, 1, &[10]);
    place.one.put_part(one_parts[0].clone(), NOW_MS).await.unwrap();
    // The same id under different manifests, and then different ids under the same number of the kiosk.
    let accepted = at_once(&place, |n, store| {
        let new = NewSubmission { manifest: vec![n as u8; 50], ..one.clone() };
        async move { store.accept(new, NOW_MS).await }
    });
    expect_one_right(accepted.await);
    let rivals: Vec<_> = (0..RACERS).map(|_| delivery(&mut rng, KIOSK, 2, &[10])).collect();
    for (parts, _) in &rivals {
        place.one.put_part(parts[0].clone(), NOW_MS).await.unwrap();
    }
    let accepted = at_once(&place, |n, store| {
        let new = rivals[n].1.clone();
        async move { store.accept(new, NOW_MS).await }
    });
    expect_one_right(accepted.await);
    assert_eq!(place.other.standing().await.unwrap().last_receipt_no, 2);
}

#[track_caller]
fn expect_one_right<T>(answers: Vec<Result<T, StoreError>>) {
    let (right, wrong): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(right.len(), 1);
    assert!(wrong.into_iter().all(|answer| matches!(answer, Err(StoreError::Conflict))));
}

async fn receipt_numbers_have_no_gaps_whoever_fails_meanwhile(place: Place) {
    let mut rng = Rng::with_seed(5);
    enrol_both(&*place.one).await;
    let goods: Vec<Vec<_>> = (0..RACERS)
        .map(|n| {
            (0..4)
                .map(|seq| delivery(&mut rng, [KIOSK, OTHER_KIOSK][n % 2], (n * 10 + seq) as u64 + 1, &[50]))
                .collect()
        })
        .collect();
    let numbers = at_once(&place, |n, store| {
        let goods = goods[n].clone();
        async move {
            let mut numbers = Vec::new();
            for (parts, new) in goods {
                assert!(store.accept(new.clone(), NOW_MS).await.is_err());
                numbers.push(deliver(&*store, &parts, &new).await.receipt_no);
                assert!(store.accept(NewSubmission { manifest: vec![], ..new }, NOW_MS).await.is_err());
            }
            numbers
        }
    });
    let mut numbers = numbers.await.concat();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=RACERS as u64 * 4).collect::<Vec<_>>());
    let mut walked = 0;
    while let Some(row) = place.other.next_after(walked).await.unwrap() {
        assert_eq!(row.stored.receipt_no, walked + 1);
        walked = row.stored.receipt_no;
    }
    assert_eq!(walked, RACERS as u64 * 4);
}

async fn a_code_works_once_and_dies_of_five_wrong_tries(place: Place) {
    let (one, other) = (&*place.one, &*place.other);
    let (code, wrong, until) = ([1; 32], [2; 32], NOW_MS + 10);
    let redeem =
        async |store: &dyn IntakeStore, code, key, now_ms| store.redeem_code(code, enrolment("k", key), now_ms).await;
    assert_eq!(redeem(one, code, 1, NOW_MS).await.unwrap(), Redeemed::Void);
    one.offer_code("k", code, until).await.unwrap();
    assert_eq!(redeem(other, code, 1, until).await.unwrap(), Redeemed::Void);
    assert_eq!(redeem(other, wrong, 1, NOW_MS).await.unwrap(), Redeemed::Wrong(4));
    assert_eq!(redeem(one, code, 1, NOW_MS).await.unwrap(), Redeemed::Enrolled(Kept::New));
    assert_eq!(redeem(other, code, 1, NOW_MS).await.unwrap(), Redeemed::Enrolled(Kept::Again));
    assert_eq!(redeem(other, code, 2, NOW_MS).await.unwrap(), Redeemed::Void);
    assert_eq!(other.kiosk("k").await.unwrap().unwrap().key, enrolment("k", 1).key);

    one.offer_code("k", wrong, until).await.unwrap();
    assert!(matches!(redeem(one, wrong, 2, NOW_MS).await, Err(StoreError::OtherKey)));
    one.revoke("k").await.unwrap();
    assert!(matches!(redeem(one, wrong, 1, NOW_MS).await, Err(StoreError::Revoked)));
    assert!(matches!(one.offer_code("k", code, until).await, Err(StoreError::Revoked)));
    assert!(matches!(one.offer_code("K", code, until).await, Err(StoreError::KioskName)));

    one.offer_code("m", code, until).await.unwrap();
    let tries =
        at_once(&place, |_, store| async move { store.redeem_code([2; 32], enrolment("m", 1), NOW_MS).await.unwrap() });
    let left = |found| match found {
        Redeemed::Wrong(left) => Some(left),
        Redeemed::Enrolled(_) | Redeemed::Void => None,
    };
    let mut counted: Vec<u8> = tries.await.into_iter().filter_map(left).collect();
    counted.sort_unstable();
    assert_eq!(counted, [0, 1, 2, 3, 4]);
    assert_eq!(one.redeem_code(code, enrolment("m", 1), NOW_MS).await.unwrap(), Redeemed::Void);
}

fn returned(submission: Uuid, reason: &str) -> Status {
    Status::new(submission, State::Returned, Some(reason.to_owned()), vec!["photo".into(), "name".into()]).unwrap()
}

async fn a_reader_of_the_log_misses_nothing(place: Place) {
    let mut rng = Rng::with_seed(6);
    enrol_both(&*place.one).await;
    let mut ids = Vec::new();
    for n in 0..RACERS as u64 {
        let (parts, new) = delivery(&mut rng, [KIOSK, OTHER_KIOSK][n as usize % 2], n + 1, &[10]);
        ids.push(deliver(&*place.one, &parts, &new).await.submission_id);
    }
    let reader = Arc::clone(&place.other);
    let reading = tokio::spawn(async move {
        let (mut cursor, mut seen) = (0, Vec::new());
        while seen.len() < RACERS / 2 * TURNS as usize {
            let changes = reader.statuses_since(KIOSK, cursor, 7).await.unwrap();
            assert!(changes.entries.len() <= 7 && changes.entries.iter().all(|change| change.no > cursor));
            cursor = changes.next_cursor(cursor);
            seen.extend(changes.entries);
        }
        seen
    });
    let writing = at_once(&place, |n, store| {
        let submission = ids[n];
        async move {
            for turn in 0..i64::from(TURNS) {
                let status = returned(submission, &format!("turn-{turn}"));
                assert_eq!(store.set_status(status.clone(), NOW_MS + turn).await.unwrap(), Kept::New);
                assert_eq!(store.set_status(status, NOW_MS + 99).await.unwrap(), Kept::Again);
            }
        }
    });
    writing.await;
    let seen =
        tokio::time::timeout(std::time::Duration::from_secs(20), reading).await.expect("nothing missed").unwrap();
    assert!(seen.is_sorted_by_key(|change| change.no));
    for submission in ids.iter().step_by(2) {
        let of_it: Vec<_> = seen.iter().filter(|c| c.status.submission_id() == *submission).collect();
        let wanted: Vec<_> =
            (0..i64::from(TURNS)).map(|turn| (returned(*submission, &format!("turn-{turn}")), NOW_MS + turn)).collect();
        assert_eq!(of_it.iter().map(|c| (c.status.clone(), c.at_ms)).collect::<Vec<_>>(), wanted);
    }
    let (first, all) = (place.one.statuses_since(KIOSK, 0, 3), place.one.statuses_since(KIOSK, 0, 1_000));
    let (first, all) = (first.await.unwrap(), all.await.unwrap());
    assert_eq!(
        (first.entries.len(), first.more, all.entries.len(), all.more),
        (3, true, RACERS / 2 * TURNS as usize, false)
    );
    assert_eq!(place.one.stats().await.unwrap().changes, RACERS as u64 * u64::from(TURNS));
}

async fn a_national_state_needs_the_portals_code(place: Place) {
    let (mut rng, store) = (Rng::with_seed(7), &*place.one);
    enrol_both(store).await;
    let (parts, new) = delivery(&mut rng, KIOSK, 1, &[10]);
    deliver(store, &parts, &new).await;
    let (here, dossier) = (new.submission_id, new.dossier_id);
    let plain = |state| Status::new(here, state, None, Vec::new()).unwrap();
    assert_eq!(store.set_status(plain(State::Screened), NOW_MS).await.unwrap(), Kept::New);
    assert!(matches!(store.set_status(plain(State::National(10)), NOW_MS).await, Err(StoreError::NoPortalCode)));
    let nobody = Status::new(id(&mut rng), State::Received, None, Vec::new()).unwrap();
    assert!(matches!(store.set_status(nobody, NOW_MS).await, Err(StoreError::UnknownSubmission)));
    assert!(matches!(store.record_portal_code(here, "G01", NOW_MS).await, Err(StoreError::UnknownSubmission)));
    assert!(matches!(store.record_portal_code(dossier, "Nguyễn Văn", NOW_MS).await, Err(StoreError::PortalCode)));
    for code in ["G01.899.108-261125-0001", "G01.899.108-261125-0002"] {
        place.other.record_portal_code(dossier, code, NOW_MS).await.unwrap();
    }
    assert_eq!(store.set_status(plain(State::National(10)), NOW_MS).await.unwrap(), Kept::New);
    let states = store.statuses_since(KIOSK, 0, 9).await.unwrap().entries;
    assert_eq!(states.iter().map(|c| c.status.state()).collect::<Vec<_>>(), [State::Screened, State::National(10)]);

    let texts = |state, reason: Option<&str>| Status::new(here, state, reason.map(str::to_owned), Vec::new());
    assert!(texts(State::HandedOver, Some("x")).is_none() && texts(State::Returned, Some("Nguyễn")).is_none());
    assert!(State::parse("national-0").is_none() && State::parse("national-11").is_none());
    assert!((1..=10).all(|n| State::parse(&format!("national-{n}")) == Some(State::National(n))));
}

async fn the_watermark_never_goes_down_and_an_epoch_never_comes_back(place: Place) {
    let (mut rng, store) = (Rng::with_seed(8), &*place.one);
    enrol_both(store).await;
    let mut last = None;
    for seq in 1..=4 {
        let (parts, new) = delivery(&mut rng, KIOSK, seq, &[10]);
        last = Some(deliver(store, &parts, &new).await);
    }
    let (last, first) = (last.unwrap(), store.standing().await.unwrap());
    assert_eq!((first.durable_through, first.last_receipt_no), (0, 4));
    assert!(matches!(store.set_durable_through(5).await, Err(StoreError::NotThatFar)));
    for (wanted, said) in [(2, 2), (4, 4), (3, 4), (0, 4)] {
        store.set_durable_through(wanted).await.unwrap();
        assert_eq!(place.other.standing().await.unwrap().durable_through, said);
    }
    let raced =
        at_once(&place, |n, store| async move { store.begin_epoch([n as u8 % 4 + 1; 16], NOW_MS).await.is_ok() });
    assert_eq!(raced.await.into_iter().filter(|begun| *begun).count(), 4);
    assert!(matches!(store.begin_epoch(first.office_epoch, NOW_MS).await, Err(StoreError::Conflict)));
    let now = place.other.standing().await.unwrap();
    assert_eq!((now.durable_through, now.last_receipt_no), (4, 4));
    assert_ne!(now.office_epoch, first.office_epoch);
    let said_now = store.submission(last.submission_id).await.unwrap().unwrap();
    assert_eq!(said_now, Stored { office_epoch: now.office_epoch, ..last });
    let (parts, new) = delivery(&mut rng, KIOSK, 5, &[10]);
    assert_eq!(deliver(store, &parts, &new).await.receipt_no, 5);
}

async fn a_journal_that_shrinks_is_found(place: Place) {
    let store = &*place.one;
    enrol_both(store).await;
    for (seq, head, good) in
        [(5, 1, true), (5, 1, true), (7, 2, true), (7, 3, false), (6, 1, false), (7, 2, true), (8, 9, true)]
    {
        assert_eq!(place.other.hear(KIOSK, &beat(seq, head), NOW_MS).await.unwrap(), good, "{seq} {head}");
    }
    assert!(store.hear(OTHER_KIOSK, &beat(1, 1), NOW_MS).await.unwrap());
    assert!(matches!(store.hear("nobody", &beat(1, 1), NOW_MS).await, Err(StoreError::UnknownKiosk)));
    store.revoke(OTHER_KIOSK).await.unwrap();
    let stats = place.other.stats().await.unwrap();
    assert_eq!((stats.kiosks, stats.revoked, stats.broken_journals), (1, 1, 1));
    assert_eq!((stats.queued_in_kiosks, stats.attention_in_kiosks), (6, 2));
}

async fn every_kiosk_is_listed_with_what_it_said_last(place: Place) {
    let (store, reader) = (&*place.one, &*place.other);
    assert!(reader.kiosks().await.unwrap().is_empty());
    enrol_both(store).await;
    let silent = Enrolment { key_storage: String::new(), name: String::new(), ..enrolment("a-1", 3) };
    store.enrol(silent, NOW_MS - 1).await.unwrap();
    store.hear(KIOSK, &beat(5, 1), NOW_MS + 1).await.unwrap();
    let told = Beat { key_storage: "systemd-credential".to_owned(), oldest_queued_s: None, queued: 0, ..beat(4, 1) };
    assert!(!store.hear(KIOSK, &told, NOW_MS + 2).await.unwrap());
    store.revoke(OTHER_KIOSK).await.unwrap();

    let all = reader.kiosks().await.unwrap();
    assert_eq!(all.iter().map(|kiosk| kiosk.id.as_str()).collect::<Vec<_>>(), ["a-1", KIOSK, OTHER_KIOSK]);
    let seen: Vec<_> =
        all.iter().map(|k| (k.name.as_str(), k.key_storage.as_str(), k.revoked, k.enrolled_ms)).collect();
    assert_eq!(
        seen,
        [
            ("", "", false, NOW_MS - 1),
            ("Chu Lai", "systemd-credential", false, NOW_MS),
            ("Chu Lai", "software", true, NOW_MS)
        ]
    );
    assert!(all[0].heard.is_none() && all[2].heard.is_none());
    let heard = Heard {
        at_ms: NOW_MS + 2,
        program: "0.2.0".to_owned(),
        queued: 0,
        received: 4,
        attention: 1,
        oldest_queued_s: None,
        clock_offset_ms: -5,
        // More than the databases can hold stands as the most they can.
        disk_free_bytes: i64::MAX,
        quarantined: 0,
        bundle_version: 1,
        broken_ms: Some(NOW_MS + 2),
    };
    assert_eq!(all[1].heard.as_ref(), Some(&heard));
}

async fn a_key_bundle_never_gets_older(place: Place) {
    let bundle = |version, signed: &str| Bundle { version, signed: signed.to_owned() };
    assert_eq!(place.one.bundle().await.unwrap(), None);
    for (next, kept) in [(bundle(2, "a"), Kept::New), (bundle(2, "a"), Kept::Again), (bundle(5, "b"), Kept::New)] {
        assert_eq!(place.one.keep_bundle(next, NOW_MS).await.unwrap(), kept);
    }
    assert!(matches!(place.other.keep_bundle(bundle(4, "c"), NOW_MS).await, Err(StoreError::OldBundle)));
    assert!(matches!(place.other.keep_bundle(bundle(5, "c"), NOW_MS).await, Err(StoreError::Conflict)));
    let all = at_once(&place, |n, store| async move {
        let next = Bundle { version: n as u64 + 6, signed: n.to_string() };
        store.keep_bundle(next, NOW_MS).await.is_ok()
    });
    assert!(all.await[RACERS - 1]);
    assert_eq!(place.other.bundle().await.unwrap(), Some(bundle(RACERS as u64 + 5, "15")));
}

async fn loose_parts_make_room_but_never_those_of_a_submission_on_its_way(place: Place) {
    const OLD: u64 = 8;
    let mut rng = Rng::with_seed(9);
    enrol_both(&*place.one).await;
    let each = vec![20; MAX_LOOSE_PARTS as usize / OLD as usize];
    let goods: Arc<Vec<_>> = Arc::new((0..OLD).map(|seq| delivery(&mut rng, KIOSK, seq + 1, &each)).collect());
    let all: Vec<_> = goods.iter().flat_map(|(parts, _)| parts.clone()).collect();
    let filled = at_once(&place, |n, store| {
        let mine: Vec<_> = all.iter().skip(n).step_by(RACERS).cloned().collect();
        async move {
            for part in mine {
                assert_eq!(store.put_part(part, NOW_MS).await.unwrap(), Kept::New);
            }
        }
    });
    filled.await;
    let one_more = part(id(&mut rng), 0, KIOSK, vec![1]);
    let full = place.one.put_part(one_more.clone(), NOW_MS + LOOSE_KEPT_MS).await;
    assert!(matches!(full, Err(StoreError::TooManyLoose)));
    let elsewhere = part(id(&mut rng), 0, OTHER_KIOSK, vec![1]);
    assert_eq!(place.one.put_part(elsewhere, NOW_MS).await.unwrap(), Kept::New);

    let answers = at_once(&place, |n, store| {
        let (goods, one_more) = (Arc::clone(&goods), one_more.clone());
        async move {
            match goods.get(n / 2).filter(|_| n % 2 == 0) {
                Some((_, new)) => store.accept(new.clone(), NOW_MS).await.map(|_| ()),
                None => store.put_part(one_more, NOW_MS + LOOSE_KEPT_MS + 1).await.map(|_| ()),
            }
        }
    });
    // Each is accepted whole, or its parts made room and it is told so. Both are seen, in no certain order.
    assert!(answers.await.into_iter().all(|answer| matches!(answer, Ok(()) | Err(StoreError::Missing(_)))));
    let accepted = place.one.standing().await.unwrap().last_receipt_no;
    for receipt_no in 0..accepted {
        let row = place.one.next_after(receipt_no).await.unwrap().unwrap();
        let (parts, _) = goods.iter().find(|(_, new)| new.submission_id == row.stored.submission_id).unwrap();
        assert!(row.parts.iter().eq(parts.iter().map(|part| &part.bytes)));
    }
    println!("accepted {accepted} of {OLD} while their parts were about to make room");
}
