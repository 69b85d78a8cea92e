//! Means, spreads and sharpness of parts of a picture.

use super::{Face, Picture};

/// The side to which a face is brought before its sharpness is compared, in pixels.
const SIDE: u32 = 160;

/// Luma by ITU-R BT.601.
pub(super) fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114 + 500) / 1_000) as u8
}

/// A rectangle inside a picture, of at least one pixel.
#[derive(Clone, Copy)]
pub(super) struct Region {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// How a region looks.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// Mean luma.
    pub(super) luma: f64,
    /// Standard deviation of the luma.
    pub(super) spread: f64,
    /// Between the strongest and the weakest channel's mean.
    pub(super) tint: f64,
}

impl Region {
    /// The part of it that lies in the picture; `None` if nothing does.
    pub(super) fn inside(picture: &Picture, x: i32, y: i32, width: u32, height: u32) -> Option<Self> {
        let within = |at: i32, length: u32, full: u32| {
            let from = i64::from(at).clamp(0, i64::from(full));
            let to = (i64::from(at) + i64::from(length)).clamp(0, i64::from(full));
            Some((u32::try_from(from).ok()?, u32::try_from(to - from).ok().filter(|length| *length > 0)?))
        };
        let (x, width) = within(x, width, picture.width)?;
        let (y, height) = within(y, height, picture.height)?;
        Some(Self { x, y, width, height })
    }

    pub(super) fn look(self, picture: &Picture) -> Look {
        let (mut sums, mut light, mut squares, mut count) = ([0.0; 3], 0.0, 0.0, 0.0);
        for y in self.y..self.y + self.height {
            let at = (y as usize * picture.width as usize + self.x as usize) * 3;
            for pixel in picture.rgb[at..at + self.width as usize * 3].chunks_exact(3) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += f64::from(*value);
                }
                let luma = f64::from(luma(pixel[0], pixel[1], pixel[2]));
                light += luma;
                squares += luma * luma;
                count += 1.0;
            }
        }
        let means = sums.map(|sum| sum / count);
        let mean = light / count;
        let [strongest, weakest] =
            [means.iter().copied().fold(f64::MIN, f64::max), means.iter().copied().fold(f64::MAX, f64::min)];
        Look { luma: mean, spread: (squares / count - mean * mean).max(0.0).sqrt(), tint: strongest - weakest }
    }
}

/// The variance of the Laplacian of the face's luma, brought to one size so that near and far compare. 0 outside the picture.
pub(super) fn sharpness(picture: &Picture, face: Face) -> f64 {
    let Some(region) = Region::inside(picture, face.x, face.y, face.side, face.side) else { return 0.0 };
    let small = small(picture, region);
    let at = |x: u32, y: u32| small[(y * SIDE + x) as usize];
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let edge = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y);
            sum += edge;
            squares += edge * edge;
            count += 1.0;
        }
    }
    let mean = sum / count;
    squares / count - mean * mean
}

/// The region's luma in [`SIDE`] by [`SIDE`] cells, each the mean of the pixels it covers.
fn small(picture: &Picture, region: Region) -> Vec<f64> {
    let span = |cell: u32, length: u32| {
        let from = cell * length / SIDE;
        from..((cell + 1) * length / SIDE).max(from + 1)
    };
    let mut cells = Vec::with_capacity((SIDE * SIDE) as usize);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (mut sum, mut count) = (0.0, 0.0);
            for y in span(row, region.height) {
                for x in span(column, region.width) {
                    let at = ((region.y + y) as usize * picture.width as usize + (region.x + x) as usize) * 3;
                    sum += f64::from(luma(picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]));
                    count += 1.0;
                }
            }
            cells.push(sum / count);
        }
    }
    cells
}
