//! `kiosk simulate`: fleets in virtual time.

use clap::Args;
use passport_kiosk::clock;
use passport_kiosk::sim::fleet::{self, Counts, Mutant, Plan};
use serde::Serialize;

/// Broken promises told of one seed; the replay tells the rest.
const TOLD: usize = 3;

/// What to simulate.
#[derive(Args)]
pub(crate) struct Options {
    /// How many fleets of one to three kiosks.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// Days of each; the last of them is calm, and then everything must be delivered.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Replay this one alone and tell what happens.
    #[arg(long)]
    seed: Option<u64>,
    /// Put a known defect in, which must be found: ack-any-2xx, new-id-per-attempt, purge-before-receipt, no-jitter or
    /// retry-422.
    #[arg(long, value_parser = mutant)]
    mutant: Option<Mutant>,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    Mutant::from_name(name).ok_or_else(|| format!("one of {}", Mutant::ALL.map(Mutant::name).join(", ")))
}

/// The last line.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    counts: Counts,
    kiosk_days_per_s: u64,
}

pub(crate) fn simulate(options: &Options) -> anyhow::Result<()> {
    let mutant = options.mutant;
    let began = clock::forward_ms();
    let (counts, met, broken) = if let Some(seed) = options.seed {
        let ending = fleet::replay(seed, options.days, mutant)?;
        ending.story.iter().for_each(|line| println!("{line}"));
        (ending.counts, ending.met, vec![(seed, ending.broken)])
    } else {
        let plan = Plan { from: options.from, seeds: options.seeds, days: options.days, mutant };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let endings = fleet::run(&plan, threads)?;
        (endings.counts, endings.met, endings.broken.into_iter().collect())
    };
    let took_ms = (clock::forward_ms() - began).max(1);
    for (seed, promises) in broken.iter().filter(|(_, promises)| !promises.is_empty()) {
        let name = mutant.map(|mutant| format!(" --mutant {}", mutant.name())).unwrap_or_default();
        eprintln!("seed {seed}: cargo run --release -- simulate --seed {seed} --days {}{name}", options.days);
        promises.iter().take(TOLD).for_each(|promise| eprintln!("  {promise}"));
    }
    // A calm sea would prove nothing.
    let met: Vec<String> = met.iter().map(|(what, count)| format!("{what} {count}")).collect();
    println!("met: {}", met.join(", "));
    let line = Line { counts, kiosk_days_per_s: counts.kiosk_days * 1_000 / took_ms };
    println!("{}", serde_json::to_string(&line)?);
    anyhow::ensure!(counts.is_clean(), "a promise was broken");
    Ok(())
}
