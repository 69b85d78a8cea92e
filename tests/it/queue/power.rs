//! The power is cut after every operation of a whole life: creation, saving, delivery, attention, erasure, closing.

use super::{Hands, NOW_MS, SEED, ids, look_inside, open, receipt, saved_lines};
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::queue::store::Store;
use powercut::{Disk, Image};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// What is known of a submission: its state, and whether its parts are there.
type World = BTreeMap<Uuid, (i64, bool)>;
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
    fn live(hands: &mut Hands, lies: bool) -> Self {
        let disk = Disk::new();
        disk.lie_about_sync(lies);
        let mut life = Self { disk, acknowledged: vec![(0, World::new())], sealed: Sealed::new() };
        let mut store = open(&life.disk).unwrap();
        life.acknowledge(|_| ());
        for n in 1..=3 {
            life.put(hands, &mut store, n);
        }
        store.received(&receipt(ids(1).submission, NOW_MS), "{}", NOW_MS).unwrap();
        life.acknowledge(|world| world.get_mut(&ids(1).submission).unwrap().0 = 2);
        store.attention(ids(2).submission, Attention::Refused, NOW_MS).unwrap();
        life.acknowledge(|world| world.get_mut(&ids(2).submission).unwrap().0 = 3);
        // Closing writes the log into the file and deletes it.
        drop(store);
        let mut store = open(&life.disk).unwrap();
        life.put(hands, &mut store, 4);
        assert_eq!(store.erase_delivered(NOW_MS, 0, NOW_MS).unwrap(), 1);
        life.acknowledge(|world| world.get_mut(&ids(1).submission).unwrap().1 = false);
        life.put(hands, &mut store, 5);
        drop(store);
        life
    }

    fn put(&mut self, hands: &mut Hands, store: &mut Store, n: u8) {
        hands.put(store, n).unwrap();
        let due = store.due(100).unwrap();
        let due = due.iter().find(|due| due.ids == ids(n)).unwrap();
        self.sealed.insert(due.ids.submission, (due.manifest.clone(), hands.openable_parts(store, due)));
        self.acknowledge(|world| _ = world.insert(ids(n).submission, (0, true)));
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
        let mut world = World::new();
        for (id, (_, parts)) in &self.sealed {
            if store.contains(*id).ok()? {
                let here = (0..2).map(|n| store.part(*id, n).unwrap()).collect::<Vec<_>>();
                let whole = here.iter().zip(parts).all(|(here, then)| here.as_ref() == Some(then));
                assert!(whole || here.iter().all(Option::is_none), "half a dossier");
                world.insert(*id, (0, whole));
            }
        }
        drop(store);
        let db = look_inside(&disk);
        let mut rows = db.prepare("SELECT id, state, manifest FROM submission ORDER BY kiosk_seq").unwrap();
        let rows = rows
            .query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?)));
        for row in rows.unwrap() {
            let (id, state, manifest) = row.unwrap();
            let id = Uuid::from_bytes(id);
            assert_eq!(manifest, self.sealed[&id].0);
            assert_eq!(due.contains(&id), state == 0);
            assert_eq!(saved_lines(&db, id), 1, "exactly one line of the journal says that it was saved");
            world.get_mut(&id).unwrap().0 = state;
        }
        let lines = "SELECT count(*) FROM journal WHERE entry LIKE '%submission-saved%'";
        let lines: u32 = db.query_row(lines, [], |row| row.get(0)).unwrap();
        assert_eq!(lines as usize, world.len(), "no line without its submission");
        Some(world)
    }
}

fn fingerprint(image: &Image) -> [u8; 32] {
    use sha2::{Digest, Sha256};
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

/// The negative control.
#[test]
fn a_disk_that_lies_about_syncs_loses_what_was_acknowledged() {
    let life = Life::live(&mut Hands::new(), true);
    let found = life.cut_everywhere();
    println!("seed {SEED}: {found:?}");
    assert!(found.lost > 0, "seed {SEED}: {found:?}");
}

#[test]
fn after_any_cut_the_queue_goes_on_where_it_was() {
    let mut hands = Hands::new();
    let life = Life::live(&mut hands, false);
    let points = life.disk.operations();
    for after in (0..=points).step_by(23) {
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
