//! A camera by `Video4Linux2`: the largest MJPEG it has up to 1080 lines, or YUYV.
//!
//! The device is spoken to by `linuxvideo`, which needs neither libclang nor a C library to build. No real camera was at hand
//! when this was written: it follows the kernel's interface (docs.kernel.org/userspace-api/media/v4l).

use super::{Camera, Error, cut};
use crate::domain::photo::Picture;
use linuxvideo::format::{PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, Device};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::path::Path;
use zeroize::Zeroizing;

const WIDTH: u32 = 1_920;
const HEIGHT: u32 = 1_080;
/// So long a picture is waited for.
const PATIENCE: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// The formats that are understood, the best first.
const FORMATS: [PixelFormat; 3] = [PixelFormat::MJPG, PixelFormat::JPEG, PixelFormat::YUYV];

pub(super) struct V4l2 {
    stream: ReadStream,
    pixels: PixelFormat,
    width: u32,
    height: u32,
    line: usize,
}

impl V4l2 {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let device = Device::open(path).map_err(|_| Error::Missing)?;
        let offered: Vec<PixelFormat> =
            device.formats(BufType::VIDEO_CAPTURE).filter_map(|format| Some(format.ok()?.pixel_format())).collect();
        let format = FORMATS.into_iter().find(|format| offered.contains(format)).ok_or(Error::Format)?;
        let capture = device.video_capture(PixFormat::new(WIDTH, HEIGHT, format)).map_err(|_| Error::Silent)?;
        // The driver takes the nearest it has, and may take another format.
        let taken = capture.format();
        let (pixels, width, height) = (taken.pixel_format(), taken.width(), taken.height());
        let line = taken.bytes_per_line() as usize;
        if !FORMATS.contains(&pixels) {
            return Err(Error::Format);
        }
        let stream = capture.into_stream().map_err(|_| Error::Silent)?;
        Ok(Self { stream, pixels, width, height, line })
    }

    /// Whether a picture comes within this time.
    fn waits(&self, patience: &Timespec) -> Result<bool, Error> {
        let mut polled = [PollFd::new(&self.stream, PollFlags::IN)];
        let ready = poll(&mut polled, Some(patience)).map_err(|_| Error::Missing)?;
        if polled[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
            return Err(Error::Missing);
        }
        Ok(ready > 0)
    }

    fn read(&self, bytes: &[u8]) -> Result<Picture, Error> {
        let is_raw = self.pixels == PixelFormat::YUYV;
        let picture = if is_raw { yuyv(self.width, self.height, self.line, bytes) } else { cut::decode(bytes) };
        picture.ok_or(Error::Format)
    }
}

impl Camera for V4l2 {
    fn frame(&mut self) -> Result<Picture, Error> {
        if !self.waits(&PATIENCE)? {
            return Err(Error::Silent);
        }
        let mut newest = Zeroizing::new(Vec::new());
        // What has waited in the driver's buffers is not what stands there now.
        loop {
            let taken = self.stream.dequeue(|view| {
                newest.clear();
                newest.extend_from_slice(&view);
                Ok(())
            });
            taken.map_err(|_| Error::Missing)?;
            if !self.waits(&AT_ONCE)? {
                break;
            }
        }
        self.read(&newest)
    }
}

/// YUYV 4:2:2, two pixels in four bytes, BT.601 with the full range as UVC cameras give it.
fn yuyv(width: u32, height: u32, line: usize, bytes: &[u8]) -> Option<Picture> {
    let (pairs, line) = (width as usize / 2, line.max(width as usize * 2));
    let mut rgb = Vec::with_capacity(pairs * 2 * height as usize * 3);
    for row in bytes.chunks(line).take(height as usize) {
        for pair in row.get(..pairs * 4)?.chunks_exact(4) {
            let (u, v) = (f32::from(pair[1]) - 128.0, f32::from(pair[3]) - 128.0);
            for y in [pair[0], pair[2]] {
                let y = f32::from(y);
                rgb.extend([y + 1.402 * v, y - 0.344 * u - 0.714 * v, y + 1.772 * u].map(byte));
            }
        }
    }
    Picture::new(pairs as u32 * 2, height, rgb)
}

#[allow(clippy::cast_sign_loss, reason = "clamped to a byte just before")]
fn byte(value: f32) -> u8 {
    value.clamp(0.0, 255.0).round() as u8
}
