//! An intake, or the bare loop in its place, on a store of its own that is gone afterwards.

use super::bare_loop;
use super::fleet::{self, KIOSKS};
use super::postgres::Cluster;
use ed25519_dalek::SigningKey;
use passport_kiosk::clock;
use passport_kiosk::envelope::OfficeSecret;
use passport_kiosk::gateway::trust::{Trust, receipt_key_name};
use passport_kiosk::office::serve::{Edge, serve_with};
use passport_kiosk::office::store::postgres::PostgresStore;
use passport_kiosk::office::store::sqlite::SqliteStore;
use passport_kiosk::office::store::{Enrolment, IntakeStore, Stats};
use passport_kiosk::office::{Office, Settings, keys, tls};
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The intake.
    Intake,
    /// The bare loop.
    Bare,
}

/// The place.
pub struct Place {
    /// Which.
    pub kind: Kind,
    /// Where it listens.
    pub address: SocketAddr,
    /// PEM of its authority.
    pub authority: Vec<u8>,
    /// What the kiosks trust.
    pub trust: Trust,
    /// To seal for.
    pub secret: OfficeSecret,
    store: Arc<dyn IntakeStore>,
    database: Option<(&'static Cluster, String)>,
    runtime: Runtime,
    _folder: TempDir,
}

impl Place {
    /// Makes the store, enrols the kiosks and starts to serve.
    pub async fn start(cluster: Option<&'static Cluster>, kind: Kind) -> Self {
        // Whichever comes first installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir_in(".").unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let database = match cluster {
            Some(cluster) => {
                let url = cluster.new_database().await;
                let name = url.rsplit(['/', '=']).next().unwrap().to_owned();
                Some((cluster, url, name))
            }
            None => None,
        };
        let store: Arc<dyn IntakeStore> = match &database {
            Some((_, url, _)) => {
                let url = url.clone();
                Arc::new(runtime.spawn(async move { PostgresStore::open(&url).await.unwrap() }).await.unwrap())
            }
            None => Arc::new(SqliteStore::open(folder.path()).unwrap()),
        };
        for n in 0..KIOSKS {
            let kiosk_id = fleet::name(n);
            let key = fleet::key(n).verifying_key();
            let enrolment = Enrolment { kiosk_id, key, name: "Bench".to_owned(), key_storage: "software".to_owned() };
            store.enrol(enrolment, clock::unix_ms()).await.unwrap();
        }
        let certificates = folder.path().join("tls");
        tls::certify(&["127.0.0.1".to_owned()], &certificates, None, clock::unix_ms()).unwrap();
        let config = tls::server_config(&certificates).unwrap();
        let authority = std::fs::read(certificates.join(tls::CA_FILE)).unwrap();

        let receipt = SigningKey::from_bytes(&[3; 32]);
        let secret = OfficeSecret::from_seed(&[9; 32]);
        let bundle = keys::bundle(1, clock::unix_ms(), &[&secret], &[receipt.verifying_key()]);
        let trust = keys::trust(&bundle, &SigningKey::from_bytes(&[1; 32])).unwrap();

        let served = Arc::clone(&store);
        let serving = async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            match kind {
                Kind::Intake => {
                    let key_id = receipt_key_name(&receipt.verifying_key());
                    // The log is written as in production, to nowhere.
                    let settings = Settings { journal: Box::new(|entry| drop(entry.to_line())), ..Settings::default() };
                    let office = Office::new(served, receipt, key_id, clock::unix_ms, settings);
                    let edge = Edge { tls: Some(config), ..Edge::default() };
                    tokio::spawn(serve_with(listener, office, edge, std::future::pending()));
                }
                Kind::Bare => drop(tokio::spawn(bare_loop::serve(listener, served, config))),
            }
            address
        };
        let address = runtime.spawn(serving).await.unwrap();
        let database = database.map(|(cluster, _, name)| (cluster, name));
        Self { kind, address, authority, trust, secret, store, database, runtime, _folder: folder }
    }

    /// What the store counts.
    pub async fn stats(&self) -> Stats {
        self.store.stats().await.unwrap()
    }

    /// Ends it, and its data.
    pub async fn end(self) {
        let Self { store, database, runtime, .. } = self;
        drop(store);
        runtime.shutdown_background();
        if let Some((cluster, name)) = database {
            cluster.execute("postgres", &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            cluster.execute("postgres", "CHECKPOINT").await;
        }
    }
}
