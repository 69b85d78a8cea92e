//! The power is cut after every operation of a whole life: creation, saving, delivery, attention, an officer's "try
//! again", export, the office's watermark and its new epoch, erasure, closing; and of the step from version 1.

use super::schema::write_v1;
use super::{FILE, Hands, NOW_MS, SEED, deliver, ids, look_inside, office, open, receipt_for, saved_lines};
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::queue::store::Store;
use powercut::{Disk, Image};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// What is known of a submission: its state, whether its parts are there, and whether it was exported.
type World = BTreeMap<Uuid, (i64, bool, bool)>;
/// Manifest and parts as they were when it was saved.
type Sealed = BTreeMap<Uuid, (Vec<u8>, Vec<Vec<u8>>)>;

#[derive(Debug, Default)]
struct Found {
    points: usize,
    images: usize,
    distinct: usize,
    unreadable: usize,
    lost: usize,
}

/// A life on a disk: after how many operations which state was acknowledged.
struct Life {
    disk: Disk,
    acknowledged: Vec<(usize, World)>,
    sealed: Sealed,
}

impl Life {
    fn on(disk: Disk) -> Self {
        Self { disk, acknowledged: vec![(0, World::new())], sealed: Sealed::new() }
    }

    fn live(hands: &mut Hands, lies: bool) -> Self {
        let disk = Disk::new();
        disk.lie_about_sync(lies);
        let mut life = Self::on(disk);
        let mut store = open(&life.disk).unwrap();
        life.acknowledge(|_| ());
        for n in 1..=4 {
            life.put(hands, &mut store, n);
        }
        deliver(&mut store, ids(1).submission, 1);
        life.acknowledge(|world| world.get_mut(&ids(1).submission).unwrap().0 = 2);
        deliver(&mut store, ids(3).submission, 2);
        life.acknowledge(|world| world.get_mut(&ids(3).submission).unwrap().0 = 2);
        store.attention(ids(2).submission, Attention::Refused, NOW_MS).unwrap();
        life.acknowledge(|world| world.get_mut(&ids(2).submission).unwrap().0 = 3);
        store.exported(&[ids(2).submission, ids(4).submission], NOW_MS).unwrap();
        life.acknowledge(|world| {
            for n in [2, 4] {
                world.get_mut(&ids(n).submission).unwrap().2 = true;
            }
        });
        // Closing writes the log into the file and deletes it.
        drop(store);
        let mut store = open(&life.disk).unwrap();
        life.put(hands, &mut store, 5);
        store.requeue(ids(2).submission, NOW_MS).unwrap();
        life.acknowledge(|world| world.get_mut(&ids(2).submission).unwrap().0 = 0);
        assert_eq!(store.office_seen(office(6, 1, NOW_MS), 0, NOW_MS).unwrap().erased, 1);
        life.acknowledge(|world| world.get_mut(&ids(1).submission).unwrap().1 = false);
        assert_eq!(store.office_seen(office(7, 0, NOW_MS), 0, NOW_MS).unwrap().requeued, 1);
        life.acknowledge(|world| world.get_mut(&ids(3).submission).unwrap().0 = 0);
        life.put(hands, &mut store, 6);
        drop(store);
        life
    }

    /// From a full queue of version 1: opening brings it to the version of today, and it is used.
    fn migrate(hands: &mut Hands, lies: bool) -> Self {
        let all = 1..=10;
        let model = Disk::new();
        let mut store = open(&model).unwrap();
        let mut life = Self::on(Disk::new());
        for n in all.clone() {
            life.put(hands, &mut store, n);
        }
        let receipts: Vec<Option<String>> = all
            .clone()
            .map(|n| (n < 4).then(|| receipt_for(&store, ids(n).submission, u64::from(n), 6, NOW_MS).1))
            .collect();
        let old = Disk::new();
        write_v1(&on_disk(&old, FILE), &store, all.clone(), &receipts);
        life.disk = Disk::from_image(&old.images(old.operations(), SEED)[1]);
        life.disk.lie_about_sync(lies);
        let world = all.map(|n| (ids(n).submission, (if n < 4 { 2 } else { 0 }, true, false))).collect();
        life.acknowledged = vec![(0, world)];
        let mut store = open(&life.disk).unwrap();
        life.acknowledge(|_| ());
        life.put(hands, &mut store, 11);
        drop(store);
        life
    }

    fn put(&mut self, hands: &mut Hands, store: &mut Store, n: u8) {
        hands.put(store, n).unwrap();
        let due = store.due(100).unwrap();
        let due = due.iter().find(|due| due.ids == ids(n)).unwrap();
        self.sealed.insert(due.ids.submission, (due.manifest.clone(), hands.openable_parts(store, due)));
        self.acknowledge(|world| _ = world.insert(ids(n).submission, (0, true, false)));
    }

    fn acknowledge(&mut self, change: impl FnOnce(&mut World)) {
        let mut world = self.acknowledged.last().unwrap().1.clone();
        change(&mut world);
        self.acknowledged.push((self.disk.operations(), world));
    }

    /// What was acknowledged by then, and what may have been in the making.
    fn possible_after(&self, operations: usize) -> Vec<&World> {
        let known = self.acknowledged.iter().rposition(|(at, _)| *at <= operations).unwrap_or_default();
        self.acknowledged[known..].iter().take(2).map(|(_, world)| world).collect()
    }

