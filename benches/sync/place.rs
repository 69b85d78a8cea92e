//! A kiosk's queue and an office, each real, in a folder of their own; and the bare loop beside them.

use ed25519_dalek::{Signer, SigningKey};
use passport_kiosk::clock;
use passport_kiosk::envelope::{Binding, Context, Ids, OfficeSecret, Part, SlipSecret, Suite, seal};
use passport_kiosk::gateway::http::Gateway;
use passport_kiosk::gateway::signature::{self, SIGNATURE, SIGNATURE_INPUT};
use passport_kiosk::gateway::tls::OfficeTime;
use passport_kiosk::gateway::trust::receipt_key_name;
use passport_kiosk::gateway::wire::{
    CONTENT_DIGEST, KIOSK_EPOCH, KIOSK_ID, MANIFEST_SIGNATURE, content_digest, part_path, signature_to_header,
    submission_path,
};
use passport_kiosk::office::limits::{Rate, Rates};
use passport_kiosk::office::store::Enrolment;
use passport_kiosk::office::store::sqlite::SqliteStore;
use passport_kiosk::office::{Office, Settings, keys, serve};
use passport_kiosk::queue::store::{Sealer, Submission};
use passport_kiosk::queue::{Queue, Thread};
use passport_kiosk::sync::{self, Policy};
use rand_core::UnwrapErr;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

const KIOSK: &str = "bench-01";
const EDITION: &str = "tk01@tt69-2026";
const CONSENT: &str = "2026-01";
const NOW_MS: i64 = 1_795_000_000_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const FORM_BYTES: usize = 2 * 1024;
const PHOTO_BYTES: usize = 150 * 1024;
/// Sixteen bytes of 5, as the header says them.
const EPOCH: &str = "BQUFBQUFBQUFBQUFBQUFBQ";

/// The place.
pub struct Place {
    /// Where the office listens.
    pub office: SocketAddr,
    secret: OfficeSecret,
    receipt: SigningKey,
    device: SigningKey,
    queue: Queue,
    _thread: Thread,
    _folder: TempDir,
}

/// A request of the bare loop, signed and sealed before the clock runs, and the answer it gets.
pub struct Ready {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    answer: u16,
}

