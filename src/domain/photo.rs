//! A portrait by the portal's norm: what can be told from a picture and the place of its face, what is wrong, and where it
//! is cut. Nothing here changes a pixel of it.
//!
//! Told from the place of the face are its share of the picture and the line of the eyes: the finder gives a square, not
//! eyes. Whether eyes are open, glasses worn or ears hidden is not judged; the citizen is asked to look.

mod measure;

use measure::Region;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Width to height of a passport portrait, 4×6 cm (TT 69/2026/TT-BCA, form TK01, note 1).
const RATIO: (u32, u32) = (4, 6);
/// Crown with hair to chin, in sides of the finder's square. Measured on the real photographs of the tests.
const HEAD: f64 = 1.5;
/// From the square's upper edge to the eyes, in its sides.
const EYES: f64 = 0.45;

/// Pixels as red, green, blue, 8 bits each, rows from the top. Silent in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

impl Picture {
    /// `None` unless there are three bytes for each of at least one pixel.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let wanted = u64::from(width) * u64::from(height) * 3;
        (wanted > 0 && rgb.len() as u64 == wanted).then_some(Self { width, height, rgb })
    }

    /// In pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Luma by ITU-R BT.601, one byte a pixel: what a face finder looks at.
    pub fn luma(&self) -> Vec<u8> {
        self.rgb.chunks_exact(3).map(|pixel| measure::luma(pixel[0], pixel[1], pixel[2])).collect()
    }
}

/// The square in which a face was found, in pixels of the picture; it may reach over the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Face {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width and height.
    pub side: u32,
}

/// The limits in force, from `rules/photo.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Norm {
    /// Crown to chin, in percent of the height.
    pub head_percent: u8,
    /// The line of the eyes from the top, in percent of the height.
    pub eyes_percent: u8,
    /// Pixels that the cut picture must be wide; it is never enlarged.
    pub width_min: u32,
    /// Pixels to which a wider one is made smaller.
    pub width_max: u32,
    /// Bytes of the JPEG, at most.
    pub bytes_max: u32,
    /// Luma of the background in the upper corners, at least, 0 to 255.
    pub background_min: u8,
    /// How far the background may vary: standard deviation of its luma.
    pub background_spread_max: u8,
    /// How far its strongest channel may be above its weakest.
    pub background_tint_max: u8,
    /// Mean luma of the face, at least.
    pub face_min: u8,
    /// And at most.
    pub face_max: u8,
    /// Variance of the Laplacian of the face, 160 pixels wide.
    pub sharpness_min: u16,
    /// Tries after which the officer is offered.
    pub tries: u8,
}

/// What is wrong with a picture, the first to be put right first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// Nobody's face is found.
    NoFace,
    /// More than one is.
    ManyFaces,
    /// The head does not fit into the picture.
    TooClose,
    /// Cut out, the picture has too few pixels.
    TooFar,
    /// The head is too near to an edge.
    OffCentre,
    /// The face is dark.
    TooDark,
    /// The face has lost its drawing in light.
    TooBright,
    /// The background is not white.
    BackgroundGrey,
    /// The background has shadows or things in it.
    BackgroundUneven,
    /// Moved, or out of focus.
    Blurred,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::NoFace,
        Self::ManyFaces,
        Self::TooClose,
        Self::TooFar,
        Self::OffCentre,
        Self::TooDark,
        Self::TooBright,
        Self::BackgroundGrey,
        Self::BackgroundUneven,
        Self::Blurred,
    ];
}

/// Where a picture is cut, in pixels; inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// What a picture is worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Where it is cut; `None`: it cannot be.
    pub cut: Option<Cut>,
    /// In order; empty: nothing is wrong that is looked for.
    pub flaws: Vec<Flaw>,
}

