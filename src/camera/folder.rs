//! A camera that is a folder of JPEG files: what it sees is the last one by name. For simulations and tests only.

use super::{Camera, Error, cut};
use crate::domain::photo::Picture;
use std::path::{Path, PathBuf};

pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }
}

impl Camera for Folder {
    fn frame(&mut self) -> Result<Picture, Error> {
        let entries = std::fs::read_dir(&self.0).map_err(|_| Error::Missing)?;
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let last = files.filter(|file| file.extension().is_some_and(|ending| ending == "jpg")).max();
        let bytes = std::fs::read(last.ok_or(Error::Silent)?).map_err(|_| Error::Silent)?;
        cut::decode(&bytes).ok_or(Error::Format)
    }
}
