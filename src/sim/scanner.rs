//! A scanner that is not there: a real pseudo-terminal under a stable path, which speaks what a scanner in raw mode
//! speaks (the code's text, then CR) and can be plugged and pulled. With it a few cards of invented persons.

use super::pty::Socket;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// How long a write may wait for the kiosk to make room.
const WRITE_MAX: Duration = Duration::from_secs(1);

/// A simulated scanner; pulled out on drop.
#[derive(Debug)]
pub struct Scanner(Socket);

impl Scanner {
    /// A scanner lying beside the kiosk, to be plugged in at `link`. A symbolic link left there by an earlier run is
    /// removed; anything else there is `AlreadyExists`.
    pub fn new(link: &Path) -> io::Result<Self> {
        Socket::new(link).map(Self)
    }

    /// Plugs it in; nothing happens if it is.
    pub fn plug(&mut self) -> io::Result<()> {
        self.0.plug(WRITE_MAX)
    }

    /// Pulls it out, in the midst of a record if need be; nothing happens if it is out.
    pub fn unplug(&mut self) -> io::Result<()> {
        self.0.unplug()
    }

    /// Whether it is plugged in.
    pub fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    /// Scans a code: sends `record` and CR. `NotConnected` when pulled out.
    pub fn present(&mut self, record: &[u8]) -> io::Result<()> {
        self.send_raw(record)?;
        self.send_raw(b"\r")
    }

    /// Sends bytes as they are: half a record, noise, other end marks. `NotConnected` when pulled out.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.port().ok_or(io::ErrorKind::NotConnected)?.write_all(bytes)
    }
}

/// A code that can be held before the scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimCard {
    /// Its name for commands and scenarios: lower-case ASCII.
    pub key: &'static str,
    /// The text in the code.
    pub qr: String,
}

/// Cards of invented persons (place of registration 099 or 000, which no real number has), then codes that are none.
pub fn cards() -> Vec<SimCard> {
    const MAI: &str =
        "099190000017|099000017|Nguyễn Thị Thử Mai|02011990|Nữ|Tổ 1, Thôn Thử, Xã Không Có Thật, Đà Nẵng|15042021";
    let card = |key, qr: &str| SimCard { key, qr: qr.to_owned() };
    vec![
        card("mai", MAI),
        // As the card of 2024 is said to be, with the parents at the end.
        card(
            "duc",
            "099201000025||Trần Văn Thử Đức|15082001|Nam|Số 2 Đường Thử, Phường Không Có Thật, Đà Nẵng|01082024|||Trần Văn \
             Thử Cha|Lê Thị Thử Mẹ",
        ),
        // Units of before July 2025, which exist: what they read today is offered.
        card("hoa", "099199000090||Nguyễn Thị Thử Hoa|12031999|Nữ|Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam|20102021"),
        card("hleo", "099195000033||H'Leo Thử Niê|30061995|Nữ|Buôn Thử, Xã Không Có Thật, Đắk Lắk|20122022"),
        card("mot", "099096000041||Lê Một|29021996|Nam|Khối Thử, Phường Không Có Thật, Quảng Ngãi|05052023"),
        card(
            "tho",
            "000060000058|000000058|Phạm Văn Thử Thọ|00001960|Nam|Thôn Thử, Xã Không Có Thật, Quảng Trị|10072021",
        ),
        card(
            "lan",
            "000185000066||Công Tằng Tôn Nữ Thử Nghiệm Không Có Thật Phương Lan|09111985|Nữ|Số 6 Kiệt Thử, Phường Không Có \
             Thật, Huế|28022023",
        ),
        card("bad-url", "https://example.vn/h#099190000017"),
        card("bad-cut", MAI.split_at(MAI.find("|Nữ").unwrap_or_default()).0),
        // A scanner that takes UTF-8 for Latin-1.
        SimCard { key: "bad-utf", qr: MAI.bytes().map(char::from).collect() },
        card("old", "099000017||Nguyễn Thị Thử Mai|02011990|Nữ|Thôn Thử, Xã Không Có Thật, Quảng Nam|15042011"),
    ]
}

#[cfg(test)]
mod tests;
