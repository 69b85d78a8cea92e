//! The office over HTTP, as `openapi.yaml` describes it. Answers are JSON: a signed statement or a refusal's code.
//!
//! Nothing that a client sent goes into a log line or a metric.

mod deliver;
mod device;
mod hand_over;
mod open;
mod receive;
mod refused;

use super::Office;
use super::journal::Entry;
use super::statements::Said;
use crate::envelope::MAX_CONTENT_BYTES;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use refused::{Refused, Why, json};
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::Instant;

/// The slowest line that is served, in bytes per second, and the time before it is measured.
const SLOWEST_BYTES_PER_S: u64 = 4 * 1024;
const BODY_GRACE: Duration = Duration::from_secs(10);
/// A request that takes longer is given up: the longest part (of an envelope of version 1) over the slowest line, and a minute for the store.
const REQUEST_LIMIT: Duration = Duration::from_secs(60 + MAX_CONTENT_BYTES as u64 / SLOWEST_BYTES_PER_S);

/// The address a request came from: the kiosk's, or that of a proxy in front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// The office's whole interface.
pub fn router(state: Office) -> Router {
    Router::new()
        .route("/v1/ping", get(device::ping))
        .route("/v1/keys", get(device::keys))
        .route("/v1/enrol", post(device::enrol))
        .route("/v1/heartbeat", post(device::heartbeat))
        .route("/v1/open", post(open::open))
        .route("/v1/status", get(device::status))
        .route("/v1/submissions/{id}", get(deliver::get_submission).put(deliver::put_submission))
        .route("/v1/submissions/{id}/parts/{n}", put(deliver::put_part))
        .route("/h", get(hand_over::page))
        .route("/h/page.js", get(hand_over::script))
        .route("/h/words.js", get(hand_over::words))
        .route("/h/page.css", get(hand_over::style))
        .route("/h/open", post(hand_over::open))
        .route("/h/part", post(hand_over::part))
        .route("/h/opened", post(hand_over::opened))
        .route("/h/code", post(hand_over::code))
        .fallback(|| async { Refused::NoSuchPath })
        .method_not_allowed_fallback(|| async { Refused::Method })
        .layer(middleware::from_fn_with_state(state.clone(), watch))
        .with_state(state)
}

/// Limits a request's time, counts it, and writes down why it was refused.
async fn watch(State(office): State<Office>, request: Request, next: Next) -> Response {
    let route = route(request.method(), request.uri().path());
    let began = Instant::now();
    let answer = tokio::time::timeout(REQUEST_LIMIT, next.run(request));
    let response = answer.await.unwrap_or_else(|_| Refused::Timeout.into_response());
    let why = response.extensions().get::<Why>();
    office.metrics().answered(route, response.status(), why.map(|why| why.code), began.elapsed());
    match why {
        None => {}
        // A manifest before its parts is the usual way, not trouble.
        Some(_) if response.status() == StatusCode::FAILED_DEPENDENCY => {}
        Some(why) if response.status().is_server_error() => {
            office.metrics().store_errors.inc();
            office.note_refusal(&Entry::StoreFailed { code: why.code, database: why.database.clone() });
        }
        Some(why) => {
            office.note_refusal(&Entry::Refused { route, status: response.status().as_u16(), code: why.code });
        }
    }
    response
}

/// Which part of the interface a request is for: one of a fixed few, whatever was asked.
fn route(method: &Method, path: &str) -> &'static str {
    let mut segments = path.split('/').skip(1);
    let shape = [(); 6].map(|()| segments.next());
    match (shape, method) {
        ([Some("v1"), Some("ping"), None, ..], _) => "ping",
        ([Some("v1"), Some("keys"), None, ..], _) => "keys",
        ([Some("v1"), Some("enrol"), None, ..], _) => "enrol",
        ([Some("v1"), Some("heartbeat"), None, ..], _) => "heartbeat",
        ([Some("v1"), Some("status"), None, ..], _) => "status",
        ([Some("v1"), Some("open"), None, ..], _) => "open",
        ([Some("v1"), Some("submissions"), Some(_), Some("parts"), Some(_), None], _) => "part",
        ([Some("v1"), Some("submissions"), Some(_), None, ..], &Method::PUT) => "submission",
        ([Some("v1"), Some("submissions"), Some(_), None, ..], _) => "receipt",
        ([Some("h"), ..], &Method::GET) => "page",
        ([Some("h"), ..], _) => "slip",
        _ => "other",
    }
}

fn answer(status: StatusCode, said: Said) -> Result<Response, Refused> {
    Ok(json(status, &said.map_err(|_| Refused::StoreFailed(None))?))
}