impl Place {
    /// Starts a queue and an office that does not limit its one kiosk.
    pub async fn new() -> Self {
        // The bare loop makes a client of its own; whichever place comes first installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir_in(".").unwrap();
        let (receipt, device) = (SigningKey::from_bytes(&[3; 32]), SigningKey::from_bytes(&[7; 32]));
        let data = folder.path().join("office");
        std::fs::create_dir(&data).unwrap();
        let free = Rate { burst: 1, every_ms: 0 };
        let settings = Settings {
            rates: Rates { device: free, enrol_source: free, enrol_all: free, slip_source: free },
            journal: Box::new(|_| {}),
            ..Settings::default()
        };
        let store = Arc::new(SqliteStore::open(&data).unwrap());
        let key_id = receipt_key_name(&receipt.verifying_key());
        let office = Office::new(store, receipt.clone(), key_id, || NOW_MS, settings);
        let key = device.verifying_key();
        let enrolment = Enrolment { kiosk_id: KIOSK.into(), key, name: "Bench".into(), key_storage: String::new() };
        office.enrol(enrolment).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, office, std::future::pending()));
        let secret = OfficeSecret::from_seed(&[9; 32]);
        let sealer = Sealer {
            kiosk_id: KIOSK.to_owned(),
            device: Arc::new(device.clone()),
            office: Some(secret.key(Suite::X25519)),
            consent_version: CONSENT.to_owned(),
        };
        let (queue, thread, opened) =
            Queue::start(&folder.path().join("queue.db"), Arc::new(sealer), || NOW_MS).unwrap();
        opened.unwrap();
        Self { office: address, secret, receipt, device, queue, _thread: thread, _folder: folder }
    }

    /// Saves so many dossiers with a photo.
    pub async fn save(&self, count: u32) {
        let mut rng = UnwrapErr(getrandom::SysRng);
        for _ in 0..count {
            let ids = Ids::random(NOW_MS, &mut rng);
            let slip = SlipSecret::random(&mut rng);
            let submission =
                Submission { ids, slip, supersedes: None, form_edition: EDITION.to_owned(), parts: contents().into() };
            self.queue.put(submission).await.unwrap();
        }
    }

    /// Starts the sync towards this address.
    pub fn sync(&self, base: SocketAddr) -> Sync {
        let bundle = keys::bundle(1, NOW_MS, &[&self.secret], &[self.receipt.verifying_key()]);
        let trust = keys::trust(&bundle, &SigningKey::from_bytes(&[1; 32])).unwrap();
        let time = Arc::new(OfficeTime::new(NOW_MS, clock::boot_ms));
        let device = Arc::new(self.device.clone());
        let gateway = Gateway::new(&format!("http://{base}"), None, KIOSK, device, trust, time).unwrap();
        let (stop, stopped) = watch::channel(false);
        let (try_now, tried) = watch::channel(0);
        let policy = Policy {
            longest_pause_ms: 5 * 60 * 1_000,
            keep_delivered_ms: 7 * DAY_MS,
            suite: Suite::X25519,
            key_storage: "software",
        };
        let tell = async |_| {};
        let task = tokio::spawn(sync::run(self.queue.clone(), Arc::new(gateway), policy, tell, tried, stopped));
        Sync { stop, _try_now: try_now, task }
    }

    /// Waits until some have their receipt; gives how many.
    pub async fn first_received(&self) -> u32 {
        let mut tally = self.queue.tally();
        tally.wait_for(|tally| tally.received > 0).await.unwrap().received
    }

    /// Waits until so many have their receipt.
    pub async fn until_received(&self, count: u32) {
        let mut tally = self.queue.tally();
        let tally = tally.wait_for(|tally| tally.received == count || tally.attention > 0).await.unwrap();
        assert_eq!((tally.received, tally.attention), (count, 0));
    }

    /// The requests that the sync would make for so many dossiers: the manifest, each part, the manifest again.
    pub fn bare_requests(&self, count: u32) -> Vec<Ready> {
        let mut rng = UnwrapErr(getrandom::SysRng);
        let office = self.secret.key(Suite::X25519);
        let mut ready = Vec::new();
        for n in 0..count {
            let ids = Ids::random(NOW_MS, &mut rng);
            let slip = SlipSecret::random(&mut rng);
            let context = Context {
                binding: Binding { ids, kiosk_id: KIOSK.to_owned(), form_edition: EDITION.to_owned() },
                db_epoch: [5; 16],
                kiosk_seq: u64::from(n) + 1,
                consent_version: CONSENT.to_owned(),
                sealed_at_ms: NOW_MS,
                supersedes: None,
            };
            let sealed = seal(&context, &contents(), &office, &slip, &self.device, &mut rng).unwrap();
            let own = (MANIFEST_SIGNATURE, signature_to_header(&sealed.signature));
            let manifest = |answer| {
                let mut request = self.signed(submission_path(ids.submission), sealed.manifest.clone(), answer);
                request.headers.push(own.clone());
                request
            };
            ready.push(manifest(424));
            for (n, part) in (0..).zip(&sealed.parts) {
                ready.push(self.signed(part_path(ids.submission, n), part.clone(), 201));
            }
            ready.push(manifest(201));
        }
        ready
    }

    fn signed(&self, path: String, body: Vec<u8>, answer: u16) -> Ready {
        let digest = content_digest(&body);
        let parts = signature::Parts {
            method: "PUT",
            authority: &self.office.to_string(),
            path: &path,
            query: None,
            content_digest: Some(&digest),
            kiosk_epoch: EPOCH,
        };
        let signed = signature::sign(&parts, KIOSK, 0, &|bytes| self.device.sign(bytes).to_bytes());
        let headers = vec![
            (KIOSK_ID, KIOSK.to_owned()),
            (KIOSK_EPOCH, EPOCH.to_owned()),
            (CONTENT_DIGEST, digest),
            (SIGNATURE_INPUT, signed.input),
            (SIGNATURE, signed.signature),
        ];
        Ready { path, headers, body, answer }
    }

    /// One after the other on one connection; nothing is read from a disk and nothing is written.
    pub async fn bare_loop(&self, ready: Vec<Ready>) {
        let client = reqwest::Client::builder().http1_only().no_proxy().tcp_nodelay(true).build().unwrap();
        for Ready { path, headers, body, answer } in ready {
            let mut request = client.put(format!("http://{}{path}", self.office)).body(body);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status().as_u16(), answer, "{path}");
            response.bytes().await.unwrap();
        }
    }
}

/// A running sync.
pub struct Sync {
    stop: watch::Sender<bool>,
    _try_now: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Sync {
    /// Ends it.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}

/// A form and a photo that mean nothing.
fn contents() -> [Part; 2] {
    [("application/json", FORM_BYTES), ("image/jpeg", PHOTO_BYTES)]
        .map(|(media_type, size)| Part { media_type: media_type.to_owned(), bytes: Zeroizing::new(vec![0xD8; size]) })
}
