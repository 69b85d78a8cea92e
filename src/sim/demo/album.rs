//! The pictures a demo leaves: each once, in both orientations, as everybody finds the screen and as whoever sees badly sets it.

use crate::sim::led::{Led, LedError, Look};
use kiosk_ui::{Contrast, TextSize};
use std::collections::BTreeSet;
use std::path::PathBuf;

const SIDES: [(&str, u32, u32); 2] = [("portrait", 1080, 1920), ("landscape", 1920, 1080)];
const LOOKS: [(&str, Option<Look>); 2] =
    [("", None), ("-largest", Some(Look { size: TextSize::Largest, contrast: Contrast::YellowOnBlack }))];

/// A folder of pictures.
pub(super) struct Album {
    folder: PathBuf,
    names: BTreeSet<String>,
}

impl Album {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, names: BTreeSet::new() }
    }

    /// How many pictures there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Where a picture of another kind goes.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.png"))
    }

    /// `NAME-SIDE.png` and `NAME-SIDE-largest.png` for both sides, once under each name.
    pub(super) fn take(&mut self, led: &mut Led, name: &str) -> Result<(), LedError> {
        for (side, width, height) in SIDES {
            for (suffix, look) in LOOKS {
                let name = format!("{name}-{side}{suffix}");
                let file = self.place(&name);
                if self.names.insert(name) {
                    led.shot(&file, (width, height), look)?;
                }
            }
        }
        Ok(())
    }
}
