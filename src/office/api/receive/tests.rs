#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::super::{BODY_GRACE, SLOWEST_BYTES_PER_S};
use super::{MAX_DRAINED_BYTES, Refused, read};
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Interval, interval_at};

/// A body whose pieces come one after the other, each after a pause of the virtual clock.
struct Dripping {
    piece: Bytes,
    left: usize,
    pauses: Interval,
}

impl Dripping {
    fn body(piece: &'static [u8], pause: Duration, pieces: usize) -> Body {
        let pauses = interval_at(Instant::now() + pause, pause);
        Body::new(Self { piece: Bytes::from_static(piece), left: pieces, pauses })
    }
}

impl HttpBody for Dripping {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        std::task::ready!(self.pauses.poll_tick(cx));
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_given_up_and_one_over_a_slow_line_is_not() {
    let began = Instant::now();
    let dripping = Dripping::body(b"x", Duration::from_secs(1), 10_000);
    assert!(matches!(read(dripping, 10_000).await, Err(Refused::Timeout)));
    assert!(began.elapsed() < BODY_GRACE + Duration::from_secs(1), "{:?}", began.elapsed());

    let second = &[b'x'; SLOWEST_BYTES_PER_S as usize];
    let slow = Dripping::body(second, Duration::from_secs(1), 64);
    assert_eq!(read(slow, 256 * 1024).await.unwrap().len(), 256 * 1024);

    let stalls = Dripping::body(second, BODY_GRACE + Duration::from_millis(1), 2);
    assert!(matches!(read(stalls, 256 * 1024).await, Err(Refused::Timeout)));
}

#[tokio::test(start_paused = true)]
async fn a_body_beyond_its_limit_is_read_to_its_end_but_not_for_ever() {
    let piece = &[b'x'; 16_384];
    assert!(matches!(read(Dripping::body(piece, Duration::from_nanos(1), 2), 16_384).await, Err(Refused::TooLarge)));
    let endless = Dripping::body(piece, Duration::from_nanos(1), usize::MAX);
    assert!(matches!(read(endless, MAX_DRAINED_BYTES).await, Err(Refused::TooLarge)));
}
