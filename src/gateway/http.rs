//! HTTP to the office. Success is a receipt that verifies; anything else is not.

use super::trust::Trust;
use super::wire::{
    CONTENT_DIGEST, KIOSK_ID, KIOSK_SIGNATURE, Missing, Pong, Receipt, Refusal, Signed, content_digest, part_message,
    part_path, signature_to_header, submission_path,
};
use crate::domain::submission::Outcome;
use crate::envelope::DeviceKey;
use crate::queue::store::Due;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::Once;
use std::time::Duration;
use uuid::Uuid;

/// Longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// The slowest line that is waited for, in bytes per second.
const SLOWEST_BYTES_PER_S: u64 = 4 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the office is and how it is recognised.
pub struct Gateway {
    client: Client,
    base: String,
    kiosk_id: String,
    device: DeviceKey,
    trust: Trust,
}

/// Why the client could not be made: a matter of configuration.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: the certificate file is not PEM, or TLS is not usable")]
pub struct SetupError;

/// One exchange about a submission.
pub struct Answer {
    /// What came of it.
    pub outcome: Outcome,
    /// With [`Outcome::Receipt`]: the verified receipt and the statement as it came.
    pub receipt: Option<(Receipt, String)>,
}

impl Gateway {
    /// `base` without a trailing slash; `ca_pem` is the only authority trusted for `https`.
    pub fn new(
        base: &str,
        ca_pem: Option<&[u8]>,
        kiosk_id: &str,
        device: DeviceKey,
        trust: Trust,
    ) -> Result<Self, SetupError> {
        install_ring();
        let mut builder = Client::builder()
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true);
        let authorities = match ca_pem {
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem).map_err(|_| SetupError)?,
            None => Vec::new(),
        };
        builder = builder.tls_certs_only(authorities);
        let client = builder.build().map_err(|_| SetupError)?;
        Ok(Self { client, base: base.to_owned(), kiosk_id: kiosk_id.to_owned(), device, trust })
    }

    /// Offers the manifest: the office answers with its receipt or with the parts it lacks.
    pub async fn offer(&self, due: &Due) -> Answer {
        let path = submission_path(due.ids.submission);
        let signature = signature_to_header(&due.signature);
        let answer = self.put(&path, due.manifest.clone(), &signature).await;
        let outcome = match answer {
            Err(outcome) => outcome,
            Ok(response) => match response.status() {
                StatusCode::OK | StatusCode::CREATED => return self.receipt(due, response).await,
                StatusCode::FAILED_DEPENDENCY => match json::<Missing>(response).await {
                    Some(body) if !body.missing.is_empty() => Outcome::MissingParts(body.missing),
                    _ => Outcome::NotTheOffice,
                },
                _ => refusal(response).await,
            },
        };
        Answer { outcome, receipt: None }
    }

    /// Sends one part. `None`: the office says it has it; whether that was the office, the next offer tells.
    pub async fn send_part(&self, submission: Uuid, n: u16, sealed: Vec<u8>) -> Option<Outcome> {
        let message = part_message(submission, n, &content_digest(&sealed));
        let signature = signature_to_header(&self.device.sign(&message).to_bytes());
        match self.put(&part_path(submission, n), sealed, &signature).await {
            Err(outcome) => Some(outcome),
            Ok(response) => match response.status() {
                StatusCode::OK | StatusCode::CREATED => None,
                _ => Some(refusal(response).await),
            },
        }
    }

    /// Asks whether the office itself is there; answers with what it signed.
    pub async fn ping(&self) -> Result<Pong, Outcome> {
        let mut nonce = [0_u8; 16];
        getrandom::fill(&mut nonce).map_err(|_| Outcome::Offline)?;
        let nonce = URL_SAFE_NO_PAD.encode(nonce);
        let request = self.client.get(format!("{}/v1/ping?nonce={nonce}", self.base)).timeout(deadline(0));
        let response = request.send().await.map_err(|_| Outcome::Offline)?;
        if response.status() != StatusCode::OK {
            return Err(refusal(response).await);
        }
        let signed = json::<Signed>(response).await.ok_or(Outcome::NotTheOffice)?;
        match self.trust.verify::<Pong>(&signed) {
            Some(pong) if pong.nonce == nonce => Ok(pong),
            _ => Err(Outcome::NotTheOffice),
        }
    }

    async fn put(&self, path: &str, body: Vec<u8>, signature: &str) -> Result<Response, Outcome> {
        self.client
            .request(Method::PUT, format!("{}{path}", self.base))
            .header(KIOSK_ID, &self.kiosk_id)
            .header(KIOSK_SIGNATURE, signature)
            .header(CONTENT_DIGEST, content_digest(&body))
            .timeout(deadline(body.len() as u64))
            .body(body)
            .send()
            .await
            .map_err(|_| Outcome::Offline)
    }

    async fn receipt(&self, due: &Due, response: Response) -> Answer {
        let Some(signed) = json::<Signed>(response).await else {
            return Answer { outcome: Outcome::NotTheOffice, receipt: None };
        };
        let digest: [u8; 32] = Sha256::digest(&due.manifest).into();
        let receipt = self.trust.verify::<Receipt>(&signed).filter(|receipt| {
            receipt.submission_id == due.ids.submission
                && receipt.dossier_id == due.ids.dossier
                && receipt.kiosk_id == self.kiosk_id
                && receipt.manifest_sha256 == digest
        });
        match (receipt, serde_json::to_string(&signed)) {
            (Some(receipt), Ok(text)) => Answer { outcome: Outcome::Receipt, receipt: Some((receipt, text)) },
            _ => Answer { outcome: Outcome::NotTheOffice, receipt: None },
        }
    }
}

/// True when the file holds at least one certificate that TLS can use.
pub fn holds_certificates(pem: &[u8]) -> bool {
    install_ring();
    let certificates = reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default();
    !certificates.is_empty() && Client::builder().tls_certs_only(certificates).build().is_ok()
}

/// A refusal counts only in the office's own words: captive portals and proxies like these numbers too.
async fn refusal(response: Response) -> Outcome {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(reqwest::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let Some(Refusal { code }) = json::<Refusal>(response).await else {
        return if status.is_server_error() { Outcome::Offline } else { Outcome::NotTheOffice };
    };
    match status.as_u16() {
        408 | 425 | 429 | 503 => Outcome::Busy(retry_after),
        400 => Outcome::Torn,
        // Signed by a key or under a name that is not ours any more: that one row's matter, not the queue's.
        401 if code == "bad-signature" => Outcome::Refused,
        401 | 403 => Outcome::Denied,
        409 => Outcome::Conflict,
        413 | 415 | 422 => Outcome::Refused,
        _ => Outcome::Offline,
    }
}

async fn json<T: DeserializeOwned>(mut response: Response) -> Option<T> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).ok()
}

fn deadline(body_bytes: u64) -> Duration {
    CONNECT_TIMEOUT + Duration::from_secs(body_bytes / SLOWEST_BYTES_PER_S)
}

/// rustls wants its cryptography named once in the process.
fn install_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only if somebody else has named one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
