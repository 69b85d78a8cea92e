use super::*;

const MINUTE_MS: u64 = 60_000;
const WALL_MS: i64 = 1_795_000_000_000;

fn moment(boot: u8, minutes: u64, wall_minutes: i64) -> Moment {
    let wall_ms = WALL_MS + wall_minutes * MINUTE_MS.cast_signed();
    Moment { running: Running { boot: [boot; 16], ms: minutes * MINUTE_MS }, wall_ms }
}

#[test]
fn it_is_there_for_thirty_minutes_of_running_time_whatever_the_wall_clock_says() {
    let stamp = Stamp::new(&moment(1, 100, 0));
    for wall in [-1_000_000, 0, 29, 1_000_000] {
        assert_eq!(stamp.at(&moment(1, 129, wall)), Some(stamp));
        assert_eq!(stamp.at(&moment(1, 130, wall)), None);
    }
    // A deadline that lies further off than any was made is a damaged one.
    assert_eq!(stamp.at(&moment(1, 99, 0)), None);
}

#[test]
fn it_outlives_one_start_of_the_machine_and_what_is_left_of_the_time_runs_on() {
    let stamp = Stamp::new(&moment(1, 100, 0));
    let after = stamp.at(&moment(2, 1, 10)).unwrap();
    assert_eq!((after.reboots, after.left_ms(&moment(2, 1, 10))), (1, 20 * MINUTE_MS));
    assert_eq!(after.at(&moment(2, 20, 0)), Some(after));
    assert_eq!(after.at(&moment(2, 21, 0)), None);
    assert_eq!(after.at(&moment(3, 1, 11)), None, "a second start");
}

#[test]
fn across_a_start_a_clock_that_went_back_or_far_ahead_ends_it() {
    let stamp = Stamp::new(&moment(1, 100, 0));
    assert!(stamp.at(&moment(2, 1, 29)).is_some());
    assert_eq!(stamp.at(&moment(2, 1, 30)), None);
    assert_eq!(stamp.at(&moment(2, 1, -1)), None);
    let never = Moment { wall_ms: i64::MIN, ..moment(2, 1, 0) };
    assert_eq!(stamp.at(&never), None);
}

#[test]
fn five_cards_that_do_not_open_it_end_it_and_the_right_one_makes_them_forgotten() {
    let now = moment(1, 1, 0);
    let four = (1..MAX_TRIES).fold(Stamp::new(&now), |stamp, _| stamp.tried());
    assert_eq!(four.at(&now), Some(four));
    assert_eq!(four.tried().at(&now), None);
    assert_eq!(four.tried().known().at(&now), Some(Stamp::new(&now)));
}
