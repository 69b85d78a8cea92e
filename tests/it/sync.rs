//! Delivery: whatever stands between the kiosk and the office, a submission is delivered when the office's signed
//! receipt for exactly it is here, and then the office has it exactly once.

mod faults;
mod naive;
mod post;
mod proxy;
mod tls;
mod trouble;

use super::rig::{PATIENCE, eventually};
use ed25519_dalek::SigningKey;
use passport_kiosk::clock;
use passport_kiosk::envelope::{Ids, OfficeSecret, Part, SlipSecret, Suite};
use passport_kiosk::gateway::http::Gateway;
use passport_kiosk::gateway::parcel::Parcel;
use passport_kiosk::gateway::tls::OfficeTime;
use passport_kiosk::gateway::trust::receipt_key_name;
use passport_kiosk::gateway::wire::{Consent, Dossier, Receipt, Signed, Value};
use passport_kiosk::office::store::Enrolment;
use passport_kiosk::office::store::sqlite::SqliteStore;
use passport_kiosk::office::{Office, Settings, keys, serve, unseal};
use passport_kiosk::queue::store::{Sealer, Submission, Tally};
use passport_kiosk::queue::{Queue, Thread};
use passport_kiosk::sim::cable::Cable;
use passport_kiosk::sync::{self, News, Policy};
use post::{Manners, Post};
use rand_core::UnwrapErr;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

const KIOSK: &str = "chu-lai-1";
const EDITION: &str = "tk01@tt69-2026";
const NOW_MS: i64 = 1_795_000_000_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A kiosk's queue and an office, each real, and nothing between them yet.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) office: SocketAddr,
    at_office: Office,
    office_clock: Arc<AtomicI64>,
    secret: OfficeSecret,
    receipt: SigningKey,
    device: SigningKey,
    pub(crate) queue: Queue,
    thread: Thread,
}

impl World {
    async fn new() -> Self {
        Self::of(Settings::default()).await
    }

    pub(crate) async fn of(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (receipt, device) = (SigningKey::from_bytes(&[3; 32]), SigningKey::from_bytes(&[7; 32]));
        let office_clock = Arc::new(AtomicI64::new(NOW_MS));
        let clock = Arc::clone(&office_clock);
        let key_id = receipt_key_name(&receipt.verifying_key());
        let data = folder.path().join("office");
        std::fs::create_dir(&data).unwrap();
        let store = Arc::new(SqliteStore::open(&data).unwrap());
        let now_ms = move || clock.load(Ordering::SeqCst);
        let office = Office::new(store, receipt.clone(), key_id, now_ms, settings);
        let key = device.verifying_key();
        let enrolment = Enrolment { kiosk_id: KIOSK.into(), key, name: "Chu Lai".into(), key_storage: String::new() };
        office.enrol(enrolment).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, office.clone(), std::future::pending()));
        let secret = OfficeSecret::from_seed(&[9; 32]);
        let (queue, thread) = start_queue(folder.path(), KIOSK, &device, &secret);
        Self { folder, office: address, at_office: office, office_clock, secret, receipt, device, queue, thread }
    }

    /// Saves these invented citizens.
    async fn save(&self, citizens: std::ops::Range<u32>) -> Vec<Ids> {
        let mut all = Vec::new();
        for n in citizens {
            all.push(save(&self.queue, n).await);
        }
        all
    }

    pub(crate) fn gateway(&self, base: SocketAddr) -> Arc<Gateway> {
        self.gateway_to(&format!("http://{base}"), None)
    }

    /// `ca`: the office's authority, for https.
    fn gateway_to(&self, base: &str, ca: Option<&[u8]>) -> Arc<Gateway> {
        let bundle = keys::bundle(1, NOW_MS, &[&self.secret], &[self.receipt.verifying_key()]);
        let trust = keys::trust(&bundle, &SigningKey::from_bytes(&[1; 32])).unwrap();
        let device = Arc::new(self.device.clone());
        let time = Arc::new(OfficeTime::new(NOW_MS, clock::boot_ms));
        Arc::new(Gateway::new(base, ca, KIOSK, device, trust, time).unwrap())
    }

    /// Starts the sync towards this address.
    pub(crate) fn sync(&self, base: SocketAddr) -> Sync {
        self.sync_by(self.gateway(base), 30)
    }

    /// `longest_pause_ms`: no pause is longer, in milliseconds.
    fn sync_by(&self, gateway: Arc<Gateway>, longest_pause_ms: u64) -> Sync {
        let (stop, stopped) = watch::channel(false);
        let (try_now, tried) = watch::channel(0);
        let policy =
            Policy { longest_pause_ms, keep_delivered_ms: 7 * DAY_MS, suite: Suite::X25519, key_storage: "software" };
        let news: Arc<Mutex<Vec<News>>> = Arc::default();
        let heard = Arc::clone(&news);
        let tell = async move |news| heard.lock().unwrap().push(news);
        let task = tokio::spawn(sync::run(self.queue.clone(), gateway, policy, tell, tried, stopped));
        Sync { stop, _try_now: try_now, task, news }
    }

    fn tally(&self) -> (u32, u32, u32) {
        numbers(*self.queue.tally().borrow())
    }

    /// Waits until the queue stands like this: queued, received, attention.
    pub(crate) async fn until(&self, wanted: (u32, u32, u32)) {
        self.until_within(PATIENCE, wanted).await;
    }

    async fn until_within(&self, patience: Duration, wanted: (u32, u32, u32)) {
        let mut tally = self.queue.tally();
        let there = tally.wait_for(|tally| numbers(*tally) == wanted);
        tokio::time::timeout(patience, there)
            .await
            .unwrap_or_else(|_| panic!("{wanted:?}, not {:?}", self.tally()))
            .unwrap();
    }

    /// Who is at the office, from the opened dossiers, in the order of their arrival.
    fn at_the_office(&self) -> Vec<String> {
        let opened = unseal::open_all(&self.folder.path().join("office"), &self.secret).unwrap();
        let name = |one: unseal::Opened| match one.content {
            Ok(content) => content.dossier.fields["family_name"].value.clone(),
            Err(closed) => panic!("a dossier stays closed: {closed}"),
        };
        opened.into_iter().map(name).collect()
    }

    /// The office has exactly these, each once.
    fn expect_at_the_office(&self, citizens: std::ops::Range<u32>) {
        let mut found = self.at_the_office();
        found.sort();
        assert_eq!(found, citizens.map(name).collect::<Vec<_>>());
    }
}

