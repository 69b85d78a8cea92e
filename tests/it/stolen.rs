//! A stolen kiosk tells nothing about anybody.
