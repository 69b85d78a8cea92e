//! Serving connections: TLS or not, no more than so many, none for longer than it makes progress, and an orderly end.

use super::api::{self, Peer};
use super::journal::Entry;
use super::{Office, metrics};
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use rustls::ServerConfig;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// A request's head must be here after this time; an idle connection is closed after it too.
pub const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// A TLS handshake must be done after this time.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Handshakes at the same time; they cost much more than a request. The others wait, and their time runs.
const MAX_HANDSHAKES: usize = 128;
/// Open connections. Beyond it a new one is closed at once.
const MAX_CONNECTIONS: i64 = 4_096;
/// After the signal to stop, open requests get this long.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after the system could not give a connection: it has no more file descriptors, and one will be free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How connections are taken.
#[derive(Clone, Debug)]
pub struct Edge {
    /// With TLS, or without.
    pub tls: Option<Arc<ServerConfig>>,
    /// Open connections at the same time.
    pub max_connections: i64,
}

impl Default for Edge {
    fn default() -> Self {
        Self { tls: None, max_connections: MAX_CONNECTIONS }
    }
}

/// Serves plain HTTP until `shutdown` is done, then finishes open requests for a few seconds.
pub async fn serve(
    listener: TcpListener,
    office: Office,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_with(listener, office, Edge::default(), shutdown).await
}

/// As [`serve`], with TLS if `edge` says so.
pub async fn serve_with(
    listener: TcpListener,
    office: Office,
    edge: Edge,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    office.note(&Entry::Started { version: env!("CARGO_PKG_VERSION"), tls: edge.tls.is_some() });
    let router = api::router(office.clone());
    let all_finished = accept(listener, router, &edge, &office, shutdown).await;
    office.note(&Entry::Stopped { all_finished });
    Ok(())
}

/// Serves the metrics until it is dropped. The listener is a loopback one; the caller has seen to that.
pub async fn serve_metrics(listener: TcpListener, office: Office) {
    let router = metrics::router(office.clone());
    // Whoever looks after the server must get in also when it is full.
    let edge = Edge { tls: None, max_connections: i64::MAX };
    accept(listener, router, &edge, &office, std::future::pending()).await;
}

/// True when everything that was open at the end was also finished.
async fn accept(
    listener: TcpListener,
    router: Router,
    edge: &Edge,
    office: &Office,
    shutdown: impl Future<Output = ()>,
) -> bool {
    let graceful = GracefulShutdown::new();
    let gate = Gate {
        tls: edge.tls.clone().map(TlsAcceptor::from),
        handshakes: Arc::new(Semaphore::new(MAX_HANDSHAKES)),
        office: office.clone(),
    };
    // Dropped at the end, which ends what did not end by itself.
    let mut tasks = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_about_one_connection(&error) => continue,
            Err(_) => {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(open) = Open::new(&office.metrics().connections, edge.max_connections) else {
            office.metrics().connections_refused.inc();
            office.note_refusal(&Entry::ConnectionsFull);
            continue;
        };
        let (gate, router, watcher) = (gate.clone(), router.clone(), graceful.watcher());
        tasks.spawn(async move {
            gate.pass(socket, peer, router, watcher).await;
            drop(open);
        });
    }
    drop(listener);
    tokio::time::timeout(GRACE, graceful.shutdown()).await.is_ok()
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

/// One of the open connections, counted as long as it lives.
struct Open(Gauge);

impl Open {
    fn new(count: &Gauge, most: i64) -> Option<Self> {
        if count.inc() >= most {
            count.dec();
            return None;
        }
        Some(Self(count.clone()))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[derive(Clone)]
struct Gate {
    tls: Option<TlsAcceptor>,
    handshakes: Arc<Semaphore>,
    office: Office,
}

impl Gate {
    async fn pass(self, socket: TcpStream, peer: SocketAddr, router: Router, watcher: Watcher) {
        // Without it small answers wait for the kiosk's delayed acknowledgement. A socket that refuses is only slower.
        drop(socket.set_nodelay(true));
        let Some(tls) = &self.tls else {
            return connection(socket, peer, router, watcher).await;
        };
        let handshake = async {
            let _room = self.handshakes.acquire().await.ok()?;
            tls.accept(socket).await.ok()
        };
        match tokio::time::timeout(HANDSHAKE_LIMIT, handshake).await {
            Ok(Some(stream)) => connection(stream, peer, router, watcher).await,
            Ok(None) | Err(_) => {
                self.office.metrics().handshakes_failed.inc();
            }
        }
    }
}

/// One connection to its end. What ends it early is the other side's matter, and nothing to write down.
pub(super) async fn connection<I>(io: I, peer: SocketAddr, router: Router, watcher: Watcher)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let tower = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        tower.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_header_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(io), service);
    drop(watcher.watch(connection).await);
}
