//! What stands at the other end of the kiosk's cable: the office, or somebody who is not the office.

use super::super::rig::PATIENCE;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// One HTTP request, as far as it matters here.
pub(super) struct Request {
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    raw: Vec<u8>,
}

type Answering = Arc<dyn Fn(&Request) -> String + Send + Sync>;

/// How the other end behaves.
#[derive(Clone)]
pub(super) enum Manners {
    /// Passes everything on.
    Office(SocketAddr),
    /// Answers everything by itself.
    Answers(Answering),
    /// Takes the request, says nothing, and hangs up after a while.
    Silent(Duration),
    /// Hangs up at once.
    HangsUp,
    /// Passes on, and cuts the line when the office has committed a submission and is about to say so.
    CutsReceipts(SocketAddr),
}

/// One address whose manners can change.
pub(super) struct Post {
    pub(super) address: SocketAddr,
    manners: watch::Sender<Manners>,
    served: Arc<watch::Sender<usize>>,
}

impl Post {
    pub(super) async fn stand(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (change, current) = watch::channel(manners);
        let served = Arc::new(watch::Sender::new(0));
        let count = Arc::clone(&served);
        tokio::spawn(async move {
            while let Ok((kiosk, _)) = listener.accept().await {
                tokio::spawn(serve(kiosk, current.clone(), Arc::clone(&count)));
            }
        });
        Self { address, manners: change, served }
    }

    /// From now on; a connection that is open ends.
    pub(super) fn behave(&self, manners: Manners) {
        self.manners.send_replace(manners);
    }

    /// Waits until so many more requests were answered, or not answered, in the present manner.
    pub(super) async fn serve_more(&self, requests: usize) {
        let mut served = self.served.subscribe();
        let wanted = *served.borrow() + requests;
        let there = tokio::time::timeout(PATIENCE, served.wait_for(|served| *served >= wanted));
        there.await.expect("the kiosk goes on trying").unwrap();
    }
}

async fn serve(mut kiosk: TcpStream, mut current: watch::Receiver<Manners>, served: Arc<watch::Sender<usize>>) {
    let manners = current.borrow_and_update().clone();
    let done = async {
        match manners {
            Manners::Office(office) => {
                let Ok(mut office) = TcpStream::connect(office).await else {
                    return;
                };
                let _ = tokio::io::copy_bidirectional(&mut kiosk, &mut office).await;
            }
            Manners::HangsUp => served.send_modify(|served| *served += 1),
            Manners::Silent(patience) => {
                let _ = tokio::time::timeout(patience, async { while request(&mut kiosk).await.is_some() {} }).await;
                served.send_modify(|served| *served += 1);
            }
            Manners::Answers(answer) => {
                let Some(request) = request(&mut kiosk).await else {
                    return;
                };
                let _ = kiosk.write_all(answer(&request).as_bytes()).await;
                let _ = kiosk.shutdown().await;
                served.send_modify(|served| *served += 1);
            }
            Manners::CutsReceipts(office) => {
                let Some(request) = request(&mut kiosk).await else {
                    return;
                };
                let Ok(mut office) = TcpStream::connect(office).await else {
                    return;
                };
                let mut answer = Vec::new();
                let _ = office.write_all(&request.raw).await;
                let _ = office.read_to_end(&mut answer).await;
                let committed =
                    answer.starts_with(b"HTTP/1.1 20") && request.path.rsplit('/').nth(1) == Some("submissions");
                if committed {
                    served.send_modify(|served| *served += 1);
                } else {
                    let _ = kiosk.write_all(&answer).await;
                }
            }
        }
    };
    tokio::select! {
        () = done => {}
        _ = current.changed() => {}
    }
}

/// Reads one request; makes the office close after it.
async fn request(kiosk: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_ends = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if kiosk.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_ends].to_vec()).ok()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap_or(0));
    while bytes.len() < head_ends + length {
        if kiosk.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.to_owned();
    let body = bytes[head_ends..].to_vec();
    let mut raw = head.trim_end().as_bytes().to_vec();
    raw.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    raw.extend_from_slice(&body);
    Some(Request { path, body, raw })
}

/// An HTTP answer.
pub(super) fn says(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}
