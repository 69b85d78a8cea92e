//! The way to the office: the contract, and HTTP.

pub mod dossier;
pub mod http;
pub mod open;
pub mod parcel;
pub mod signature;
pub mod tls;
pub mod trust;
pub mod wire;
