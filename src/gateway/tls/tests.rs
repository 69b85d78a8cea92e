//! What the kiosk believes of certificates when it knows only a moment that has passed.

use super::{OfficeTime, client_config};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::client::danger::ServerCertVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConnection, Error, ServerConfig, ServerConnection};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// 1 November 2026.
const FLOOR_MS: i64 = 1_793_491_200_000;

static RUNNING_MS: AtomicU64 = AtomicU64::new(0);
static RUNNING_BETWEEN_MS: AtomicU64 = AtomicU64::new(0);

fn moment(ms: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(ms / 1_000).unwrap()
}

/// An authority, and a certificate of it for `office.test`, valid between these moments.
fn certificate(from_ms: i64, until_ms: i64) -> (String, CertificateDer<'static>, KeyPair) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (authority.not_before, authority.not_after) = (moment(from_ms), moment(until_ms + DAY_MS));
    let ca_key = KeyPair::generate().unwrap();
    let ca = authority.self_signed(&ca_key).unwrap();
    let mut params = CertificateParams::new(vec!["office.test".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (moment(from_ms), moment(until_ms));
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, &Issuer::new(authority, ca_key)).unwrap();
    (ca.pem(), leaf.der().clone(), key)
}

/// Whether a kiosk that knows `known` of the time believes a certificate that is valid between these moments.
fn believes(time: &OfficeTime, (from_ms, until_ms): (i64, i64), name: &str) -> bool {
    let (ca, leaf, _) = certificate(from_ms, until_ms);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls_pki_types::pem::PemObject::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let webpki =
        rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    super::Patient(webpki).verify_server_cert(&leaf, &[], &name, &[], time.current_time().unwrap()).is_ok()
}

#[test]
fn a_lower_bound_proves_what_has_expired_and_never_that_something_is_not_valid_yet() {
    let time = OfficeTime::new(FLOOR_MS, || 0);
    let year = 365 * DAY_MS;
    assert!(believes(&time, (FLOOR_MS - year, FLOOR_MS + year), "office.test"));
    assert!(believes(&time, (FLOOR_MS + year, FLOOR_MS + 2 * year), "office.test"), "we may have slept for long");
    assert!(!believes(&time, (FLOOR_MS - 2 * year, FLOOR_MS - year), "office.test"), "it has expired");
    assert!(!believes(&time, (FLOOR_MS - year, FLOOR_MS + year), "elsewhere.test"), "another's name");
    time.learn(FLOOR_MS + year + year / 2);
    assert!(!believes(&time, (FLOOR_MS - year, FLOOR_MS + year), "office.test"), "the office's word proves it");
    assert!(believes(&time, (FLOOR_MS + year, FLOOR_MS + 2 * year), "office.test"));
}

/// One connection in memory, long enough for the server's tickets to arrive.
fn connect(kiosk: &Arc<rustls::ClientConfig>, office: &Arc<ServerConfig>) -> Result<(), Error> {
    let mut client = ClientConnection::new(Arc::clone(kiosk), "office.test".try_into().unwrap()).unwrap();
    let mut server = ServerConnection::new(Arc::clone(office)).unwrap();
    for _ in 0..4 {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        // What the office makes of a kiosk that hangs up does not matter here.
        let _ = server.process_new_packets();
        wire.clear();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    assert!(!client.is_handshaking());
    Ok(())
}

#[test]
fn a_certificate_that_expired_since_the_last_connection_is_refused_at_the_next() {
    let (ca, leaf, key) = certificate(FLOOR_MS - DAY_MS, FLOOR_MS + HOUR_MS);
    let time = Arc::new(OfficeTime::new(FLOOR_MS, || RUNNING_BETWEEN_MS.load(Ordering::SeqCst)));
    time.learn(FLOOR_MS);
    let kiosk = Arc::new(client_config(ca.as_bytes(), time).unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let office = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = rustls_pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let office = Arc::new(office.with_no_client_auth().with_single_cert(vec![leaf], key).unwrap());
    for _ in 0..2 {
        assert_eq!(connect(&kiosk, &office), Ok(()));
    }
    // A ticket of the office would be good for a day.
    RUNNING_BETWEEN_MS.store(2 * HOUR_MS.unsigned_abs(), Ordering::SeqCst);
    let refused = connect(&kiosk, &office);
    let expired = |e: &Error| matches!(e, Error::InvalidCertificate(CertificateError::ExpiredContext { .. }));
    assert!(refused.as_ref().is_err_and(expired), "{refused:?}");
}

#[test]
fn time_is_the_offices_word_and_the_running_time_since_and_no_wild_jump() {
    let time = OfficeTime::new(FLOOR_MS, || RUNNING_MS.load(Ordering::SeqCst));
    assert_eq!(time.office_ms(), None);
    assert_eq!(time.current_time(), Some(UnixTime::since_unix_epoch(Duration::from_millis(FLOOR_MS as u64))));
    time.learn(FLOOR_MS + 5_000);
    RUNNING_MS.store(7_000, Ordering::SeqCst);
    assert_eq!(time.office_ms(), Some(FLOOR_MS + 12_000));
    time.learn(FLOOR_MS + 3_650 * DAY_MS);
    assert_eq!(time.office_ms(), Some(FLOOR_MS + 12_000), "ten years at once are not believed");
    time.learn(FLOOR_MS - 3_650 * DAY_MS);
    assert_eq!(time.current_time(), Some(UnixTime::since_unix_epoch(Duration::from_millis(FLOOR_MS as u64))));
}

#[test]
fn what_is_no_authority_is_refused() {
    let time = Arc::new(OfficeTime::new(FLOOR_MS, || 0));
    for nothing in [&b""[..], b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(client_config(nothing, Arc::clone(&time)).is_err());
    }
    let (ca, ..) = certificate(FLOOR_MS, FLOOR_MS + DAY_MS);
    assert!(client_config(ca.as_bytes(), time).is_ok());
}