    /// Cuts the power after every operation and opens the queue on what may be on the disk then.
    fn cut_everywhere(&self) -> Found {
        let mut found = Found { points: self.disk.operations() + 1, ..Found::default() };
        let mut looked_at = HashSet::new();
        for after in 0..found.points {
            let possible = self.possible_after(after);
            for image in self.disk.images(after, SEED) {
                found.images += 1;
                // The same bytes mean the same, as long as the same is promised.
                if !looked_at.insert((fingerprint(&image), possible[0].clone())) {
                    continue;
                }
                found.distinct += 1;
                match self.wake(&image) {
                    None => found.unreadable += 1,
                    Some(world) => found.lost += usize::from(!possible.contains(&&world)),
                }
            }
        }
        found
    }

    /// Opens the queue, which checks itself, and looks around; `None` when it does not open.
    fn wake(&self, image: &Image) -> Option<World> {
        let disk = Disk::from_image(image);
        let store = open(&disk).ok()?;
        let due: Vec<Uuid> = store.due(100).ok()?.into_iter().map(|due| due.ids.submission).collect();
        assert_eq!(store.tally().unwrap(), store.count().unwrap());
        assert!(store.journal_is_whole().unwrap());
        let mut world = World::new();
        for (id, (_, parts)) in &self.sealed {
            if store.contains(*id).ok()? {
                let here = (0..2).map(|n| store.part(*id, n).unwrap()).collect::<Vec<_>>();
                let whole = here.iter().zip(parts).all(|(here, then)| here.as_ref() == Some(then));
                assert!(whole || here.iter().all(Option::is_none), "half a dossier");
                world.insert(*id, (0, whole, false));
            }
        }
        drop(store);
        let db = look_inside(&disk);
        let mut rows =
            db.prepare("SELECT id, state, manifest, exported_ms IS NOT NULL FROM submission ORDER BY seq").unwrap();
        let rows = rows
            .query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?, row.get(3)?)));
        for row in rows.unwrap() {
            let (id, state, manifest, exported) = row.unwrap();
            let id = Uuid::from_bytes(id);
            assert_eq!(manifest, self.sealed[&id].0);
            assert_eq!(due.contains(&id), state == 0);
            assert_eq!(saved_lines(&db, id), 1, "exactly one line of the journal says that it was saved");
            let known = world.get_mut(&id).unwrap();
            (known.0, known.2) = (state, exported);
        }
        let lines = "SELECT count(*) FROM journal WHERE entry LIKE '%submission-saved%'";
        let lines: u32 = db.query_row(lines, [], |row| row.get(0)).unwrap();
        assert_eq!(lines as usize, world.len(), "no line without its submission");
        Some(world)
    }
}

/// A file on a simulated disk, with the settings that make it durable and no more.
pub(super) fn on_disk(disk: &Disk, file: &str) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags_and_vfs(file, flags, disk.register().as_str()).unwrap();
    for pragma in ["locking_mode=EXCLUSIVE", "synchronous=EXTRA", "auto_vacuum=INCREMENTAL", "journal_mode=WAL"] {
        db.execute_batch(&format!("PRAGMA {pragma}")).unwrap();
    }
    db
}

pub(super) fn fingerprint(image: &Image) -> [u8; 32] {
    let mut all = Sha256::new();
    for (name, bytes) in &image.files {
        all.update((name.len() as u64).to_be_bytes());
        all.update(name);
        all.update((bytes.len() as u64).to_be_bytes());
        all.update(bytes);
    }
    all.finalize().into()
}

#[test]
fn nothing_acknowledged_is_lost_whenever_the_power_goes() {
    let life = Life::live(&mut Hands::new(), false);
    let found = life.cut_everywhere();
    println!("seed {SEED}: {found:?}");
    assert!(found.points > 200 && found.distinct > 400, "{found:?}");
    assert_eq!((found.unreadable, found.lost), (0, 0), "seed {SEED}: {found:?}");
}

#[test]
fn a_full_queue_of_version_1_is_brought_up_whole_or_stays_whenever_the_power_goes() {
    let life = Life::migrate(&mut Hands::new(), false);
    let found = life.cut_everywhere();
    println!("seed {SEED}: {found:?}");
    assert!(found.points > 60 && found.distinct > 100, "{found:?}");
    assert_eq!((found.unreadable, found.lost), (0, 0), "seed {SEED}: {found:?}");
}

/// The negative control.
#[test]
fn a_disk_that_lies_about_syncs_loses_what_was_acknowledged() {
    for life in [Life::live(&mut Hands::new(), true), Life::migrate(&mut Hands::new(), true)] {
        let found = life.cut_everywhere();
        println!("seed {SEED}: {found:?}");
        assert!(found.lost + found.unreadable > 0, "seed {SEED}: {found:?}");
    }
}

#[test]
fn after_any_cut_the_queue_goes_on_where_it_was() {
    let mut hands = Hands::new();
    let life = Life::live(&mut hands, false);
    let points = life.disk.operations();
    for after in (0..=points).step_by(31) {
        for image in life.disk.images(after, SEED) {
            let disk = Disk::from_image(&image);
            let mut store = open(&disk).unwrap();
            let before: Vec<_> = store.due(100).unwrap();
            hands.put(&mut store, 200).unwrap();
            let due = store.due(100).unwrap();
            assert_eq!(due[..before.len()], before);
            assert_eq!(due[before.len()].ids, ids(200), "the new one comes last");
            hands.openable_parts(&store, &due[before.len()]);
        }
    }
}
