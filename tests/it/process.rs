//! The real program as a process: killed, stopped, misconfigured, locked out, unplugged.

use super::rig::{Citizen, Place};

#[test]
fn a_dossier_saved_before_a_kill_reaches_the_office_once_after_the_restart() {
    let mut place = Place::new();
    let citizen = Citizen::number(1);
    place.stage.cable.pull();
    let mut kiosk = place.start();
    kiosk.to_slip(&mut place, &citizen);
    kiosk.kill();
    assert!(place.at_the_office().is_empty());

    let kiosk = place.start();
    place.stage.cable.plug();
    place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}
