//! Two clients that we did not build, to see that the network would find them out.

use super::proxy::message;
use super::{KIOSK, World, name, save};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passport_kiosk::domain::submission::{Attention, Outcome};
use passport_kiosk::envelope::Manifest;
use passport_kiosk::gateway::signature::{self, SIGNATURE, SIGNATURE_INPUT};
use passport_kiosk::gateway::wire::{
    CONTENT_DIGEST, KIOSK_EPOCH, KIOSK_ID, MANIFEST_SIGNATURE, content_digest, part_path, signature_to_header,
    submission_path,
};
use passport_kiosk::queue::store::Due;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::SocketAddr;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uuid::Uuid;

const TRIES: u32 = 60;

/// Sends everything that is due and believes any success; gives what it then calls delivered.
pub(super) async fn believes_any_success(world: &World, network: SocketAddr) -> BTreeSet<Uuid> {
    let mut believed = BTreeSet::new();
    for due in world.queue.due(1_000).await.unwrap() {
        let id = due.ids.submission;
        for _ in 0..TRIES {
            let signature = Some(signature_to_header(&due.signature));
            match put(world, network, &due, &submission_path(id), &due.manifest, signature).await {
                Some(200..300) => {
                    believed.insert(id);
                    break;
                }
                Some(424) => {
                    let sealed = world.queue.part(id, 0).await.unwrap().unwrap();
                    put(world, network, &due, &part_path(id, 0), &sealed, None).await;
                }
                Some(_) | None => {}
            }
        }
    }
    believed
}

/// Signed as a kiosk signs; gives the status and looks at nothing else.
async fn put(
    world: &World,
    network: SocketAddr,
    due: &Due,
    path: &str,
    body: &[u8],
    manifest_signature: Option<String>,
) -> Option<u16> {
    let (authority, digest) = (network.to_string(), content_digest(body));
    let epoch = URL_SAFE_NO_PAD.encode(Manifest::parse(&due.manifest).unwrap().db_epoch);
    let parts = signature::Parts {
        method: "PUT",
        authority: &authority,
        path,
        query: None,
        content_digest: Some(&digest),
        kiosk_epoch: &epoch,
    };
    let device = &world.device;
    let signed = signature::sign(&parts, KIOSK, 0, &|bytes| ed25519_dalek::Signer::sign(device, bytes).to_bytes());
    let mut request = format!("PUT {path} HTTP/1.1\r\nhost: {authority}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in [
        (KIOSK_ID, KIOSK),
        (KIOSK_EPOCH, &epoch),
        (CONTENT_DIGEST, &digest),
        (SIGNATURE_INPUT, &signed.input),
        (SIGNATURE, &signed.signature),
    ] {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    if let Some(value) = manifest_signature {
        write!(request, "{MANIFEST_SIGNATURE}: {value}\r\n").unwrap();
    }
    let mut bytes = format!("{request}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    let mut line = TcpStream::connect(network).await.ok()?;
    line.write_all(&bytes).await.ok()?;
    let answer = message(&mut line, &mut Vec::new()).await?;
    std::str::from_utf8(&answer[..16]).ok()?.split(' ').nth(1)?.parse().ok()
}

/// Sends these citizens' dossiers, and each attempt under ids of its own; gives how many the office has too many.
pub(super) async fn draws_a_new_id_for_each_attempt(world: &World, network: SocketAddr, citizens: u32) -> usize {
    let gateway = world.gateway(network);
    for n in 0..citizens {
        loop {
            let ids = save(&world.queue, n).await;
            let mut due = world.queue.due(1).await.unwrap();
            let due = due.pop().unwrap();
            assert_eq!(due.ids, ids);
            let mut answer = gateway.offer(&due).await;
            if let Outcome::MissingParts(_) = answer.outcome {
                let sealed = world.queue.part(ids.submission, 0).await.unwrap().unwrap();
                let _ = gateway.send_part(ids.submission, 0, sealed).await;
                answer = gateway.offer(&due).await;
            }
            if let Some((receipt, signed)) = answer.receipt {
                world.queue.received(receipt, signed).await.unwrap();
                break;
            }
            world.queue.attention(ids.submission, Attention::Refused).await.unwrap();
        }
    }
    let found = world.at_the_office();
    let different: BTreeSet<_> = found.iter().collect();
    assert_eq!(different.len(), citizens as usize, "{} to {}", name(0), name(citizens - 1));
    found.len() - different.len()
}
