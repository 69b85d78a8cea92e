//! The office's keys as files: made once, read at the start, never overwritten.

use crate::envelope::{OfficeSecret, Suite};
use crate::gateway::trust::{BUNDLE_SHAPE, Trust, TrustError, receipt_key_name};
use crate::gateway::wire::{KeyBundle, ReceiptKey, SealKey, Signed};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The seed that signs key bundles. Belongs in a safe, on no machine that has a network.
pub const ROOT_FILE: &str = "root.key";
/// The seed that opens dossiers. Belongs on an inside machine only.
pub const UNSEAL_FILE: &str = "unseal.key";
/// The seed that signs receipts. Belongs on the serving machine.
pub const RECEIPT_FILE: &str = "receipt.key";
/// The root's public half and the first bundle, for the kiosks' `kiosk-config/trust/`.
pub const PUBLIC_FILE: &str = "office.toml";

/// A bundle is good for so long, in milliseconds: two years.
pub const BUNDLE_MS: i64 = 730 * 24 * 60 * 60 * 1_000;

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
    /// The bundle could not be written down.
    #[error("the key bundle cannot be made")]
    Bundle(#[source] serde_json::Error),
}

/// Draws the three keys, signs the first bundle and writes the four files. `now_ms`: Unix milliseconds.
pub fn create(directory: &Path, now_ms: i64) -> Result<Trust, KeysError> {
    let in_directory = |e| KeysError::Io(directory.to_owned(), e);
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(in_directory)?;
    for name in [ROOT_FILE, UNSEAL_FILE, RECEIPT_FILE, PUBLIC_FILE] {
        let path = directory.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(KeysError::Exists(path));
        }
    }
    let (root, unseal, receipt) = (random_seed()?, random_seed()?, random_seed()?);
    let root_key = SigningKey::from_bytes(&root);
    let receipt_key = SigningKey::from_bytes(&receipt).verifying_key();
    let bundle = bundle(1, now_ms, &[&OfficeSecret::from_seed(&unseal)], &[receipt_key]);
    let trust = trust(&bundle, &root_key)?;
    for (name, seed) in [(ROOT_FILE, &root), (UNSEAL_FILE, &unseal), (RECEIPT_FILE, &receipt)] {
        write_new(&directory.join(name), SECRET_MODE, &seed_text(seed))?;
    }
    write_new(&directory.join(PUBLIC_FILE), PUBLIC_MODE, &trust.to_toml()?)?;
    File::open(directory).and_then(|dir| dir.sync_all()).map_err(in_directory)?;
    Ok(trust)
}

/// A bundle of these keys, the preferred ones first, issued at `now_ms` and good for [`BUNDLE_MS`].
pub fn bundle(version: u64, now_ms: i64, unseal: &[&OfficeSecret], receipt: &[VerifyingKey]) -> KeyBundle {
    let seal = unseal.iter().flat_map(|secret| Suite::ALL.map(|suite| SealKey::from(&secret.key(suite))));
    KeyBundle {
        v: BUNDLE_SHAPE,
        version,
        issued_ms: now_ms,
        expires_ms: now_ms.saturating_add(BUNDLE_MS),
        seal: seal.collect(),
        receipt: receipt.iter().map(ReceiptKey::from).collect(),
    }
}

/// The bundle under the root's signature.
pub fn sign_bundle(bundle: &KeyBundle, root: &SigningKey) -> Result<Signed, KeysError> {
    Signed::sign(bundle, root).map_err(KeysError::Bundle)
}

/// What a kiosk trusts that has this root and this bundle.
pub fn trust(bundle: &KeyBundle, root: &SigningKey) -> Result<Trust, KeysError> {
    Ok(Trust::new(root.verifying_key(), sign_bundle(bundle, root)?)?)
}

/// The key that signs bundles.
pub fn root_key(directory: &Path) -> Result<SigningKey, KeysError> {
    Ok(SigningKey::from_bytes(&*read_seed(&directory.join(ROOT_FILE))?))
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
