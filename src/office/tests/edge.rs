//! The server's edge: slow, oversized, too many, altered and curious clients, and an orderly end.

use super::bench::{Bench, EPOCH, KIOSK, answer, new_ids, refusal};
use crate::gateway::signature::{SIGNATURE, SIGNATURE_INPUT};
use crate::gateway::wire::{CONTENT_DIGEST, KIOSK_EPOCH, KIOSK_ID, part_path};
use crate::office::limits::Rates;
use crate::office::serve::{Edge, HEAD_LIMIT, connection, serve_metrics};
use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use reqwest::header::HeaderValue;
use reqwest::{Method, Request};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout};

type Alter = fn(&mut Request);

/// Longer than anything here takes; it only turns a hanging test into a failing one.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection to something that answers everything, without a network, so that its time can be virtual.
fn connected() -> (DuplexStream, GracefulShutdown) {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let graceful = GracefulShutdown::new();
    let router = Router::new().fallback(|| async { "here" });
    tokio::spawn(connection(theirs, ([127, 0, 0, 1], 1).into(), router, graceful.watcher()));
    (ours, graceful)
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_and_a_connection_that_is_silent_are_closed_in_time() {
    let (mut ours, _graceful) = connected();
    let began = Instant::now();
    let mut second = interval(Duration::from_secs(1));
    for byte in b"GET / HTTP/1.1\r\nhost: x\r\nx-drip: ".iter().chain(&[b'x'; 1_000]) {
        second.tick().await;
        if ours.write_all(&[*byte]).await.is_err() {
            break;
        }
    }
    assert!(began.elapsed() <= HEAD_LIMIT + Duration::from_secs(1), "{:?}", began.elapsed());

    let (mut ours, _graceful) = connected();
    let began = Instant::now();
    ours.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    ours.read_to_end(&mut said).await.unwrap();
    assert!(said.ends_with(b"here"));
    assert!(began.elapsed() >= HEAD_LIMIT && began.elapsed() <= HEAD_LIMIT * 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_head_beyond_its_limit_is_refused() {
    let bench = Bench::start().await;
    let long = bench.request(Method::GET, "/v1/ping?nonce=n").header("x-long", "x".repeat(20_000));
    assert_eq!(answer(long).await.0, 431);
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_there_is_room_again_afterwards() {
    let bench = Bench::with(Rates::default(), Edge { max_connections: 2, ..Edge::default() }).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut socket = TcpStream::connect(&bench.authority).await.unwrap();
        assert!(ping(&mut socket).await.starts_with("HTTP/1.1 200"));
        open.push(socket);
    }
    let mut third = TcpStream::connect(&bench.authority).await.unwrap();
    assert_eq!(ping(&mut third).await, "");
    assert!(bench.log_text().contains("connections-full"));

    open.pop();
    let room = async {
        while bench.office.metrics().connections.get() > 1 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, room).await.unwrap();
    let mut next = TcpStream::connect(&bench.authority).await.unwrap();
    assert!(ping(&mut next).await.starts_with("HTTP/1.1 200"));
}

/// One ping over this connection; what comes back, nothing if it is closed instead.
async fn ping(socket: &mut TcpStream) -> String {
    let mut said = vec![0; 4096];
    let asked = socket.write_all(b"GET /v1/ping?nonce=n HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let got = match asked {
        Ok(()) => timeout(PATIENCE, socket.read(&mut said)).await.unwrap().unwrap_or(0),
        Err(_) => 0,
    };
    String::from_utf8_lossy(&said[..got]).into_owned()
}

/// A signed request as it goes over the line, without its body, asking the office to say when it wants that.
fn head(request: &Request) -> String {
    let length = request.body().and_then(|body| body.as_bytes()).map_or(0, <[u8]>::len);
    let mut lines = vec![
        format!("{} {} HTTP/1.1", request.method(), request.url().path()),
        format!("host: {}", request.url().authority()),
        format!("content-length: {length}"),
        "expect: 100-continue".to_owned(),
    ];
    lines.extend(request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
    lines.join("\r\n") + "\r\n\r\n"
}

#[tokio::test]
async fn an_open_request_is_finished_when_the_server_is_told_to_stop() {
    let bench = Bench::start().await;
    let body = vec![7; 100_000];
    let request = bench.signed(Method::PUT, &part_path(new_ids().submission, 0), &body).build().unwrap();
    let mut socket = TcpStream::connect(&bench.authority).await.unwrap();
    socket.write_all(head(&request).as_bytes()).await.unwrap();
    let mut said = [0; 25];
    socket.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(&body[..50_000]).await.unwrap();

    bench.stop.send(()).unwrap();
    let closed = async { while TcpStream::connect(&bench.authority).await.is_ok() {} };
    timeout(PATIENCE, closed).await.unwrap();
    assert!(!bench.served.is_finished());

    socket.write_all(&body[50_000..]).await.unwrap();
    let mut rest = String::new();
    timeout(PATIENCE, socket.read_to_string(&mut rest)).await.unwrap().unwrap();
    assert!(rest.starts_with("HTTP/1.1 201"), "{rest}");
    timeout(PATIENCE, bench.served).await.unwrap().unwrap().unwrap();
    let log = bench.log.lock().unwrap();
    assert_eq!(log.last().unwrap().to_line(), "{\"event\":\"stopped\",\"all_finished\":true}");
}

#[tokio::test]
async fn a_request_altered_in_any_one_component_is_refused() {
    let bench = Bench::start().await;
    let path = part_path(new_ids().submission, 0);
    let signed = || bench.signed(Method::PUT, &path, b"body").build().unwrap();
    let alterations: [(&str, Alter); 12] = [
        ("method", |r| *r.method_mut() = Method::POST),
        ("path", |r| {
            let other = r.url().path().replace("parts/0", "parts/1");
            r.url_mut().set_path(&other);
        }),
        ("query", |r| r.url_mut().set_query(Some("more"))),
        ("authority", |r| drop(r.headers_mut().insert("host", HeaderValue::from_static("office.example")))),
        ("digest", |r| drop(r.headers_mut().insert(CONTENT_DIGEST, HeaderValue::from_static("sha-256=:AA==:")))),
        ("epoch", |r| drop(r.headers_mut().insert(KIOSK_EPOCH, HeaderValue::from_static("AAAAAAAAAAAAAAAAAAAAAA")))),
        ("epoch's shape", |r| drop(r.headers_mut().insert(KIOSK_EPOCH, HeaderValue::from_static("AAAA")))),
        ("two epochs", |r| assert!(r.headers_mut().append(KIOSK_EPOCH, HeaderValue::from_static(EPOCH)))),
        ("two signatures", |r| {
            let again = r.headers()[SIGNATURE].clone();
            r.headers_mut().append(SIGNATURE, again);
        }),
        ("no signature", |r| drop(r.headers_mut().remove(SIGNATURE))),
        ("no input", |r| drop(r.headers_mut().remove(SIGNATURE_INPUT))),
        ("no digest", |r| drop(r.headers_mut().remove(CONTENT_DIGEST))),
    ];
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (what, alter) in alterations {
        let mut request = signed();
        alter(&mut request);
        let response = client.execute(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.text().await.unwrap();
        if what == "method" {
            assert_eq!(status, 405, "{body}");
        } else {
            assert_eq!((status, body.as_str()), (401, "{\"code\":\"bad-signature\"}"), "{what}");
        }
    }
    // The path differs only by what the signature covers, so the store would have taken it.
    assert_eq!(client.execute(signed()).await.unwrap().status(), 201);
    let get = bench.signed(Method::GET, "/v1/status?cursor=0&challenge=x", b"").build().unwrap();
    let mut other = get.try_clone().unwrap();
    other.url_mut().set_query(Some("cursor=1&challenge=x"));
    assert_eq!(client.execute(other).await.unwrap().status(), 401);
    assert_eq!(client.execute(get).await.unwrap().status(), 400);
}

#[tokio::test]
async fn neither_the_log_nor_the_metrics_hold_anything_that_a_client_sent() {
    const PLANTED: &str = "planted-7c1f";
    let bench = Bench::start().await;
    bench.deliver(new_ids(), 1).await;
    let strange = bench
        .request(Method::POST, &format!("/v1/{PLANTED}/x?{PLANTED}={PLANTED}"))
        .header(KIOSK_ID, PLANTED)
        .header(PLANTED, PLANTED)
        .body(PLANTED);
    for request in [
        strange,
        bench.signed_by(&bench.kiosk, PLANTED, Method::PUT, &part_path(new_ids().submission, 0), PLANTED.as_bytes()),
        bench.signed(Method::POST, "/v1/heartbeat", format!("{{\"{PLANTED}\":1}}").as_bytes()),
        bench.signed(Method::POST, "/v1/enrol", format!("\"{PLANTED}\"").as_bytes()),
        bench.request(Method::GET, &format!("/v1/ping?nonce={PLANTED}%20")),
        bench.signed(Method::GET, &format!("/v1/status?cursor=0&challenge={PLANTED}"), b""),
        bench.request(Method::from_bytes(PLANTED.as_bytes()).unwrap(), "/v1/ping"),
    ] {
        assert_ne!(refusal(request).await.0, 200);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let metrics = format!("http://{}/metrics", listener.local_addr().unwrap());
    tokio::spawn(serve_metrics(listener, bench.office.clone()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.get(metrics).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    for line in [
        "intake_submissions 1",
        "intake_receipts_total 1",
        "intake_requests_total{route=\"submission\",status=\"201\"} 1",
        "intake_refusals_total{code=\"unknown-kiosk\"} 1",
        "intake_request_seconds_count{route=\"part\"}",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let log = bench.log_text();
    assert!(log.contains("\"event\":\"submission-accepted\"") && log.contains("\"code\":\"stale-challenge\""), "{log}");
    assert!(log.contains(KIOSK) && !log.contains(PLANTED) && !text.contains(PLANTED));
}
