//! Whether the machine's own way out has changed: a cable, a modem, another route. A hint to try now and never a proof;
//! the office's signed pong is that.

use std::path::Path;
use std::time::Duration;

/// The kernel's table of IPv4 routes.
const ROUTES: &str = "/proc/net/route";
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The last look at the routes.
pub(super) struct Link {
    table: &'static Path,
    seen: Option<Vec<u8>>,
}

impl Link {
    pub(super) fn watch() -> Self {
        let table = Path::new(ROUTES);
        Self { table, seen: std::fs::read(table).ok() }
    }

    /// Waits for a change. Where the kernel does not say, for ever.
    pub(super) async fn changed(&mut self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            // A read of this file never waits for a device.
            let now = std::fs::read(self.table).ok();
            if now != self.seen {
                self.seen = now;
                return;
            }
        }
    }
}
