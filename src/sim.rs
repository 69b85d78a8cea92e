//! The outside world on a laptop: a scanner and a printer on real PTYs, a cable that can be pulled, an office on loopback, and a
//! kiosk led without a display. Not in a production kiosk; every screen it draws says that it is a simulation.

pub mod cable;
pub mod camera;
pub mod demo;
pub mod drive;
pub mod fleet;
pub mod led;
pub mod printer;
mod pty;
pub mod scanner;
pub mod stage;
pub mod visit;
