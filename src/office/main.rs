//! `intake`: the office's program. Makes keys, admits kiosks, receives dossiers, and opens them on an inside machine.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's results and errors go to the terminal")]

mod commands;

use clap::{Parser, Subcommand};
use commands::{Usage, admin, copies, import, keys, open, serve};
use std::alloc::System;
use std::process::ExitCode;

/// Whatever is freed is wiped: `intake open` holds what citizens entered, and every command that signs holds a key.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

/// The office's end of the passport kiosks.
#[derive(Parser)]
#[command(name = "intake")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the office's keys: root.key (safe), unseal.key (inside machine), receipt.key, office.toml (for the kiosks)
    Keys(keys::Make),
    /// Sign the next key bundle with the root key: new keys, or the same ones for two more years
    Rotate(keys::Rotate),
    /// Make a certificate for TLS, with a new private authority or with the one that kiosks know
    Certify(keys::Certify),
    /// Make a one-time code with which a kiosk enrols itself
    Code(admin::NewCode),
    /// Admit a kiosk by its public key
    Enrol(admin::Enrol),
    /// Refuse everything further from a kiosk, for good
    Revoke(admin::Revoke),
    /// List the kiosks: last heartbeat, counts, and where the key lies
    Kiosks(admin::Kiosks),
    /// Say what became of a submission
    #[command(subcommand)]
    Status(admin::StatusCommand),
    /// Note under which code the national portal knows a dossier
    RecordPortalCode(admin::PortalCode),
    /// Void a citizen's slip, for one that was lost: from now on it opens nothing on a phone
    Void(admin::Void),
    /// Receive sealed dossiers; needs receipt.key and nothing else
    Serve(serve::Serve),
    /// Copy the embedded database while the office goes on, and let kiosks erase what is in the copy
    Backup(copies::Backup),
    /// Make an office from a copy, under a new epoch: kiosks send again what the copy lacks
    Restore(copies::Restore),
    /// Show, or raise, the receipt number up to which everything is in a backup too
    Durable(copies::Durable),
    /// Receive dossiers that `kiosk export` wrote onto a medium; each receipt is written beside its file
    Import(import::Import),
    /// Open what was delivered, on an inside machine; `serve` may run at the same time
    Open(open::Open),
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    if let Err(error) = passport_kiosk::secrecy::forbid_core_dumps() {
        eprintln!("intake: core dumps cannot be forbidden: {error}");
        return ExitCode::FAILURE;
    }
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("intake: {error:#}");
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Keys(make) => make.run()?,
        Command::Rotate(rotate) => rotate.run()?,
        Command::Certify(certify) => certify.run()?,
        Command::Code(code) => code.run()?,
        Command::Enrol(enrol) => enrol.run()?,
        Command::Revoke(revoke) => revoke.run()?,
        Command::Kiosks(kiosks) => kiosks.run()?,
        Command::Status(status) => status.run()?,
        Command::RecordPortalCode(code) => code.run()?,
        Command::Void(void) => void.run()?,
        Command::Serve(serve) => serve.run()?,
        Command::Backup(backup) => backup.run()?,
        Command::Restore(restore) => restore.run()?,
        Command::Durable(durable) => durable.run()?,
        Command::Import(import) => return import.run(),
        Command::Open(open) => return open.run(),
    }
    Ok(ExitCode::SUCCESS)
}
