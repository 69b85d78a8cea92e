//! TLS to the office: version 1.3, the office's own authority and no other, and a clock that is not the machine's.
//!
//! The real-time clock of a kiosk may stand in 1970 or in 2036, so it is trusted in neither direction. What is known is a
//! lower bound of the true time: the office's last signed word and the running time since, and at least the day on which
//! this version was made. A lower bound can prove that a certificate has expired. It can never prove that one is not
//! valid yet: such a certificate is judged at its own first moment instead.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version::TLS13,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Certificates of a chain whose first moment may lie ahead of what we know of the time.
const MAX_CHAIN: usize = 4;
/// A word of the office that jumps further ahead of what is known is not believed for certificates: an office whose own
/// clock was wrong for a moment must not make its certificate look expired for ever. Two years, in milliseconds.
const LONGEST_JUMP_MS: i64 = 2 * 366 * 24 * 60 * 60 * 1_000;

/// What is known of the true time, in Unix milliseconds; never more than is known.
#[derive(Debug)]
pub struct OfficeTime {
    floor_ms: i64,
    running_ms: fn() -> u64,
    /// The office's word, and the running time when it came.
    heard: Mutex<Option<(i64, u64)>>,
}

impl OfficeTime {
    /// `floor_ms` is a moment that has certainly passed; `running_ms` a clock of the machine that only runs forward.
    pub fn new(floor_ms: i64, running_ms: fn() -> u64) -> Self {
        Self { floor_ms, running_ms, heard: Mutex::new(None) }
    }

    /// The office said this, in a signed statement: now, or before the last restart.
    pub fn learn(&self, office_ms: i64) {
        let known_ms = self.lower_bound_ms();
        if office_ms.saturating_sub(known_ms) <= LONGEST_JUMP_MS {
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some((office_ms, (self.running_ms)()));
        }
    }

    /// The office's clock as far as it is known; `None` until the office has said anything.
    pub fn office_ms(&self) -> Option<i64> {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let passed_ms = |then_ms| i64::try_from((self.running_ms)().saturating_sub(then_ms)).unwrap_or(i64::MAX);
        heard.map(|(office_ms, then_ms)| office_ms.saturating_add(passed_ms(then_ms)))
    }

    fn lower_bound_ms(&self) -> i64 {
        self.office_ms().unwrap_or(self.floor_ms).max(self.floor_ms)
    }
}

impl TimeProvider for OfficeTime {
    fn current_time(&self) -> Option<UnixTime> {
        let since = Duration::from_millis(self.lower_bound_ms().unsigned_abs());
        Some(UnixTime::since_unix_epoch(since))
    }
}

/// Why there is no TLS: the file holds no certificate that can be an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no certificate of an authority in PEM form")]
pub struct NoAuthority;

/// A client that believes the authorities in `ca_pem` alone, by this clock.
pub fn client_config(ca_pem: &[u8], time: Arc<OfficeTime>) -> Result<ClientConfig, NoAuthority> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem) {
        roots.add(certificate.map_err(|_| NoAuthority)?).map_err(|_| NoAuthority)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|_| NoAuthority)?;
    let mut config = ClientConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| NoAuthority)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Patient(verifier)))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session does not show its certificate again, which may have expired meanwhile.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// A client for plain HTTP on this machine, which believes no certificate at all.
pub fn trusting_nobody(time: Arc<OfficeTime>) -> Result<ClientConfig, NoAuthority> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| NoAuthority)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// Everything is left to `webpki` but the question of "not yet".
#[derive(Debug)]
struct Patient(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Patient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verify = |at| self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at);
        let mut at = now;
        for _ in 0..MAX_CHAIN {
            match verify(at) {
                Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. }))
                    if not_before > at =>
                {
                    at = not_before;
                }
                verdict => return verdict,
            }
        }
        verify(at)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests;
