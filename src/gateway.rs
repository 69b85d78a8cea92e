//! The way to the office: the contract, and HTTP.

pub mod dossier;
pub mod http;
pub mod parcel;
pub mod trust;
pub mod wire;
