//! The portrait judged on real photographs: official portraits in the public domain, which the `PyPI` package
//! `face_recognition` carries among its tests. They are read from the package and never kept in this repository; good and bad
//! cases are made from them.

use crate::packages::{Package, Registry, member};
use image::{ImageFormat, Rgb, RgbImage, imageops};
use passport_kiosk::camera::{self, Faces};
use passport_kiosk::config::shipped_rules;
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::photo::{Flaw, Norm, Picture};

const PHOTOGRAPHS: Package = Package {
    registry: Registry::PyPi,
    name: "face_recognition",
    version: "1.3.0",
    file: "face_recognition-1.3.0.tar.gz",
    sha256: "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
};

/// Every photograph by name, or why there is none.
fn photographs() -> Result<Vec<(String, RgbImage)>, String> {
    let file = PHOTOGRAPHS.fetched()?;
    let names = ["biden", "obama", "obama2", "obama3", "obama_partial_face", "obama_partial_face2"];
    let photograph = |name: &str| {
        let jpeg = member(&file, &format!("face_recognition-1.3.0/tests/test_images/{name}.jpg"));
        image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
    };
    Ok(names.map(|name| (name.to_owned(), photograph(name))).to_vec())
}

/// The photographs, or nothing and a line that says why; on CI they must be there.
fn photographs_or_skip() -> Vec<(String, RgbImage)> {
    photographs().unwrap_or_else(|why| {
        assert!(std::env::var_os("CI").is_none(), "no photographs: {why}");
        println!("SKIPPED: portraits judged on real photographs: {why}");
        Vec::new()
    })
}

fn norm() -> Norm {
    shipped_rules(Date::new(2026, 11, 23).unwrap()).unwrap().photo
}

fn picture(image: &RgbImage) -> Picture {
    Picture::new(image.width(), image.height(), image.as_raw().clone()).unwrap()
}

fn flaws(image: &RgbImage) -> Vec<Flaw> {
    camera::see(&mut Faces::new().unwrap(), &picture(image), &norm()).flaws
}

/// Head and shoulders of the official portrait before an even background, as in front of a white screen.
fn studio(portrait: &RgbImage, background: impl Fn(u32, u32) -> u8) -> RgbImage {
    const LEFT: u32 = 150;
    const TOP: u32 = 150;
    RgbImage::from_fn(1_200, 1_100, |x, y| {
        let grey = f64::from(background(x, y));
        let (Some(px), Some(py)) = (x.checked_sub(LEFT), y.checked_sub(TOP)) else { return Rgb([byte(grey); 3]) };
        let Some(pixel) = portrait.get_pixel_checked(px, py) else { return Rgb([byte(grey); 3]) };
        let share = person(f64::from(px), f64::from(py));
        Rgb(pixel.0.map(|channel| byte(f64::from(channel) * share + grey * (1.0 - share))))
    })
}

#[allow(clippy::cast_sign_loss, reason = "clamped to a byte")]
fn byte(value: f64) -> u8 {
    value.clamp(0.0, 255.0) as u8
}

/// How much of this pixel of the portrait is the person: an oval around the head, a slope for the shoulders, soft edges.
fn person(x: f64, y: f64) -> f64 {
    let (across, down) = ((x - 478.0) / 150.0, (y - 195.0) / 180.0);
    let head = (1.0 - (across * across + down * down).sqrt()) * 30.0;
    let half_width = 75.0 + (y - 330.0).max(0.0) * 1.6;
    let body = if y < 320.0 { -1.0 } else { (half_width - (x - 478.0).abs()) / 6.0 };
    head.max(body).clamp(0.0, 1.0)
}

const WHITE: u8 = 238;

fn white(_: u32, _: u32) -> u8 {
    WHITE
}

fn mapped(image: &RgbImage, change: impl Fn(f64) -> f64) -> RgbImage {
    let mut changed = image.clone();
    changed.iter_mut().for_each(|channel| *channel = byte(change(f64::from(*channel))));
    changed
}

