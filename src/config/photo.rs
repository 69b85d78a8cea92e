//! `rules/photo.toml`: what a portrait must be on a day.

use super::lists::in_force;
use super::{Refusal, Source};
use crate::domain::citizen::Date;
use crate::domain::photo::Norm;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    photo: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source and the note are for the people who read the file; they must be there")]
struct Entry {
    from: String,
    until: Option<String>,
    head_percent: u8,
    eyes_percent: u8,
    width_min: u32,
    width_max: u32,
    bytes_max: u32,
    background_min: u8,
    background_spread_max: u8,
    background_tint_max: u8,
    face_min: u8,
    face_max: u8,
    sharpness_min: u16,
    tries: u8,
    source: String,
    note: Option<String>,
}

pub(super) fn read(source: &Source, today: Date) -> Result<Norm, Refusal> {
    let file: File = source.parse()?;
    for spanned in &file.photo {
        let entry = spanned.get_ref();
        if in_force(source, spanned, &entry.from, entry.until.as_deref(), today)? {
            return norm(entry).map_err(|what| source.refuse(spanned.span(), what));
        }
    }
    Err(source.refuse(0..0, "no norm of the portrait is in force today"))
}

/// Each within what makes sense, so that no citizen meets a picture that nobody can take.
fn norm(entry: &Entry) -> Result<Norm, &'static str> {
    if !(40..=90).contains(&entry.head_percent) || !(25..=55).contains(&entry.eyes_percent) {
        return Err("head_percent: 40 to 90; eyes_percent: 25 to 55");
    }
    if entry.width_min < 100 || entry.width_min > entry.width_max || entry.width_max > 4_000 {
        return Err("width_min: at least 100 pixels, and not above width_max, which is at most 4000");
    }
    if !(100_000..=4_000_000).contains(&entry.bytes_max) {
        return Err("bytes_max: 100000 to 4000000");
    }
    if entry.face_min >= entry.face_max {
        return Err("face_min must be below face_max");
    }
    if !(1..=20).contains(&entry.tries) {
        return Err("tries: 1 to 20");
    }
    Ok(Norm {
        head_percent: entry.head_percent,
        eyes_percent: entry.eyes_percent,
        width_min: entry.width_min,
        width_max: entry.width_max,
        bytes_max: entry.bytes_max,
        background_min: entry.background_min,
        background_spread_max: entry.background_spread_max,
        background_tint_max: entry.background_tint_max,
        face_min: entry.face_min,
        face_max: entry.face_max,
        sharpness_min: entry.sharpness_min,
        tries: entry.tries,
    })
}
