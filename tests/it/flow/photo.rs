//! The portrait: what the camera sees, six tries, and what becomes of it. The pictures here are drawn and of nobody.

use super::script::{Stage, lines, run};
use expect_test::expect;
use passport_kiosk::domain::flow::{CameraOrder, CameraState, Effect, PhotoTap, ReviewTap, Screen, Tap, View};
use passport_kiosk::domain::photo::{Flaw, Picture, Portrait, Seen, Shot};
use std::fmt::Write as _;
use std::sync::Arc;
use zeroize::Zeroizing;

pub(super) fn tap(word: &str) -> Tap {
    match word {
        "skip-photo" => Tap::Photo(PhotoTap::Skip),
        "shoot" => Tap::Photo(PhotoTap::Shoot),
        "use-photo" => Tap::Photo(PhotoTap::Use),
        "photo-again" => Tap::Photo(PhotoTap::Again),
        "edit-portrait" => Tap::Review(ReviewTap::Portrait),
        other => panic!("no touch {other:?}"),
    }
}

pub(super) fn state(rest: &str) -> CameraState {
    if rest == "ready" { CameraState::Ready } else { CameraState::Missing }
}

/// `good`, or names of what is wrong.
fn flaws(rest: &str) -> Vec<Flaw> {
    let named = |name: &str| Flaw::ALL.into_iter().find(|flaw| code(*flaw) == name);
    let words = rest.split_whitespace().filter(|word| *word != "good");
    words.map(|word| named(word).unwrap_or_else(|| panic!("no flaw {word:?}"))).collect()
}

/// `BackgroundGrey` is `background-grey`.
fn code(flaw: Flaw) -> String {
    let mut code = String::new();
    for letter in format!("{flaw:?}").chars() {
        if letter.is_uppercase() && !code.is_empty() {
            code.push('-');
        }
        code.extend(letter.to_lowercase());
    }
    code
}

/// A head as a child draws it: an oval on white.
fn drawn() -> Arc<Picture> {
    let (width, height) = (320_u32, 480_u32);
    let inside = |x: u32, y: u32| {
        let (across, down) = ((f64::from(x) - 160.0) / 85.0, (f64::from(y) - 210.0) / 130.0);
        across * across + down * down <= 1.0
    };
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb = pixels.flat_map(|(x, y)| if inside(x, y) { [196, 150, 120] } else { [240, 240, 240] }).collect();
    Arc::new(Picture::new(width, height, rgb).unwrap())
}

pub(super) fn seen(rest: &str) -> Seen {
    Seen { preview: drawn(), flaws: flaws(rest) }
}

/// `nothing` when the camera gave none.
pub(super) fn shot(rest: &str) -> Option<Shot> {
    let portrait = Portrait { jpeg: Arc::new(Zeroizing::new(vec![0xFF, 0xD8, 0xFF, 0xD9])), small: drawn() };
    (rest != "nothing").then(|| Shot { portrait: Some(portrait), flaws: flaws(rest) })
}

pub(super) fn ordered(order: CameraOrder) -> &'static str {
    match order {
        CameraOrder::Watch => " → watch",
        CameraOrder::Shoot => " → shoot",
        CameraOrder::Rest => " → rest",
    }
}

pub(super) fn told(view: &View) -> String {
    let mut out = String::new();
    if let Some(photo) = &view.photo {
        out += if photo.taken { ", taken" } else { "" };
        out += if photo.waits { ", being taken" } else { "" };
        out += if photo.picture.is_some() { "" } else { ", nothing seen" };
        for flaw in &photo.flaws {
            write!(out, ", {}", code(*flaw)).unwrap();
        }
        out += if photo.may_use { ", good" } else { "" };
        write!(out, ", {} tries left", photo.tries_left).unwrap();
    }
    out += if view.portrait.is_some() { ", portrait inside" } else { "" };
    out += if view.portrait_skipped { ", portrait left out" } else { "" };
    out
}

const WAY: &str = "camera ready\nreader ready\nstart\nconsent required\nnext\ncard mai\nnext\nto photo";