/// A running sync.
pub(crate) struct Sync {
    stop: watch::Sender<bool>,
    _try_now: watch::Sender<u64>,
    task: JoinHandle<()>,
    news: Arc<Mutex<Vec<News>>>,
}

impl Sync {
    async fn stop(self) -> Vec<News> {
        self.stop.send_replace(true);
        self.task.await.unwrap();
        Arc::into_inner(self.news).unwrap().into_inner().unwrap()
    }
}

fn start_queue(folder: &Path, kiosk_id: &str, device: &SigningKey, secret: &OfficeSecret) -> (Queue, Thread) {
    let sealer = Sealer {
        kiosk_id: kiosk_id.to_owned(),
        device: Arc::new(device.clone()),
        office: Some(secret.key(Suite::X25519)),
        consent_version: "2026-01".to_owned(),
    };
    let (queue, thread, opened) = Queue::start(&folder.join("queue.db"), Arc::new(sealer), || NOW_MS).unwrap();
    opened.unwrap();
    (queue, thread)
}

async fn save(queue: &Queue, n: u32) -> Ids {
    let mut rng = UnwrapErr(getrandom::SysRng);
    let ids = Ids::random(NOW_MS, &mut rng);
    let value = Value { value: name(n), source: "typed".to_owned(), ..Value::default() };
    let dossier = Dossier {
        v: 1,
        papers: Vec::new(),
        portrait: None,
        form_edition: EDITION.to_owned(),
        fields: BTreeMap::from([("family_name".to_owned(), value)]),
        consent: Consent { version: "2026-01".to_owned(), purposes: Vec::new() },
    };
    let part = Part {
        media_type: "application/json".to_owned(),
        bytes: Zeroizing::new(serde_json::to_vec(&dossier).unwrap()),
    };
    let slip = SlipSecret::random(&mut rng);
    queue
        .put(Submission { ids, slip, supersedes: None, form_edition: EDITION.to_owned(), parts: vec![part] })
        .await
        .unwrap();
    ids
}

fn name(n: u32) -> String {
    format!("THỬ {n:04}")
}

