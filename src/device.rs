//! The kiosk's own key: Ed25519, behind a trait, because where it lives decides what a thief of the disk gets.
//!
//! In production systemd decrypts it into `$CREDENTIALS_DIRECTORY` for this one process (`LoadCredentialEncrypted=`,
//! bound to the machine and its TPM); it never lies on the disk in clear. Without that it is a file in the data folder
//! that only the kiosk's user can read, and the officer's screen and every heartbeat say so.

use crate::envelope::DeviceSigner;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand_core::UnwrapErr;
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where systemd puts the credentials of a service; see systemd.exec(5).
pub const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// Name of the credential: 32 bytes, raw or in base64url.
pub const CREDENTIAL: &str = "device-key";

const FILE: &str = "device.key";

/// Where the device key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In a systemd credential.
    SystemdCredential,
    /// In a file of the data folder: whoever has the disk has the key.
    Software,
}

impl Storage {
    /// As `kiosk identity` and heartbeats say it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SystemdCredential => "systemd-credential",
            Self::Software => "software",
        }
    }
}

/// The kiosk's own signer, which knows where its key lives.
pub trait Device: DeviceSigner {
    /// Where the key lives.
    fn storage(&self) -> Storage;
}

/// A key from a systemd credential.
pub struct Credential(SigningKey);

/// A key from a file in the data folder.
pub struct SoftwareFile(SigningKey);

impl DeviceSigner for Credential {
    fn verifying_key(&self) -> VerifyingKey {
        self.0.verifying_key()
    }
}

impl DeviceSigner for SoftwareFile {
    fn verifying_key(&self) -> VerifyingKey {
        self.0.verifying_key()
    }
}

impl Device for Credential {
    fn storage(&self) -> Storage {
        Storage::SystemdCredential
    }
}

impl Device for SoftwareFile {
    fn storage(&self) -> Storage {
        Storage::Software
    }
}

impl Signer<Signature> for Credential {
    fn try_sign(&self, message: &[u8]) -> Result<Signature, ed25519_dalek::SignatureError> {
        self.0.try_sign(message)
    }
}

impl Signer<Signature> for SoftwareFile {
    fn try_sign(&self, message: &[u8]) -> Result<Signature, ed25519_dalek::SignatureError> {
        self.0.try_sign(message)
    }
}

/// Why there is no key. The path is in the text; nothing of the key is.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The folder or file cannot be made or read.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// The file is there and is not a key.
    #[error("{0}: not a device key; move it aside and enrol the kiosk again")]
    Shape(String),
}

/// The key: systemd's credential if it gives one, or else the file in the data folder, made on the first start. Makes
/// the folder too, closed to other users. `credentials` is what [`credentials`] says.
pub fn load_or_create(data: &Path, credentials: Option<&OsStr>) -> Result<Arc<dyn Device>, KeyError> {
    let io = |error| KeyError::Io(data.display().to_string(), error);
    DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(io)?;
    if let Some(key) = credentials.map(|folder| Credential::load(Path::new(folder))).transpose()?.flatten() {
        return Ok(Arc::new(key));
    }
    Ok(Arc::new(SoftwareFile::load_or_create(data)?))
}

/// Where systemd has put this process's credentials, if it gives any.
pub fn credentials() -> Option<OsString> {
    std::env::var_os(CREDENTIALS_VARIABLE)
}

impl Credential {
    /// `None`: systemd gives credentials, and this one is not among them.
    fn load(folder: &Path) -> Result<Option<Self>, KeyError> {
        let file = folder.join(CREDENTIAL);
        match std::fs::read(&file).map(Zeroizing::new) {
            Ok(bytes) => {
                let key = raw(&bytes).or_else(|| parse(std::str::from_utf8(&bytes).ok()?));
                key.map(|key| Some(Self(key))).ok_or_else(|| KeyError::Shape(file.display().to_string()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyError::Io(file.display().to_string(), error)),
        }
    }
}

impl SoftwareFile {
    fn load_or_create(data: &Path) -> Result<Self, KeyError> {
        let file = data.join(FILE);
        let io = |error| KeyError::Io(file.display().to_string(), error);
        match std::fs::read_to_string(&file).map(Zeroizing::new) {
            Ok(text) => parse(&text).map(Self).ok_or_else(|| KeyError::Shape(file.display().to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = SigningKey::generate(&mut UnwrapErr(getrandom::SysRng));
                let mut text = Zeroizing::new(String::with_capacity(64));
                URL_SAFE_NO_PAD.encode_string(key.as_bytes(), &mut text);
                text.push('\n');
                // Written whole under another name first: a power cut leaves either no key or the key.
                let fresh = data.join("device.key.new");
                let mut out =
                    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh).map_err(io)?;
                out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(io)?;
                std::fs::rename(&fresh, &file).map_err(io)?;
                std::fs::File::open(data).and_then(|folder| folder.sync_all()).map_err(io)?;
                Ok(Self(key))
            }
            Err(error) => Err(io(error)),
        }
    }
}

fn parse(text: &str) -> Option<SigningKey> {
    raw(&Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).ok()?))
}

fn raw(bytes: &[u8]) -> Option<SigningKey> {
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(bytes.try_into().ok()?);
    Some(SigningKey::from_bytes(&seed))
}

/// The public half, as `intake enrol` takes it.
pub fn public_text(key: &VerifyingKey) -> String {
    URL_SAFE_NO_PAD.encode(key.as_bytes())
}

#[cfg(test)]
mod tests;
