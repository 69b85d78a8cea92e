//! What an intake would be without anything that makes it one: axum, the store and TLS.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use passport_kiosk::clock;
use passport_kiosk::envelope::Manifest;
use passport_kiosk::gateway::wire::{CONTENT_DIGEST, KIOSK_ID};
use passport_kiosk::office::store::{IntakeStore, NewPart, NewSubmission, StoreError};
use rustls::ServerConfig;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

type Store = Arc<dyn IntakeStore>;

/// Serves for ever.
pub async fn serve(listener: TcpListener, store: Store, config: Arc<ServerConfig>) {
    let router = Router::new()
        .route("/v1/submissions/{id}", put(put_submission))
        .route("/v1/submissions/{id}/parts/{n}", put(put_part))
        .with_state(store);
    let acceptor = TlsAcceptor::from(config);
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn put_part(State(store): State<Store>, Path((submission, n)): Path<(Uuid, u16)>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let bytes = Vec::from(to_bytes(body, usize::MAX).await.unwrap());
    let part = NewPart { submission, n, kiosk_id: sender(&head.headers), sha256: said(&head.headers), bytes };
    store.put_part(part, clock::unix_ms()).await.unwrap();
    StatusCode::CREATED.into_response()
}

async fn put_submission(State(store): State<Store>, request: Request) -> Response {
    let bytes = Vec::from(to_bytes(request.into_body(), usize::MAX).await.unwrap());
    let manifest = Manifest::parse(&bytes).unwrap();
    match store.accept(NewSubmission::new(&manifest, bytes, [0; 64]), clock::unix_ms()).await {
        Ok(accepted) => (StatusCode::CREATED, accepted.stored.receipt_no.to_string()).into_response(),
        Err(StoreError::Missing(missing)) => {
            let text = serde_json::json!({ "missing": missing }).to_string();
            (StatusCode::FAILED_DEPENDENCY, text).into_response()
        }
        Err(error) => panic!("{error}"),
    }
}

fn sender(headers: &HeaderMap) -> String {
    headers[KIOSK_ID].to_str().unwrap().to_owned()
}

/// The digest that the header says, not computed again.
fn said(headers: &HeaderMap) -> [u8; 32] {
    let text = headers[CONTENT_DIGEST].to_str().unwrap();
    let digest = text.strip_prefix("sha-256=:").and_then(|rest| rest.strip_suffix(':')).unwrap();
    STANDARD.decode(digest).unwrap().try_into().unwrap()
}
