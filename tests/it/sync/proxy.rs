//! A network between the kiosk and the office that fails about every other request, in every way that is known, by a
//! seed.

use super::post::says;
use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// What happens to one request; or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    None,
    /// Some bytes of the request arrive at the office, and both lines are cut.
    CutRequest,
    /// The office has answered; some bytes of that arrive.
    CutAnswer,
    /// Nothing arrives, and nobody says so for a while.
    BlackHole,
    /// Everything arrives, little by little.
    Drip,
    Portal,
    Redirect,
    NetworkLogin,
    /// The office itself has no time, and says when to come back.
    BusyOffice,
    /// Something before it has none. More of the same follow.
    BusyProxy,
    /// The office does as it was asked, and its answer is lost.
    CommitThenFail,
    /// The office is asked twice.
    Replay,
    /// The kiosk hears nothing, and the request arrives later than a later one.
    HeldBack,
}

/// Of a hundred requests; connections that are cut before a request come on top.
const SHARES: [(Fault, u32); 13] = [
    (Fault::None, 50),
    (Fault::CutRequest, 9),
    (Fault::CutAnswer, 9),
    (Fault::BlackHole, 2),
    (Fault::Drip, 3),
    (Fault::Portal, 6),
    (Fault::Redirect, 2),
    (Fault::NetworkLogin, 2),
    (Fault::BusyOffice, 1),
    (Fault::BusyProxy, 2),
    (Fault::CommitThenFail, 6),
    (Fault::Replay, 4),
    (Fault::HeldBack, 4),
];
/// Of a hundred connections so many are cut at once.
const CUT_AT_CONNECT: u32 = 8;
/// An honest "come back in one second" costs the kiosk that second, so there are no more of them in one life.
const MOST_BUSY_OFFICE: u32 = 2;
/// Between two drops.
const DRIP: Duration = Duration::from_millis(1);

/// The proxy, as long as its runtime lives.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
}

/// What the proxy has seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Requests that it read whole.
    pub(super) requests: u32,
    /// Requests and connections that something happened to.
    pub(super) faults: u32,
    /// The office was offered a submission that it had accepted already.
    pub(super) replays: u32,
    /// Requests that arrived after later ones.
    pub(super) late: u32,
    by_name: BTreeMap<String, u32>,
}

struct Shared {
    office: SocketAddr,
    poison: BTreeSet<Uuid>,
    rng: Mutex<Rng>,
    held_back: Mutex<Vec<Vec<u8>>>,
    storm: Mutex<u32>,
    counts: Mutex<Counts>,
}

impl Proxy {
    /// Whoever offers a submission of `poison` hears the office refuse it.
    pub(super) async fn stand(office: SocketAddr, seed: u64, poison: BTreeSet<Uuid>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            office,
            poison,
            rng: Mutex::new(Rng::with_seed(seed)),
            held_back: Mutex::default(),
            storm: Mutex::default(),
            counts: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((kiosk, _)) = listener.accept().await {
                tokio::spawn(serve(kiosk, Arc::clone(&serving)));
            }
        });
        Self { address, shared }
    }

    /// What was held back arrives at last; gives what was seen until now.
    pub(super) async fn settle(&self) -> Counts {
        while self.shared.deliver_late().await {}
        self.shared.counts.lock().unwrap().clone()
    }
}

impl Counts {
    /// In one line.
    pub(super) fn told(&self) -> String {
        let Self { requests, faults, replays, late, by_name } = self;
        format!("{requests} requests, {faults} faults, {replays} replays, {late} late; {by_name:?}")
    }
}

async fn serve(mut kiosk: TcpStream, shared: Arc<Shared>) {
    // Small answers must not wait for the other side's delayed acknowledgement.
    kiosk.set_nodelay(true).unwrap();
    if shared.dice(100) < CUT_AT_CONNECT {
        shared.count("CutAtConnect", true);
        return shared.cut(&kiosk);
    }
    let mut left = Vec::new();
    while let Some(request) = message(&mut kiosk, &mut left).await {
        let goes_on = shared.answer(&mut kiosk, request).await;
        if shared.dice(3) == 0 {
            shared.deliver_late().await;
        }
        if !goes_on {
            return shared.cut(&kiosk);
        }
    }
}

impl Shared {
    /// False: the line is cut.
    async fn answer(&self, kiosk: &mut TcpStream, request: Vec<u8>) -> bool {
        let fault = self.draw();
        self.counts.lock().unwrap().requests += 1;
        self.count(&format!("{fault:?}"), fault != Fault::None);
        let html = "content-type: text/html\r\n";
        let told = match fault {
            Fault::None => return self.pass(kiosk, &request, Whole::AtOnce).await,
            Fault::Drip => return self.pass(kiosk, &request, Whole::Dripping).await,
            Fault::CutRequest => {
                if let Ok(mut office) = TcpStream::connect(self.office).await {
                    let _ = office.write_all(&request[..self.somewhere(request.len())]).await;
                    self.cut(&office);
                }
                return false;
            }
            Fault::CutAnswer => {
                let answer = self.forward(&request).await.unwrap_or_default();
                let _ = kiosk.write_all(&answer[..self.somewhere(answer.len())]).await;
                return false;
            }
            Fault::BlackHole => {
                let silence = Duration::from_millis(50 + u64::from(self.dice(100)));
                let _ = tokio::time::timeout(silence, kiosk.read_u8()).await;
                return false;
            }
            Fault::HeldBack => {
                self.held_back.lock().unwrap().push(request);
                return false;
            }
            Fault::Replay => {
                let _ = self.forward(&request).await;
                return self.pass(kiosk, &request, Whole::AtOnce).await;
            }
            Fault::CommitThenFail => {
                let _ = self.forward(&request).await;
                says("500 Internal Server Error", html, "<html>500</html>")
            }
            Fault::Portal => says("200 OK", html, "<html><title>Wi-Fi</title>Bấm vào đây để đăng nhập</html>"),
            Fault::Redirect => says("302 Found", "location: http://127.0.0.1:1/login\r\n", ""),
            Fault::NetworkLogin => says("511 Network Authentication Required", html, "<html>login</html>"),
            Fault::BusyOffice => {
                let headers = "content-type: application/json\r\nretry-after: 1\r\n";
                says("503 Service Unavailable", headers, "{\"code\":\"unavailable\"}")
            }
            Fault::BusyProxy => {
                says("503 Service Unavailable", "content-type: text/html\r\nretry-after: 1\r\n", "<html>503</html>")
            }
        };
        let _ = kiosk.write_all(told.as_bytes()).await;
        false
    }

