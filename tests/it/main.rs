//! The one test binary. Each file pins one behaviour of the kiosk at its boundary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test ends where an expectation fails, and says what it counted"
)]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them so")]
#![allow(clippy::needless_pass_by_value, reason = "expectations and scripts are written where they are used")]

mod camera;
mod clock;
mod config;
mod enrolment;
mod flow;
mod fonts;
mod kept;
mod medium;
mod office;
mod officer;
mod packages;
mod page;
mod photo;
mod process;
mod queue;
mod rig;
mod screens;
mod simulate;
mod stolen;
mod sync;
mod ticket;
mod tidy;
mod typing;