fn numbers(tally: Tally) -> (u32, u32, u32) {
    (tally.queued, tally.received, tally.attention)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_saved_is_delivered_once_and_said_to_be() {
    let world = World::new().await;
    let all = world.save(0..20).await;
    let cable = Cable::lay(world.office).await.unwrap();
    let sync = world.sync(cable.address());
    world.until((0, 20, 0)).await;
    world.expect_at_the_office(0..20);
    let news = sync.stop().await;
    let delivered: BTreeSet<String> = news
        .into_iter()
        .filter_map(|news| match news {
            News::Delivered(reference) => Some(reference),
            News::Online(_) | News::OfficeClock(_) | News::Keys(_) => None,
        })
        .collect();
    assert_eq!(delivered, all.iter().map(Ids::reference).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cable_pulled_and_plugged_again_and_again_loses_and_doubles_nothing() {
    const SEED: u64 = 20_261_123;
    let mut rng = fastrand::Rng::with_seed(SEED);
    let world = World::new().await;
    let cable = Cable::lay(world.office).await.unwrap();
    let sync = world.sync(cable.address());
    for n in 0..40 {
        world.save(n..n + 1).await;
        if rng.bool() {
            cable.pull();
        } else {
            cable.plug();
        }
        for _ in 0..rng.u32(..40) {
            tokio::task::yield_now().await;
        }
    }
    cable.plug();
    world.until((0, 40, 0)).await;
    world.expect_at_the_office(0..40);
    sync.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delivered_parts_are_kept_as_long_as_the_office_has_no_backup_of_its_receipts() {
    let world = World::new().await;
    let [ids] = world.save(0..1).await[..] else { panic!("one") };
    let post = Post::stand(Manners::Office(world.office)).await;
    let sync = world.sync(post.address);
    world.until((0, 1, 0)).await;
    sync.stop().await;
    for later_ms in [7 * DAY_MS - 1, 7 * DAY_MS, 70 * DAY_MS] {
        world.office_clock.store(NOW_MS + later_ms, Ordering::SeqCst);
        // With nothing due the first thing is a ping, and then whatever may be erased is.
        let sync = world.sync(post.address);
        let heard = Arc::clone(&sync.news);
        eventually("the office answers", || !heard.lock().unwrap().is_empty());
        drop(heard);
        sync.stop().await;
        // Asked after that in the queue's own order.
        assert!(world.queue.part(ids.submission, 0).await.unwrap().is_some());
    }
    assert_eq!(world.tally(), (0, 1, 0));
}

/// A kiosk without a line: its dossiers go to the office on a medium, and the receipts come back on it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_carried_to_the_office_and_sent_there_too_is_received_once() {
    let world = World::new().await;
    let all = world.save(0..6).await;
    let medium = world.folder.path().join("usb");
    std::fs::create_dir(&medium).unwrap();
    assert_eq!(world.queue.export(medium.clone()).await.unwrap().written, 6);
    let parcel = |n: usize| std::fs::read(medium.join(Parcel::file_name(all[n].submission))).unwrap();
    // The first three are carried and taken twice; the others go over the network, and are carried afterwards.
    let mut receipts = Vec::new();
    for n in [0, 1, 2, 0] {
        receipts.push(world.at_office.import(&parcel(n)).await.unwrap());
    }
    assert_eq!(receipts[0], receipts[3], "again is the same receipt");
    let verify = |signed: &Signed| signed.verify::<Receipt>(&world.receipt.verifying_key());
    for (_, signed) in receipts.drain(..2) {
        assert!(world.queue.take_receipt(signed, verify).await.unwrap());
    }
    world.until((4, 2, 0)).await;
    let sync = world.sync(world.office);
    world.until((0, 6, 0)).await;
    sync.stop().await;
    for n in 0..6 {
        world.at_office.import(&parcel(n)).await.unwrap();
    }
    world.expect_at_the_office(0..6);

    let mut altered = Parcel::parse(&parcel(4)).unwrap();
    altered.signature[0] ^= 1;
    let refused = world.at_office.import(&altered.to_bytes()).await.unwrap_err();
    assert_eq!(refused.code(), "bad-signature");
    let mut short = Parcel::parse(&parcel(4)).unwrap();
    short.parts[0].pop();
    assert_eq!(world.at_office.import(&short.to_bytes()).await.unwrap_err().code(), "bad-shape");
    let mut cut = parcel(4);
    cut.pop();
    assert_eq!(world.at_office.import(&cut).await.unwrap_err().code(), "not-a-parcel");
    world.at_office.revoke(KIOSK).await.unwrap();
    assert_eq!(world.at_office.import(&parcel(0)).await.unwrap_err().code(), "bad-signature");
}
