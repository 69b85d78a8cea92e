//! The office's real program in a folder of its own, and a kiosk that speaks to it with the library's own signing.

use super::super::rig::PATIENCE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use passport_kiosk::clock;
use passport_kiosk::envelope::{Binding, Context, Ids, Part, Sealed, SlipSecret, Suite, seal};
use passport_kiosk::gateway::signature::{self, SIGNATURE, SIGNATURE_INPUT};
use passport_kiosk::gateway::trust::Trust;
use passport_kiosk::gateway::wire::{
    CONTENT_DIGEST, Consent, Dossier, KIOSK_EPOCH, KIOSK_ID, MANIFEST_SIGNATURE, Pong, Receipt, Signed,
    Value as Entered, content_digest, part_path, signature_to_header, submission_path,
};
use passport_kiosk::office::keys::{PUBLIC_FILE, ROOT_FILE, UNSEAL_FILE};
use passport_kiosk::office::tls::{CA_FILE, CA_KEY_FILE};
use reqwest::{Certificate, Client, Method, RequestBuilder, Response};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use tempfile::TempDir;
use tokio::time::Instant;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What the citizen of these tests entered; must stand nowhere but inside the envelope.
pub const SURNAME: &str = "NGUYỄN THỬ";
pub const PHONE: &str = "0990000017";
const EDITION: &str = "tk01@tt69-2026";
/// Epoch of the kiosk's database, as its header says it.
const EPOCH: &str = "BQUFBQUFBQUFBQUFBQUFBQ";

/// The office's folders: `keys` and `tls` as on the serving machine, `safe` and `inside` as elsewhere, `data`.
pub struct Desk {
    pub folder: TempDir,
    /// Address of the database; `None`: the embedded one.
    pub database: Option<String>,
}

/// What a command said.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The one line of JSON.
    #[track_caller]
    pub fn line(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.err);
        serde_json::from_str(&self.out).unwrap()
    }

    /// Every line of JSON.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Desk {
    /// Makes keys and a certificate, and takes what is secret to where it belongs.
    pub fn new(database: Option<String>) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), database };
        desk.run(&["keys", "--out", "keys"]).line();
        desk.run(&["certify", "--host", "127.0.0.1", "--host", "localhost", "--out", "tls"]).line();
        for name in ["safe", "inside"] {
            std::fs::create_dir(desk.path(name)).unwrap();
        }
        for (from, name, to) in
            [("keys", ROOT_FILE, "safe"), ("keys", UNSEAL_FILE, "inside"), ("tls", CA_KEY_FILE, "safe")]
        {
            let early =
                desk.with_store(&["serve", "--keys", "keys", "--tls", "tls", "--listen", "127.0.0.1:0"], "data");
            assert_eq!(early.code, Some(2), "{name} lies on the serving machine: {}", early.err);
            assert!(early.err.contains(name) || from != "tls", "{}", early.err);
            std::fs::rename(desk.path(from).join(name), desk.path(to).join(name)).unwrap();
        }
        desk
    }

    /// A file or folder of the office.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_intake"));
        command.current_dir(self.folder.path()).args(words).env_remove("DATABASE_URL").env_remove("DATABASE_CA");
        command
    }

    fn command_with_store(&self, words: &[&str], data: &str) -> Command {
        let mut command = self.command(words);
        match &self.database {
            Some(url) => command.env("DATABASE_URL", url),
            None => command.args(["--data", data]),
        };
        command
    }

    /// Runs a command that needs no store to its end.
    pub fn run(&self, words: &[&str]) -> Said {
        ended(self.command(words))
    }

    /// Runs a command on the office's store: the folder `data`, or the database.
    pub fn with_store(&self, words: &[&str], data: &str) -> Said {
        ended(self.command_with_store(words, data))
    }

    /// As [`Self::with_store`] in the usual folder; it must succeed with one line of JSON.
    #[track_caller]
    pub fn order(&self, words: &[&str]) -> Value {
        self.with_store(words, "data").line()
    }

    /// Starts `intake serve` with TLS and these folders.
    pub fn serve(&self, data: &str, keys: &str) -> Server {
        let words = ["serve", "--keys", keys, "--tls", "tls", "--listen", "127.0.0.1:0"];
        let log = OpenOptions::new().append(true).create(true).open(self.path("log")).unwrap();
        let mut command = self.command_with_store(&words, data);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}", self.log()));
        Server { child, authority: told["listening"].as_str().unwrap().to_owned() }
    }

    /// Standard error of every `intake serve`.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// What kiosks get on their way, from this folder.
    pub fn trust(&self, keys: &str) -> Trust {
        Trust::parse(&std::fs::read_to_string(self.path(keys).join(PUBLIC_FILE)).unwrap()).unwrap()
    }
}

fn ended(mut command: Command) -> Said {
    let out = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: out.status.code(), out: text(out.stdout), err: text(out.stderr) }
}

/// A running `intake serve`. Killed when dropped.
pub struct Server {
    child: Child,
    /// Host and port.
    pub authority: String,
}

