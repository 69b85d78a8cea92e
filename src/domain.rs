//! The kiosk's decisions. Knows nobody: no I/O, no clock, no random number, no sentence.

pub mod card;
pub mod carriers;
pub mod citizen;
pub mod delivery;
pub mod fees;
pub mod flow;
pub mod form;
pub mod keep;
pub mod officer;
pub mod photo;
pub mod slip;
pub mod submission;
pub mod ticket;
pub mod triage;
pub mod typing;
pub mod units;
