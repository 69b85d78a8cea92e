//! Trạm hộ chiếu: a kiosk that reads a citizen's card, leads through the passport form TK01, seals the dossier into an
//! offline queue and hands it to the immigration office. `ARCHITECTURE.md` is the map.

pub mod domain;

pub mod journal;

pub mod envelope;

pub mod worker;

pub mod stretch;

pub mod reader;

pub mod camera;
pub mod printer;

mod sqlite;

pub mod queue;

pub mod officer;

pub mod gateway;

pub mod sync;

pub mod clock;

pub mod config;

pub mod device;

pub mod keep;

pub mod secrecy;

pub mod kiosk;

#[cfg(feature = "screen")]
pub mod speech;

#[cfg(feature = "screen")]
pub mod window;

#[cfg(feature = "office")]
pub mod office;

#[cfg(feature = "sim")]
pub mod sim;
