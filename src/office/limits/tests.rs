#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::{Bucket, Limiter, MAX_ASKERS, Rate, source};

/// Whatever somebody does, in a time of T milliseconds they get at most burst + T / `every_ms`; and whoever waits as long
/// as they are told gets the next one, and not a millisecond earlier.
#[test]
fn nobody_gets_more_than_the_rate_and_whoever_waits_as_told_is_served() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..200 {
        let rate = Rate { burst: random.u32(1..50), every_ms: random.u32(1..500) };
        let (mut bucket, start_ms) = (Bucket::default(), random.u64(0..1_000_000));
        let (mut now_ms, mut served) = (start_ms, 0_u64);
        for _ in 0..500 {
            match rate.take(&mut bucket, now_ms) {
                Ok(()) => served += 1,
                Err(wait_ms) if random.bool() => {
                    assert!(rate.take(&mut bucket, now_ms + wait_ms - 1).is_err(), "seed {seed}");
                    now_ms += wait_ms;
                    assert!(rate.take(&mut bucket, now_ms).is_ok(), "seed {seed}");
                    served += 1;
                }
                Err(_) => now_ms += random.u64(0..u64::from(rate.every_ms)),
            }
            let most = u64::from(rate.burst) + (now_ms - start_ms) / u64::from(rate.every_ms);
            assert!(served <= most, "seed {seed}: {served} of {most}");
        }
    }
}

#[test]
fn one_asker_does_not_use_up_what_another_may() {
    let limiter = Limiter::new(Rate { burst: 2, every_ms: 1_000 });
    assert_eq!(["a", "a", "a", "b"].map(|asker| limiter.take(asker, 0)), [Ok(()), Ok(()), Err(1_000), Ok(())]);
    assert_eq!(limiter.take("a", 1_000), Ok(()));
}

#[test]
fn a_crowd_of_askers_takes_no_more_than_its_room_and_leaves_again() {
    let limiter = Limiter::new(Rate { burst: 1, every_ms: 1_000 });
    for asker in 0..MAX_ASKERS {
        limiter.take(asker, 0).unwrap();
    }
    assert_eq!(limiter.take(MAX_ASKERS, 500), Err(1_000));
    assert_eq!(limiter.take(MAX_ASKERS, 1_000), Ok(()));
    assert_eq!(limiter.buckets.lock().unwrap().len(), 1);
}

#[test]
fn an_address_of_ipv6_counts_as_its_network() {
    let source = |text: &str| source(text.parse().unwrap()).to_string();
    assert_eq!(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    assert_eq!(source("::ffff:192.0.2.7"), "192.0.2.7");
    assert_eq!(source("192.0.2.7"), "192.0.2.7");
}
