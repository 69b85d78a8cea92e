//! The way to the office, with everything that can stand in it.
