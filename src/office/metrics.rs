//! Numbers for Prometheus, on a loopback listener of their own. No label holds anything that a client sent.

use super::store::{Listed, Stats, StoreError};
use super::{Office, STORE_PATIENCE};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// `text/plain` in the version that every reader of these metrics understands.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds; the goal for a dossier is 0.25 at the 99th percentile.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// How a kiosk calls a key that lies on its disk.
const SOFTWARE: &str = "software";

type Labels<const N: usize> = [(&'static str, String); N];
type Timings = Family<Labels<1>, Histogram, fn() -> Histogram>;
type OfStore = fn(&Stats) -> u64;

/// Counts what the server does.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<2>, Counter>,
    seconds: Timings,
    refusals: Family<Labels<1>, Counter>,
    pub(super) parts: Counter,
    pub(super) part_bytes: Counter,
    pub(super) receipts: Counter,
    pub(super) heartbeats: Counter,
    pub(super) store_errors: Counter,
    pub(super) connections: Gauge,
    pub(super) connections_refused: Counter,
    pub(super) handshakes_failed: Counter,
    store: Vec<(Gauge, OfStore)>,
    oldest_heartbeat: Gauge,
    software_keys: Gauge,
}

/// What the store says of itself, with its help text.
const STORE: [(&str, &str, OfStore); 9] = [
    ("kiosks", "Kiosks that may deliver", |s| s.kiosks),
    ("kiosks_revoked", "Kiosks that no longer may", |s| s.revoked),
    ("submissions", "Submissions accepted", |s| s.submissions),
    ("durable_through", "Receipts up to this number are in a backup", |s| s.durable_through),
    ("loose_parts", "Parts that no accepted manifest names", |s| s.loose_parts),
    ("status_changes", "Entries of the status log", |s| s.changes),
    ("broken_journals", "Kiosks whose journal was found shorter or other than before", |s| s.broken_journals),
    ("queued_in_kiosks", "Dossiers that wait in the kiosks, by their last heartbeats", |s| s.queued_in_kiosks),
    ("attention_in_kiosks", "Dossiers that wait for an officer in the kiosks", |s| s.attention_in_kiosks),
];

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("intake");
        let requests = Family::default();
        let seconds = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let refusals = Family::default();
        registry.register("requests", "Requests by route and status", requests.clone());
        registry.register("request_seconds", "Time to answer, body included", seconds.clone());
        registry.register("refusals", "Refusals by code", refusals.clone());
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let parts = counter("parts", "Sealed parts stored");
        let part_bytes = counter("part_bytes", "Bytes of sealed parts stored");
        let receipts = counter("receipts", "Submissions accepted by this process");
        let heartbeats = counter("heartbeats", "Heartbeats heard by this process");
        let store_errors = counter("store_errors", "Requests on which the store failed");
        let connections_refused = counter("connections_refused", "Connections beyond the greatest number");
        let handshakes_failed = counter("handshakes_failed", "TLS handshakes that failed or took too long");
        let connections = Gauge::default();
        registry.register("connections", "Open connections", connections.clone());
        let store = STORE.map(|(name, help, of)| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            (gauge, of)
        });
        let oldest_heartbeat = Gauge::default();
        let help = "Age of the oldest last heartbeat of a kiosk that may deliver, in seconds; since enrolment if none";
        registry.register("oldest_heartbeat_seconds", help, oldest_heartbeat.clone());
        let software_keys = Gauge::default();
        registry.register("software_keys", "Kiosks whose key lies on their disk", software_keys.clone());
        Self {
            registry,
            requests,
            seconds,
            refusals,
            parts,
            part_bytes,
            receipts,
            heartbeats,
            store_errors,
            connections,
            connections_refused,
            handshakes_failed,
            store: store.into(),
            oldest_heartbeat,
            software_keys,
        }
    }

    pub(super) fn answered(&self, route: &'static str, status: StatusCode, code: Option<&'static str>, took: Duration) {
        let labels = [("route", route.to_owned()), ("status", status.as_str().to_owned())];
        self.requests.get_or_create(&labels).inc();
        self.seconds.get_or_create(&[("route", route.to_owned())]).observe(took.as_secs_f64());
        if let Some(code) = code {
            self.refusals.get_or_create(&[("code", code.to_owned())]).inc();
        }
    }

    /// Everything as text; `stats` and `kiosks` are what the store said just now.
    fn text(&self, stats: &Stats, kiosks: &[Listed], now_ms: i64) -> Result<String, std::fmt::Error> {
        let active = || kiosks.iter().filter(|kiosk| !kiosk.revoked);
        let last_ms = |kiosk: &Listed| kiosk.heard.as_ref().map_or(kiosk.enrolled_ms, |heard| heard.at_ms);
        let oldest_ms = active().map(last_ms).min().unwrap_or(now_ms);
        self.oldest_heartbeat.set(now_ms.saturating_sub(oldest_ms) / 1_000);
        let software = active().filter(|kiosk| kiosk.key_storage == SOFTWARE).count();
        self.software_keys.set(i64::try_from(software).unwrap_or(i64::MAX));
        for (gauge, of) in &self.store {
            gauge.set(i64::try_from(of(stats)).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// What stands at `--metrics`: `GET /metrics`.
pub fn router(office: Office) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(office)
}

/// A store that does not answer is a server error, so that Prometheus says `up 0` and somebody looks.
async fn metrics(State(office): State<Office>) -> Response {
    let asked = async { Ok::<_, StoreError>((office.store().stats().await?, office.store().kiosks().await?)) };
    let Ok(Ok((stats, kiosks))) = tokio::time::timeout(STORE_PATIENCE, asked).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match office.metrics().text(&stats, &kiosks, office.now_ms()) {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