    fn draw(&self) -> Fault {
        let mut storm = self.storm.lock().unwrap();
        if *storm > 0 {
            *storm -= 1;
            return Fault::BusyProxy;
        }
        let mut left = self.dice(SHARES.iter().map(|(_, share)| share).sum());
        let (fault, _) = SHARES
            .into_iter()
            .find(|(_, share)| {
                let is_here = left < *share;
                left = left.saturating_sub(*share);
                is_here
            })
            .expect("the dice has as many sides as there are shares");
        match fault {
            Fault::BusyOffice if self.seen("BusyOffice") >= MOST_BUSY_OFFICE => Fault::None,
            Fault::BusyProxy => {
                *storm = self.dice(4);
                fault
            }
            _ => fault,
        }
    }

    /// The office's own answer, by a line of its own; `None`: it gave none.
    async fn forward(&self, request: &[u8]) -> Option<Vec<u8>> {
        let submission = offered(request);
        if submission.is_some_and(|id| self.poison.contains(&id)) {
            let json = "content-type: application/json\r\n";
            return Some(says("422 Unprocessable Content", json, "{\"code\":\"manifest-shape\"}").into_bytes());
        }
        let mut office = TcpStream::connect(self.office).await.ok()?;
        office.set_nodelay(true).ok()?;
        office.write_all(request).await.ok()?;
        let answer = message(&mut office, &mut Vec::new()).await?;
        if submission.is_some() && answer.starts_with(b"HTTP/1.1 200") {
            self.counts.lock().unwrap().replays += 1;
        }
        Some(answer)
    }

    async fn pass(&self, kiosk: &mut TcpStream, request: &[u8], how: Whole) -> bool {
        let Some(answer) = self.forward(request).await else { return false };
        let size = match how {
            Whole::AtOnce => answer.len().max(1),
            Whole::Dripping => answer.len().div_ceil(8).max(1),
        };
        for drop in answer.chunks(size) {
            if kiosk.write_all(drop).await.is_err() {
                return false;
            }
            if how == Whole::Dripping {
                let _ = tokio::time::timeout(DRIP, std::future::pending::<()>()).await;
            }
        }
        // Whatever says that it is the last one is.
        !answer.windows(17).any(|at| at.eq_ignore_ascii_case(b"connection: close"))
    }

    /// True: something was there.
    async fn deliver_late(&self) -> bool {
        let late = {
            let mut held = self.held_back.lock().unwrap();
            if held.is_empty() {
                return false;
            }
            let which = self.dice(u32::try_from(held.len()).unwrap()) as usize;
            held.swap_remove(which)
        };
        self.counts.lock().unwrap().late += 1;
        let _ = self.forward(&late).await;
        true
    }

    /// An orderly end, or a reset.
    fn cut(&self, line: &TcpStream) {
        if self.dice(2) == 0 {
            // A line that is gone already cannot be reset any more.
            let _ = line.set_zero_linger();
        }
    }

    fn dice(&self, sides: u32) -> u32 {
        self.rng.lock().unwrap().u32(..sides)
    }

    fn somewhere(&self, length: usize) -> usize {
        self.rng.lock().unwrap().usize(..=length)
    }

    fn seen(&self, name: &str) -> u32 {
        self.counts.lock().unwrap().by_name.get(name).copied().unwrap_or_default()
    }

    fn count(&self, name: &str, is_fault: bool) {
        let mut counts = self.counts.lock().unwrap();
        counts.faults += u32::from(is_fault);
        *counts.by_name.entry(name.to_owned()).or_default() += 1;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    AtOnce,
    Dripping,
}

/// The submission whose manifest this request brings.
fn offered(request: &[u8]) -> Option<Uuid> {
    let line = std::str::from_utf8(request.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    let path = (words.next()? == "PUT").then(|| words.next())??;
    path.rsplit_once("/submissions/").and_then(|(_, id)| Uuid::try_parse(id).ok())
}

/// One request or answer, as it came: a head, and as many bytes as it says. What came after it stays in `left`.
pub(super) async fn message(line: &mut TcpStream, left: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(at) = left.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&left[..at]).ok()?;
            let length: usize = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
            let whole = at + 4 + length;
            if left.len() >= whole {
                let rest = left.split_off(whole);
                return Some(std::mem::replace(left, rest));
            }
        }
        if line.read_buf(left).await.ok()? == 0 {
            return None;
        }
    }
}
