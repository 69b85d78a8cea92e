//! The network cable: a relay on loopback between the kiosk and the office that can be pulled and plugged in again.

use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// One cable, plugged in at first. Relays as long as it exists.
pub struct Cable {
    address: SocketAddr,
    plugged: watch::Sender<bool>,
}

impl Cable {
    /// Lays a cable to `office`. Must be called in a tokio runtime, which carries it.
    pub async fn lay(office: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (plugged, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((kiosk, _)) = listener.accept().await {
                tokio::spawn(relay(kiosk, office, state.clone()));
            }
        });
        Ok(Self { address, plugged })
    }

    /// The kiosk's end.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every connection, also in the middle of a byte, and lets no new one through.
    pub fn pull(&self) {
        self.plugged.send_replace(false);
    }

    /// Lets connections through again.
    pub fn plug(&self) {
        self.plugged.send_replace(true);
    }

    /// Plugged in?
    pub fn is_plugged(&self) -> bool {
        *self.plugged.borrow()
    }
}

async fn relay(mut kiosk: TcpStream, office: SocketAddr, mut plugged: watch::Receiver<bool>) {
    if !*plugged.borrow() {
        return;
    }
    let Ok(mut office) = TcpStream::connect(office).await else {
        return;
    };
    tokio::select! {
        // Either end closing ends the relay; how it closed is the ends' own affair.
        _ = tokio::io::copy_bidirectional(&mut kiosk, &mut office) => {}
        _ = plugged.wait_for(|plugged| !*plugged) => {}
    }
}
