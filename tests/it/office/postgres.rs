//! A `PostgreSQL` of the tests' own: made in a temporary folder, on loopback, with its writes synced, and gone with the
//! test process.
//!
//! The server refuses to run as root, so it runs as `postgres` or `nobody` then. A shell waits for the end of its standard
//! input, which is the end of this process however it ends, stops the server and removes the folder.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use tokio_postgres::NoTls;

/// Where Debian keeps what is not on the path.
const DEBIAN: &str = "/usr/lib/postgresql";
const SETTINGS: &str = "listen_addresses = '127.0.0.1'\nfsync = on\nfull_page_writes = on\nsynchronous_commit = on\nssl = on\n\
    shared_buffers = 32MB\nmax_connections = 100\nautovacuum = off\nlog_min_messages = warning\n";

/// One running server.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    user: Option<(u32, u32)>,
    /// While this is open, the server lives.
    _life: std::process::ChildStdin,
    databases: AtomicU32,
    /// PEM of the authority that signed the server's certificate.
    pub authority: String,
}

/// The server that the tests share; `None`, after saying so, without PostgreSQL.
pub async fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceCell<Option<Cluster>> = OnceCell::const_new();
    SHARED.get_or_init(start).await.as_ref()
}

/// A second one, which may be killed by whoever holds it.
pub async fn mortal() -> Option<MutexGuard<'static, Cluster>> {
    static MORTAL: OnceCell<Option<Mutex<Cluster>>> = OnceCell::const_new();
    let mortal = MORTAL.get_or_init(async || start().await.map(Mutex::new)).await.as_ref()?;
    Some(mortal.lock().await)
}

async fn start() -> Option<Cluster> {
    tokio::task::spawn_blocking(Cluster::start).await.unwrap()
}

impl Cluster {
    /// Makes and starts a server. Blocks for some seconds.
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("SKIPPED: PostgreSQL is not installed");
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI must have PostgreSQL");
            return None;
        };
        let user = (std::fs::metadata("/proc/self").unwrap().uid() == 0).then(unprivileged);
        let folder = tempfile::Builder::new().prefix("office-postgres-").tempdir().unwrap().keep();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let until_end = "read -r _; \"$1\" -D \"$0/data\" -m immediate -s stop; rm -rf -- \"$0\"";
        let mut keeper = command(Path::new("/bin/sh"), &folder, user);
        keeper.arg("-c").arg(until_end).arg(&folder).arg(programs.join("pg_ctl")).stdin(Stdio::piped());
        let life = keeper.spawn().unwrap().stdin.take().unwrap();
        let (authority, certificate, key) = certificate();
        let cluster = Self { programs, folder, port, user, _life: life, databases: AtomicU32::new(0), authority };
        cluster.run("initdb", ["-D", "data", "-U", "office", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        let settings = format!("{SETTINGS}port = {port}\nunix_socket_directories = '{}'\n", cluster.folder.display());
        let file = cluster.folder.join("data/postgresql.conf");
        let shipped = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, shipped + &settings).unwrap();
        cluster.write("data/server.crt", &certificate);
        cluster.write("data/server.key", &key);
        // The first line that fits decides: into this database only by TLS.
        let hba = std::fs::read_to_string(cluster.folder.join("data/pg_hba.conf")).unwrap();
        cluster.write("data/pg_hba.conf", &format!("local far all reject\nhostnossl far all all reject\n{hba}"));
        cluster.run("pg_ctl", ["-D", "data", "-l", "log", "-s", "-w", "start"]);
        Some(cluster)
    }

    /// Writes a file that only the server may read.
    fn write(&self, name: &str, text: &str) {
        let file = self.folder.join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((uid, gid)) = self.user {
            chown(&file, Some(uid), Some(gid)).unwrap();
        }
    }

    /// Kills every process of the server at once, without a checkpoint, and starts it again. Blocks.
    pub fn restart_at_once(&self) {
        self.run("pg_ctl", ["-D", "data", "-l", "log", "-s", "-w", "-m", "immediate", "restart"]);
    }

    /// Kills every process of the server at once. Blocks.
    pub fn stop_at_once(&self) {
        self.run("pg_ctl", ["-D", "data", "-s", "-w", "-m", "immediate", "stop"]);
    }

    /// Starts it again. Blocks.
    pub fn start_again(&self) {
        self.run("pg_ctl", ["-D", "data", "-l", "log", "-s", "-w", "start"]);
    }

    /// Makes a database and gives its address, on the socket or on loopback in turn.
    pub async fn new_database(&self) -> String {
        let n = self.databases.fetch_add(1, Ordering::SeqCst);
        let name = format!("office{n}");
        self.execute("postgres", &format!("CREATE DATABASE {name}")).await;
        if n.is_multiple_of(2) { self.url(&name) } else { format!("postgres://office@127.0.0.1:{}/{name}", self.port) }
    }

    /// The address of a database on the socket.
    pub fn url(&self, database: &str) -> String {
        format!("host={} port={} user=office dbname={database}", self.folder.display(), self.port)
    }

    /// The address of a database on loopback, by the name that is in the certificate.
    pub fn far_url(&self, database: &str) -> String {
        format!("postgres://office@localhost:{}/{database}", self.port)
    }

    /// Does something that the store would not do.
    pub async fn execute(&self, database: &str, sql: &str) {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    }

    /// Runs one of PostgreSQL's own programs in the server's folder.
    pub fn run<A: AsRef<OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = A>) {
        let mut command = command(&self.programs.join(program), &self.folder, self.user);
        command
            .args(arguments)
            .env("PGHOST", &self.folder)
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", "office");
        let status = command.stdin(Stdio::null()).status().unwrap();
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(status.success(), "{program}: {status}\n{log}");
    }
}

/// An authority's certificate, and a certificate for `localhost` of it with its key; all PEM.
fn certificate() -> (String, String, String) {
    let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut of_authority = CertificateParams::new(Vec::new()).unwrap();
    of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = of_authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(of_authority, authority_key);
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    (authority.pem(), certificate.pem(), key.serialize_pem())
}

/// Outputs go nowhere: the server would keep a pipe open after the program that started it.
fn command(program: &Path, folder: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    // Its own group, so that the terminal's Ctrl-C does not reach it before it can tidy up.
    command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let debian = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    // Debian's first: a link on the path does not say where the others are.
    debian.chain(on_path.into_iter().flatten()).find(|folder| {
        ["initdb", "pg_ctl", "postgres", "pg_dump", "pg_restore"].iter().all(|name| folder.join(name).is_file())
    })
}

/// The user and group under which the server may run.
fn unprivileged() -> (u32, u32) {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        let line = passwd.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some((fields.next()?.ok()?, fields.next()?.ok()?))
    };
    of("postgres").or_else(|| of("nobody")).expect("a user that is not root")
}
