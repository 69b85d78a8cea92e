//! The real `intake` as a process, from its keys to its end, on both stores: what an office does in its first years.

use super::intake::{Desk, Goods, Kiosk, PHONE, SURNAME, Server, is_nowhere};
use super::postgres::{Cluster, mortal, shared};
use passport_kiosk::gateway::parcel::Parcel;
use passport_kiosk::gateway::wire::{
    Beat, BeatHeard, Enrol, Enrolled, Receipt, Refusal, Signed, StatusBatch, submission_path,
};
use passport_kiosk::office::keys::{PUBLIC_FILE, RECEIPT_FILE};
use reqwest::Method;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

const KIOSK: &str = "chu-lai-1";
const FAR_KIOSK: &str = "dao-xa-1";
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_on_the_embedded_store_does_everything_from_keys_to_the_end() {
    let mut desk = Desk::new(None);
    whole_way(&mut desk, None).await;
    assert!(is_nowhere(desk.folder.path()), "nothing that was entered lies open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_on_postgres_does_everything_from_keys_to_the_end() {
    let Some(cluster) = shared().await else { return };
    for name in ["intake_live", "intake_copy"] {
        cluster.execute("postgres", &format!("CREATE DATABASE {name}")).await;
    }
    let mut desk = Desk::new(Some(cluster.far_url("intake_live")));
    whole_way(&mut desk, Some(cluster)).await;
    assert!(is_nowhere(desk.folder.path()), "nothing that was entered lies open");
}

async fn whole_way(desk: &mut Desk, cluster: Option<&Cluster>) {
    let server = desk.serve("data", "keys");
    assert!(may_not_dump(server.id()), "it forbids core dumps");
    let kiosk = enrolled(desk, &server).await;
    let mut goods = Vec::new();
    for seq in 1..=3 {
        let next = kiosk.dossier(seq);
        let (status, receipt) = kiosk.deliver(&server, &next).await.unwrap();
        assert_eq!((status, receipt.receipt_no, receipt.submission_id), (201, seq, next.ids.submission));
        goods.push(next);
    }
    listed(desk, &server, &kiosk).await;
    told_of_states(desk, &server, &kiosk, &goods[0]).await;
    let copied = kiosk.receipt_of(&server, &goods[2]).await;
    copy(desk, cluster);
    assert_eq!(kiosk.pong(&server).await.durable_through, 3);
    let late = kiosk.dossier(4);
    assert_eq!(kiosk.deliver(&server, &late).await.unwrap().1.receipt_no, 4);
    assert!(server.terminate().success());

    restore(desk, cluster);
    let server = desk.serve("next", "keys");
    let known = kiosk.receipt_of(&server, &goods[2]).await;
    assert_ne!(known.office_epoch, copied.office_epoch);
    assert_eq!(known, Receipt { office_epoch: known.office_epoch, ..copied }, "only the epoch is another one");
    let (status, _) = kiosk.ask(&server, Method::GET, &submission_path(late.ids.submission), b"").await;
    assert_eq!(status, 404, "the copy lacks it");
    let (status, again) = kiosk.deliver(&server, &late).await.unwrap();
    assert_eq!((status, again.receipt_no, again.office_epoch), (201, 4, known.office_epoch));
    assert!(server.terminate().success());

    let (server, kiosk) = with_the_next_key(desk, kiosk, &goods[2]).await;
    imported(desk, &server).await;
    opened(desk);
    revoked(desk, &server, &kiosk, &goods[0]).await;
    assert!(server.terminate().success(), "{}", desk.log());
    let log = desk.log();
    assert_eq!(log.matches("\"stopped\"").count(), 3, "{log}");
    assert!(!log.contains("\"all_finished\":false"), "{log}");
}

/// An officer makes a code, and the kiosk that knows it enrols itself.
async fn enrolled(desk: &Desk, server: &Server) -> Kiosk {
    let kiosk = Kiosk::new(KIOSK, desk);
    let made = desk.order(&["code", "--kiosk", KIOSK]);
    let code = made["code"].as_str().unwrap();
    let enrol = Enrol {
        v: 1,
        challenge: kiosk.pong(server).await.challenge,
        kiosk_id: KIOSK.to_owned(),
        code: code.to_lowercase(),
        public_key: kiosk.public_key(),
        key_storage: "software".to_owned(),
    };
    let here = submission_path(kiosk.dossier(1).ids.submission);
    assert_eq!(kiosk.ask(server, Method::GET, &here, b"").await.0, 401, "not before");
    let (status, body) = kiosk.ask(server, Method::POST, "/v1/enrol", &serde_json::to_vec(&enrol).unwrap()).await;
    assert_eq!(status, 201, "{body}");
    let enrolled: Enrolled = kiosk.trust.verify(&serde_json::from_str::<Signed>(&body).unwrap()).unwrap();
    assert_eq!((enrolled.kiosk_id.as_str(), enrolled.public_key), (KIOSK, kiosk.public_key()));
    assert_eq!(kiosk.ask(server, Method::GET, &here, b"").await.0, 404, "now it may ask");
    assert!(!desk.log().contains(code));
    kiosk
}

/// The technician sees who is there, before and after the first heartbeat.
async fn listed(desk: &Desk, server: &Server, kiosk: &Kiosk) {
    let before = desk.order(&["kiosks"]);
    assert_eq!((&before["kiosk"], &before["key_storage"]), (&KIOSK.into(), &"software".into()));
    assert!(before["heard"].is_null() && before["revoked"] == false);
    let beat = Beat {
        v: 1,
        challenge: kiosk.pong(server).await.challenge,
        program: "0.1.0".to_owned(),
        queued: 2,
        received: 3,
        attention: 1,
        oldest_queued_s: Some(60),
        clock_offset_ms: -12,
        disk_free_bytes: 1 << 30,
        quarantined: 0,
        key_storage: "systemd-credential".to_owned(),
        bundle_version: 1,
        journal_seq: 9,
        journal_head: [9; 32],
    };
    let (status, body) = kiosk.ask(server, Method::POST, "/v1/heartbeat", &serde_json::to_vec(&beat).unwrap()).await;
    assert_eq!(status, 200, "{body}");
    let heard: BeatHeard = kiosk.trust.verify(&serde_json::from_str::<Signed>(&body).unwrap()).unwrap();
    assert!(heard.journal_grows);
    let after = desk.order(&["kiosks"]);
    let heard = &after["heard"];
    assert_eq!((&after["key_storage"], &heard["queued"]), (&"systemd-credential".into(), &2.into()));
    assert!(heard["age_s"].as_i64().unwrap() < 60 && heard["journal_broken_since_ms"].is_null(), "{after}");
}

/// The officer's words on the command line are what the kiosk hears.
async fn told_of_states(desk: &Desk, server: &Server, kiosk: &Kiosk, goods: &Goods) {
    let (submission, dossier) = (goods.ids.submission.to_string(), goods.ids.dossier.to_string());
    let set = |rest: &[&str]| {
        let words = [&["status", "set", "--submission", &submission, "--state"], rest].concat();
        desk.with_store(&words, "data").code
    };
    assert_eq!(set(&["returned", "--reason", "photo-blurred", "--field", "photo", "--field", "phone"]), Some(0));
    assert_eq!(set(&["returned", "--reason", "Nguyễn Văn A"]), Some(2), "a reason is a code");
    assert_eq!(set(&["national-3"]), Some(1), "not before the portal's code");
    desk.order(&["record-portal-code", "--dossier", &dossier, "--code", "G01.899.108-261125-0001"]);
    assert_eq!(set(&["national-3"]), Some(0));

    let challenge = kiosk.pong(server).await.challenge;
    let target = format!("/v1/status?cursor=0&challenge={challenge}");
    let (status, body) = kiosk.ask(server, Method::GET, &target, b"").await;
    assert_eq!(status, 200, "{body}");
    let batch: StatusBatch = kiosk.trust.verify(&serde_json::from_str::<Signed>(&body).unwrap()).unwrap();
    let told: Vec<_> = batch.entries.iter().map(|entry| (entry.state.as_str(), entry.reason.as_deref())).collect();
    assert_eq!(told, [("returned", Some("photo-blurred")), ("national-3", None)]);
    assert_eq!(batch.entries[0].fields, ["photo", "phone"]);
    assert!(batch.entries.iter().all(|entry| entry.submission_id == goods.ids.submission));
}

/// A backup that was seen to be readable, and the watermark that follows.
fn copy(desk: &Desk, cluster: Option<&Cluster>) {
    assert_eq!(desk.order(&["durable"])["durable_through"], 0);
    assert_eq!(desk.with_store(&["durable", "--through", "9"], "data").code, Some(1), "nothing has that number");
    match cluster {
        None => {
            let copied = desk.order(&["backup", "--to", "copy.db", "--not-yet-durable"]);
            assert_eq!((&copied["copied_through"], &copied["durable"]), (&3.into(), &false.into()));
            assert_eq!(desk.order(&["durable"])["durable_through"], 0);
            std::fs::remove_file(desk.path("copy.db")).unwrap();
            assert_eq!(desk.order(&["backup", "--to", "copy.db"])["copied_through"], 3);
            assert_eq!(desk.with_store(&["backup", "--to", "copy.db"], "data").code, Some(1), "never over another");
        }
        Some(cluster) => {
            assert_eq!(desk.with_store(&["backup", "--to", "copy.db"], "data").code, Some(2));
            tokio::task::block_in_place(|| cluster.run("pg_dump", ["-Fc", "-f", "intake_dump", "intake_live"]));
            tokio::task::block_in_place(|| cluster.run("pg_restore", ["-d", "intake_copy", "intake_dump"]));
            desk.order(&["durable", "--restored", &cluster.far_url("intake_copy")]);
        }
    }
    assert_eq!(desk.order(&["durable"])["durable_through"], 3);
}

/// The machine burned; the copy becomes the office.
fn restore(desk: &mut Desk, cluster: Option<&Cluster>) {
    let restored = match cluster {
        None => desk.with_store(&["restore", "--from", "copy.db"], "next").line(),
        Some(cluster) => {
            desk.database = Some(cluster.far_url("intake_copy"));
            desk.order(&["restore"])
        }
    };
    assert_eq!(restored["last_receipt_no"], 3);
}

/// The root signs a bundle with another receipt key; kiosks believe what it signs, and the old one until it is dropped.
async fn with_the_next_key(desk: &Desk, kiosk: Kiosk, known: &Goods) -> (Server, Kiosk) {
    let trust = format!("keys/{PUBLIC_FILE}");
    let rotated = desk.run(&["rotate", "--trust", &trust, "--root", "safe", "--out", "keys-2", "--receipt"]).line();
    assert_eq!(rotated["bundle_version"], 2);
    // The new key without the bundle that names it: no kiosk would believe this server.
    std::fs::create_dir(desk.path("half")).unwrap();
    for (from, name) in [("keys-2", RECEIPT_FILE), ("keys", PUBLIC_FILE)] {
        std::fs::copy(desk.path(from).join(name), desk.path("half").join(name)).unwrap();
    }
    let words = ["serve", "--keys", "half", "--tls", "tls", "--listen", "127.0.0.1:0"];
    assert_eq!(desk.with_store(&words, "next").code, Some(1));

    let server = desk.serve("next", "keys-2");
    let (status, body) = kiosk.ask(&server, Method::GET, "/v1/keys", b"").await;
    assert_eq!(status, 200, "{body}");
    let old_key = kiosk.trust.clone();
    let trust = kiosk.trust.newer(&serde_json::from_str(&body).unwrap()).expect("the root's next bundle");
    assert_eq!(trust.version(), 2);
    let kiosk = kiosk.trusting(trust);
    let receipt = kiosk.receipt_of(&server, known).await;
    assert!(old_key.receipt_key(&receipt.key_id).is_none(), "signed by the new key");
    assert_eq!(kiosk.deliver(&server, &kiosk.dossier(5)).await.unwrap().1.receipt_no, 5);
    (server, kiosk)
}

/// A dossier on a medium from a kiosk without a network, while the office serves.
async fn imported(desk: &Desk, server: &Server) {
    let kiosk = Kiosk::new(FAR_KIOSK, desk).trusting(desk.trust("keys-2"));
    let goods = kiosk.dossier(1);
    let parcel = Parcel {
        manifest: goods.sealed.manifest.clone(),
        signature: goods.sealed.signature,
        parts: goods.sealed.parts.clone(),
    };
    let name = Parcel::file_name(goods.ids.submission);
    let bytes = parcel.to_bytes();
    let import = |file: &str| desk.with_store(&["import", "--keys", "keys-2", file], "next");
    std::fs::write(desk.path(&name), &bytes).unwrap();
    let refused = import(&name);
    assert_eq!((refused.code, &refused.lines()[0]["error"]), (Some(1), &"bad-signature".into()), "not admitted yet");
    desk.with_store(&["enrol", "--kiosk", FAR_KIOSK, "--key", &kiosk.public_key(), "--name", "Đảo xa"], "next").line();
    let mut receipts = Vec::new();
    for _ in 0..2 {
        assert_eq!(import(&name).line()["imported"], goods.ids.submission.to_string());
        let receipt = std::fs::read_to_string(desk.path(&name).with_extension("receipt")).unwrap();
        receipts.push(kiosk.receipt(&receipt));
    }
    assert_eq!((receipts[0].receipt_no, &receipts[0]), (6, &receipts[1]), "twice is once");
    assert_eq!(kiosk.deliver(server, &goods).await.unwrap(), (200, receipts.remove(0)), "and once over the network");

    let mut altered = bytes;
    altered[200] ^= 1;
    std::fs::write(desk.path("altered.parcel"), altered).unwrap();
    let refused = import("altered.parcel");
    assert_eq!((refused.code, &refused.lines()[0]["error"]), (Some(1), &"not-a-parcel".into()));
}

/// On the inside machine, while the office serves: everything once, and what was entered only if asked for.
fn opened(desk: &Desk) {
    let listed = desk.with_store(&["open", "--keys", "inside", "--list"], "next");
    assert_eq!(listed.code, Some(0), "{}{}", listed.out, listed.err);
    let numbers: Vec<_> = listed.lines().iter().map(|line| line["receipt_no"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    assert!(!listed.out.contains(SURNAME) && !listed.out.contains(PHONE), "{}", listed.out);
    let shown = desk.with_store(&["open", "--keys", "inside", "--json"], "next");
    assert!(shown.lines().iter().all(|line| line["fields"]["family_name"]["value"] == SURNAME));
    let wrong = desk.with_store(&["open", "--keys", "keys", "--list"], "next");
    assert_eq!(wrong.code, Some(2), "the serving machine cannot");
}

async fn revoked(desk: &Desk, server: &Server, kiosk: &Kiosk, goods: &Goods) {
    desk.with_store(&["revoke", "--kiosk", KIOSK], "next").line();
    let (status, body) = kiosk.ask(server, Method::GET, &submission_path(goods.ids.submission), b"").await;
    let refusal: Refusal = serde_json::from_str(&body).unwrap();
    assert_eq!((status, refusal.code.as_str()), (403, "revoked"));
    let refused = kiosk.deliver(server, &kiosk.dossier(6)).await;
    assert!(matches!(refused, Err((403, _))), "{refused:?}");
    let listed = desk.with_store(&["kiosks"], "next");
    let shut_out: Vec<_> = listed.lines().iter().map(|line| line["revoked"] == true).collect();
    assert_eq!(shut_out, [true, false]);
    assert_eq!(desk.with_store(&["code", "--kiosk", KIOSK], "next").code, Some(1), "for good");
}

/// Two programs on one database, and every dossier to both at once: one receipt each, and no number left out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_intakes_on_one_database_store_everything_once() {
    const EACH: u64 = 12;
    let Some(cluster) = shared().await else { return };
    cluster.execute("postgres", "CREATE DATABASE intake_twice").await;
    let desk = Desk::new(Some(cluster.far_url("intake_twice")));
    let servers = Arc::new([desk.serve("data", "keys"), desk.serve("data", "keys")]);
    let mut senders = JoinSet::new();
    for id in ["chu-lai-1", "chu-lai-2", "chu-lai-3"] {
        let (kiosk, servers) = (Kiosk::new(id, &desk), Arc::clone(&servers));
        desk.order(&["enrol", "--kiosk", id, "--key", &kiosk.public_key()]);
        senders.spawn(async move {
            // What one of them calls now, the other one does too.
            let challenge = kiosk.pong(&servers[0]).await.challenge;
            let target = format!("/v1/status?cursor=0&challenge={challenge}");
            assert_eq!(kiosk.ask(&servers[1], Method::GET, &target, b"").await.0, 200);
            let mut numbers = Vec::new();
            for seq in 1..=EACH {
                let goods = kiosk.dossier(seq);
                let both = tokio::join!(kiosk.deliver(&servers[0], &goods), kiosk.deliver(&servers[1], &goods));
                let ((one_status, one), (other_status, other)) = (both.0.unwrap(), both.1.unwrap());
                assert_eq!(one, other, "one receipt, whoever signs it");
                assert_eq!(one_status + other_status, 201 + 200, "stored once");
                numbers.push(one.receipt_no);
            }
            numbers
        });
    }
    let mut numbers = senders.join_all().await.concat();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=3 * EACH), "{numbers:?}");
    let listed = desk.with_store(&["open", "--keys", "inside", "--list"], "data");
    let opened: Vec<_> = listed.lines().iter().map(|line| line["receipt_no"].as_u64().unwrap()).collect();
    assert_eq!(opened, numbers);
    let servers = Arc::into_inner(servers).expect("nobody sends any more");
    assert!(servers.into_iter().all(|server| server.terminate().success()));
    println!("{} dossiers to two intakes at once: {} stored, 0 twice", 3 * EACH, opened.len());
}

