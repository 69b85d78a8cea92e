//! The demo's officer: a PIN everybody may know, the door, and pictures of what is behind it.

use super::headless::{Guide, PATIENCE};
use crate::clock;
use crate::config::Config;
use crate::domain::flow::{DoorView, OfficerView, PinView, Screen, View};
use crate::domain::officer::{AttentionItem, Contact, Pin, Standing};
use crate::domain::submission::Attention;
use crate::officer::{Cost, Officers};
use anyhow::ensure;
use kiosk_ui::{DoorState, Kiosk};
use slint::Global;
use zeroize::Zeroizing;

/// Only of the demo, whose data folder is gone when it ends.
const PIN: &str = "739152";
const NAME: &str = "Tổ 1";

/// Sets up the demo's one officer.
pub(super) fn set_up(config: &Config) -> anyhow::Result<()> {
    let pin = Pin::chosen(Zeroizing::new(PIN.to_owned()));
    let pin = pin.map_err(|_| anyhow::anyhow!("the demo's PIN is no PIN"))?;
    Officers::new(&config.data, None, clock::running, clock::unix_ms).add(NAME, &pin, Cost::FULL)?;
    Ok(())
}

impl Guide {
    /// A long press, a wrong PIN, the right one, and a look around.
    pub(super) fn show_the_door(&mut self) -> anyhow::Result<()> {
        set_up(&self.stage.config)?;
        self.led.hold("Dành cho cán bộ: giữ 2 giây")?;
        self.led.wait("pin", PATIENCE)?;
        self.led.key("246813")?;
        self.picture("a-officer-pin")?;
        self.led.tap("Mở")?;
        self.led.wait_until(PATIENCE, |led| Kiosk::get(led.app()).get_pin().door == DoorState::Wrong)?;
        self.picture("a-officer-pin-wrong")?;
        self.led.key(PIN)?;
        self.led.tap("Mở")?;
        self.led.wait("officer", PATIENCE)?;
        self.led.wait_until(PATIENCE, |led| Kiosk::get(led.app()).get_standing().known)?;
        ensure!(Kiosk::get(self.led.app()).get_standing().queued == 0, "the officer is told of another queue");
        self.picture("a-officer")?;
        self.led.tap("Ghi danh máy với cơ quan")?;
        self.led.key("7f3k92")?;
        self.picture("a-officer-enrol")?;
        self.led.tap("Quay lại")?;
        self.led.tap("Mở buổi lưu động")?;
        self.led.key("toor 1")?;
        self.picture("a-officer-outreach")?;
        self.led.tap("Mở buổi")?;
        self.led.wait_until(PATIENCE, |led| Kiosk::get(led.app()).get_outreach().there)?;
        self.picture("a-officer-outreach-open")?;
        self.led.tap("Thoát")?;
        self.led.wait("welcome", PATIENCE)?;
        Ok(())
    }
}

/// What the demo does not come to by itself: a shut door, and dossiers that wait for an officer.
pub(super) fn rare() -> [(&'static str, View); 2] {
    let pin = PinView {
        digits: 0,
        is_enough: false,
        takes_digits: false,
        door: DoorView::Locked { left_s: 840 },
        ends_session: false,
    };
    let item = |reference: &str, why, hours: u64| AttentionItem {
        id: [0; 16],
        reference: reference.to_owned(),
        why,
        since_s: Some(hours * 3_600),
    };
    let standing = Standing {
        queued: 512,
        received: 40,
        attention: 2,
        ageing: true,
        oldest_queued_s: Some(4 * 24 * 3_600),
        items: vec![item("7F3K-92QX", Attention::Refused, 5), item("0M2D-K4VA", Attention::Torn, 70)],
        free_bytes: Some(3 << 30),
        clock_offset_ms: Some(-400 * 24 * 3_600_000),
        contact: Contact::Lost { last_s: Some(7_500) },
        kiosk_id: "kiosk-demo".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Standing::default()
    };
    let officer = OfficerView {
        officer: NAME.to_owned(),
        standing: Some(Box::new(standing)),
        waits: false,
        said: None,
        enrol: None,
        outreach: None,
    };
    [
        ("a-officer-locked", View { screen: Screen::Pin, pin: Some(pin), ..View::default() }),
        ("a-officer-attention", View { screen: Screen::Officer, officer: Some(Box::new(officer)), ..View::default() }),
    ]
}
