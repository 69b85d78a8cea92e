//! What the system says when the kiosk is to end.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// SIGTERM and SIGINT end the kiosk in order.
pub(super) async fn end_on(came: watch::Sender<bool>, stop: watch::Sender<bool>) {
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    came.send_replace(true);
    stop.send_replace(true);
}
