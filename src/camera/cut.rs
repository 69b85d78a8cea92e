//! Cutting, making smaller, JPEG: by the `image` crate. Nothing is enlarged and nothing retouched.

use crate::domain::photo::{Cut, Norm, Picture, Portrait};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, ImageBuffer, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Pixels of what the screen shows.
const SMALL: (u32, u32) = (320, 480);
/// The qualities that are tried until the file is small enough.
const QUALITIES: [u8; 5] = [95, 90, 80, 65, 45];
/// Pixels that a camera's picture may be wide or high.
const MOST: u32 = 8_000;

fn view(picture: &Picture) -> Option<ImageBuffer<Rgb<u8>, &[u8]>> {
    ImageBuffer::from_raw(picture.width(), picture.height(), picture.rgb())
}

fn crop(picture: &Picture, cut: Cut) -> Option<RgbImage> {
    let line = picture.width() as usize * 3;
    let (from, to) = (cut.x as usize * 3, (cut.x + cut.width) as usize * 3);
    let mut rgb = Vec::with_capacity(cut.width as usize * cut.height as usize * 3);
    for row in picture.rgb().chunks_exact(line).skip(cut.y as usize).take(cut.height as usize) {
        rgb.extend_from_slice(row.get(from..to)?);
    }
    RgbImage::from_raw(cut.width, cut.height, rgb)
}

fn picture(image: RgbImage) -> Option<Picture> {
    Picture::new(image.width(), image.height(), image.into_raw())
}

/// Reads a JPEG. `None` for anything else, and for one that is too large.
pub(super) fn decode(bytes: &[u8]) -> Option<Picture> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST), Some(MOST));
    reader.limits(limits);
    picture(reader.decode().ok()?.into_rgb8())
}

/// Cuts and encodes; `None` only if the picture is not one.
pub(super) fn portrait(from: &Picture, cut: Cut, norm: &Norm) -> Option<Portrait> {
    let mut image = crop(from, cut)?;
    if image.width() > norm.width_max {
        let height = (u64::from(image.height()) * u64::from(norm.width_max) / u64::from(image.width())) as u32;
        image = imageops::resize(&image, norm.width_max, height.max(1), FilterType::Lanczos3);
    }
    let jpeg = encode(&image, norm.bytes_max)?;
    let small = small(&picture(image)?);
    Some(Portrait { jpeg: Arc::new(jpeg), small: Arc::new(small) })
}

/// Baseline, as small as it must be.
fn encode(image: &RgbImage, most: u32) -> Option<Zeroizing<Vec<u8>>> {
    QUALITIES.iter().find_map(|quality| {
        // Growing would leave copies behind; the allocator wipes them, and one of this size seldom grows.
        let mut jpeg = Zeroizing::new(Vec::with_capacity(image.as_raw().len() / 4));
        let mut encoder = JpegEncoder::new_with_quality(&mut *jpeg, *quality);
        encoder.encode(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8).ok()?;
        (jpeg.len() <= most as usize).then_some(jpeg)
    })
}

/// For the screen: no larger than it is shown.
pub fn small(from: &Picture) -> Picture {
    let (width, height) = (from.width().min(SMALL.0), from.height().min(SMALL.1));
    let made = view(from).and_then(|whole| picture(imageops::thumbnail(&whole, width, height)));
    made.unwrap_or_else(|| from.clone())
}

/// The middle of what the camera sees, mirrored.
pub(super) fn preview(from: &Picture) -> Picture {
    let made = crop(from, super::middle(from)).and_then(|middle| {
        let mut small = imageops::thumbnail(&middle, SMALL.0, SMALL.1);
        imageops::flip_horizontal_in_place(&mut small);
        picture(small)
    });
    made.unwrap_or_else(|| from.clone())
}
