//! Faces, by `SeetaFace` in Rust (`rustface`). Its model stands in `faces.bin`, as it is in that crate's package, under the
//! licence in `faces-LICENSE.txt`.

use crate::domain::photo::{Face, Picture};
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer, Luma};
use rustface::{Detector, ImageData};

const MODEL: &[u8] = include_bytes!("faces.bin");
/// The longer side of what is searched, in pixels: a face that can be cut is large in it.
const SEARCHED: u32 = 480;
/// Smaller faces are of people who walk by, in pixels of the searched picture.
const LEAST: u32 = 40;
/// Below it the finder is not sure; its authors name 0.95, 2.8 and 4.5.
const SCORE: f64 = 2.8;

/// The finder. Not to be shared between threads.
pub struct Faces(Box<dyn Detector>);

impl Faces {
    /// `None` only if the model that came with the program is broken.
    pub fn new() -> Option<Self> {
        let model = rustface::read_model(MODEL).ok()?;
        let mut detector = rustface::create_detector_with_model(model);
        detector.set_min_face_size(LEAST);
        detector.set_score_thresh(SCORE);
        detector.set_pyramid_scale_factor(0.8);
        detector.set_slide_window_step(4, 4);
        Some(Self(detector))
    }

    /// Everybody who is seen from the front, in pixels of the picture.
    pub fn find(&mut self, picture: &Picture) -> Vec<Face> {
        let longer = picture.width().max(picture.height());
        let scale = f64::from(longer) / f64::from(SEARCHED.min(longer));
        let Some(grey) = grey(picture) else { return Vec::new() };
        let small = imageops::resize(
            &grey,
            scaled(picture.width(), 1.0 / scale),
            scaled(picture.height(), 1.0 / scale),
            FilterType::Triangle,
        );
        // The finder's windows do not fit into less.
        if small.width().min(small.height()) < LEAST {
            return Vec::new();
        }
        let found = self.0.detect(&ImageData::new(&small, small.width(), small.height()));
        let whole = |at: i32| (f64::from(at) * scale).round() as i32;
        let squares = found.iter().map(rustface::FaceInfo::bbox);
        squares
            .map(|square| Face { x: whole(square.x()), y: whole(square.y()), side: scaled(square.width(), scale) })
            .collect()
    }
}

#[allow(clippy::cast_sign_loss, reason = "a length times a scale is no less than 0")]
fn scaled(length: u32, scale: f64) -> u32 {
    ((f64::from(length) * scale).round() as u32).max(1)
}

fn grey(picture: &Picture) -> Option<ImageBuffer<Luma<u8>, Vec<u8>>> {
    GrayImage::from_raw(picture.width(), picture.height(), picture.luma())
}
