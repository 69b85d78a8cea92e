//! A half-filled form outlives the process that holds it: sealed under a key from the text of the citizen's own card, in
//! a memory file that systemd's descriptor store holds, or on the disk where a credential bound to the machine's TPM goes
//! into that key too. Elsewhere nothing is kept.
//!
//! What is kept never leaves the machine, and is wiped when its citizen leaves, saves, refuses, or after
//! [`MAX_AGE_MS`](crate::domain::keep::MAX_AGE_MS).

mod form;
mod record;
mod seal;
mod shelf;
mod thread;

pub use shelf::{CREDENTIAL, FILE, Shelf};
pub use thread::{Handle, Order, Setup, spawn};

use crate::domain::flow::HalfFilled;
use crate::domain::keep::Outlives;

/// What the keeper's thread tells.
pub enum Heard {
    /// How things stand; told when it changes.
    State {
        /// What a form outlives here; nothing while it cannot be written.
        outlives: Outlives,
        /// There is one.
        holds: bool,
    },
    /// The answer to [`Order::Present`].
    Recalled {
        /// As in the order.
        session: u64,
        /// What was kept for the holder of this card.
        half: Option<Box<HalfFilled>>,
    },
}

#[cfg(test)]
mod tests;
