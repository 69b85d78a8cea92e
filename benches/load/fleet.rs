//! Two hundred kiosks: each with a device key and a connection of its own, and the kiosk's own gateway.

use super::place::{Kind, Place};
use ed25519_dalek::SigningKey;
use passport_kiosk::clock;
use passport_kiosk::domain::submission::Outcome;
use passport_kiosk::envelope::{Binding, Context, Ids, OfficeKey, Part, SlipSecret, Suite, seal};
use passport_kiosk::gateway::http::Gateway;
use passport_kiosk::gateway::tls::OfficeTime;
use passport_kiosk::queue::store::Due;
use rand_core::UnwrapErr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use uuid::Uuid;
use zeroize::Zeroizing;

/// So many.
pub const KIOSKS: usize = 200;
const EDITION: &str = "tk01@tt69-2026";
const FORM_BYTES: usize = 2 * 1024;
const PHOTO_BYTES: usize = 158 * 1024;

/// All of them.
pub struct Fleet {
    kiosks: Vec<Arc<Kiosk>>,
    answered_otherwise: Arc<AtomicU64>,
}

struct Kiosk {
    n: usize,
    kind: Kind,
    gateway: Gateway,
    device: SigningKey,
    office: OfficeKey,
    seq: AtomicU64,
    /// A kiosk sends one dossier after the other.
    turn: Mutex<()>,
}

impl Fleet {
    /// Makes them, and their connections, so that no handshake is measured.
    pub async fn connect(place: &Place) -> Self {
        let kiosks: Vec<_> = (0..KIOSKS).map(|n| Arc::new(Kiosk::new(n, place))).collect();
        let mut pings = JoinSet::new();
        for kiosk in kiosks.iter().cloned() {
            pings.spawn(async move {
                // The bare loop has no ping; the connection is there nevertheless.
                let pong = kiosk.gateway.ping().await;
                assert!(pong.is_ok() || kiosk.kind == Kind::Bare, "the intake answers");
            });
        }
        pings.join_all().await;
        Self { kiosks, answered_otherwise: Arc::default() }
    }

    /// Dossiers of all kiosks in turn, so many a second, whether or not the earlier ones are done. The time of each
    /// counts from the moment it was due.
    pub async fn paced(&self, per_s: u32, during: Duration) -> Vec<Duration> {
        let begun = tokio::time::Instant::now();
        let count = u64::from(per_s) * during.as_secs();
        let mut all = JoinSet::new();
        for n in 0..count {
            let kiosk = Arc::clone(&self.kiosks[n as usize % KIOSKS]);
            let dossier = kiosk.dossier();
            let due_at = begun + Duration::from_secs_f64(n as f64 / f64::from(per_s));
            tokio::time::sleep_until(due_at).await;
            all.spawn(async move {
                let _turn = kiosk.turn.lock().await;
                kiosk.deliver(&dossier).await;
                due_at.elapsed()
            });
        }
        all.join_all().await
    }

    /// So many dossiers, as fast as it goes; each `again`th is delivered twice. Id and receipt number of each.
    pub async fn drain(&self, count: u64, again: u64) -> Vec<(Uuid, u64)> {
        let next = Arc::new(AtomicU64::new(0));
        let mut all = JoinSet::new();
        for kiosk in &self.kiosks {
            let kiosk = Arc::clone(kiosk);
            let (next, otherwise) = (Arc::clone(&next), Arc::clone(&self.answered_otherwise));
            all.spawn(async move {
                let mut receipts = Vec::new();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return receipts;
                    }
                    let dossier = kiosk.dossier();
                    let receipt_no = kiosk.deliver(&dossier).await;
                    if n % again == 0 && kiosk.deliver_blindly(&dossier).await != receipt_no {
                        otherwise.fetch_add(1, Ordering::Relaxed);
                    }
                    receipts.push((dossier.due.ids.submission, receipt_no));
                }
            });
        }
        all.join_all().await.into_iter().flatten().collect()
    }

    /// Second deliveries whose receipt had another number than the first.
    pub fn answered_otherwise(&self) -> u64 {
        self.answered_otherwise.load(Ordering::Relaxed)
    }
}

struct Dossier {
    due: Due,
    parts: Vec<Vec<u8>>,
}

impl Kiosk {
    fn new(n: usize, place: &Place) -> Self {
        let device = key(n);
        let time = Arc::new(OfficeTime::new(clock::unix_ms(), clock::boot_ms));
        let (base, shared) = (format!("https://{}", place.address), Arc::new(device.clone()));
        let trust = place.trust.clone();
        let gateway = Gateway::new(&base, Some(&place.authority), &name(n), shared, trust, time).unwrap();
        gateway.use_epoch([5; 16]);
        let office = place.secret.key(Suite::X25519);
        Self { n, kind: place.kind, gateway, device, office, seq: AtomicU64::new(0), turn: Mutex::default() }
    }

    fn dossier(&self) -> Dossier {
        let mut rng = UnwrapErr(getrandom::SysRng);
        let ids = Ids::random(clock::unix_ms(), &mut rng);
        let context = Context {
            binding: Binding { ids, kiosk_id: name(self.n), form_edition: EDITION.to_owned() },
            db_epoch: [5; 16],
            kiosk_seq: self.seq.fetch_add(1, Ordering::Relaxed) + 1,
            consent_version: "2026-01".to_owned(),
            sealed_at_ms: clock::unix_ms(),
            supersedes: None,
        };
        let parts = [("application/json", FORM_BYTES), ("image/jpeg", PHOTO_BYTES)].map(|(media_type, size)| Part {
            media_type: media_type.to_owned(),
            bytes: Zeroizing::new(vec![0xD8; size]),
        });
        let slip = SlipSecret::random(&mut rng);
        let sealed = seal(&context, &parts, &self.office, &slip, &self.device, &mut rng).unwrap();
        let due = Due { ids, manifest: sealed.manifest, signature: sealed.signature, failures: 0 };
        Dossier { due, parts: sealed.parts }
    }

    /// As the sync does it: the manifest, the parts that are asked for, the manifest again. The receipt's number.
    async fn deliver(&self, dossier: &Dossier) -> u64 {
        let answer = self.gateway.offer(&dossier.due).await;
        let Outcome::MissingParts(missing) = answer.outcome else {
            panic!("a new dossier: {:?}", answer.outcome);
        };
        assert_eq!(missing.len(), dossier.parts.len());
        self.deliver_blindly(dossier).await
    }

    /// All parts and the manifest, whatever the office may have.
    async fn deliver_blindly(&self, dossier: &Dossier) -> u64 {
        for (n, part) in (0..).zip(&dossier.parts) {
            self.gateway.send_part(dossier.due.ids.submission, n, part.clone()).await.unwrap();
        }
        let answer = self.gateway.offer(&dossier.due).await;
        match (self.kind, answer.receipt) {
            (Kind::Intake, Some((receipt, _))) => receipt.receipt_no,
            (Kind::Intake, None) => panic!("no receipt: {:?}", answer.outcome),
            // What it answers is no receipt, and the gateway says so.
            (Kind::Bare, _) => {
                assert_eq!(answer.outcome, Outcome::NotTheOffice);
                0
            }
        }
    }
}

/// Name of kiosk `n`.
pub fn name(n: usize) -> String {
    format!("bench-{n:03}")
}

/// Its device key.
pub fn key(n: usize) -> SigningKey {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(n as u64).to_le_bytes());
    SigningKey::from_bytes(&seed)
}
