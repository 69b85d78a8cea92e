//! The one test binary. Each file pins one behaviour of the kiosk at its boundary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where an expectation fails")]

mod config;
mod flow;
mod fonts;
mod process;
mod queue;
mod rig;
mod screens;
mod stolen;
mod sync;
mod tidy;
