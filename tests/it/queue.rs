//! The outbox as a file: what was acknowledged survives power cuts, full disks, damage, other processes and old schemas.

mod damage;
mod deliver;
mod export;
mod fault;
mod full;
mod model;
mod power;
mod reserve;
mod rot;
mod salvage;
mod schema;

use ed25519_dalek::SigningKey;
use passport_kiosk::envelope::{
    Ids, Manifest, OfficeSecret, Part, SlipSecret, Suite, open_with_office_key, open_with_slip,
};
use passport_kiosk::gateway::wire::{Receipt, Signed};
use passport_kiosk::queue::store::{Due, Error, OfficeSeen, Sealer, Store, Submission};
use powercut::Disk;
use rand_core::{Infallible, TryCryptoRng, TryRng};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Decides every random choice of this file.
const SEED: u64 = 20_261_123;
const NOW_MS: i64 = 1_795_000_000_000;
const EPOCH: [u8; 16] = [5; 16];
/// On a simulated disk.
const FILE: &str = "store/queue.db";

/// The kiosk that seals and the office that opens.
struct Hands {
    sealer: Sealer,
    secret: OfficeSecret,
    rng: Seeded,
}

impl Hands {
    fn new() -> Self {
        let secret = OfficeSecret::from_seed(&[9; 32]);
        let office = secret.key(Suite::X25519);
        let sealer = Sealer {
            kiosk_id: "chu-lai-1".to_owned(),
            device: Arc::new(SigningKey::from_bytes(&[7; 32])),
            office: Some(office),
            consent_version: "2026-01".to_owned(),
        };
        Self { sealer, secret, rng: Seeded(fastrand::Rng::with_seed(SEED)) }
    }

    /// A dossier in two parts; the same `n` has the same ids.
    fn submission(&mut self, n: u8) -> Submission {
        let part =
            |media_type: &str, bytes: Vec<u8>| Part { media_type: media_type.to_owned(), bytes: Zeroizing::new(bytes) };
        Submission {
            ids: ids(n),
            slip: SlipSecret::random(&mut self.rng),
            supersedes: None,
            form_edition: "tk01@tt69-2026".to_owned(),
            parts: vec![
                part("application/json", format!("{{\"citizen\":{n}}}").into_bytes()),
                part("image/jpeg", vec![n; 6_000]),
            ],
        }
    }

    fn put(&mut self, store: &mut Store, n: u8) -> Result<(), Error> {
        let submission = self.submission(n);
        store.put(&submission, &self.sealer, NOW_MS, &mut self.rng)
    }

    /// The sealed parts of a queued one, which the office opens and finds to be what was put.
    fn openable_parts(&self, store: &Store, due: &Due) -> Vec<Vec<u8>> {
        let parts: Vec<Vec<u8>> = (0..2).map(|n| store.part(due.ids.submission, n).unwrap().unwrap()).collect();
        let manifest = Manifest::parse(&due.manifest).unwrap();
        let opened = open_with_office_key(&manifest, &parts, &self.secret).unwrap();
        let n = due.ids.submission.as_bytes()[15];
        assert_eq!(*opened[0].bytes, format!("{{\"citizen\":{n}}}").into_bytes());
        assert_eq!(*opened[1].bytes, vec![n; 6_000]);
        parts
    }

    /// Exactly these are queued, oldest first, and the office can open each.
    fn expect_queued(&self, store: &Store, wanted: &[u8]) {
        let due = store.due(100).unwrap();
        let found: Vec<Ids> = due.iter().map(|due| due.ids).collect();
        assert_eq!(found, wanted.iter().map(|n| ids(*n)).collect::<Vec<_>>());
        for due in &due {
            self.openable_parts(store, due);
        }
    }
}

/// Random numbers that come again with the same seed.
struct Seeded(fastrand::Rng);

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.u32(..))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.u64(..))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

fn ids(n: u8) -> Ids {
    let id = |kind: u8| {
        let mut bytes = [kind; 16];
        bytes[15] = n;
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    };
    Ids { dossier: id(0xd0), submission: id(0x50) }
}

/// The office's receipt number `n` of `epoch` for what is stored under these ids, and the signed statement.
fn receipt_for(store: &Store, submission: Uuid, n: u64, epoch: u8, server_time_ms: i64) -> (Receipt, String) {
    let due = store.find(submission).unwrap().expect("a receipt is for something");
    let receipt = Receipt {
        v: 1,
        dossier_id: due.ids.dossier,
        submission_id: submission,
        kiosk_id: "chu-lai-1".to_owned(),
        db_epoch: EPOCH,
        manifest_sha256: Sha256::digest(&due.manifest).into(),
        receipt_no: n,
        server_time_ms,
        office_epoch: [epoch; 16],
        key_id: "receipt-00000000".to_owned(),
    };
    let signed = Signed::sign(&receipt, &SigningKey::from_bytes(&[3; 32])).unwrap();
    (receipt, serde_json::to_string(&signed).unwrap())
}

