//! TLS: only whoever the office's own authority vouches for, under the right name and at this time, is sent anything.

use super::World;
use super::post::{Manners, Post};
use passport_kiosk::clock;
use passport_kiosk::domain::submission::Outcome;
use passport_kiosk::office::serve::{Edge, serve_with};
use passport_kiosk::office::tls::{CA_FILE, certify, server_config};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

const SAVED: u32 = 5;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const HERE: &str = "127.0.0.1";

/// A certificate for this name in a folder of its own, made at this moment; by a new authority, or by that of a folder.
fn certificate(world: &World, folder: &str, name: &str, authority: Option<&Path>, at_ms: i64) -> PathBuf {
    let out = world.folder.path().join(folder);
    certify(&[name.to_owned()], &out, authority, at_ms).unwrap();
    out
}

/// Somebody who has that certificate, and counts who came and what was said to him.
struct Impostor {
    address: SocketAddr,
    heard: watch::Receiver<(usize, usize)>,
}

impl Impostor {
    async fn stand(tls: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(server_config(tls).unwrap());
        let (tell, heard) = watch::channel((0, 0));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let mut said = Vec::new();
                if let Ok(mut kiosk) = acceptor.accept(socket).await {
                    // How it ends is nothing; what was said before is.
                    let _ = kiosk.read_buf(&mut said).await;
                }
                tell.send_modify(|(lines, bytes)| (*lines, *bytes) = (*lines + 1, *bytes + said.len()));
            }
        });
        Self { address, heard }
    }

    async fn comes(&mut self, lines: usize) {
        let there = self.heard.wait_for(|(came, _)| *came >= lines);
        tokio::time::timeout(super::PATIENCE, there).await.expect("the kiosk goes on trying").unwrap();
    }

    fn bytes(&self) -> usize {
        self.heard.borrow().1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_office_of_the_right_authority_name_and_time_is_sent_anything() {
    let today = clock::unix_ms();
    for (what, name, same_authority, at_ms) in [
        ("another authority", HERE, false, today),
        ("another name", "office.example", true, today),
        ("an expired certificate", HERE, true, today - 3 * 365 * DAY_MS),
    ] {
        let world = World::new().await;
        let ours = certificate(&world, "tls", HERE, None, today);
        let theirs = certificate(&world, "impostor", name, same_authority.then_some(ours.as_path()), at_ms);
        let office = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let office_at = office.local_addr().unwrap();
        let edge = Edge { tls: Some(server_config(&ours).unwrap()), ..Edge::default() };
        tokio::spawn(serve_with(office, world.at_office.clone(), edge, std::future::pending()));
        let mut impostor = Impostor::stand(&theirs).await;
        let post = Post::stand(Manners::Office(impostor.address)).await;
        world.save(0..SAVED).await;

        let ca = std::fs::read(ours.join(CA_FILE)).unwrap();
        let gateway = world.gateway_to(&format!("https://{}", post.address), Some(&ca));
        let outcome = gateway.ping().await.expect_err(what);
        assert!(matches!(outcome, Outcome::Offline | Outcome::NotTheOffice), "{what}: {outcome:?}");
        let sync = world.sync_by(Arc::clone(&gateway), 30);
        impostor.comes(5).await;
        assert_eq!(impostor.bytes(), 0, "{what}: nothing is said to it");
        assert_eq!(world.tally(), (SAVED, 0, 0), "{what}: everything stays queued");
        assert!(world.at_the_office().is_empty());

        post.behave(Manners::Office(office_at));
        world.until((0, SAVED, 0)).await;
        world.expect_at_the_office(0..SAVED);
        sync.stop().await;
        println!("{what}: {} lines, 0 bytes; then {SAVED} delivered", impostor.heard.borrow().0);
    }
}

/// The negative control of "nothing is said to it": with the right certificate the same listener is spoken to.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_right_certificate_is_spoken_to() {
    let world = World::new().await;
    let ours = certificate(&world, "tls", HERE, None, clock::unix_ms());
    let mut listener = Impostor::stand(&ours).await;
    let ca = std::fs::read(ours.join(CA_FILE)).unwrap();
    let gateway = world.gateway_to(&format!("https://{}", listener.address), Some(&ca));
    assert_eq!(gateway.ping().await.unwrap_err(), Outcome::Offline);
    listener.comes(1).await;
    assert!(listener.bytes() > 0);
}
