//! An office on a loopback port, a kiosk's key, and the requests that the kiosk would make.

use crate::envelope::{Binding, Context, Ids, OfficeSecret, Part, Sealed, SlipSecret, Suite, seal, sign_manifest};
use crate::gateway::signature::{self, SIGNATURE, SIGNATURE_INPUT};
use crate::gateway::trust::receipt_key_name;
use crate::gateway::wire::{
    CONTENT_DIGEST, Consent, Dossier, KIOSK_EPOCH, KIOSK_ID, MANIFEST_SIGNATURE, Pong, Receipt, Refusal, Signed,
    Statement, Value, content_digest, part_path, signature_to_header, submission_path,
};
use crate::office::journal::Entry;
use crate::office::limits::Rates;
use crate::office::serve::{Edge, serve_with};
use crate::office::store::Enrolment;
use crate::office::store::sqlite::SqliteStore;
use crate::office::{Office, Settings};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use reqwest::{Method, RequestBuilder};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;
use zeroize::Zeroizing;

pub(super) const KIOSK: &str = "chu-lai-1";
pub(super) const EDITION: &str = "tk01@tt69-2026";
pub(super) const NOW_MS: i64 = 1_795_000_000_000;

/// Status and body.
pub(super) type Answer = (u16, String);

/// The kiosk's database epoch, as its header says it.
pub(super) const EPOCH: &str = "BQUFBQUFBQUFBQUFBQUFBQ";

pub(super) struct Bench {
    pub(super) data: TempDir,
    pub(super) kiosk: SigningKey,
    pub(super) receipt: SigningKey,
    pub(super) secret: OfficeSecret,
    pub(super) office: Office,
    /// The office's clock.
    pub(super) now_ms: Arc<AtomicI64>,
    pub(super) log: Arc<Mutex<Vec<Entry>>>,
    /// Host and port.
    pub(super) authority: String,
    client: reqwest::Client,
    pub(super) stop: oneshot::Sender<()>,
    pub(super) served: JoinHandle<std::io::Result<()>>,
}

impl Bench {
    pub(super) async fn start() -> Self {
        Self::with(Rates::default(), Edge::default()).await
    }

    pub(super) async fn with(rates: Rates, edge: Edge) -> Self {
        let bench = Self::on(tempfile::tempdir().unwrap(), rates, edge).await;
        bench.office.enrol(enrolment(KIOSK, bench.kiosk.verifying_key())).await.unwrap();
        bench
    }

    /// The same office after its program ended and started again.
    pub(super) async fn restart(self) -> Self {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
        drop(self.office);
        Self::on(self.data, Rates::default(), Edge::default()).await
    }

