//! Random walks: any order of requests gives on both stores what the model gives, answer by answer.

use super::goods::{NOW_MS, beat, enrolment, id, part};
use super::model::Model;
use super::{Place, on_postgres, on_sqlite};
use fastrand::Rng;
use passport_kiosk::office::store::{
    Bundle, IntakeStore, NamedPart, NewPart, NewSubmission, State, Status, StoreError,
};
use sha2::{Digest, Sha256};
use std::fmt::Debug;
use std::fmt::Write;
use uuid::Uuid;

const STEPS: usize = 600;

#[tokio::test]
async fn sqlite_does_what_the_model_does() {
    for seed in 0..6 {
        println!("{}", walk(on_sqlite(), Model::default(), seed).await.unwrap());
    }
}

#[tokio::test]
async fn postgres_does_what_the_model_does() {
    for seed in 0..3 {
        if let Some(place) = on_postgres().await {
            println!("{}", walk(place, Model::default(), seed).await.unwrap());
        }
    }
}

#[tokio::test]
async fn a_store_that_does_otherwise_is_caught() {
    let mut caught = 0;
    for seed in 0..6 {
        caught += usize::from(walk(on_sqlite(), Model::that_takes_other_parts(), seed).await.is_err());
    }
    assert_eq!(caught, 6);
}

/// A small world, so that the same names meet again and again.
struct World {
    rng: Rng,
    submissions: Vec<Uuid>,
}

impl World {
    fn kiosk(&mut self) -> &'static str {
        ["a", "b", "c"][self.rng.usize(..3)]
    }

    fn submission(&mut self) -> Uuid {
        self.submissions[self.rng.usize(..self.submissions.len())]
    }

    /// Mostly the part as it should be, now and then another one.
    fn part(&mut self) -> NewPart {
        let (submission, n) = (self.submission(), self.rng.u16(..2) + u16::from(self.rng.u8(..25) == 0));
        let kiosk = if self.rng.u8(..20) == 0 { self.kiosk() } else { owner(submission) };
        let other = u8::from(self.rng.u8(..20) == 0);
        part(submission, n, kiosk, bytes_of(submission, n, other))
    }

    fn new_submission(&mut self) -> NewSubmission {
        let submission = self.submission();
        let named = |n: u16| {
            let bytes = bytes_of(submission, n, 0);
            NamedPart { n, sha256: Sha256::digest(&bytes).into(), len: bytes.len() as u64 }
        };
        let kiosk_id = if self.rng.u8(..20) == 0 { self.kiosk() } else { owner(submission) };
        NewSubmission {
            dossier_id: dossier_of(submission),
            submission_id: submission,
            supersedes: None,
            kiosk_id: kiosk_id.to_owned(),
            db_epoch: [1; 16],
            kiosk_seq: u64::from(submission.as_bytes()[0] / 2) + 1,
            lookup_hash: [2; 32],
            parts: (0..2 + u16::from(self.rng.u8(..20) == 0)).map(named).collect(),
            manifest: vec![self.rng.u8(..9) / 8],
            signature: [3; 64],
        }
    }

    fn status(&mut self) -> Status {
        let submission = self.submission();
        match self.rng.u8(..4) {
            0 => Status::new(submission, State::Screened, None, Vec::new()),
            1 => Status::new(submission, State::Returned, Some("photo".into()), vec!["a".into(), "b".into()]),
            2 => Status::new(submission, State::HandedOver, None, Vec::new()),
            _ => Status::new(submission, State::National(self.rng.u8(1..=10)), None, Vec::new()),
        }
        .unwrap()
    }
}

fn owner(submission: Uuid) -> &'static str {
    ["a", "b", "c"][usize::from(submission.as_bytes()[1]) % 3]
}

fn bytes_of(submission: Uuid, n: u16, other: u8) -> Vec<u8> {
    vec![submission.as_bytes()[0], n as u8, other]
}

/// Two submissions share a dossier.
fn dossier_of(submission: Uuid) -> Uuid {
    Uuid::from_u128(u128::from(submission.as_bytes()[0] / 3))
}

/// What was there in the end, or how the store and the model came to differ.
async fn walk(place: Place, mut model: Model, seed: u64) -> Result<String, String> {
    let mut rng = Rng::with_seed(seed);
    let submissions = (0..24).map(|_| id(&mut rng)).collect();
    let mut world = World { rng, submissions };
    model.start_in(place.one.standing().await.unwrap().office_epoch);
    let mut walked = String::new();
    for step in 0..STEPS {
        let now_ms = NOW_MS + i64::try_from(step).unwrap();
        let store = place.turn(world.rng.usize(..2));
        let (wanted, found) = take_step(&*store, &mut model, &mut world, now_ms, &mut walked).await;
        if found != wanted {
            return Err(format!("seed {seed}: {found}, not {wanted}, in the last step of\n{walked}"));
        }
    }
    let (durable_through, last) = model.standing();
    let standing = place.other.standing().await.unwrap();
    assert_eq!((standing.durable_through, standing.last_receipt_no), (durable_through, last), "seed {seed}");
    assert!(last > 4, "seed {seed} accepted {last}: the walk says little");
    Ok(format!("seed {seed}: {}", model.describe()))
}

