//! Everything that is not the office, and everything that goes wrong with it: nothing is called delivered, nothing is
//! lost, nothing is doubled, and one bad submission stops no other.

use super::super::rig::eventually;
use super::post::{Manners, Post, Request, says};
use super::{EDITION, KIOSK, NOW_MS, World, name, save, start_queue};
use ed25519_dalek::SigningKey;
use passport_kiosk::gateway::trust::receipt_key_name;
use passport_kiosk::gateway::wire::{Pong, Receipt, Signed, submission_path};
use passport_kiosk::sync::News;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const SAVED: u32 = 5;

fn always(answer: String) -> Manners {
    Manners::Answers(Arc::new(move |_| answer.clone()))
}

fn captive_portal() -> Manners {
    always(says("200 OK", "content-type: text/html\r\n", "<html><title>Wi-Fi</title>Bấm vào đây để đăng nhập</html>"))
}

/// Takes every part and then asks for it again.
fn forgetful() -> Manners {
    Manners::Answers(Arc::new(|request| {
        if request.path.contains("/parts/") {
            says("200 OK", "", "")
        } else {
            says("424 Failed Dependency", "content-type: application/json\r\n", "{\"missing\":[0]}")
        }
    }))
}

/// Nothing is delivered as long as it behaves like this for some requests; then the office is back.
async fn survives(what: &str, manners: Manners, requests: usize) {
    let world = World::new().await;
    world.save(0..SAVED).await;
    let post = Post::stand(manners).await;
    let sync = world.sync(post.address);
    post.serve_more(requests).await;
    assert_eq!(world.tally(), (SAVED, 0, 0), "{what}: everything stays queued");
    let told = sync.news.lock().unwrap().clone();
    assert!(!told.iter().any(|news| matches!(news, News::Delivered(_))), "{what}: {told:?}");
    assert!(world.queue.due(100).await.unwrap().iter().all(|due| due.ids.submission.get_version_num() == 7));

    post.behave(Manners::Office(world.office));
    world.until((0, SAVED, 0)).await;
    world.expect_at_the_office(0..SAVED);
    sync.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_the_office_gets_nothing_called_delivered() {
    let json = "content-type: application/json\r\n";
    for (what, manners, requests) in [
        ("a captive portal", captive_portal(), 6),
        ("a redirect", always(says("302 Found", "location: http://127.0.0.1:1/login\r\n", "")), 6),
        ("a network login", always(says("511 Network Authentication Required", "", "<html>login</html>")), 6),
        ("no content", always(says("204 No Content", "", "")), 6),
        ("an empty success", always(says("201 Created", json, "{}")), 6),
        ("not even HTTP", always("SSH-2.0-OpenSSH_9.2\r\n".to_owned()), 6),
        ("an endless answer", always(says("200 OK", json, &"[".repeat(300_000))), 3),
        ("a portal that likes 422", always(says("422 Unprocessable Content", "", "<html>no</html>")), 6),
        ("a portal that likes 409", always(says("409 Conflict", "", "<html>no</html>")), 6),
        ("busy, come back later", always(says("503 Service Unavailable", "retry-after: 1\r\n", "")), 2),
        ("busy", always(says("503 Service Unavailable", "", "")), 6),
        ("out of order", always(says("500 Internal Server Error", "", "")), 6),
        ("a gateway without an office", always(says("502 Bad Gateway", json, "{\"code\":\"x\"}")), 6),
        ("parts that vanish", always(says("424 Failed Dependency", json, "{\"missing\":[0]}")), 6),
        ("an office that forgets every part", forgetful(), 6),
        ("parts that were never there", always(says("424 Failed Dependency", json, "{\"missing\":[7]}")), 6),
        ("silence", Manners::Silent(Duration::from_millis(50)), 4),
        ("a line that is cut at once", Manners::HangsUp, 6),
    ] {
        println!("{what}");
        survives(what, manners, requests).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_is_not_the_offices_for_exactly_this_submission_is_no_receipt() {
    type Forge = fn(&mut Receipt);
    let keep: Forge = |_| ();
    let forgeries: [(&str, Forge, [u8; 32]); 7] = [
        ("signed by another key", keep, [4; 32]),
        ("for another submission", |receipt| receipt.submission_id = Uuid::now_v7(), [3; 32]),
        ("for another dossier", |receipt| receipt.dossier_id = Uuid::now_v7(), [3; 32]),
        ("for another kiosk", |receipt| receipt.kiosk_id = "chu-lai-2".to_owned(), [3; 32]),
        ("in the name of another key", |receipt| receipt.key_id = "receipt-00000000".to_owned(), [3; 32]),
        ("for other content", |receipt| receipt.manifest_sha256[0] ^= 1, [3; 32]),
        ("the control: a true one", keep, [3; 32]),
    ];
    for (what, forge, key) in forgeries {
        let world = World::new().await;
        world.save(0..SAVED).await;
        let (true_key, signing_key) = (world.receipt.clone(), SigningKey::from_bytes(&key));
        // Whoever it is can answer pings like the office: the receipts alone are wrong.
        let answer = move |request: &Request| {
            if !request.path.contains("ping") && !request.path.starts_with("/v1/submissions/") {
                return says("404 Not Found", "", "");
            }
            let signed = if let Some((_, nonce)) = request.path.split_once("nonce=") {
                Signed::sign(&pong(nonce), &true_key)
            } else {
                let mut receipt = receipt(&request.body);
                forge(&mut receipt);
                Signed::sign(&receipt, &signing_key)
            };
            let status = if request.path.contains("ping") { "200 OK" } else { "201 Created" };
            says(status, "", &serde_json::to_string(&signed.unwrap()).unwrap())
        };
        let post = Post::stand(Manners::Answers(Arc::new(answer))).await;
        let sync = world.sync(post.address);
        if what.starts_with("the control") {
            world.until((0, SAVED, 0)).await;
        } else {
            post.serve_more(8).await;
            assert_eq!(world.tally(), (SAVED, 0, 0), "{what}");
            post.behave(Manners::Office(world.office));
            world.until((0, SAVED, 0)).await;
            world.expect_at_the_office(0..SAVED);
        }
        sync.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_commits_and_cannot_say_so_has_each_exactly_once() {
    let world = World::new().await;
    world.save(0..SAVED).await;
    let post = Post::stand(Manners::CutsReceipts(world.office)).await;
    let sync = world.sync(post.address);
    post.serve_more(4).await;
    assert_eq!(world.tally(), (SAVED, 0, 0), "without its receipt nothing is delivered");
    assert_eq!(world.at_the_office(), [name(0)], "although the office has it");
    post.behave(Manners::Office(world.office));
    world.until((0, SAVED, 0)).await;
    world.expect_at_the_office(0..SAVED);
    sync.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_refuses_is_a_closed_way() {
    let world = World::new().await;
    world.save(0..SAVED).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sync = world.sync(nobody);
    let heard = Arc::clone(&sync.news);
    eventually("it is said that the way is closed", || !heard.lock().unwrap().is_empty());
    drop(heard);
    assert!(sync.stop().await.iter().all(|news| *news == News::Online(false)));
    assert_eq!(world.tally(), (SAVED, 0, 0));
    let sync = world.sync(world.office);
    world.until((0, SAVED, 0)).await;
    world.expect_at_the_office(0..SAVED);
    sync.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_or_conflicting_submission_waits_for_an_officer_and_the_next_ones_flow_on() {
    let mut world = World::new().await;
    // Sealed under a name that is not ours: 422 at the office.
    drop(world.queue);
    world.thread.join();
    let (queue, thread) = start_queue(world.folder.path(), "chu-lai-9", &world.device, &world.secret);
    save(&queue, 100).await;
    drop(queue);
    thread.join();
    (world.queue, world.thread) = start_queue(world.folder.path(), KIOSK, &world.device, &world.secret);
    // Other bytes are at the office under this one's id: 409.
    let [conflicting] = world.save(101..102).await[..] else { panic!("one") };
    assert_eq!(world.gateway(world.office).send_part(conflicting.submission, 0, b"other bytes".to_vec()).await, Ok(()));
    world.save(0..SAVED).await;

    let sync = world.sync(world.office);
    world.until((0, SAVED, 2)).await;
    world.expect_at_the_office(0..SAVED);
    let news = sync.stop().await;
    assert_eq!(news.iter().filter(|news| matches!(news, News::Delivered(_))).count(), SAVED as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_does_not_know_the_kiosk_gets_nothing_and_nothing_is_lost() {
    let json = "content-type: application/json\r\n";
    for status in ["401 Unauthorized", "403 Forbidden"] {
        survives(status, always(says(status, json, "{\"code\":\"unknown-kiosk\"}")), 6).await;
    }
}

/// A kiosk that was set up anew, or a proxy that alters what is signed: the office answers every ping and refuses every
/// request's signature. That is the kiosk's matter: no dossier is to blame, and none is left to an officer.
#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_the_office_refuses_stops_the_kiosk_and_blames_no_dossier() {
    let mut world = World::new().await;
    world.save(0..SAVED).await;
    let enrolled = std::mem::replace(&mut world.device, SigningKey::from_bytes(&[8; 32]));
    let sync = world.sync(world.office);
    let heard = Arc::clone(&sync.news);
    eventually("the kiosk is told that it is denied", || heard.lock().unwrap().contains(&News::Online(false)));
    drop(heard);
    sync.stop().await;
    assert_eq!(world.tally(), (SAVED, 0, 0));
    world.device = enrolled;
    let sync = world.sync(world.office);
    world.until((0, SAVED, 0)).await;
    world.expect_at_the_office(0..SAVED);
    sync.stop().await;
}

/// The negative control: the same situations do lose dossiers when any 2xx is taken for delivery.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_believes_any_success_loses_everything_to_a_captive_portal() {
    let world = World::new().await;
    world.save(0..SAVED).await;
    let post = Post::stand(captive_portal()).await;
    for due in world.queue.due(100).await.unwrap() {
        let (address, id, manifest) = (post.address, due.ids.submission, due.manifest.clone());
        let status = tokio::task::spawn_blocking(move || naive_put(address, id, &manifest)).await.unwrap();
        if (200..300).contains(&status) {
            world.queue.received(receipt(&due.manifest), "{}".to_owned()).await.unwrap();
        }
    }
    let lost = world.tally().1 as usize - world.at_the_office().len();
    assert_eq!(lost, SAVED as usize, "called delivered, and not at the office");
}

/// Gives the status and looks at nothing else.
fn naive_put(office: SocketAddr, id: Uuid, manifest: &[u8]) -> u16 {
    let mut line = TcpStream::connect(office).unwrap();
    let head =
        format!("PUT {} HTTP/1.1\r\nhost: office\r\ncontent-length: {}\r\n\r\n", submission_path(id), manifest.len());
    line.write_all(head.as_bytes()).and_then(|()| line.write_all(manifest)).unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn pong(nonce: &str) -> Pong {
    Pong {
        v: 1,
        nonce: nonce.to_owned(),
        server_time_ms: NOW_MS,
        office_epoch: [6; 16],
        durable_through: 0,
        bundle_version: 0,
        challenge: String::new(),
        key_id: receipt_key_name(&SigningKey::from_bytes(&[3; 32]).verifying_key()),
    }
}

/// What the office would say of this manifest.
fn receipt(manifest: &[u8]) -> Receipt {
    let read = passport_kiosk::envelope::Manifest::parse(manifest).unwrap();
    assert_eq!(read.form_edition, EDITION);
    Receipt {
        v: 1,
        dossier_id: read.dossier_id,
        submission_id: read.submission_id,
        kiosk_id: read.kiosk_id,
        db_epoch: read.db_epoch,
        manifest_sha256: Sha256::digest(manifest).into(),
        receipt_no: 1,
        server_time_ms: NOW_MS,
        office_epoch: [6; 16],
        key_id: receipt_key_name(&SigningKey::from_bytes(&[3; 32]).verifying_key()),
    }
}