    async fn on(data: TempDir, rates: Rates, edge: Edge) -> Self {
        // Whichever test comes first installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let receipt = SigningKey::from_bytes(&[3; 32]);
        let key_id = receipt_key_name(&receipt.verifying_key());
        let now_ms = Arc::new(AtomicI64::new(NOW_MS));
        let log: Arc<Mutex<Vec<Entry>>> = Arc::default();
        let (clock, lines) = (Arc::clone(&now_ms), Arc::clone(&log));
        let settings = Settings {
            rates,
            journal: Box::new(move |entry| lines.lock().unwrap().push(entry.clone())),
            ..Settings::default()
        };
        let store = Arc::new(SqliteStore::open(data.path()).unwrap());
        let office = Office::new(store, receipt.clone(), key_id, move || clock.load(Ordering::SeqCst), settings);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve_with(listener, office.clone(), edge, async { drop(stopped.await) }));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let (kiosk, secret) = (SigningKey::from_bytes(&[7; 32]), OfficeSecret::from_seed(&[9; 32]));
        Self { data, kiosk, receipt, secret, office, now_ms, log, authority, client, stop, served }
    }

    pub(super) fn path(&self) -> &Path {
        self.data.path()
    }

    /// A dossier in two parts, sealed as the kiosk's number `seq`.
    pub(super) fn sealed(&self, ids: Ids, seq: u64) -> Sealed {
        let office = self.secret.key(Suite::X25519);
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let slip = SlipSecret::random(&mut rng);
        seal(&context(ids, seq), &plain_parts(), &office, &slip, &self.kiosk, &mut rng).unwrap()
    }

    /// Not signed.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.authority))
    }

    /// Signed by this kiosk. An empty body is none.
    pub(super) fn signed(&self, method: Method, path: &str, body: &[u8]) -> RequestBuilder {
        self.signed_by(&self.kiosk, KIOSK, method, path, body)
    }

    pub(super) fn signed_by(
        &self,
        key: &SigningKey,
        kiosk_id: &str,
        method: Method,
        path: &str,
        body: &[u8],
    ) -> RequestBuilder {
        let digest = content_digest(body);
        let (path_alone, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let parts = signature::Parts {
            method: method.as_str(),
            authority: &self.authority,
            path: path_alone,
            query,
            content_digest: (!body.is_empty()).then_some(&digest),
            kiosk_epoch: EPOCH,
        };
        let headers = signature::sign(&parts, kiosk_id, 1, &|bytes| key.sign(bytes).to_bytes());
        let request = self
            .request(method, path)
            .header(KIOSK_ID, kiosk_id)
            .header(KIOSK_EPOCH, EPOCH)
            .header(SIGNATURE_INPUT, headers.input)
            .header(SIGNATURE, headers.signature);
        if body.is_empty() { request } else { request.header(CONTENT_DIGEST, digest).body(body.to_vec()) }
    }

    pub(super) fn put_manifest_at(&self, path: &str, manifest: &[u8]) -> RequestBuilder {
        let signature = signature_to_header(&sign_manifest(&self.kiosk, manifest));
        self.signed(Method::PUT, path, manifest).header(MANIFEST_SIGNATURE, signature)
    }

    pub(super) async fn put_part(&self, id: Uuid, n: u16, body: &[u8]) -> Answer {
        answer(self.signed(Method::PUT, &part_path(id, n), body)).await
    }

    pub(super) async fn put_parts(&self, id: Uuid, sealed: &Sealed) {
        for (n, part) in (0..).zip(&sealed.parts) {
            assert_eq!(self.put_part(id, n, part).await.0, 201);
        }
    }

    pub(super) async fn put_manifest(&self, id: Uuid, manifest: &[u8]) -> Answer {
        answer(self.put_manifest_at(&submission_path(id), manifest)).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        answer(self.signed(Method::GET, path, b"")).await
    }

    pub(super) async fn pong(&self) -> Pong {
        let (_, body) = answer(self.request(Method::GET, "/v1/ping?nonce=n")).await;
        self.said(&body)
    }

    /// What the office has signed.
    pub(super) fn said<S: Statement>(&self, body: &str) -> S {
        let signed: Signed = serde_json::from_str(body).unwrap();
        signed.verify(&self.receipt.verifying_key()).expect("the office's signature")
    }

    /// Delivers a new dossier and gives its receipt.
    pub(super) async fn deliver(&self, ids: Ids, seq: u64) -> Receipt {
        let sealed = self.sealed(ids, seq);
        self.put_parts(ids.submission, &sealed).await;
        self.receipt_in(&self.put_manifest(ids.submission, &sealed.manifest).await)
    }

    pub(super) fn receipt_in(&self, answer: &Answer) -> Receipt {
        self.said(&answer.1)
    }

    /// Everything that was written down so far, as it would stand in the log.
    pub(super) fn log_text(&self) -> String {
        self.log.lock().unwrap().iter().map(Entry::to_line).collect::<Vec<_>>().join("\n")
    }
}

pub(super) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Status and code of a refusal.
pub(super) async fn refusal(request: RequestBuilder) -> (u16, String) {
    let (status, body) = answer(request).await;
    let refusal: Refusal = serde_json::from_str(&body).unwrap();
    (status, refusal.code)
}

pub(super) fn enrolment(kiosk_id: &str, key: VerifyingKey) -> Enrolment {
    Enrolment { kiosk_id: kiosk_id.to_owned(), key, name: "Chu Lai".to_owned(), key_storage: String::new() }
}

pub(super) fn new_ids() -> Ids {
    Ids { dossier: Uuid::now_v7(), submission: Uuid::now_v7() }
}

pub(super) fn context(ids: Ids, kiosk_seq: u64) -> Context {
    Context {
        binding: Binding { ids, kiosk_id: KIOSK.to_owned(), form_edition: EDITION.to_owned() },
        db_epoch: [5; 16],
        kiosk_seq,
        consent_version: "2026-01".to_owned(),
        sealed_at_ms: NOW_MS,
        supersedes: None,
    }
}

pub(super) fn dossier() -> Dossier {
    let value = Value { value: "NGUYỄN".to_owned(), source: "typed".to_owned(), ..Value::default() };
    Dossier {
        v: 1,
        papers: Vec::new(),
        portrait: None,
        form_edition: EDITION.to_owned(),
        fields: BTreeMap::from([("family_name".to_owned(), value)]),
        consent: Consent { version: "2026-01".to_owned(), purposes: vec!["prepare".to_owned()] },
    }
}

pub(super) fn plain_parts() -> [Part; 2] {
    let text = Zeroizing::new(serde_json::to_vec(&dossier()).unwrap());
    [
        Part { media_type: "application/json".to_owned(), bytes: text },
        Part { media_type: "image/jpeg".to_owned(), bytes: Zeroizing::new(vec![0xD8; 100_000]) },
    ]
}