/// The database goes away under a running office: kiosks are told to come again, and are served when it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_kiosks_are_asked_to_come_again_and_then_served() {
    let Some(cluster) = mortal().await else { return };
    cluster.execute("postgres", "CREATE DATABASE intake_away").await;
    let desk = Desk::new(Some(cluster.far_url("intake_away")));
    let (server, kiosk) = (desk.serve("data", "keys"), Kiosk::new(KIOSK, &desk));
    desk.order(&["enrol", "--kiosk", KIOSK, "--key", &kiosk.public_key()]);
    let (before, after) = (kiosk.dossier(1), kiosk.dossier(2));
    kiosk.deliver(&server, &before).await.unwrap();

    tokio::task::block_in_place(|| cluster.stop_at_once());
    for target in ["/v1/ping?nonce=n".to_owned(), "/v1/keys".to_owned(), submission_path(before.ids.submission)] {
        let began = Instant::now();
        let response = kiosk.request(&server, Method::GET, &target, b"").send().await.unwrap();
        assert_eq!(response.status(), 503, "{target}");
        let wait_s: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait_s), "{wait_s}");
        let refusal: Refusal = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(refusal.code, "unavailable");
        assert!(began.elapsed() < Duration::from_secs(10), "{target}: {:?}", began.elapsed());
    }
    assert!(matches!(kiosk.deliver(&server, &after).await, Err((503, _))));
    let early = desk.with_store(&["kiosks"], "data");
    assert_eq!((early.code, early.err.contains("not available")), (Some(1), true), "{}", early.err);

    tokio::task::block_in_place(|| cluster.start_again());
    let began = Instant::now();
    let receipt = loop {
        match kiosk.deliver(&server, &after).await {
            Ok((_, receipt)) => break receipt,
            Err((503, _)) => assert!(began.elapsed() < PATIENCE, "it does not come back by itself"),
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!((receipt.receipt_no, kiosk.receipt_of(&server, &before).await.receipt_no), (2, 1));
    println!("served again {:?} after the database was back", began.elapsed());
    assert!(server.terminate().success());
}

/// The hard limit for core files is taken, as `/proc` says it.
fn may_not_dump(pid: u32) -> bool {
    let limits = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    core.split_whitespace().rev().nth(1) == Some("0")
}
