//! What the sync adds to the wire, against the wire alone in the same run: `cargo bench --bench sync`.
//!
//! - Fifty dossiers with a photo over a link of 384 kbit/s and 200 ms: the time of the drain against the time that its
//!   bytes take on that link.
//! - Dossiers with a photo on loopback: the sync from the queue against a bare loop of PUTs to the same office.
//!
//! Prints a table and one line of JSON.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a bench ends where it cannot measure")]

#[path = "sync/link.rs"]
mod link;
#[path = "sync/place.rs"]
mod place;

use link::Link;
use place::Place;
use serde_json::json;
use std::time::Instant;

const DRAINED: u32 = 50;
const LOOPED: u32 = 400;
const ROUNDS: usize = 3;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut report = serde_json::Map::new();
    throughput(&mut report).await;
    drain(&mut report).await;
    println!("{}", serde_json::Value::Object(report));
}

async fn drain(report: &mut serde_json::Map<String, serde_json::Value>) {
    let place = Place::new().await;
    let link = Link::lay(place.office).await;
    place.save(DRAINED).await;
    let begun = Instant::now();
    let sync = place.sync(link.address);
    place.until_received(DRAINED).await;
    let took = begun.elapsed().as_secs_f64();
    sync.stop().await;
    let link_time = link.busy().as_secs_f64();
    let (up, down) = link.bytes();
    let ratio = took / link_time;
    println!("{:<44}{took:>10.1} s {ratio:>8.3} × link time, goal 1.15", "drain of 50 dossiers at 384 kbit/s, 200 ms");
    println!("{:<44}{link_time:>10.1} s  for {up} bytes up and {down} down", "the link alone");
    report.insert(
        "drain".to_owned(),
        json!({ "s": took, "link_s": link_time, "bytes_up": up, "bytes_down": down, "ratio": ratio, "goal": 1.15 }),
    );
}

async fn throughput(report: &mut serde_json::Map<String, serde_json::Value>) {
    let [mut bares, mut syncs] = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        let place = Place::new().await;
        let ready = place.bare_requests(LOOPED);
        let begun = Instant::now();
        place.bare_loop(ready).await;
        bares.push(f64::from(LOOPED) / begun.elapsed().as_secs_f64());

        let place = Place::new().await;
        place.save(LOOPED).await;
        let sync = place.sync(place.office);
        // The spread of up to two seconds before the first ping is meant, and no throughput.
        let before = place.first_received().await;
        let begun = Instant::now();
        place.until_received(LOOPED).await;
        syncs.push(f64::from(LOOPED - before) / begun.elapsed().as_secs_f64());
        sync.stop().await;
    }
    let (bare, sync) = (median(bares), median(syncs));
    let ratio = sync / bare;
    println!("{:<44}{bare:>10.0} dossiers a second", "bare loop of PUTs");
    println!("{:<44}{sync:>10.0} dossiers a second {ratio:>8.2} × that, goal 0.8", "sync from the queue");
    report.insert("throughput".to_owned(), json!({ "sync": sync, "bare": bare, "ratio": ratio, "goal": 0.8 }));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