/// Delivers it: receipt number `n` of office epoch 6.
fn deliver(store: &mut Store, submission: Uuid, n: u64) {
    let (receipt, signed) = receipt_for(store, submission, n, 6, NOW_MS);
    store.received(&receipt, &signed, NOW_MS).unwrap();
}

const fn office(epoch: u8, durable_through: u64, server_time_ms: i64) -> OfficeSeen {
    OfficeSeen { epoch: [epoch; 16], durable_through, server_time_ms }
}

/// Where a real file costs no wait for a real disk, if the machine has such a place.
fn memory() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new("/tmp") }
}

fn open(disk: &Disk) -> Result<Store, Error> {
    Store::open(Path::new(FILE), EPOCH, Some(&disk.register()))
}

/// The closed file, for what the store does not tell.
fn look_inside(disk: &Disk) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags_and_vfs(FILE, flags, disk.register().as_str()).unwrap();
    db.execute_batch("PRAGMA locking_mode=EXCLUSIVE").unwrap();
    db
}

/// How many journal lines say that this one was saved.
fn saved_lines(db: &Connection, submission: Uuid) -> u32 {
    let entry = format!("%\"submission-saved\"%{submission}%");
    db.query_row("SELECT count(*) FROM journal WHERE entry LIKE ?1", [entry], |row| row.get(0)).unwrap()
}

#[test]
fn the_same_submission_put_again_is_stored_once() {
    let (disk, mut hands) = (Disk::new(), Hands::new());
    let mut store = open(&disk).unwrap();
    hands.put(&mut store, 1).unwrap();
    let first = store.due(9).unwrap();
    let mut other_content = hands.submission(1);
    other_content.parts[0].bytes = Zeroizing::new(b"{}".to_vec());
    store.put(&other_content, &hands.sealer, NOW_MS + 1, &mut hands.rng).unwrap();
    hands.put(&mut store, 1).unwrap();
    assert_eq!(store.due(9).unwrap(), first);
    hands.expect_queued(&store, &[1]);
    hands.put(&mut store, 2).unwrap();
    hands.expect_queued(&store, &[1, 2]);
    drop(store);
    let db = look_inside(&disk);
    assert_eq!((saved_lines(&db, ids(1).submission), saved_lines(&db, ids(2).submission)), (1, 1));
    let seqs: Vec<u64> = first.iter().map(|due| Manifest::parse(&due.manifest).unwrap().kiosk_seq).collect();
    assert_eq!(seqs, [1], "a repetition uses up no number");
}

#[test]
fn a_second_opener_of_the_same_file_is_told_that_it_is_held() {
    let (folder, mut hands) = (tempfile::tempdir().unwrap(), Hands::new());
    let file = folder.path().join("queue.db");
    let mut store = Store::open(&file, EPOCH, None).unwrap();
    assert!(matches!(Store::open(&file, EPOCH, None), Err(Error::Busy)));
    assert!(matches!(Store::look(&file), Err(Error::Busy)));
    hands.put(&mut store, 1).unwrap();
    hands.expect_queued(&store, &[1]);
    drop(store);
    hands.expect_queued(&Store::open(&file, EPOCH, None).unwrap(), &[1]);
}

#[test]
fn a_slip_finds_the_newest_version_of_its_own_dossier_and_nothing_else() {
    let (folder, mut hands) = (tempfile::tempdir().unwrap(), Hands::new());
    let mut store = Store::open(&folder.path().join("queue.db"), EPOCH, None).unwrap();
    let first = hands.submission(1);
    store.put(&first, &hands.sealer, NOW_MS, &mut hands.rng).unwrap();
    hands.put(&mut store, 2).unwrap();
    let found = store.newest(first.slip.lookup_hash()).unwrap().expect("it is here");
    assert_eq!((found.manifest.submission_id, found.manifest.supersedes), (first.ids.submission, None));
    let opened = open_with_slip(&found.manifest, &found.parts, &first.slip).unwrap();
    assert!(opened == first.parts, "what was put comes back");

    let ids = Ids { dossier: first.ids.dossier, ..ids(3) };
    let mut second =
        Submission { ids, slip: first.slip.clone(), supersedes: Some(first.ids.submission), ..hands.submission(3) };
    second.parts[0].bytes = Zeroizing::new(b"{\"citizen\":\"corrected\"}".to_vec());
    store.put(&second, &hands.sealer, NOW_MS, &mut hands.rng).unwrap();
    let found = store.newest(first.slip.lookup_hash()).unwrap().expect("it is here");
    assert_eq!(found.manifest.supersedes, Some(first.ids.submission));
    assert!(open_with_slip(&found.manifest, &found.parts, &first.slip).unwrap() == second.parts);
    assert!(open_with_slip(&found.manifest, &found.parts, &SlipSecret::random(&mut hands.rng)).is_err());
    assert!(store.newest(SlipSecret::random(&mut hands.rng).lookup_hash()).unwrap().is_none(), "somebody else's slip");
    let text = first.slip.to_fragment();
    assert!(SlipSecret::from_fragment(&text) == Some(first.slip) && SlipSecret::from_fragment("AAAA").is_none());
}
