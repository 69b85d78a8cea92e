//! The camera's screen, and the portrait on the review.

use crate::domain::flow::{CameraState, View};
use crate::domain::photo::{Flaw, Picture};
use kiosk_ui::{self as ui, Kiosk};
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

pub(super) fn render(kiosk: &Kiosk<'_>, view: &View) {
    kiosk.set_has_camera(view.device.camera == CameraState::Ready);
    kiosk.set_has_portrait(view.portrait.is_some());
    kiosk.set_portrait_skipped(view.portrait_skipped);
    // An image that was shown is dropped, and wiped by the allocator, with the screen that showed it.
    if view.portrait.is_some() || kiosk.get_portrait().size().width > 0 {
        kiosk.set_portrait(view.portrait.as_deref().map_or_else(Image::default, image));
    }
    let Some(photo) = &view.photo else {
        if kiosk.get_photo().has_picture {
            kiosk.set_photo(ui::PhotoInfo::default());
        }
        return;
    };
    kiosk.set_photo(ui::PhotoInfo {
        there: view.device.camera == CameraState::Ready,
        has_picture: photo.picture.is_some(),
        picture: photo.picture.as_deref().map_or_else(Image::default, image),
        taken: photo.taken,
        waits: photo.waits,
        // One thing at a time.
        flaw: photo.flaws.first().copied().map_or(ui::FlawCode::None, flaw),
        may_use: photo.may_use,
        tries: i32::from(photo.tries_left),
    });
}

fn image(picture: &Picture) -> Image {
    let pixels = SharedPixelBuffer::<Rgb8Pixel>::clone_from_slice(picture.rgb(), picture.width(), picture.height());
    Image::from_rgb8(pixels)
}

fn flaw(flaw: Flaw) -> ui::FlawCode {
    match flaw {
        Flaw::NoFace => ui::FlawCode::NoFace,
        Flaw::ManyFaces => ui::FlawCode::ManyFaces,
        Flaw::TooClose => ui::FlawCode::TooClose,
        Flaw::TooFar => ui::FlawCode::TooFar,
        Flaw::OffCentre => ui::FlawCode::OffCentre,
        Flaw::TooDark => ui::FlawCode::TooDark,
        Flaw::TooBright => ui::FlawCode::TooBright,
        Flaw::BackgroundGrey => ui::FlawCode::BackgroundGrey,
        Flaw::BackgroundUneven => ui::FlawCode::BackgroundUneven,
        Flaw::Blurred => ui::FlawCode::Blurred,
    }
}