/// What the lines behind the way to the camera led to.
fn from_the_camera(script: &str) -> String {
    let told = run(&format!("{WAY}\n{script}"));
    told.lines().skip(lines(WAY).count() - 1).map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn a_picture_is_taken_looked_at_and_goes_into_the_dossier() {
    expect![[r#"
        to photo                     photo, nothing seen, 6 tries left → watch
        seen no-face                 photo, no-face, 6 tries left
        seen good                    photo, 6 tries left
        shoot                        photo, being taken, 6 tries left → shoot
        shoot                        photo, being taken, 6 tries left
        shot good                    photo, taken, good, 5 tries left → rest
        seen blurred                 photo, taken, good, 5 tries left
        use-photo                    review, portrait inside → rest
        submit                       saving → save
        saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
    "#]]
    .assert_eq(&from_the_camera(
        "seen no-face\nseen good\nshoot\nshoot\nshot good\nseen blurred\nuse-photo\nsubmit\nsaved 7F3K-92QX",
    ));
}

#[test]
fn after_six_tries_the_officer_is_offered_and_the_way_on_stays_open() {
    let tries = "seen good\nshoot\nshot blurred\nphoto-again\n".repeat(6);
    expect![[r#"
        to photo                     photo, nothing seen, 6 tries left → watch
        seen good                    photo, 6 tries left
        shoot                        photo, being taken, 6 tries left → shoot
        shot blurred                 photo, taken, blurred, 5 tries left → rest
        photo-again                  photo, nothing seen, 5 tries left → watch
        seen good                    photo, 5 tries left
        shoot                        photo, being taken, 5 tries left → shoot
        shot blurred                 photo, taken, blurred, 4 tries left → rest
        photo-again                  photo, nothing seen, 4 tries left → watch
        seen good                    photo, 4 tries left
        shoot                        photo, being taken, 4 tries left → shoot
        shot blurred                 photo, taken, blurred, 3 tries left → rest
        photo-again                  photo, nothing seen, 3 tries left → watch
        seen good                    photo, 3 tries left
        shoot                        photo, being taken, 3 tries left → shoot
        shot blurred                 photo, taken, blurred, 2 tries left → rest
        photo-again                  photo, nothing seen, 2 tries left → watch
        seen good                    photo, 2 tries left
        shoot                        photo, being taken, 2 tries left → shoot
        shot blurred                 photo, taken, blurred, 1 tries left → rest
        photo-again                  photo, nothing seen, 1 tries left → watch
        seen good                    photo, 1 tries left
        shoot                        photo, being taken, 1 tries left → shoot
        shot blurred                 photo, taken, blurred, 0 tries left → rest
        photo-again                  photo, nothing seen, 0 tries left → watch
        seen good                    photo, 0 tries left
        shoot                        photo, 0 tries left
        next                         photo, 0 tries left
        skip-photo                   review, portrait left out → rest
    "#]]
    .assert_eq(&from_the_camera(&format!("{tries}seen good\nshoot\nnext\nskip-photo")));
}

#[test]
fn a_camera_that_is_pulled_out_leaves_nobody_standing() {
    expect![[r#"
        to photo                     photo, nothing seen, 6 tries left → watch
        seen good                    photo, 6 tries left
        shoot                        photo, being taken, 6 tries left → shoot
        camera gone                  photo, nothing seen, 6 tries left
        shoot                        photo, nothing seen, 6 tries left
        shot good                    photo, nothing seen, 6 tries left
        camera ready                 photo, nothing seen, 6 tries left → watch
        seen good                    photo, 6 tries left
        shoot                        photo, being taken, 6 tries left → shoot
        shot nothing                 photo, nothing seen, 6 tries left → watch
        back                         form agency 14/14 @agency → rest
    "#]]
    .assert_eq(&from_the_camera(
        "seen good\nshoot\ncamera gone\nshoot\nshot good\ncamera ready\nseen good\nshoot\nshot nothing\nback",
    ));
}

#[test]
fn the_portrait_is_taken_again_from_the_review_and_the_statement_goes_with_it() {
    expect![[r#"
        to photo                     photo, nothing seen, 6 tries left → watch
        seen good                    photo, 6 tries left
        shoot                        photo, being taken, 6 tries left → shoot
        shot good                    photo, taken, good, 5 tries left → rest
        use-photo                    review, portrait inside → rest
        vouch                        review, portrait inside
        edit-portrait                photo, nothing seen, 6 tries left → watch
        back                         review, portrait inside → rest
        edit-portrait                photo, nothing seen, 6 tries left → watch
        skip-photo                   review, portrait left out → rest
    "#]]
    .assert_eq(&from_the_camera(
        "seen good\nshoot\nshot good\nuse-photo\nvouch\nedit-portrait\nback\nedit-portrait\nskip-photo",
    ));
}

#[test]
fn whoever_has_a_file_of_their_own_is_not_asked() {
    let mut stage = Stage::new();
    for line in ["camera ready", "reader ready", "begin", "reply card-valid"] {
        stage.play(line);
    }
    let rest =
        ["age-adult", "vneid-ready", "sim-own", "payer-self", "passport-never", "photo-on-phone", "delivery-collect"];
    for reply in rest {
        stage.play(&format!("reply {reply}"));
    }
    for line in ["next", "consent required", "next", "card mai", "next", "to review"] {
        stage.play(line);
        assert_ne!(stage.screen(), Screen::Photo);
    }
}

#[test]
fn what_the_camera_sees_of_the_next_one_is_nobodys() {
    let mut stage = Stage::after(WAY);
    stage.play("seen good");
    for line in ["shoot", "leave", "seen good", "shot good"] {
        let seen = stage.play(line);
        if line == "leave" {
            assert!(seen.iter().flat_map(|seen| &seen.effects).any(|effect| matches!(effect, Effect::Forget)));
        }
    }
    let view = stage.now();
    assert_eq!((view.screen, view.photo, view.portrait), (Screen::Welcome, None, None));
}
