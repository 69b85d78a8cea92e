//! A slow, far line in user space: a token bucket and a delay each way.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// 384 kbit/s, each way.
const BYTES_PER_S: f64 = 48_000.0;
/// One way; the round trip is twice that.
const DELAY: Duration = Duration::from_millis(100);
/// One packet of an Ethernet.
const PACKET: usize = 1_460;
/// Packets that wait before the line; what is more is held back at the sender.
const WAITING: usize = 24;

/// One direction of the line, shared by all connections.
#[derive(Default)]
struct Way {
    free_at: Option<Instant>,
    bytes: u64,
}

impl Way {
    /// The moment at which a packet that is sent now has passed the line.
    fn pass(&mut self, bytes: usize) -> Instant {
        let now = Instant::now();
        let begins = self.free_at.map_or(now, |at| at.max(now));
        let ends = begins + Duration::from_secs_f64(bytes as f64 / BYTES_PER_S);
        self.free_at = Some(ends);
        self.bytes += bytes as u64;
        ends
    }
}

/// The line.
pub struct Link {
    /// Its near end.
    pub address: SocketAddr,
    ways: [Arc<Mutex<Way>>; 2],
}

impl Link {
    /// Lays a line to this address.
    pub async fn lay(office: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ways: [Arc<Mutex<Way>>; 2] = Default::default();
        let [up, down] = ways.clone();
        tokio::spawn(async move {
            while let Ok((kiosk, _)) = listener.accept().await {
                let (up, down) = (Arc::clone(&up), Arc::clone(&down));
                tokio::spawn(async move {
                    // The handshake of the far end: one round trip.
                    sleep_until(Instant::now() + 2 * DELAY).await;
                    let office = TcpStream::connect(office).await.unwrap();
                    office.set_nodelay(true).unwrap();
                    kiosk.set_nodelay(true).unwrap();
                    let (from_kiosk, to_kiosk) = kiosk.into_split();
                    let (from_office, to_office) = office.into_split();
                    tokio::join!(carry(from_kiosk, to_office, up), carry(from_office, to_kiosk, down));
                });
            }
        });
        Self { address, ways }
    }

    /// The longer of the two directions' time on the line, without a single pause.
    pub fn busy(&self) -> Duration {
        let (up, down) = self.bytes();
        Duration::from_secs_f64(up.max(down) as f64 / BYTES_PER_S)
    }

    /// Bytes that passed, up and down.
    pub fn bytes(&self) -> (u64, u64) {
        let bytes = |way: &Mutex<Way>| way.lock().unwrap_or_else(PoisonError::into_inner).bytes;
        (bytes(&self.ways[0]), bytes(&self.ways[1]))
    }
}

async fn carry(
    mut from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    way: Arc<Mutex<Way>>,
) {
    let (send, mut arrives) = mpsc::channel::<(Instant, Vec<u8>)>(WAITING);
    let takes = async move {
        let mut packet = vec![0; PACKET];
        while let Ok(count @ 1..) = from.read(&mut packet).await {
            let passed = way.lock().unwrap_or_else(PoisonError::into_inner).pass(count);
            if send.send((passed + DELAY, packet[..count].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let gives = async move {
        while let Some((at, bytes)) = arrives.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(takes, gives);
}
