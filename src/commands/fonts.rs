//! Draws with the embedded font on every machine, also on one that has none: Slint 1.18 panics where fontconfig finds
//! no font at all, although ours are in the binary (slint issue 12671).

use anyhow::Context;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

const FONTCONFIG_FILE: &str = "FONTCONFIG_FILE";
const FONTS: [(&str, &[u8]); 3] = [
    ("NotoSans-Regular.ttf", include_bytes!("../../ui/fonts/NotoSans-Regular.ttf")),
    ("NotoSans-Bold.ttf", include_bytes!("../../ui/fonts/NotoSans-Bold.ttf")),
    ("fonts.conf", include_bytes!("../../ui/fonts/fonts.conf")),
];

/// Starts this program once more with a fontconfig file that points at our font. Returns when that is so already.
pub(crate) fn pin_fonts() -> anyhow::Result<()> {
    if std::env::var_os(FONTCONFIG_FILE).is_some_and(|file| Path::new(&file).is_file()) {
        return Ok(());
    }
    let version = env!("CARGO_PKG_VERSION");
    let folder = match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(own) => Path::new(&own).join(format!("passport-kiosk-fonts-{version}")),
        None => std::env::temp_dir().join(format!("passport-kiosk-fonts-{version}-{}", std::process::id())),
    };
    let written = write_fonts(&folder).with_context(|| format!("{}: the font cannot be laid out", folder.display()));
    written?;
    let program = std::env::current_exe()?;
    let error = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(FONTCONFIG_FILE, folder.join("fonts.conf"))
        .exec();
    Err(error).context("this program cannot start itself again")
}

fn write_fonts(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for (name, bytes) in FONTS {
        let file = folder.join(name);
        let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
        out.write_all(bytes)?;
    }
    Ok(())
}
