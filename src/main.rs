//! The `kiosk` command: arguments, wiring, exit code.
//!
//! Exit codes: 0 all is well, 1 it was tried and failed, 2 the arguments or the configuration are refused.

mod commands;

use clap::{Parser, Subcommand};
use std::alloc::System;
use std::path::PathBuf;
use std::process::ExitCode;

/// Whatever is freed is wiped: what a citizen typed leaves no trace in memory that is given back.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

/// Trạm hộ chiếu: prepares a Vietnamese passport application, seals it and hands it to the immigration office.
#[derive(Parser)]
#[command(name = "kiosk", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the effective configuration, or refuse with file and line.
    Check {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
    },
    /// Print the device's public key for `intake enrol`; makes the key on the first call.
    Identity {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
    },
    /// Print counts, ages and states of the queue as JSON; nothing personal.
    Queue {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
    },
    /// Write every unsent dossier, sealed as it is, onto a medium for `intake import`; they stay queued.
    Export {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
        /// A folder on the medium.
        #[arg(long)]
        to: PathBuf,
    },
    /// Take the receipts that `intake import` wrote beside exported dossiers.
    ImportReceipts {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Go through every damaged queue that lies in quarantine once more.
    Salvage {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
    },
    /// Officers and their PINs; the running kiosk may go on meanwhile.
    Officer {
        #[command(subcommand)]
        action: Officer,
    },
    /// Run the kiosk on the screen.
    #[cfg(feature = "screen")]
    Run {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
    },
    /// Show the whole way on this machine: scanner, kiosk, cable and office, all simulated and so marked.
    #[cfg(feature = "sim")]
    Demo {
        /// Without a window: six citizens by themselves, pictures and a summary.
        #[arg(long)]
        headless: bool,
        /// Where the pictures and the summary go.
        #[arg(long, default_value = "target/demo")]
        out: PathBuf,
    },
    /// Lead the real kiosk without a display, line by line on standard input; see README.
    #[cfg(feature = "sim")]
    Drive {
        /// The kiosk's configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Run whole fleets in virtual time from seeds, with everything that goes wrong; the last line counts the promises
    /// that were broken.
    #[cfg(feature = "sim")]
    Simulate(commands::Options),
    /// Simulated hardware that speaks the real wire protocol.
    #[cfg(feature = "sim")]
    Sim {
        #[command(subcommand)]
        device: Device,
    },
}

#[derive(Subcommand)]
enum Officer {
    /// Set up an officer. The PIN, 6 to 12 digits, is typed twice without being shown, or is one line of standard input.
    Add {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
        /// A label such as "Tổ 1"; no person's name.
        #[arg(long)]
        name: String,
    },
    /// Print the officers' labels as JSON.
    List {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
    },
    /// Take an officer away.
    Remove {
        /// The kiosk's configuration file.
        #[arg(long, default_value = "kiosk-config/kiosk.toml")]
        config: PathBuf,
        /// The officer's label.
        #[arg(long)]
        name: String,
    },
}

#[cfg(feature = "sim")]
#[derive(Subcommand)]
enum Device {
    /// A QR scanner on a PTY, led on standard input: `card KEY`, `text TEXT`, `hex BYTES`, `unplug`, `plug`, `cards`,
    /// `quit`.
    Scanner {
        /// The device path to make: a symbolic link to the PTY.
        #[arg(long)]
        link: PathBuf,
    },
}

fn main() -> ExitCode {
    commands::end_on_panic();
    let arguments = Arguments::parse();
    if let Err(error) = passport_kiosk::secrecy::forbid_core_dumps() {
        return commands::fail(&anyhow::Error::from(error).context("core dumps cannot be forbidden"));
    }
    #[cfg(feature = "screen")]
    if commands::needs_fonts(&arguments.command)
        && let Err(error) = commands::pin_fonts()
    {
        // A full temporary folder must not keep the kiosk from starting where the system has fonts of its own.
        commands::warn(&error);
    }
    let done = match arguments.command {
        Command::Check { config } => commands::check(&config),
        Command::Identity { config } => commands::identity(&config),
        Command::Queue { config } => commands::queue(&config),
        Command::Export { config, to } => commands::export(&config, to),
        Command::ImportReceipts { config, files } => commands::import_receipts(&config, &files),
        Command::Salvage { config } => commands::salvage(&config),
        Command::Officer { action: Officer::Add { config, name } } => commands::officer_add(&config, &name),
        Command::Officer { action: Officer::List { config } } => commands::officer_list(&config),
        Command::Officer { action: Officer::Remove { config, name } } => commands::officer_remove(&config, &name),
        #[cfg(feature = "screen")]
        Command::Run { config } => commands::run(&config),
        #[cfg(feature = "sim")]
        Command::Demo { headless, out } => commands::demo(headless, &out),
        #[cfg(feature = "sim")]
        Command::Drive { config } => commands::drive(&config),
        #[cfg(feature = "sim")]
        Command::Simulate(options) => commands::simulate(&options),
        #[cfg(feature = "sim")]
        Command::Sim { device: Device::Scanner { link } } => commands::scanner(&link),
    };
    #[cfg(feature = "screen")]
    commands::unpin_fonts();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => commands::fail(&error),
    }
}
