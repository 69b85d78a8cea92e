//! A headless Chromium, led over the `WebDriver` protocol (W3C) that `chromedriver` speaks: a few commands of plain JSON.

use super::super::rig::PATIENCE;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{Instant, interval};

const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// As a telephone of five years ago shows it, in CSS pixels.
const PHONE: (u32, u32) = (360, 740);

pub(super) struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// A new browser with an empty profile; the error says what is missing.
    pub(super) async fn start() -> Result<Self, String> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null());
        let mut driver = command.spawn().map_err(|error| format!("chromedriver cannot be run ({error})"))?;
        let out = BufReader::new(driver.stdout.take().unwrap());
        let port = out.lines().map_while(Result::ok).find_map(|line| {
            line.split("successfully on port ").nth(1).and_then(|rest| rest.trim_end_matches('.').parse::<u16>().ok())
        });
        let port = port.ok_or("chromedriver does not say on which port it is")?;
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let phone = json!({ "deviceMetrics": { "width": PHONE.0, "height": PHONE.1, "pixelRatio": 2.0 } });
        let options = json!({ "args": arguments, "mobileEmulation": phone });
        // Another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut browser = Self { driver, client, session: format!("http://127.0.0.1:{port}"), _profile: profile };
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = browser.command("/session", wanted).await;
        let id = session["sessionId"].as_str().ok_or_else(|| format!("no session: {session}"))?.to_owned();
        browser.session = format!("{}/session/{id}", browser.session);
        Ok(browser)
    }

    async fn command(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.session)).body(body.to_string());
        let answer = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    /// A blank page first: an address that differs only behind its `#` would not be loaded anew.
    pub(super) async fn go(&self, address: &str) {
        for address in ["about:blank", address] {
            self.command("/url", json!({ "url": address })).await;
        }
    }

    /// What this expression is.
    pub(super) async fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression})");
        self.command("/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// What this promise comes to.
    pub(super) async fn promised(&self, promise: &str) -> Value {
        let script = format!("const done = arguments[0]; ({promise}).then(done, (error) => done('failed: ' + error))");
        self.command("/execute/async", json!({ "script": script, "args": [] })).await
    }

    /// Waits until this holds.
    pub(super) async fn until(&self, condition: &str) {
        let (deadline, mut again) = (Instant::now() + PATIENCE, interval(LOOK_AGAIN));
        while self.value(condition).await != Value::Bool(true) {
            let page = self.value("document.body.innerText").await;
            assert!(Instant::now() < deadline, "waited in vain for {condition}: {page}");
            again.tick().await;
        }
    }

    /// Presses it as a finger does.
    pub(super) async fn press(&self, selector: &str) {
        let found = self.command("/element", json!({ "using": "css selector", "value": selector })).await;
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.command(&format!("/element/{id}/click"), json!({})).await;
    }

    /// Fills it in anew.
    pub(super) async fn write(&self, selector: &str, text: &str) {
        let found = self.command("/element", json!({ "using": "css selector", "value": selector })).await;
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.command(&format!("/element/{id}/clear"), json!({})).await;
        self.command(&format!("/element/{id}/value"), json!({ "text": text })).await;
    }

    /// Lets the page read and write the clipboard, as a touch does on a phone.
    pub(super) async fn allow_clipboard(&self) {
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        let command = json!({ "cmd": "Browser.grantPermissions", "params": permissions });
        self.command("/goog/cdp/execute", command).await;
    }

    /// What a press on this link saves under this name.
    pub(super) async fn downloaded(&self, selector: &str, name: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let allowed = json!({ "behavior": "allow", "downloadPath": folder.path() });
        self.command("/goog/cdp/execute", json!({ "cmd": "Browser.setDownloadBehavior", "params": allowed })).await;
        self.press(selector).await;
        let file = folder.path().join(name);
        let (deadline, mut again) = (Instant::now() + PATIENCE, interval(LOOK_AGAIN));
        while !file.exists() {
            assert!(Instant::now() < deadline, "nothing was saved");
            again.tick().await;
        }
        std::fs::read(file).unwrap()
    }

    /// The whole page as a PNG file in `target/shots`.
    pub(super) async fn picture(&self, name: &str) {
        let whole = json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true } });
        let taken = self.command("/goog/cdp/execute", whole).await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/shots");
        std::fs::create_dir_all(&folder).unwrap();
        let png = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // SIGTERM, so that the driver ends its browsers too.
        let pid = rustix::process::Pid::from_child(&self.driver);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.driver.wait();
    }
}