impl Server {
    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and the end that follows.
    pub fn terminate(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A kiosk without a screen: a key, what it trusts, and its numbers.
pub struct Kiosk {
    pub id: &'static str,
    pub key: SigningKey,
    pub trust: Trust,
    client: Client,
}

/// One dossier, sealed.
#[derive(Clone)]
pub struct Goods {
    pub ids: Ids,
    pub sealed: Sealed,
}

impl Kiosk {
    /// A kiosk that pins the office's authority.
    pub fn new(id: &'static str, desk: &Desk) -> Self {
        // Whichever test comes first installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let pem = Certificate::from_pem(&std::fs::read(desk.path("tls").join(CA_FILE)).unwrap()).unwrap();
        let client = Client::builder().no_proxy().tls_certs_only([pem]).build().unwrap();
        let seed = std::array::from_fn(|n| id.as_bytes()[n % id.len()]);
        Self { id, key: SigningKey::from_bytes(&seed), trust: desk.trust("keys"), client }
    }

    /// The same kiosk with another trust.
    pub fn trusting(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// As `intake enrol --key` wants it.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes())
    }

    /// A signed request. An empty body is none.
    pub fn request(&self, server: &Server, method: Method, target: &str, body: &[u8]) -> RequestBuilder {
        let digest = content_digest(body);
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let parts = signature::Parts {
            method: method.as_str(),
            authority: &server.authority,
            path,
            query,
            content_digest: (!body.is_empty()).then_some(&digest),
            kiosk_epoch: EPOCH,
        };
        let headers = signature::sign(&parts, self.id, 1, &|bytes| self.key.sign(bytes).to_bytes());
        let request = self
            .client
            .request(method, format!("https://{}{target}", server.authority))
            .header(KIOSK_ID, self.id)
            .header(KIOSK_EPOCH, EPOCH)
            .header(SIGNATURE_INPUT, headers.input)
            .header(SIGNATURE, headers.signature);
        if body.is_empty() { request } else { request.header(CONTENT_DIGEST, digest).body(body.to_vec()) }
    }

    /// Status and body of a signed request.
    pub async fn ask(&self, server: &Server, method: Method, target: &str, body: &[u8]) -> (u16, String) {
        answer(self.request(server, method, target, body).send().await.unwrap()).await
    }

    /// What the office says of itself.
    pub async fn pong(&self, server: &Server) -> Pong {
        let (status, body) = self.ask(server, Method::GET, "/v1/ping?nonce=n", b"").await;
        assert_eq!(status, 200, "{body}");
        self.trust.verify(&serde_json::from_str::<Signed>(&body).unwrap()).expect("the office's signature")
    }

    /// A new dossier in two parts, as this kiosk's number `seq`.
    pub fn dossier(&self, seq: u64) -> Goods {
        let ids = Ids { dossier: Uuid::now_v7(), submission: Uuid::now_v7() };
        let context = Context {
            binding: Binding { ids, kiosk_id: self.id.to_owned(), form_edition: EDITION.to_owned() },
            db_epoch: [5; 16],
            kiosk_seq: seq,
            consent_version: "2026-01".to_owned(),
            sealed_at_ms: clock::unix_ms(),
            supersedes: None,
        };
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let (slip, office) = (SlipSecret::random(&mut rng), self.trust.seal_key(Suite::X25519, None).unwrap());
        Goods { ids, sealed: seal(&context, &entered(), &office, &slip, &self.key, &mut rng).unwrap() }
    }

    /// Every part and then the manifest. `Err`: status and body of the first refusal.
    pub async fn deliver(&self, server: &Server, goods: &Goods) -> Result<(u16, Receipt), (u16, String)> {
        let id = goods.ids.submission;
        for (n, part) in (0..).zip(&goods.sealed.parts) {
            let answer = self.ask(server, Method::PUT, &part_path(id, n), part).await;
            if answer.0 / 100 != 2 {
                return Err(answer);
            }
        }
        let request = self.request(server, Method::PUT, &submission_path(id), &goods.sealed.manifest);
        let request = request.header(MANIFEST_SIGNATURE, signature_to_header(&goods.sealed.signature));
        let (status, body) = answer(request.send().await.unwrap()).await;
        if status / 100 != 2 {
            return Err((status, body));
        }
        Ok((status, self.receipt(&body)))
    }

    /// What the office says of a submission that it must have.
    pub async fn receipt_of(&self, server: &Server, goods: &Goods) -> Receipt {
        let (status, body) = self.ask(server, Method::GET, &submission_path(goods.ids.submission), b"").await;
        assert_eq!(status, 200, "{body}");
        self.receipt(&body)
    }

    /// The receipt in a body or a file, by a key that this kiosk trusts.
    pub fn receipt(&self, text: &str) -> Receipt {
        self.trust.verify(&serde_json::from_str::<Signed>(text).unwrap()).expect("a receipt of this office")
    }
}

async fn answer(response: Response) -> (u16, String) {
    (response.status().as_u16(), response.text().await.unwrap())
}

fn entered() -> [Part; 2] {
    let value = |text: &str| Entered { value: text.to_owned(), source: "typed".to_owned(), ..Entered::default() };
    let fields = [("family_name", SURNAME), ("phone", PHONE)];
    let dossier = Dossier {
        v: 1,
        papers: Vec::new(),
        portrait: None,
        form_edition: EDITION.to_owned(),
        fields: BTreeMap::from(fields.map(|(key, text)| (key.to_owned(), value(text)))),
        consent: Consent { version: "2026-01".to_owned(), purposes: vec!["prepare".to_owned()] },
    };
    let text = Zeroizing::new(serde_json::to_vec(&dossier).unwrap());
    [
        Part { media_type: "application/json".to_owned(), bytes: text },
        Part { media_type: "image/jpeg".to_owned(), bytes: Zeroizing::new(vec![0xD8; 300_000]) },
    ]
}

/// True if no file below the folder holds what was entered, nor any of their names.
pub fn is_nowhere(folder: &Path) -> bool {
    let needles = [SURNAME.as_bytes(), PHONE.as_bytes()];
    super::super::rig::files_below(folder).iter().all(|file| {
        let name = file.to_string_lossy().into_owned().into_bytes();
        let content = std::fs::read(file).unwrap();
        let holds = |text: &[u8]| needles.iter().any(|needle| text.windows(needle.len()).any(|at| at == *needle));
        !holds(&name) && !holds(&content)
    })
}
