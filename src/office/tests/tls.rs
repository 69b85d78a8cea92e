//! TLS in the binary: whoever pins the office's authority reaches the office, and nobody else instead of it.

use super::bench::{Bench, NOW_MS};
use crate::office::limits::Rates;
use crate::office::serve::Edge;
use crate::office::tls::{CA_FILE, CA_KEY_FILE, KEY_FILE, TlsError, certify, server_config};
use reqwest::{Certificate, Client, tls::Version};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;
use tokio::net::TcpStream;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn certified(names: &[&str], now_ms: i64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    certify(&names, &folder.path().join("tls"), None, now_ms).unwrap();
    folder
}

async fn office(tls: &Path) -> Bench {
    drop(rustls::crypto::ring::default_provider().install_default());
    Bench::with(Rates::default(), Edge { tls: Some(server_config(tls).unwrap()), ..Edge::default() }).await
}

fn client(ca: &Path, newest: Version) -> Client {
    let pem = Certificate::from_pem(&std::fs::read(ca.join(CA_FILE)).unwrap()).unwrap();
    Client::builder().no_proxy().tls_certs_only([pem]).tls_version_max(newest).build().unwrap()
}

async fn reaches(client: &Client, bench: &Bench) -> bool {
    let url = format!("https://{}/v1/ping?nonce=n", bench.authority);
    client.get(url).send().await.is_ok_and(|response| response.status() == 200)
}

/// Certificates are judged by the machine's clock, so these are made by it too.
fn now_ms() -> i64 {
    crate::clock::unix_ms().max(NOW_MS - 365 * DAY_MS)
}

#[tokio::test]
async fn a_kiosk_that_pins_the_authority_reaches_the_office_and_no_impostor() {
    let (ours, theirs) = (certified(&["127.0.0.1", "localhost"], now_ms()), certified(&["127.0.0.1"], now_ms()));
    let folder = ours.path().join("tls");
    let bench = office(&folder).await;
    let kiosk = client(&folder, Version::TLS_1_3);
    // Somebody who connects and says nothing keeps nobody else out.
    let _silent = TcpStream::connect(&bench.authority).await.unwrap();
    assert!(reaches(&kiosk, &bench).await);

    assert!(!reaches(&kiosk, &office(&theirs.path().join("tls")).await).await, "another authority");
    assert!(!reaches(&client(&theirs.path().join("tls"), Version::TLS_1_3), &bench).await, "another authority");
    assert!(!reaches(&client(&folder, Version::TLS_1_2), &bench).await, "TLS 1.2");
    let plain = Client::builder().no_proxy().build().unwrap();
    assert!(plain.get(format!("http://{}/v1/ping?nonce=n", bench.authority)).send().await.is_err(), "no TLS");
    assert!(bench.office.metrics().handshakes_failed.get() >= 3);
    assert!(reaches(&kiosk, &bench).await);
}

#[tokio::test]
async fn a_certificate_for_another_name_or_another_time_is_refused() {
    let long_ago = now_ms() - 800 * DAY_MS;
    let ahead = now_ms() + 30 * DAY_MS;
    for (names, made_ms, good) in [
        (["127.0.0.1"], now_ms(), true),
        (["office.example"], now_ms(), false),
        (["127.0.0.1"], long_ago, false),
        (["127.0.0.1"], ahead, false),
    ] {
        let folder = certified(&names, made_ms);
        let tls = folder.path().join("tls");
        assert_eq!(reaches(&client(&tls, Version::TLS_1_3), &office(&tls).await).await, good, "{names:?} {made_ms}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_needs_no_visit_to_a_kiosk() {
    let old = certified(&["127.0.0.1"], now_ms() - 800 * DAY_MS);
    let (authority, renewed) = (old.path().join("tls"), old.path().join("renewed"));
    certify(&["127.0.0.1".to_owned()], &renewed, Some(&authority), now_ms()).unwrap();
    assert!(!renewed.join(CA_KEY_FILE).exists());
    assert!(reaches(&client(&authority, Version::TLS_1_3), &office(&renewed).await).await);
}

#[test]
fn keys_are_for_their_owner_alone_and_nothing_is_overwritten() {
    let folder = certified(&["127.0.0.1"], NOW_MS);
    let tls = folder.path().join("tls");
    for name in [KEY_FILE, CA_KEY_FILE] {
        assert_eq!(std::fs::metadata(tls.join(name)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(matches!(certify(&["127.0.0.1".to_owned()], &tls, None, NOW_MS), Err(TlsError::Exists(_))));
    let other = folder.path().join("other");
    assert!(matches!(certify(&["bücher.example".to_owned()], &other, None, NOW_MS), Err(TlsError::Name(_))));
    std::fs::write(tls.join(KEY_FILE), "not a key").unwrap();
    assert!(matches!(server_config(&tls), Err(TlsError::Pem(_))));
}
