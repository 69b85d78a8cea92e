//! HTTP to the office. Success is a statement that verifies; anything else is not.

mod open;
mod slips;

pub use slips::NotFound;

use super::signature::{self, SIGNATURE, SIGNATURE_INPUT};
use super::tls::{OfficeTime, client_config};
use super::trust::{ByReceiptKey, Trust};
use super::wire::{
    Beat, BeatHeard, CONTENT_DIGEST, Enrol, Enrolled, KIOSK_EPOCH, KIOSK_ID, MANIFEST_SIGNATURE, Missing, Pong,
    Receipt, Refusal, Signed, StatusBatch, content_digest, part_path, signature_to_header, submission_path,
};
use crate::domain::submission::{Outcome, deadline_ms};
use crate::envelope::DeviceKey;
use crate::queue::store::Due;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Longest answer that is read, in bytes: a batch of a hundred states with all their fields fits.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The office closes a quiet connection after ten seconds; ours is given up before, so that no request meets the end.
const IDLE_CONNECTION: Duration = Duration::from_secs(5);
/// The office takes a challenge back for ten minutes; one that is older than this is asked for anew.
const CHALLENGE_FRESH: Duration = Duration::from_mins(8);

/// Where the office is and how it is recognised.
pub struct Gateway {
    client: Client,
    base: String,
    /// As the `Host` header will have it.
    authority: String,
    kiosk_id: String,
    device: DeviceKey,
    time: Arc<OfficeTime>,
    now: Mutex<Now>,
}

/// What changes while the kiosk runs.
struct Now {
    trust: Trust,
    /// Epoch of the queue's database.
    epoch: [u8; 16],
    challenge: Option<(String, Instant)>,
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

/// Why the office did not admit this kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotEnrolled {
    /// The code is wrong, used, too old, or for another kiosk; or the name is taken by another key.
    Code,
    /// It was not asked, or did not answer.
    NoAnswer(Outcome),
}

