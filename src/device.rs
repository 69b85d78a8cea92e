//! The kiosk's own key: Ed25519, in a file of its data folder that only the kiosk's user can read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use rand_core::UnwrapErr;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

const FILE: &str = "device.key";

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

/// Reads the key, or makes it on the first start. Makes the folder too, closed to other users.
pub fn load_or_create(data: &Path) -> Result<SigningKey, KeyError> {
    let file = data.join(FILE);
    let io = |error| KeyError::Io(file.display().to_string(), error);
    DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(io)?;
    match std::fs::read_to_string(&file).map(Zeroizing::new) {
        Ok(text) => parse(&text).ok_or_else(|| KeyError::Shape(file.display().to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = SigningKey::generate(&mut UnwrapErr(getrandom::SysRng));
            let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(key.as_bytes()) + "\n");
            // Written whole under another name first: a power cut leaves either no key or the key.
            let fresh = data.join("device.key.new");
            let mut out =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh).map_err(io)?;
            out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(io)?;
            std::fs::rename(&fresh, &file).map_err(io)?;
            std::fs::File::open(data).and_then(|folder| folder.sync_all()).map_err(io)?;
            Ok(key)
        }
        Err(error) => Err(io(error)),
    }
}

fn parse(text: &str) -> Option<SigningKey> {
    let seed = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).ok()?);
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.as_slice().try_into().ok()?);
    Some(SigningKey::from_bytes(&seed))
}

/// The public half, as `intake enrol` takes it.
pub fn public_text(key: &SigningKey) -> String {
    URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes())
}
