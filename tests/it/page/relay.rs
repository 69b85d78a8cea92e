//! A line between the phone and the office that keeps what the phone says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub(super) struct Relay {
    pub(super) address: SocketAddr,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Relay {
    pub(super) fn to(office: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, said) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<u8>>>::default());
        let kept = Arc::clone(&said);
        // Ends with the test's process.
        std::thread::spawn(move || {
            for phone in listener.incoming().map_while(Result::ok) {
                let Ok(there) = TcpStream::connect(office) else { return };
                let (back, answers) = (phone.try_clone().unwrap(), there.try_clone().unwrap());
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || pass(phone, there, |bytes| kept.lock().unwrap().extend_from_slice(bytes)));
                std::thread::spawn(move || pass(answers, back, |_| ()));
            }
        });
        Self { address, said }
    }

    /// Everything the phone has sent.
    pub(super) fn said(&self) -> Vec<u8> {
        self.said.lock().unwrap().clone()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, keep: impl Fn(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        keep(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}
