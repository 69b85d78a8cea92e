//! The portrait's camera, on a thread of its own: it looks only while a citizen stands before it, finds the face, tells what
//! is wrong, and takes a picture when it is asked to. No picture is ever in a file.

mod cut;
mod faces;
#[cfg(any(test, feature = "sim"))]
mod folder;
mod thread;
mod v4l2;

pub use cut::small;
pub use faces::Faces;
pub use thread::{Handle, spawn};

use crate::domain::flow::CameraState;
use crate::domain::photo::{self, Cut, Norm, Picture, Portrait, Seen, Shot};
use std::path::Path;
use std::sync::Arc;

/// What the camera's thread tells.
pub enum Heard {
    /// Whether there is one; told when it changes.
    State(CameraState),
    /// What it sees, while it is asked to look.
    Seen(Seen),
    /// The answer to [`CameraOrder::Shoot`](crate::domain::flow::CameraOrder::Shoot); `None`: the camera gave nothing.
    Taken(Option<Shot>),
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Pulled out, or not there yet.
    #[error("no camera at this path")]
    Missing,
    /// It gives none in time.
    #[error("the camera gives no picture")]
    Silent,
    /// It offers neither MJPEG, JPEG nor YUYV, or what it gave cannot be read.
    #[error("the camera's pictures cannot be read")]
    Format,
}

/// Something that gives pictures.
pub trait Camera {
    /// The newest one; waits for it at most two seconds.
    fn frame(&mut self) -> Result<Picture, Error>;
}

/// Opens what stands at this path: a V4L2 device; in a simulation also a folder of JPEG files, the last of which by name is
/// what the camera sees.
fn open(device: &Path) -> Result<Box<dyn Camera>, Error> {
    #[cfg(any(test, feature = "sim"))]
    if device.is_dir() {
        return Ok(Box::new(folder::Folder::new(device)));
    }
    Ok(Box::new(v4l2::V4l2::open(device)?))
}

/// What is seen in this picture, for the screen.
pub fn see(faces: &mut Faces, picture: &Picture, norm: &Norm) -> Seen {
    let flaws = photo::judge(picture, &faces.find(picture), norm).flaws;
    Seen { preview: Arc::new(cut::preview(picture)), flaws }
}

/// What this picture gives as a portrait.
pub fn take(faces: &mut Faces, picture: &Picture, norm: &Norm) -> Shot {
    let judgement = photo::judge(picture, &faces.find(picture), norm);
    // A picture that cannot be used is shown all the same: people see what was wrong.
    let shown = judgement.cut.unwrap_or_else(|| middle(picture));
    Shot { portrait: cut::portrait(picture, shown, norm), flaws: judgement.flaws }
}

/// The greatest 4:6 in the middle.
fn middle(picture: &Picture) -> Cut {
    let height = picture.height().min(picture.width() * 3 / 2).max(1);
    let width = (height * 2 / 3).max(1);
    Cut { x: (picture.width() - width) / 2, y: (picture.height() - height) / 2, width, height }
}

/// A saved portrait, for the screen.
pub fn portrait(jpeg: Arc<zeroize::Zeroizing<Vec<u8>>>) -> Option<Portrait> {
    let picture = cut::decode(&jpeg)?;
    Some(Portrait { small: Arc::new(small(&picture)), jpeg })
}
