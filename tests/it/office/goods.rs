//! What kiosks deliver in these tests: bytes that mean nothing, under names that are drawn from a seed.

use ed25519_dalek::SigningKey;
use fastrand::Rng;
use passport_kiosk::gateway::wire::Beat;
use passport_kiosk::office::store::{Enrolment, IntakeStore, NamedPart, NewPart, NewSubmission};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub const KIOSK: &str = "chu-lai-1";
pub const OTHER_KIOSK: &str = "chu-lai-2";
pub const NOW_MS: i64 = 1_795_000_000_000;

pub fn enrolment(kiosk_id: &str, key: u8) -> Enrolment {
    Enrolment {
        kiosk_id: kiosk_id.to_owned(),
        key: SigningKey::from_bytes(&[key; 32]).verifying_key(),
        name: "Chu Lai".to_owned(),
        key_storage: "software".to_owned(),
    }
}

pub async fn enrol_both(store: &dyn IntakeStore) {
    store.enrol(enrolment(KIOSK, 1), NOW_MS).await.unwrap();
    store.enrol(enrolment(OTHER_KIOSK, 2), NOW_MS).await.unwrap();
}

pub fn id(rng: &mut Rng) -> Uuid {
    Uuid::from_u128(rng.u128(..))
}

pub fn part(submission: Uuid, n: u16, kiosk: &str, bytes: Vec<u8>) -> NewPart {
    NewPart { submission, n, kiosk_id: kiosk.to_owned(), sha256: Sha256::digest(&bytes).into(), bytes }
}

/// A submission of the kiosk's number `seq` and its parts, which have these lengths.
pub fn delivery(rng: &mut Rng, kiosk: &str, seq: u64, lengths: &[usize]) -> (Vec<NewPart>, NewSubmission) {
    let submission = id(rng);
    let parts: Vec<_> = (0..)
        .zip(lengths)
        .map(|(n, &len)| {
            let mut bytes = vec![0; len];
            rng.fill(&mut bytes);
            part(submission, n, kiosk, bytes)
        })
        .collect();
    let new = naming(rng, submission, kiosk, seq, &parts);
    (parts, new)
}

/// The submission whose manifest names exactly these parts.
pub fn naming(rng: &mut Rng, submission: Uuid, kiosk: &str, seq: u64, parts: &[NewPart]) -> NewSubmission {
    let named = |p: &NewPart| NamedPart { n: p.n, sha256: p.sha256, len: p.bytes.len() as u64 };
    let mut manifest = vec![0; 200];
    rng.fill(&mut manifest);
    NewSubmission {
        dossier_id: Uuid::from_u128(submission.as_u128() ^ 1),
        submission_id: submission,
        supersedes: rng.bool().then(|| id(rng)),
        kiosk_id: kiosk.to_owned(),
        db_epoch: [5; 16],
        kiosk_seq: seq,
        lookup_hash: [6; 32],
        parts: parts.iter().map(named).collect(),
        manifest,
        signature: [7; 64],
    }
}

pub fn beat(journal_seq: u64, head: u8) -> Beat {
    Beat {
        v: 1,
        challenge: String::new(),
        program: "0.2.0".to_owned(),
        queued: 3,
        received: 4,
        attention: 1,
        oldest_queued_s: Some(60),
        clock_offset_ms: -5,
        disk_free_bytes: u64::MAX,
        quarantined: 0,
        key_storage: "software".to_owned(),
        bundle_version: 1,
        journal_seq,
        journal_head: [head; 32],
    }
}