#[test]
fn each_fault_of_a_real_portrait_is_told_and_a_good_one_has_none() {
    let Some((_, portrait)) = photographs_or_skip().into_iter().find(|(name, _)| name == "obama") else { return };
    let good = studio(&portrait, white);
    let half = imageops::resize(&good, good.width() / 2, good.height() / 2, imageops::FilterType::Triangle);
    let close = imageops::crop_imm(&good, 420, 180, 440, 440).to_image();
    let aside = imageops::crop_imm(&good, 480, 0, 720, 1_100).to_image();
    let mut two = RgbImage::from_pixel(1_700, 1_100, Rgb([WHITE; 3]));
    imageops::replace(&mut two, &good, 500, 0);
    imageops::replace(&mut two, &imageops::crop_imm(&good, 300, 0, 650, 1_100).to_image(), 0, 0);
    let cases = [
        ("good", good.clone(), vec![]),
        ("two people", two, vec![Flaw::ManyFaces]),
        ("nobody", RgbImage::from_pixel(1_200, 1_100, Rgb([WHITE; 3])), vec![Flaw::NoFace]),
        ("too close", close, vec![Flaw::TooClose]),
        ("too far", half, vec![Flaw::TooFar]),
        ("aside", aside, vec![Flaw::OffCentre]),
        ("grey screen", studio(&portrait, |_, _| 150), vec![Flaw::BackgroundGrey]),
        ("shadow", studio(&portrait, |x, _| if x < 620 { 190 } else { 240 }), vec![Flaw::BackgroundUneven]),
        (
            "a door frame",
            studio(&portrait, |x, _| if (430..445).contains(&x) { 90 } else { 240 }),
            vec![Flaw::BackgroundUneven],
        ),
        ("blurred", imageops::blur(&good, 5.0), vec![Flaw::Blurred]),
        ("dim", mapped(&good, |channel| channel * 0.4), vec![Flaw::TooDark, Flaw::BackgroundGrey]),
        ("glaring", mapped(&good, |channel| 255.0 - (255.0 - channel) * 0.3), vec![Flaw::TooBright]),
    ];
    let told: Vec<_> = cases.iter().map(|(name, image, _)| (*name, flaws(image))).collect();
    for ((name, _, wanted), (_, found)) in cases.iter().zip(&told) {
        let is_told = if wanted.is_empty() { found.is_empty() } else { wanted.iter().all(|flaw| found.contains(flaw)) };
        assert!(is_told, "{name}: {found:?} instead of {wanted:?}; all: {told:#?}");
    }
}

#[test]
fn no_photograph_taken_before_curtains_and_flags_passes() {
    for (name, image) in photographs_or_skip() {
        assert!(!flaws(&image).is_empty(), "{name}");
    }
}

#[test]
fn the_finder_finds_everybody_who_is_seen_from_the_front() {
    let photographs = photographs_or_skip();
    let mut faces = Faces::new().unwrap();
    let found = photographs.iter().filter(|(_, image)| faces.find(&picture(image)).len() == 1).count();
    assert_eq!(found, photographs.len());
    println!("faces found in {found} of {} photographs", photographs.len());
}

#[test]
fn the_portrait_is_a_baseline_jpeg_cut_to_four_by_six_with_the_eyes_where_they_belong() {
    let Some((_, portrait)) = photographs_or_skip().into_iter().find(|(name, _)| name == "obama") else { return };
    let (norm, good) = (norm(), studio(&portrait, white));
    let mut faces = Faces::new().unwrap();
    for most in [norm.bytes_max, 100_000] {
        let norm = Norm { bytes_max: most, ..norm };
        let shot = camera::take(&mut faces, &picture(&good), &norm);
        let jpeg = shot.portrait.unwrap().jpeg;
        assert!(jpeg.len() <= most as usize);
        assert!(is_baseline(&jpeg), "the portal reads baseline JPEG only");
        let cut = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap().into_rgb8();
        assert!((norm.width_min..=norm.width_max).contains(&cut.width()));
        assert!((i64::from(cut.width()) * 6 - i64::from(cut.height()) * 4).abs() <= 6, "{:?}", cut.dimensions());
        let face = faces.find(&picture(&cut))[0];
        let eyes = (f64::from(face.y) + 0.45 * f64::from(face.side)) / f64::from(cut.height());
        assert!((0.36..0.44).contains(&eyes), "the eyes stand at {eyes}");
    }
}

/// The first frame header is SOF0 (ITU-T T.81, B.1.1.3).
fn is_baseline(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = jpeg.get(at..at + 4) {
        match marker {
            0xC0 => return true,
            0xC1..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xDA => return false,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}
