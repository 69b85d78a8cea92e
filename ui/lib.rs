//! The kiosk's screens, generated from `app.slint`. Knows nothing of the kiosk.
slint::include_modules!();
