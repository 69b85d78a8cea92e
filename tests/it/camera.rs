//! What a listener hears of a camera that comes, fails and sees again; a folder of pictures stands for it.

use passport_kiosk::camera::{self, Handle, Heard};
use passport_kiosk::config::shipped_rules;
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::flow::{CameraOrder, CameraState};
use passport_kiosk::sim::camera::SimCamera;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, PartialEq, Eq)]
enum Told {
    State(CameraState),
    Seen,
    Taken { there: bool },
}

const READY: Told = Told::State(CameraState::Ready);
const MISSING: Told = Told::State(CameraState::Missing);

fn listen(device: &Path) -> (Handle, Receiver<Told>) {
    let (tell, told) = mpsc::channel();
    let norm = shipped_rules(Date::new(2026, 11, 25).unwrap()).unwrap().photo;
    let handle = camera::spawn(device.to_owned(), norm, move |heard| {
        let heard = match heard {
            Heard::State(state) => Told::State(state),
            Heard::Seen(_) => Told::Seen,
            Heard::Taken(shot) => Told::Taken { there: shot.is_some() },
        };
        tell.send(heard).is_ok()
    });
    (handle.unwrap(), told)
}

fn next(told: &Receiver<Told>) -> Told {
    told.recv_timeout(PATIENCE).unwrap()
}

#[test]
fn a_camera_that_gives_no_picture_is_missing_until_it_gives_one() {
    let folder = tempfile::tempdir().unwrap();
    let (camera, told) = listen(folder.path());
    assert_eq!(next(&told), READY);
    camera.order(CameraOrder::Watch);
    assert_eq!(next(&told), MISSING);
    // Each picture that is asked for is a turn of its own: none of them says that it is ready again.
    for _ in 0..3 {
        camera.order(CameraOrder::Shoot);
        assert_eq!(next(&told), Told::Taken { there: false });
    }
    SimCamera::new(folder.path()).unwrap();
    assert_eq!(next(&told), READY);
    assert_eq!(next(&told), Told::Seen);
}

#[test]
fn the_next_citizen_finds_out_anew_whether_a_blind_camera_sees() {
    let folder = tempfile::tempdir().unwrap();
    let (camera, told) = listen(folder.path());
    assert_eq!(next(&told), READY);
    camera.order(CameraOrder::Watch);
    assert_eq!(next(&told), MISSING);
    camera.order(CameraOrder::Rest);
    assert_eq!(next(&told), READY);
}

#[test]
fn a_camera_that_is_pulled_out_is_missing_and_ready_when_it_is_back() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("camera");
    SimCamera::new(&folder).unwrap();
    let (camera, told) = listen(&folder);
    assert_eq!(next(&told), READY);
    camera.order(CameraOrder::Watch);
    assert_eq!(next(&told), Told::Seen);
    fs::rename(&folder, home.path().join("elsewhere")).unwrap();
    assert!(told.iter().any(|heard| heard == MISSING));
    fs::rename(home.path().join("elsewhere"), &folder).unwrap();
    assert_eq!(next(&told), READY);
    assert_eq!(next(&told), Told::Seen);
}
