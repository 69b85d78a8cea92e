//! A half-filled form over the end of the real process, with systemd's part played: a socket that takes the memory file
//! in, and gives it back as descriptor 3.

use super::rig::{Citizen, Driver, Place, files_below};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std::fs::{File, OpenOptions};
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

/// Plays the service manager for the kiosk of one place.
struct Manager {
    place: Place,
    socket: UnixDatagram,
    stored: Option<OwnedFd>,
}

impl Manager {
    fn new() -> Self {
        let place = Place::new();
        let socket = UnixDatagram::bind(place.folder.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        Self { place, socket, stored: None }
    }

    /// Starts the kiosk as a service with a store for one descriptor; takes in what it gives.
    fn start(&mut self) -> Driver {
        let kiosk = self.place.command(&["drive"]);
        let mut command = match &self.stored {
            None => Command::new(kiosk.get_program()),
            Some(stored) => {
                // `exec` keeps the process, so that it is the one whose descriptors are meant.
                let take = r#"exec 3<>"$0"; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=keep exec "$@""#;
                let mut shell = Command::new("sh");
                let stored = format!("/proc/{}/fd/{}", std::process::id(), stored.as_raw_fd());
                shell.args(["-c", take, &stored]).arg(kiosk.get_program());
                shell
            }
        };
        command.args(kiosk.get_args());
        command.envs(kiosk.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("NOTIFY_SOCKET", self.place.folder.path().join("notify")).env("FDSTORE", "1");
        let log = OpenOptions::new().append(true).create(true).open(self.place.log()).unwrap();
        let driver = Driver::new(command, log);
        if self.stored.is_none() {
            self.stored = Some(self.take_in());
        }
        driver
    }

    fn take_in(&self) -> OwnedFd {
        let mut text = [0; 256];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut rights = RecvAncillaryBuffer::new(&mut space);
        let got =
            recvmsg(&self.socket, &mut [IoSliceMut::new(&mut text)], &mut rights, RecvFlags::CMSG_CLOEXEC).unwrap();
        let text = std::str::from_utf8(&text[..got.bytes]).unwrap();
        assert!(
            text.lines().any(|line| line == "FDSTORE=1") && text.lines().any(|line| line == "FDNAME=keep"),
            "{text}"
        );
        let given = rights.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        given.expect("a descriptor")
    }

    fn stored_bytes(&self) -> u64 {
        File::from(self.stored.as_ref().unwrap().try_clone().unwrap()).metadata().unwrap().len()
    }
}

#[test]
fn a_form_half_filled_in_when_the_process_was_killed_goes_on_with_the_same_card_and_is_saved_once() {
    let mut manager = Manager::new();
    let mut kiosk = manager.start();
    kiosk.go_to_card();
    kiosk.read("phần đã điền sau khi đọc thẻ được giữ 30 phút cho đúng thẻ này");
    kiosk.read("Đầu đọc đang chờ thẻ");
    manager.place.present("mai");
    kiosk.wait("identity");
    kiosk.tap("Đúng là tôi");
    kiosk.tap("Đà Nẵng");
    kiosk.tap("Kinh");
    super::rig::eventually("it is kept", || manager.stored_bytes() > 0);
    kiosk.kill();
    for file in files_below(&manager.place.data()) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert!(!bytes.windows(12).any(|window| window == b"099190000017"), "{}", file.display());
    }

    let mut kiosk = manager.start();
    kiosk.read("Có một tờ khai đang điền dở khi máy gặp lỗi.");
    manager.place.present("mai");
    kiosk.wait("identity");
    kiosk.read("Tờ khai đang điền dở của thẻ này vẫn còn.");
    kiosk.tap("Đúng là tôi");
    kiosk.read("Anh/Chị theo tôn giáo nào?");
    kiosk.tap("Thoát");
    super::rig::eventually("nothing is kept of whoever left", || manager.stored_bytes() == 0);

    let citizen = Citizen::number(1);
    kiosk.go_to_slip(&mut manager.place, &citizen);
    assert_eq!(manager.stored_bytes(), 0, "what is saved is not kept beside it");
    kiosk.kill();
    let kiosk = manager.start();
    manager.place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}