impl Gateway {
    /// `base` without a trailing slash; `ca_pem` is the only authority trusted for `https`. `time` is what certificates
    /// are judged by, and learns from every signed word.
    pub fn new(
        base: &str,
        ca_pem: Option<&[u8]>,
        kiosk_id: &str,
        device: DeviceKey,
        trust: Trust,
        time: Arc<OfficeTime>,
    ) -> Result<Self, SetupError> {
        let builder = Client::builder()
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION)
            .tcp_nodelay(true);
        let tls = match ca_pem {
            Some(pem) => client_config(pem, Arc::clone(&time)).map_err(|_| SetupError)?,
            None => super::tls::trusting_nobody(Arc::clone(&time)).map_err(|_| SetupError)?,
        };
        let client = builder.tls_backend_preconfigured(tls).build().map_err(|_| SetupError)?;
        let authority = authority(base).ok_or(SetupError)?;
        let now = Mutex::new(Now { trust, epoch: [0; 16], challenge: None });
        Ok(Self { client, base: base.to_owned(), authority, kiosk_id: kiosk_id.to_owned(), device, time, now })
    }

    /// The office's public keys as they are known now.
    pub fn trust(&self) -> Trust {
        self.now().trust.clone()
    }

    /// What is known of the office's clock.
    pub fn time(&self) -> &OfficeTime {
        &self.time
    }

    /// From now on requests name this epoch of the queue's database.
    pub fn use_epoch(&self, epoch: [u8; 16]) {
        self.now().epoch = epoch;
    }

    /// Takes a key bundle if the root signed it and it is newer. `true`: it was taken.
    pub fn take_keys(&self, signed: &Signed) -> bool {
        let mut now = self.now();
        let newer = now.trust.newer(signed);
        let taken = newer.is_some();
        if let Some(trust) = newer {
            now.trust = trust;
        }
        taken
    }

    /// Offers the manifest: the office answers with its receipt or with the parts it lacks.
    pub async fn offer(&self, due: &Due) -> Answer {
        let path = submission_path(due.ids.submission);
        let request = self.signed(Method::PUT, &path, None, due.manifest.clone());
        let answer = request.header(MANIFEST_SIGNATURE, signature_to_header(&due.signature)).send().await;
        let outcome = match answer {
            Err(_) => Outcome::Offline,
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

    /// Sends one part. `Ok`: the office says it has it; whether that was the office, the next offer tells.
    pub async fn send_part(&self, submission: Uuid, n: u16, sealed: Vec<u8>) -> Result<(), Outcome> {
        let request = self.signed(Method::PUT, &part_path(submission, n), None, sealed);
        let response = request.send().await.map_err(|_| Outcome::Offline)?;
        match response.status() {
            StatusCode::OK | StatusCode::CREATED => Ok(()),
            _ => Err(refusal(response).await),
        }
    }

    /// Asks whether the office itself is there; answers with what it signed.
    pub async fn ping(&self) -> Result<Pong, Outcome> {
        let mut nonce = [0_u8; 16];
        getrandom::fill(&mut nonce).map_err(|_| Outcome::Offline)?;
        let nonce = URL_SAFE_NO_PAD.encode(nonce);
        let request = self.client.get(format!("{}/v1/ping?nonce={nonce}", self.base)).timeout(deadline(0));
        let pong: Pong = self.said(request).await?;
        if pong.nonce != nonce {
            return Err(Outcome::NotTheOffice);
        }
        self.time.learn(pong.server_time_ms);
        self.now().challenge = Some((pong.challenge.clone(), Instant::now()));
        Ok(pong)
    }

    /// Says how the kiosk is. The challenge of `beat` is filled in here.
    pub async fn beat(&self, mut beat: Beat) -> Result<BeatHeard, Outcome> {
        beat.challenge = self.challenge().await?;
        let heard: BeatHeard = self.said(self.signed(Method::POST, "/v1/heartbeat", None, body(&beat)?)).await?;
        let is_answer = heard.kiosk_id == self.kiosk_id && heard.challenge == beat.challenge;
        if is_answer { Ok(heard) } else { Err(Outcome::NotTheOffice) }
    }

    /// What became of this kiosk's submissions since `cursor`.
    pub async fn statuses(&self, cursor: u64) -> Result<StatusBatch, Outcome> {
        let challenge = self.challenge().await?;
        let query = format!("cursor={cursor}&challenge={challenge}");
        let batch: StatusBatch = self.said(self.signed(Method::GET, "/v1/status", Some(&query), Vec::new())).await?;
        let is_answer = batch.kiosk_id == self.kiosk_id && batch.challenge == challenge && batch.cursor == cursor;
        if is_answer { Ok(batch) } else { Err(Outcome::NotTheOffice) }
    }

    /// Fetches the newest key bundle. `Some`: it is newer than ours was, and is in use now.
    pub async fn fetch_keys(&self) -> Result<Option<Signed>, Outcome> {
        let request = self.client.get(format!("{}/v1/keys", self.base)).timeout(deadline(0));
        let response = request.send().await.map_err(|_| Outcome::Offline)?;
        if response.status() != StatusCode::OK {
            return Err(refusal(response).await);
        }
        let signed = json::<Signed>(response).await.ok_or(Outcome::NotTheOffice)?;
        Ok(self.take_keys(&signed).then_some(signed))
    }

    /// Asks to be admitted with the code an officer typed: ten characters.
    pub async fn enrol(&self, code: &str, key_storage: &str) -> Result<(), NotEnrolled> {
        let challenge = self.challenge().await.map_err(NotEnrolled::NoAnswer)?;
        let enrol = Enrol {
            v: 1,
            challenge: challenge.clone(),
            kiosk_id: self.kiosk_id.clone(),
            code: code.to_owned(),
            public_key: URL_SAFE_NO_PAD.encode(self.device.public().as_bytes()),
            key_storage: key_storage.to_owned(),
        };
        let body = body(&enrol).map_err(NotEnrolled::NoAnswer)?;
        let enrolled: Enrolled =
            self.said(self.signed(Method::POST, "/v1/enrol", None, body)).await.map_err(|outcome| match outcome {
                Outcome::Denied | Outcome::Conflict | Outcome::Refused => NotEnrolled::Code,
                other => NotEnrolled::NoAnswer(other),
            })?;
        let is_answer = enrolled.kiosk_id == self.kiosk_id
            && enrolled.challenge == challenge
            && enrolled.public_key == enrol.public_key;
        if is_answer { Ok(()) } else { Err(NotEnrolled::NoAnswer(Outcome::NotTheOffice)) }
    }

    /// The challenge of the latest pong, or of a new one.
    async fn challenge(&self) -> Result<String, Outcome> {
        let known = self.now().challenge.clone();
        match known.filter(|(_, heard)| heard.elapsed() < CHALLENGE_FRESH) {
            Some((challenge, _)) => Ok(challenge),
            None => Ok(self.ping().await?.challenge),
        }
    }

    /// A request signed by this device (RFC 9421). An empty body is none. The time of signing is not said: nobody judges
    /// it.
    fn signed(&self, method: Method, path: &str, query: Option<&str>, body: Vec<u8>) -> RequestBuilder {
        let digest = (!body.is_empty()).then(|| content_digest(&body));
        let epoch = URL_SAFE_NO_PAD.encode(self.now().epoch);
        let parts = signature::Parts {
            method: method.as_str(),
            authority: &self.authority,
            path,
            query,
            content_digest: digest.as_deref(),
            kiosk_epoch: &epoch,
        };
        let headers = signature::sign(&parts, &self.kiosk_id, 0, &|bytes| self.device.sign(bytes).to_bytes());
        let address = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        let request = self
            .client
            .request(method, format!("{}{address}", self.base))
            .header(KIOSK_ID, &self.kiosk_id)
            .header(KIOSK_EPOCH, &epoch)
            .header(SIGNATURE_INPUT, headers.input)
            .header(SIGNATURE, headers.signature)
            .timeout(deadline(body.len() as u64));
        match digest {
            Some(digest) => request.header(CONTENT_DIGEST, digest).body(body),
            None => request,
        }
    }

    /// Sends, and gives what the office has signed.
    async fn said<S: ByReceiptKey>(&self, request: RequestBuilder) -> Result<S, Outcome> {
        let response = request.send().await.map_err(|_| Outcome::Offline)?;
        match response.status() {
            StatusCode::OK | StatusCode::CREATED => {
                let signed = json::<Signed>(response).await.ok_or(Outcome::NotTheOffice)?;
                self.verified(&signed)
            }
            _ => Err(refusal(response).await),
        }
    }

    fn verified<S: ByReceiptKey>(&self, signed: &Signed) -> Result<S, Outcome> {
        let now = self.now();
        let lacks = now.trust.lacks_key_of(signed);
        now.trust.verify(signed).ok_or(if lacks { Outcome::UnknownKey } else { Outcome::NotTheOffice })
    }

    async fn receipt(&self, due: &Due, response: Response) -> Answer {
        let Some(signed) = json::<Signed>(response).await else {
            return Answer { outcome: Outcome::NotTheOffice, receipt: None };
        };
        let receipt = match self.verified::<Receipt>(&signed) {
            Ok(receipt) => receipt,
            Err(outcome) => return Answer { outcome, receipt: None },
        };
        let digest: [u8; 32] = Sha256::digest(&due.manifest).into();
        let is_ours = receipt.submission_id == due.ids.submission
            && receipt.dossier_id == due.ids.dossier
            && receipt.kiosk_id == self.kiosk_id
            && receipt.manifest_sha256 == digest;
        match serde_json::to_string(&signed) {
            Ok(text) if is_ours => Answer { outcome: Outcome::Receipt, receipt: Some((receipt, text)) },
            _ => Answer { outcome: Outcome::NotTheOffice, receipt: None },
        }
    }

    /// Nothing is done under this lock but a look or a change.
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn body(content: &impl Serialize) -> Result<Vec<u8>, Outcome> {
    serde_json::to_vec(content).map_err(|_| Outcome::Offline)
}

/// Host and port of an address as HTTP says them: the scheme's own port is left out.
fn authority(base: &str) -> Option<String> {
    let url = Url::parse(base).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// True when the file holds at least one certificate that TLS can use.
pub fn holds_certificates(pem: &[u8]) -> bool {
    client_config(pem, Arc::new(OfficeTime::new(0, || 0))).is_ok()
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
        401 if code == "manifest-signature" => Outcome::Refused,
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
    Duration::from_millis(deadline_ms(body_bytes))
}
