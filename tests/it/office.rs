//! The office's two stores, held against the same expectations.

mod conformance;
mod copies;
mod goods;
mod intake;
mod model;
mod postgres;
mod process;
mod restart;
mod walk;

use passport_kiosk::office::store::IntakeStore;
use passport_kiosk::office::store::postgres::PostgresStore;
use passport_kiosk::office::store::sqlite::SqliteStore;
use std::sync::Arc;
use tempfile::TempDir;

/// A new office, and two who use its store: as two processes would, with nothing in common but the database.
struct Place {
    one: Arc<dyn IntakeStore>,
    other: Arc<dyn IntakeStore>,
    _folder: Option<TempDir>,
}

impl Place {
    /// Whoever's turn it is.
    fn turn(&self, n: usize) -> Arc<dyn IntakeStore> {
        Arc::clone(if n.is_multiple_of(2) { &self.one } else { &self.other })
    }
}

fn on_sqlite() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(SqliteStore::open(folder.path()).unwrap());
    Place { one: open(), other: open(), _folder: Some(folder) }
}

/// `None` where PostgreSQL is not installed, which was said then.
async fn on_postgres() -> Option<Place> {
    let url = postgres::shared().await?.new_database().await;
    let one = Arc::new(PostgresStore::open(&url).await.unwrap());
    let other = Arc::new(PostgresStore::open(&url).await.unwrap());
    Some(Place { one, other, _folder: None })
}
