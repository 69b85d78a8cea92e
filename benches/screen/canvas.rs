//! A window that Slint's software renderer paints into memory.

use slint::platform::software_renderer::{MinimalSoftwareWindow, PremultipliedRgbaColor, RepaintBufferType};
use slint::platform::{Platform, WindowAdapter, duration_until_next_timer_update, update_timers_and_animations};
use slint::{PhysicalSize, PlatformError};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Portrait, in physical pixels.
const SIZE: PhysicalSize = PhysicalSize { width: 1080, height: 1920 };

struct Memory {
    window: Rc<MinimalSoftwareWindow>,
    begun: Instant,
}

impl Platform for Memory {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(Rc::clone(&self.window) as Rc<dyn WindowAdapter>)
    }

    fn duration_since_start(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// How much of the window a frame paints.
#[derive(Clone, Copy)]
pub enum Frame {
    /// Every pixel, as into a buffer that is new each time.
    Whole,
    /// What has changed, as into a buffer that is kept.
    Changed,
}

impl Frame {
    fn buffer(self) -> RepaintBufferType {
        match self {
            Self::Whole => RepaintBufferType::NewBuffer,
            Self::Changed => RepaintBufferType::ReusedBuffer,
        }
    }
}

/// The window and its 8 MB of pixels.
pub struct Canvas {
    window: Rc<MinimalSoftwareWindow>,
    pixels: Vec<PremultipliedRgbaColor>,
    frame: Frame,
}

impl Canvas {
    /// Once a process, before the first component.
    pub fn install(begun: Instant) -> Self {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        slint::platform::set_platform(Box::new(Memory { window: Rc::clone(&window), begun })).unwrap();
        window.set_size(SIZE);
        let pixels = vec![PremultipliedRgbaColor::default(); SIZE.width as usize * SIZE.height as usize];
        Self { window, pixels, frame: Frame::Changed }
    }

    /// From now on.
    pub fn paints(&mut self, frame: Frame) {
        self.frame = frame;
    }

    /// Paints a frame if anything has changed.
    pub fn paint(&mut self) -> bool {
        update_timers_and_animations();
        let buffer = self.frame.buffer();
        self.window.draw_if_needed(|renderer| {
            renderer.set_repaint_buffer_type(buffer);
            renderer.render(&mut self.pixels, SIZE.width as usize);
        })
    }

    /// Paints until nothing changes any more.
    pub fn settle(&mut self) {
        while self.paint() {}
    }

    /// Does for so long what an event loop does before which nobody stands.
    pub fn idle(&mut self, span: Duration) {
        let end = Instant::now() + span;
        loop {
            self.paint();
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let frame = Duration::from_millis(16);
            let next =
                if self.window.has_active_animations() { Some(frame) } else { duration_until_next_timer_update() };
            std::thread::sleep(next.unwrap_or(left).min(left));
        }
    }
}
