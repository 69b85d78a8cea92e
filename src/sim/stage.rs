//! A whole outside world in one folder: an office on loopback behind a cable, a scanner and a printer on PTYs, a camera, and
//! the kiosk's configuration for them.

use super::cable::Cable;
use super::camera::SimCamera;
use super::printer::Printer;
use super::scanner::Scanner;
use crate::config::{self, Config};
use crate::office::store::Enrolment;
use crate::office::{self, Office, keys, unseal};
use crate::{clock, device};
use anyhow::Context;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const KIOSK_ID: &str = "kiosk-demo";

/// Set up and running as long as it exists.
pub struct Stage {
    /// The network cable.
    pub cable: Cable,
    /// The scanner, plugged in.
    pub scanner: Scanner,
    /// The camera; a drawn person stands before it.
    pub camera: SimCamera,
    /// The printer, plugged in.
    pub printer: Printer,
    /// The kiosk's configuration.
    pub config: Config,
    folder: PathBuf,
    runtime: Runtime,
    stop_office: Option<oneshot::Sender<()>>,
    office: Option<JoinHandle<std::io::Result<()>>>,
}

impl Stage {
    /// Builds everything below `folder`, which is empty or does not exist.
    pub fn set(folder: &Path) -> anyhow::Result<Self> {
        let (keys_dir, office_dir) = (folder.join("office-keys"), folder.join("office"));
        let kiosk_dir = folder.join("kiosk-config");
        config::write_shipped(&kiosk_dir)?;
        let trust = keys::create(&keys_dir, clock::unix_ms())?;
        std::fs::create_dir_all(kiosk_dir.join("trust"))?;
        std::fs::write(kiosk_dir.join("trust/office.toml"), trust.to_toml()?)?;

        let (receipt_key, key_id) = keys::receipt_key(&keys_dir)?;
        std::fs::create_dir_all(&office_dir)?;
        let office = Office::open(&office_dir, receipt_key, key_id, clock::unix_ms)?;
        let data = kiosk_dir.join("data");
        let device = device::load_or_create(&data, None)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(office.enrol(Enrolment {
            kiosk_id: KIOSK_ID.to_owned(),
            key: device.public(),
            name: "demo".to_owned(),
            key_storage: "software".to_owned(),
        }))?;
        let (stop_office, stopped) = oneshot::channel::<()>();
        let (cable, office) = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let cable = Cable::lay(listener.local_addr()?).await?;
            let stopped = async move {
                // Dropping the stage stops the office as well.
                let _ = stopped.await;
            };
            let office = tokio::spawn(office::serve(listener, office, stopped));
            anyhow::Ok((cable, office))
        })?;

        let mut scanner = Scanner::new(&folder.join("scanner"))?;
        scanner.plug()?;
        let camera = SimCamera::new(&folder.join("camera"))?;
        let printer = Printer::new(&folder.join("printer"))?;
        printer.plug();
        let file = kiosk_dir.join("kiosk.toml");
        std::fs::write(&file, kiosk_toml(&cable))?;
        let config = Config::read(&file, clock::today())?;
        Ok(Self {
            cable,
            scanner,
            camera,
            printer,
            config,
            folder: folder.to_owned(),
            runtime,
            stop_office: Some(stop_office),
            office: Some(office),
        })
    }

    /// Everything the office holds, opened with its unsealing key.
    pub fn open_office(&self) -> anyhow::Result<Vec<unseal::Opened>> {
        let secret = keys::unsealing_key(&self.folder.join("office-keys"))?;
        Ok(unseal::open_all(&self.folder.join("office"), &secret)?)
    }

    /// Ends the office in order.
    pub fn strike(mut self) -> anyhow::Result<()> {
        if let (Some(stop), Some(office)) = (self.stop_office.take(), self.office.take()) {
            // It may have ended by itself; then its error is what counts.
            let _ = stop.send(());
            self.runtime.block_on(office)?.context("the office ended badly")?;
        }
        Ok(())
    }
}

/// The pause between attempts is short, so that a plugged-in cable shows at once.
fn kiosk_toml(cable: &Cable) -> String {
    format!(
        "[kiosk]\nid = \"{KIOSK_ID}\"\ndata = \"data\"\nsite = \"sites/station-demo.toml\"\n\
         [office]\nurl = \"http://{}\"\ntrust = \"trust/office.toml\"\nlongest_pause_s = 2\n\
         [reader]\ndevice = \"../scanner\"\n\
         [camera]\ndevice = \"../camera\"\n\
         [printer]\ndevice = \"../printer\"\n\
         [screen]\nfullscreen = true\n",
        cable.address()
    )
}
