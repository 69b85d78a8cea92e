//! What a technician does with the queue while no kiosk runs on it. A running kiosk does the same from the officer's
//! screen.

use anyhow::{Context, bail};
use passport_kiosk::config::Config;
use passport_kiosk::gateway::wire::{Receipt, Signed};
use passport_kiosk::queue::Queue;
use passport_kiosk::queue::store::{Error, Sealer};
use passport_kiosk::{clock, device};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest file of a receipt that is read, in bytes.
const MAX_RECEIPT_BYTES: u64 = 64 * 1024;

/// Opens the queue, which seals nothing, for `work`.
fn with_queue<T>(config: &Config, work: impl AsyncFnOnce(&Queue) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let database = config.data.join("queue.db");
    anyhow::ensure!(database.exists(), "{}: no queue yet; the kiosk has not been started", database.display());
    // A key drawn here would fit nothing in the queue, and every dossier would look altered.
    anyhow::ensure!(
        device::credentials().is_some() || config.data.join("device.key").exists(),
        "this kiosk's key is a systemd credential: run this command with it, by systemd-run \
         -p LoadCredentialEncrypted=device-key --pipe"
    );
    let sealer = Arc::new(Sealer {
        kiosk_id: config.kiosk_id.clone(),
        device: device::load_or_create(&config.data, device::credentials().as_deref())?,
        office: None,
        consent_version: String::new(),
    });
    let (queue, thread, opened) = Queue::start_within(&database, sealer, config.queue, clock::unix_ms)?;
    let done = match opened {
        Ok(()) => tokio::runtime::Builder::new_current_thread().build()?.block_on(work(&queue)),
        Err(Error::Busy) => bail!("a kiosk is running on this queue: use its officer's screen, or stop it first"),
        Err(error) => Err(error).with_context(|| database.display().to_string()),
    };
    drop(queue);
    thread.join();
    done
}

pub(crate) fn export(file: &Path, to: PathBuf) -> anyhow::Result<()> {
    let config = Config::read(file, clock::today())?;
    std::fs::create_dir_all(&to).with_context(|| to.display().to_string())?;
    let exported = with_queue(&config, async |queue| Ok(queue.export(to).await?))?;
    println!("{}", json!({ "written": exported.written, "there": exported.there, "damaged": exported.damaged }));
    anyhow::ensure!(exported.damaged == 0, "some dossiers were altered by the disk and wait for an officer");
    Ok(())
}

pub(crate) fn import_receipts(file: &Path, receipts: &[PathBuf]) -> anyhow::Result<()> {
    let config = Config::read(file, clock::today())?;
    let office = config.office.trust.clone().context("the office's public keys are not installed")?;
    let (mut taken, mut refused) = (0, 0);
    with_queue(&config, async |queue| {
        for receipt in receipts {
            let signed = read(receipt).with_context(|| receipt.display().to_string())?;
            let verify = |signed: &Signed| office.verify::<Receipt>(signed);
            let counted = if queue.take_receipt(signed, verify).await? { &mut taken } else { &mut refused };
            *counted += 1;
        }
        Ok(())
    })?;
    println!("{}", json!({ "taken": taken, "refused": refused }));
    anyhow::ensure!(refused == 0, "some files are not this office's receipts for this kiosk's dossiers");
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Signed> {
    anyhow::ensure!(std::fs::metadata(file)?.len() <= MAX_RECEIPT_BYTES, "too long for a receipt");
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

pub(crate) fn salvage(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file, clock::today())?;
    for salvaged in with_queue(&config, async |queue| Ok(queue.salvage().await?))? {
        let (saved, lost) = (salvaged.saved, salvaged.lost);
        println!("{}", json!({ "quarantine": salvaged.quarantine, "saved": saved, "lost": lost }));
    }
    Ok(())
}
