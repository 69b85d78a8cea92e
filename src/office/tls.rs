//! TLS of the office's own: a private authority that kiosks pin, and certificates signed by it. TLS 1.3 only.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

/// The authority's certificate: public, `office.ca` of every kiosk.
pub const CA_FILE: &str = "ca.pem";
/// The authority's key. Belongs into a safe, not on the serving machine.
pub const CA_KEY_FILE: &str = "ca.key";
/// The server's certificate.
pub const CERTIFICATE_FILE: &str = "server.pem";
/// The server's key.
pub const KEY_FILE: &str = "server.key";

/// A kiosk may be away for years and must still find its office: the authority outlives the machines.
const CA_LIFE: Duration = Duration::days(20 * 365);
/// Renewing the server's certificate needs no visit to a kiosk.
const SERVER_LIFE: Duration = Duration::days(2 * 365);
/// Certificates count from the day before: clocks of one office are not all the same.
const BEFORE: Duration = Duration::days(1);
/// The one name of the authority. A certificate is renewed with the authority's key alone, so the name cannot vary.
const CA_NAME: &str = "Passport kiosk office authority";

const SECRET_MODE: u32 = 0o600;
const PUBLIC_MODE: u32 = 0o644;

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is there already.
    #[error("{0} exists and is not overwritten")]
    Exists(PathBuf),
    /// The file is not there or cannot be read or written.
    #[error("{0} cannot be read or written")]
    Io(PathBuf, #[source] io::Error),
    /// The file does not hold what its name says.
    #[error("{0} is not a certificate or key in PEM")]
    Pem(PathBuf),
    /// A name is not one that a certificate can have.
    #[error("a certificate cannot be made for that name")]
    Name(#[source] rcgen::Error),
    /// The certificate could not be made.
    #[error("the certificate could not be made")]
    Make(#[source] rcgen::Error),
    /// Certificate and key do not belong together, or cannot be used.
    #[error("server.pem and server.key cannot be used together")]
    Use(#[source] rustls::Error),
}

/// Makes a certificate for these names (DNS names or addresses) in `out`: with the authority in `authority`, or with a new
/// one, whose files go to `out` too. `now_ms` is Unix milliseconds.
pub fn certify(names: &[String], out: &Path, authority: Option<&Path>, now_ms: i64) -> Result<(), TlsError> {
    DirBuilder::new().recursive(true).mode(0o700).create(out).map_err(|e| TlsError::Io(out.to_owned(), e))?;
    let ours = [CERTIFICATE_FILE, KEY_FILE];
    let new_authority = [CA_FILE, CA_KEY_FILE];
    for name in ours.iter().chain(new_authority.iter().filter(|_| authority.is_none())) {
        let path = out.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(TlsError::Exists(path));
        }
    }
    let now = moment(now_ms);
    // Before anything is written: a name that cannot be leaves no half of a folder behind.
    let server = server_params(names, now)?;
    let issuer = if let Some(folder) = authority {
        Issuer::new(authority_params(now), read_key(&folder.join(CA_KEY_FILE))?)
    } else {
        let key = KeyPair::generate().map_err(TlsError::Make)?;
        let certificate = authority_params(now).self_signed(&key).map_err(TlsError::Make)?;
        write_new(&out.join(CA_KEY_FILE), SECRET_MODE, &Zeroizing::new(key.serialize_pem()))?;
        write_new(&out.join(CA_FILE), PUBLIC_MODE, &certificate.pem())?;
        Issuer::new(authority_params(now), key)
    };
    let key = KeyPair::generate().map_err(TlsError::Make)?;
    let certificate = server.signed_by(&key, &issuer).map_err(TlsError::Make)?;
    write_new(&out.join(KEY_FILE), SECRET_MODE, &Zeroizing::new(key.serialize_pem()))?;
    write_new(&out.join(CERTIFICATE_FILE), PUBLIC_MODE, &certificate.pem())?;
    File::open(out).and_then(|folder| folder.sync_all()).map_err(|e| TlsError::Io(out.to_owned(), e))
}

/// What `intake serve --tls` needs of the folder that [`certify`] made: `server.pem` and `server.key`.
pub fn server_config(folder: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let (certificate, key) = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|_| TlsError::Pem(certificate.clone()))?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(|_| TlsError::Pem(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Use)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Use)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A moment beyond what a certificate can say becomes the beginning of time, where nothing is valid.
fn moment(now_ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(now_ms.div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn authority_params(now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, CA_NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = now - BEFORE;
    params.not_after = now + CA_LIFE;
    params
}

fn server_params(names: &[String], now: OffsetDateTime) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(names).map_err(TlsError::Name)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = now - BEFORE;
    params.not_after = now + SERVER_LIFE;
    Ok(params)
}

fn read_key(path: &Path) -> Result<KeyPair, TlsError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| TlsError::Io(path.to_owned(), e))?;
    KeyPair::from_pem(&text).map_err(|_| TlsError::Pem(path.to_owned()))
}

fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), TlsError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => TlsError::Exists(path.to_owned()),
            _ => TlsError::Io(path.to_owned(), e),
        })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| TlsError::Io(path.to_owned(), e))
}
