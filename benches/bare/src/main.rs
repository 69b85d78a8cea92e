//! The smallest Slint program: a window with a text in it.

use slint::ComponentHandle;

fn main() -> Result<(), slint::PlatformError> {
    bare::Bare::new()?.run()
}