fn said(answer: impl Debug) -> String {
    format!("{answer:?}")
}

type Both = (String, String);

/// Does the same to the model and to the store, and gives what each said.
async fn take_step(
    store: &dyn IntakeStore,
    model: &mut Model,
    world: &mut World,
    now_ms: i64,
    walked: &mut String,
) -> Both {
    let choice = world.rng.u8(..30);
    let _ = write!(walked, "{choice} ");
    match choice {
        0..=9 => {
            let part = world.part();
            (said(model.put_part(&part)), said(store.put_part(part, now_ms).await))
        }
        10..=12 => {
            let new = world.new_submission();
            (said(model.accept(&new, now_ms)), said(store.accept(new, now_ms).await))
        }
        13..=15 => {
            let status = world.status();
            (said(model.set_status(&status, now_ms)), said(store.set_status(status, now_ms).await))
        }
        16..=20 => of_kiosks(store, model, world, now_ms).await,
        21..=24 => of_the_office(store, model, world, now_ms).await,
        _ => looks(store, model, world).await,
    }
}

async fn of_kiosks(store: &dyn IntakeStore, model: &mut Model, world: &mut World, now_ms: i64) -> Both {
    let (kiosk, key) = (world.kiosk(), 1 + world.rng.u8(..9) / 8);
    let (new, code) = (enrolment(kiosk, key), [world.rng.u8(..3) / 2; 32]);
    match world.rng.u8(..25) {
        0..=7 => (said(model.enrol(&new)), said(store.enrol(new, now_ms).await)),
        8 => (said(model.revoke(kiosk)), said(store.revoke(kiosk).await)),
        9..=12 => {
            let until_ms = now_ms + world.rng.i64(..200);
            (said(model.offer_code(kiosk, code, until_ms)), said(store.offer_code(kiosk, code, until_ms).await))
        }
        13..=20 => {
            let wanted = model.redeem_code(code, &new, now_ms);
            (said(wanted), said(store.redeem_code(code, new, now_ms).await))
        }
        _ => {
            let beat = beat(world.rng.u64(..20), world.rng.u8(..3));
            let wanted = model.hear(kiosk, beat.journal_seq, beat.journal_head);
            (said(wanted), said(store.hear(kiosk, &beat, now_ms).await))
        }
    }
}

async fn of_the_office(store: &dyn IntakeStore, model: &mut Model, world: &mut World, now_ms: i64) -> Both {
    match world.rng.u8(..4) {
        0 => {
            let receipt_no = world.rng.u64(..6);
            (said(model.set_durable_through(receipt_no)), said(store.set_durable_through(receipt_no).await))
        }
        1 => {
            let epoch = [world.rng.u8(..6); 16];
            (said(model.begin_epoch(epoch)), said(store.begin_epoch(epoch, now_ms).await))
        }
        2 => {
            let dossier = dossier_of(world.submission());
            (said(model.record_portal_code(dossier)), said(store.record_portal_code(dossier, "G01", now_ms).await))
        }
        _ => {
            let bundle = Bundle { version: world.rng.u64(1..4), signed: world.rng.u8(..2).to_string() };
            (said(model.keep_bundle(bundle.clone())), said(store.keep_bundle(bundle, now_ms).await))
        }
    }
}

async fn looks(store: &dyn IntakeStore, model: &Model, world: &mut World) -> Both {
    let (submission, kiosk) = (world.submission(), world.kiosk());
    match world.rng.u8(..5) {
        0 => (said(model.submission(submission)), said(store.submission(submission).await.unwrap())),
        1 => {
            let wanted = model.parts_present(submission, kiosk);
            (said(wanted), said(store.parts_present(submission, kiosk).await.unwrap()))
        }
        2 => {
            let after = world.rng.u64(..8);
            let row = store.next_after(after).await.unwrap().map(|row| (row.stored, row.parts));
            (said(model.next_after(after)), said(row))
        }
        3 => {
            let (cursor, limit) = (world.rng.u64(..9), world.rng.usize(1..5));
            let changes = store.statuses_since(kiosk, cursor, limit).await.unwrap();
            let found: Vec<_> = changes.entries.into_iter().map(|c| (c.no, c.status, c.at_ms)).collect();
            (said(model.statuses_since(kiosk, cursor, limit)), said(found))
        }
        _ => (said(model.bundle()), said(store.bundle().await.unwrap())),
    }
}

#[test]
fn the_walks_answers_tell_errors_apart() {
    let all: [Result<(), StoreError>; 3] = [Ok(()), Err(StoreError::Conflict), Err(StoreError::Missing(vec![1]))];
    assert_eq!(all.map(said), ["Ok(())", "Err(Conflict)", "Err(Missing([1]))"]);
}
