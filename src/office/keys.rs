//! The office's keys as files: made once, read at the start, never overwritten.

use crate::envelope::OfficeSecret;
use crate::gateway::trust::{OfficePublic, TrustError, receipt_key_name};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The seed that opens dossiers. Belongs on an inside machine only.
pub const UNSEAL_FILE: &str = "unseal.key";
/// The seed that signs receipts. Belongs on the serving machine.
pub const RECEIPT_FILE: &str = "receipt.key";
/// The public halves, for the kiosks' `kiosk-config/trust/`.
pub const PUBLIC_FILE: &str = "office.toml";

const SECRET_MODE: u32 = 0o600;
const PUBLIC_MODE: u32 = 0o644;

/// What can be wrong with the key files.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A key is there already.
    #[error("{0} exists; keys are never overwritten")]
    Exists(PathBuf),
    /// The key is not there.
    #[error("there is no {0}")]
    Missing(PathBuf),
    /// The file is not 32 bytes in base64url.
    #[error("{0} is not a key: 32 bytes in base64url")]
    Shape(PathBuf),
    /// The file could not be read or written.
    #[error("{0} cannot be read or written")]
    Io(PathBuf, #[source] io::Error),
    /// The system gave no random bytes.
    #[error("no random bytes")]
    Random(#[source] getrandom::Error),
    /// The public file could not be written.
    #[error(transparent)]
    Public(#[from] TrustError),
}

/// Draws both keys and writes the three files.
pub fn create(directory: &Path) -> Result<OfficePublic, KeysError> {
    let in_directory = |e| KeysError::Io(directory.to_owned(), e);
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(in_directory)?;
    for name in [UNSEAL_FILE, RECEIPT_FILE, PUBLIC_FILE] {
        let path = directory.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(KeysError::Exists(path));
        }
    }
    let (unseal, receipt) = (random_seed()?, random_seed()?);
    let public =
        OfficePublic::new(OfficeSecret::from_seed(&unseal).public(), SigningKey::from_bytes(&receipt).verifying_key());
    write_new(&directory.join(UNSEAL_FILE), SECRET_MODE, &seed_text(&unseal))?;
    write_new(&directory.join(RECEIPT_FILE), SECRET_MODE, &seed_text(&receipt))?;
    write_new(&directory.join(PUBLIC_FILE), PUBLIC_MODE, &public.to_toml()?)?;
    File::open(directory).and_then(|dir| dir.sync_all()).map_err(in_directory)?;
    Ok(public)
}

/// The key that signs receipts, and its name.
pub fn receipt_key(directory: &Path) -> Result<(SigningKey, String), KeysError> {
    let key = SigningKey::from_bytes(&*read_seed(&directory.join(RECEIPT_FILE))?);
    let name = receipt_key_name(&key.verifying_key());
    Ok((key, name))
}

/// The key that opens dossiers.
pub fn unsealing_key(directory: &Path) -> Result<OfficeSecret, KeysError> {
    Ok(OfficeSecret::from_seed(&*read_seed(&directory.join(UNSEAL_FILE))?))
}

fn random_seed() -> Result<Zeroizing<[u8; 32]>, KeysError> {
    let mut seed = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *seed).map_err(KeysError::Random)?;
    Ok(seed)
}

fn seed_text(seed: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(URL_SAFE_NO_PAD.encode(seed));
    text.push('\n');
    text
}

fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), KeysError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => KeysError::Exists(path.to_owned()),
            _ => KeysError::Io(path.to_owned(), e),
        })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| KeysError::Io(path.to_owned(), e))
}

fn read_seed(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeysError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => KeysError::Missing(path.to_owned()),
        _ => KeysError::Io(path.to_owned(), e),
    })?;
    let mut seed = Zeroizing::new([0_u8; 32]);
    match URL_SAFE_NO_PAD.decode_slice(text.trim_end(), &mut *seed) {
        Ok(32) => Ok(seed),
        _ => Err(KeysError::Shape(path.to_owned())),
    }
}
