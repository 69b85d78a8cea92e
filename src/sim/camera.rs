//! A camera that is not there: a folder whose last picture is what it sees. The person in it is drawn, and is nobody.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use std::io;
use std::path::{Path, PathBuf};

/// Pixels: a camera of 1080 lines, upright enough for head and shoulders.
const SIZE: (u32, u32) = (1_200, 1_080);
/// The middle of the face.
const MIDDLE: (f64, f64) = (600.0, 500.0);

/// What stands before the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Somebody before a white screen.
    Ready,
    /// Somebody before a grey wall.
    GreyWall,
    /// Somebody who stands far away.
    Far,
    /// Nobody.
    Nobody,
}

/// A soft oval: middle, half width, half height, width of its edge, colour.
type Oval = (f64, f64, f64, f64, f64, [u8; 3]);

const SKIN: [u8; 3] = [220, 175, 146];
const SHADE: [u8; 3] = [178, 128, 100];
const HAIR: [u8; 3] = [35, 28, 25];
const LIP: [u8; 3] = [165, 88, 82];

/// Shoulders, neck and head from the back to the front; what comes twice follows in [`PAIRED`].
const BODY: [Oval; 5] = [
    (0.0, 650.0, 430.0, 350.0, 6.0, [40, 60, 110]),
    (0.0, 230.0, 95.0, 150.0, 12.0, [150, 105, 82]),
    (0.0, -85.0, 182.0, 200.0, 8.0, HAIR),
    (0.0, 5.0, 170.0, 240.0, 12.0, SHADE),
    (0.0, 0.0, 140.0, 215.0, 60.0, SKIN),
];
/// Right of the middle, and mirrored left of it.
const PAIRED: [Oval; 6] = [
    (76.0, -20.0, 62.0, 46.0, 30.0, [165, 115, 90]),
    (78.0, -56.0, 52.0, 10.0, 8.0, [45, 35, 30]),
    (76.0, -4.0, 40.0, 16.0, 8.0, [70, 50, 42]),
    (76.0, -2.0, 34.0, 10.0, 6.0, [225, 220, 215]),
    (76.0, -3.0, 15.0, 14.0, 4.0, [30, 20, 15]),
    (22.0, 92.0, 13.0, 8.0, 8.0, [95, 60, 48]),
];
const FRONT: [Oval; 6] = [
    (0.0, -205.0, 165.0, 75.0, 16.0, HAIR),
    (0.0, 30.0, 14.0, 50.0, 16.0, [235, 192, 162]),
    (0.0, 104.0, 44.0, 8.0, 14.0, [165, 115, 92]),
    (0.0, 160.0, 66.0, 20.0, 10.0, LIP),
    (0.0, 158.0, 66.0, 4.0, 5.0, [90, 40, 40]),
    (0.0, 195.0, 50.0, 10.0, 16.0, [180, 130, 104]),
];

/// The folder.
#[derive(Debug)]
pub struct SimCamera {
    folder: PathBuf,
    shown: u32,
}

impl SimCamera {
    /// A camera lying in this folder, which is made; before it stands somebody who is ready.
    pub fn new(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut camera = Self { folder: folder.to_owned(), shown: 0 };
        camera.show(Scene::Ready)?;
        Ok(camera)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// From now on it sees this.
    pub fn show(&mut self, scene: Scene) -> io::Result<()> {
        let image = draw(scene);
        let mut jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 90);
        encoder.encode_image(&image).map_err(io::Error::other)?;
        self.shown += 1;
        // A picture that is half written is no picture.
        let (half, whole) = (self.folder.join("half"), self.folder.join(format!("{:06}.jpg", self.shown)));
        std::fs::write(&half, jpeg)?;
        std::fs::rename(half, whole)
    }
}

fn draw(scene: Scene) -> RgbImage {
    let (wall, scale) = match scene {
        Scene::Ready | Scene::Nobody => (240, 0.85),
        Scene::GreyWall => (140, 0.85),
        Scene::Far => (240, 0.4),
    };
    let mut image = RgbImage::from_pixel(SIZE.0, SIZE.1, Rgb([wall; 3]));
    if scene != Scene::Nobody {
        let mirrored = |(x, y, wide, high, edge, colour): Oval| {
            [(x, y, wide, high, edge, colour), (-x, y, wide, high, edge, colour)]
        };
        for oval in BODY.into_iter().chain(PAIRED.into_iter().flat_map(mirrored)).chain(FRONT) {
            paint(&mut image, oval, scale);
        }
    }
    image
}

/// Only where it can be: what lies outside of it and its edge is not looked at.
#[allow(clippy::cast_sign_loss, reason = "clamped at 0 and to a byte")]
fn paint(image: &mut RgbImage, (x, y, wide, high, edge, colour): Oval, scale: f64) {
    let span = |middle: f64, at: f64, half: f64, full: u32| {
        let reach = half * (1.0 + edge / wide.min(high) / 2.0);
        let (from, to) = (middle + (at - reach) * scale, middle + (at + reach) * scale);
        from.max(0.0) as u32..(to.max(0.0) as u32 + 1).min(full)
    };
    for py in span(MIDDLE.1, y, high, image.height()) {
        for px in span(MIDDLE.0, x, wide, image.width()) {
            let across = ((f64::from(px) - MIDDLE.0) / scale - x) / wide;
            let down = ((f64::from(py) - MIDDLE.1) / scale - y) / high;
            let inside = (1.0 - across.hypot(down)) * wide.min(high) / edge + 0.5;
            if inside > 0.0 {
                let share = inside.min(1.0);
                for (channel, own) in image.get_pixel_mut(px, py).0.iter_mut().zip(colour) {
                    let mixed = f64::from(*channel) * (1.0 - share) + f64::from(own) * share;
                    *channel = mixed.round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scene, SimCamera};
    use crate::camera::{Faces, see};
    use crate::config::shipped_rules;
    use crate::domain::citizen::Date;
    use crate::domain::photo::{Flaw, Picture};

    #[test]
    fn the_drawn_person_is_taken_for_one_and_each_scene_for_what_it_is() {
        let norm = shipped_rules(Date::new(2026, 11, 23).unwrap()).unwrap().photo;
        let mut faces = Faces::new().unwrap();
        let cases = [
            (Scene::Ready, vec![]),
            (Scene::GreyWall, vec![Flaw::BackgroundGrey]),
            (Scene::Far, vec![Flaw::TooFar]),
            (Scene::Nobody, vec![Flaw::NoFace]),
        ];
        let folder = tempfile::tempdir().unwrap();
        let mut camera = SimCamera::new(folder.path()).unwrap();
        for (scene, wanted) in cases {
            camera.show(scene).unwrap();
            let last = folder.path().join(format!("{:06}.jpg", camera.shown));
            let image = image::open(last).unwrap().into_rgb8();
            let picture = Picture::new(image.width(), image.height(), image.into_raw()).unwrap();
            assert_eq!(see(&mut faces, &picture, &norm).flaws, wanted, "{scene:?}: {:?}", faces.find(&picture));
        }
    }
}
