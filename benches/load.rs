//! One intake under the load of two hundred kiosks, on either store: `cargo bench --bench load`.
//!
//! - A: dossiers of 160 KB at 58 a second for twenty seconds; how long each takes from its first request to its verified
//!   receipt.
//! - B: a backlog (`-- --backlog 20000`), every tenth delivered twice, as fast as it goes; then what the store counts
//!   against the receipts.
//! - The intake against a bare loop of axum, the same store and the same TLS that checks no signature, limit or digest
//!   and signs no receipt; the two take turns.
//!
//! Kiosks and intake share this process and this machine, each on a runtime of its own. Prints a table and one line of
//! JSON.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench ends where it cannot measure"
)]

#[path = "load/bare.rs"]
mod bare_loop;
#[path = "load/fleet.rs"]
mod fleet;
#[path = "load/place.rs"]
mod place;
#[path = "../tests/it/office/postgres.rs"]
#[allow(dead_code, reason = "the tests' own PostgreSQL; the tests also kill and restart it")]
mod postgres;

use fleet::Fleet;
use place::{Kind, Place};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

const BACKLOG: u64 = 20_000;
/// Of the ratio, for each side, in so many turns.
const COMPARED: u64 = 2_000;
const TURNS: u64 = 4;
const PACE: u32 = 58;
const PACED: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let backlog = argument("--backlog").unwrap_or(BACKLOG);
    let compared = argument("--compared").unwrap_or(COMPARED);
    let mut report = Map::new();
    let only = word("--store");
    let mut stores = vec![("sqlite", None)];
    if let Some(cluster) = postgres::shared().await {
        stores.push(("postgresql", Some(cluster)));
    }
    stores.retain(|(name, _)| only.as_ref().is_none_or(|only| only == name));
    for (name, cluster) in stores {
        let mut figures = Map::new();
        println!("{name}");
        Box::pin(ratio(cluster, compared, &mut figures)).await;
        paced(cluster, &mut figures).await;
        drained(cluster, backlog, &mut figures).await;
        println!("{}", json!({ name: &figures }));
        report.insert(name.to_owned(), Value::Object(figures));
    }
    println!("{}", Value::Object(report));
}

type Cluster = Option<&'static postgres::Cluster>;

async fn paced(cluster: Cluster, figures: &mut Map<String, Value>) {
    let place = Place::start(cluster, Kind::Intake).await;
    let fleet = Fleet::connect(&place).await;
    let begun = Instant::now();
    let mut times = fleet.paced(PACE, PACED).await;
    let took = begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let (rate, p50, p99) = (times.len() as f64 / took, at(50), at(99));
    println!("  {:<42}{rate:>10.1} dossiers a second, asked for {PACE}", "paced");
    println!("  {:<42}{p50:>10.1} ms  p50", "first request to verified receipt");
    println!("  {:<42}{p99:>10.1} ms  p99, goal 250", "");
    figures.insert("paced".to_owned(), json!({ "per_s": rate, "asked": PACE, "p50_ms": p50, "p99_ms": p99 }));
    place.end().await;
}

async fn drained(cluster: Cluster, backlog: u64, figures: &mut Map<String, Value>) {
    let place = Place::start(cluster, Kind::Intake).await;
    let fleet = Fleet::connect(&place).await;
    let begun = Instant::now();
    let receipts = fleet.drain(backlog, 10).await;
    let took = begun.elapsed().as_secs_f64();
    let stats = place.stats().await;
    let mut numbers: Vec<u64> = receipts.iter().map(|(_, no)| *no).collect();
    numbers.sort_unstable();
    numbers.dedup();
    // A number for two dossiers, or two numbers for one: the first delivery and the second would differ.
    let lost = backlog - (numbers.len() as u64).min(stats.submissions).min(backlog);
    let twice = stats.submissions.saturating_sub(backlog) + fleet.answered_otherwise();
    let rate = backlog as f64 / took;
    println!("  {:<42}{rate:>10.1} dossiers a second, of {backlog}", "backlog drained");
    println!("  {:<42}{lost:>10} lost, {twice} twice, {} loose parts", "", stats.loose_parts);
    let line = json!({
        "dossiers": backlog, "per_s": rate, "s": took, "lost": lost, "twice": twice, "loose_parts": stats.loose_parts,
    });
    figures.insert("backlog".to_owned(), line);
    assert_eq!((lost, twice, stats.loose_parts), (0, 0, 0));
    place.end().await;
}

async fn ratio(cluster: Cluster, compared: u64, figures: &mut Map<String, Value>) {
    let places = [Place::start(cluster, Kind::Intake).await, Place::start(cluster, Kind::Bare).await];
    let fleets = [Fleet::connect(&places[0]).await, Fleet::connect(&places[1]).await];
    let mut took = [Duration::ZERO; 2];
    for turn in 0..TURNS {
        // Whoever goes first does not always go first.
        for first in 0..2 {
            let which = (turn as usize + first) % 2;
            let begun = Instant::now();
            fleets[which].drain(compared / TURNS, u64::MAX).await;
            took[which] += begun.elapsed();
        }
    }
    let done = (compared / TURNS * TURNS) as f64;
    let [intake, bare] = took.map(|took| done / took.as_secs_f64());
    println!("  {:<42}{bare:>10.1} dossiers a second", "bare axum, store and TLS");
    println!("  {:<42}{intake:>10.1} dossiers a second {:>6.2} × that, goal 0.7", "intake", intake / bare);
    let line = json!({ "intake_per_s": intake, "bare_per_s": bare, "ratio": intake / bare, "goal": 0.7 });
    figures.insert("against_bare".to_owned(), line);
    for place in places {
        place.end().await;
    }
}

fn argument(name: &str) -> Option<u64> {
    word(name).map(|number| number.parse().expect("a number"))
}

fn word(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}
