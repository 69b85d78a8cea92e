//! An office in the same process, over HTTP, and the gateways of two kiosks that are enrolled there.

use crate::clock;
use crate::envelope::OfficeSecret;
use crate::gateway::http::Gateway;
use crate::gateway::tls::OfficeTime;
use crate::gateway::trust::receipt_key_name;
use crate::office::store::Enrolment;
use crate::office::{self, Office, keys};
use ed25519_dalek::SigningKey;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const NOW_MS: i64 = 1_795_000_000_000;
/// Two kiosks by name, each with the seed of its device key.
const KIOSKS: [(&str, u8); 2] = [("kiosk-01", 7), ("kiosk-02", 8)];

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The way of the first or second kiosk to the office there.
pub(super) fn gateway(kiosk: usize, authority: &str) -> Arc<Gateway> {
    let secret = OfficeSecret::from_seed(&[9; 32]);
    let trust = keys::trust(&keys::bundle(1, NOW_MS, &[&secret], &[key(3).verifying_key()]), &key(1)).unwrap();
    let time = Arc::new(OfficeTime::new(NOW_MS, clock::boot_ms));
    let (name, seed) = KIOSKS[kiosk];
    Arc::new(Gateway::new(&format!("http://{authority}"), None, name, Arc::new(key(seed)), trust, time).unwrap())
}

/// A running office.
pub(super) struct Place {
    _folder: tempfile::TempDir,
    pub(super) authority: String,
    _stop: oneshot::Sender<()>,
}

pub(super) async fn office() -> Place {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let name = receipt_key_name(&key(3).verifying_key());
    let office = Office::open(folder.path(), key(3), name, || NOW_MS).unwrap();
    for (kiosk, seed) in KIOSKS {
        let (name, key_storage) = (String::new(), "software".to_owned());
        let key = key(seed).verifying_key();
        office.enrol(Enrolment { kiosk_id: kiosk.to_owned(), key, name, key_storage }).await.unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(office::serve(listener, office, async { drop(stopped.await) }));
    Place { _folder: folder, authority, _stop: stop }
}