/// Judges a picture by its faces.
pub fn judge(picture: &Picture, faces: &[Face], norm: &Norm) -> Judgement {
    let Some(face) = faces.iter().max_by_key(|face| face.side) else {
        return Judgement { cut: None, flaws: vec![Flaw::NoFace] };
    };
    let mut flaws = Vec::new();
    // Whoever stands far behind is not in the cut picture; a second head of some size would be.
    if faces.iter().filter(|other| other.side * 3 >= face.side).count() > 1 {
        flaws.push(Flaw::ManyFaces);
    }
    let cut = match cut(picture, *face, norm) {
        Ok(cut) => cut,
        Err(flaw) => {
            flaws.push(flaw);
            return Judgement { cut: None, flaws };
        }
    };
    if cut.width < norm.width_min {
        flaws.push(Flaw::TooFar);
    }
    let skin = Region::inside(picture, face.x, face.y, face.side, face.side).map(|region| region.look(picture));
    if let Some(skin) = skin {
        if skin.luma < f64::from(norm.face_min) {
            flaws.push(Flaw::TooDark);
        }
        if skin.luma > f64::from(norm.face_max) {
            flaws.push(Flaw::TooBright);
        }
    }
    let beside = beside(cut).map(|region| region.look(picture));
    let grey = beside
        .iter()
        .any(|look| look.luma < f64::from(norm.background_min) || look.tint > f64::from(norm.background_tint_max));
    let apart = (beside[0].luma - beside[1].luma).abs();
    let spread = beside.iter().map(|look| look.spread).fold(apart, f64::max);
    if spread > f64::from(norm.background_spread_max) {
        flaws.push(Flaw::BackgroundUneven);
    } else if grey {
        flaws.push(Flaw::BackgroundGrey);
    }
    if measure::sharpness(picture, *face) < f64::from(norm.sharpness_min) {
        flaws.push(Flaw::Blurred);
    }
    flaws.sort_unstable();
    Judgement { cut: Some(cut), flaws }
}

/// Head and eyes where the norm wants them.
fn cut(picture: &Picture, face: Face, norm: &Norm) -> Result<Cut, Flaw> {
    let side = f64::from(face.side);
    let height = (HEAD * side * 100.0 / f64::from(norm.head_percent.max(1))).round();
    let width = (height * f64::from(RATIO.0) / f64::from(RATIO.1)).round();
    let (full_width, full_height) = (f64::from(picture.width), f64::from(picture.height));
    if height > full_height || width > full_width {
        return Err(Flaw::TooClose);
    }
    let x = (f64::from(face.x) + side / 2.0 - width / 2.0).round();
    let y = (f64::from(face.y) + EYES * side - height * f64::from(norm.eyes_percent) / 100.0).round();
    // A head a little too near to an edge is cut a little aside: less than anybody sees.
    let slack = height / 50.0;
    let moved = |at: f64, free: f64| Some(at.clamp(0.0, free)).filter(|to| (to - at).abs() <= slack);
    let (Some(x), Some(y)) = (moved(x, full_width - width), moved(y, full_height - height)) else {
        return Err(Flaw::OffCentre);
    };
    Ok(Cut { x: whole(x), y: whole(y), width: whole(width), height: whole(height) })
}

/// Inside a picture, whose sides are `u32`.
#[allow(clippy::cast_sign_loss, reason = "clamped at 0 by its callers")]
fn whole(at: f64) -> u32 {
    at as u32
}

/// The two upper corners: whatever hair there is, nothing but background can be there.
fn beside(cut: Cut) -> [Region; 2] {
    let (width, height) = ((cut.width * 12 / 100).max(1), (cut.height / 5).max(1));
    let right = cut.x + cut.width - width;
    [cut.x, right].map(|x| Region { x, y: cut.y, width, height })
}

/// What the camera sees now, for the screen: mirrored, as people know themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// A small picture, 4:6.
    pub preview: Arc<Picture>,
    /// What is wrong at this moment.
    pub flaws: Vec<Flaw>,
}

/// A portrait as it is saved, and a small picture of it for the screen. Silent in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    /// A baseline JPEG (ITU-T T.81), cut and at most made smaller, never retouched.
    pub jpeg: Arc<Zeroizing<Vec<u8>>>,
    /// What it looks like.
    pub small: Arc<Picture>,
}

impl std::fmt::Debug for Portrait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Portrait({} bytes)", self.jpeg.len())
    }
}

/// A picture that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shot {
    /// `None`: nothing could be cut out.
    pub portrait: Option<Portrait>,
    /// What is wrong with it.
    pub flaws: Vec<Flaw>,
}
