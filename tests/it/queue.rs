//! The outbox under power cuts, full disks, locks and damage.
