//! An office on a loopback port, a kiosk's key, and the requests that the kiosk would make.

use crate::envelope::{Binding, Context, Ids, OfficeSecret, Part, Sealed, SlipSecret, Suite, seal, sign_manifest};
use crate::gateway::trust::receipt_key_name;
use crate::gateway::wire::{
    CONTENT_DIGEST, Consent, Dossier, KIOSK_ID, KIOSK_SIGNATURE, Receipt, Refusal, Signed, Value, content_digest,
    part_message, part_path, signature_to_header, submission_path,
};
use crate::office::{Office, serve};
use ed25519_dalek::{Signer, SigningKey};
use reqwest::{Method, RequestBuilder};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;
use tokio::sync::oneshot;
use uuid::Uuid;
use zeroize::Zeroizing;

pub(super) const KIOSK: &str = "chu-lai-1";
pub(super) const EDITION: &str = "tk01@tt69-2026";
pub(super) const NOW_MS: i64 = 1_795_000_000_000;

/// Status and body.
pub(super) type Answer = (u16, String);

pub(super) struct Bench {
    pub(super) data: TempDir,
    pub(super) kiosk: SigningKey,
    pub(super) receipt: SigningKey,
    pub(super) secret: OfficeSecret,
    pub(super) office: Office,
    client: reqwest::Client,
    url: String,
    stop: oneshot::Sender<()>,
}

impl Bench {
    pub(super) async fn start() -> Self {
        let bench = Self::on(tempfile::tempdir().unwrap()).await;
        bench.office.enrol(KIOSK, &bench.kiosk.verifying_key(), "Chu Lai").unwrap();
        bench
    }

    /// The same office after its program ended and started again.
    pub(super) async fn restart(self) -> Self {
        self.stop.send(()).unwrap();
        drop(self.office);
        Self::on(self.data).await
    }

    async fn on(data: TempDir) -> Self {
        // Whichever test comes first installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let receipt = SigningKey::from_bytes(&[3; 32]);
        let key_id = receipt_key_name(&receipt.verifying_key());
        let office = Office::open(data.path(), receipt.clone(), key_id, || NOW_MS).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(serve(listener, office.clone(), async { drop(stopped.await) }));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let (kiosk, secret) = (SigningKey::from_bytes(&[7; 32]), OfficeSecret::from_seed(&[9; 32]));
        Self { data, kiosk, receipt, secret, office, client, url, stop }
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

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A body as this kiosk would send it.
    pub(super) fn put(&self, path: &str, body: &[u8], signature: &[u8; 64]) -> RequestBuilder {
        self.request(Method::PUT, path)
            .header(KIOSK_ID, KIOSK)
            .header(KIOSK_SIGNATURE, signature_to_header(signature))
            .header(CONTENT_DIGEST, content_digest(body))
            .body(body.to_vec())
    }

    pub(super) fn part_signature(&self, id: Uuid, n: u16, body: &[u8]) -> [u8; 64] {
        self.kiosk.sign(&part_message(id, n, &content_digest(body))).to_bytes()
    }

    pub(super) async fn put_part(&self, id: Uuid, n: u16, body: &[u8]) -> Answer {
        answer(self.put(&part_path(id, n), body, &self.part_signature(id, n, body))).await
    }

    pub(super) async fn put_parts(&self, id: Uuid, sealed: &Sealed) {
        for (n, part) in (0..).zip(&sealed.parts) {
            assert_eq!(self.put_part(id, n, part).await.0, 201);
        }
    }

    pub(super) async fn put_manifest(&self, id: Uuid, manifest: &[u8]) -> Answer {
        answer(self.put(&submission_path(id), manifest, &sign_manifest(&self.kiosk, manifest))).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    /// Delivers a new dossier and gives its receipt.
    pub(super) async fn deliver(&self, ids: Ids, seq: u64) -> Receipt {
        let sealed = self.sealed(ids, seq);
        self.put_parts(ids.submission, &sealed).await;
        self.receipt_in(&self.put_manifest(ids.submission, &sealed.manifest).await)
    }

    pub(super) fn receipt_in(&self, answer: &Answer) -> Receipt {
        let signed: Signed = serde_json::from_str(&answer.1).unwrap();
        signed.verify(&self.receipt.verifying_key()).expect("the office's signature")
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
    let value = Value { value: "NGUYỄN".to_owned(), source: "typed".to_owned(), on_card: None };
    Dossier {
        v: 1,
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
