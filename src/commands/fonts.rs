//! Draws with the embedded font on every machine, also on one that has none: Slint 1.18 panics where fontconfig finds
//! no font at all, although ours are in the binary (slint issue 12671).

use anyhow::Context;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const FONTCONFIG_FILE: &str = "FONTCONFIG_FILE";
/// Tells the second start which folder it has to clear away at its end.
const FOLDER: &str = "PASSPORT_KIOSK_FONTS";
/// Folders that killed processes of the same number may have left behind.
const MOST_STALE: u32 = 1_000;
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
    let temporary = std::env::temp_dir();
    let fresh = (0..MOST_STALE).map(|n| temporary.join(format!("passport-kiosk-fonts-{}-{n}", std::process::id())));
    let folder = fresh.into_iter().find(|folder| !folder.exists()).context("no fresh folder for the font")?;
    write_fonts(&folder).with_context(|| format!("{}: the font cannot be laid out", folder.display()))?;
    let program = std::env::current_exe()?;
    let error = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(FONTCONFIG_FILE, folder.join("fonts.conf"))
        .env(FOLDER, &folder)
        .exec();
    Err(error).context("this program cannot start itself again")
}

/// Clears away what [`pin_fonts`] laid out for this process.
pub(crate) fn unpin_fonts() {
    let own = format!("passport-kiosk-fonts-{}-", std::process::id());
    let folder = std::env::var_os(FOLDER).map(PathBuf::from);
    let is_own = |folder: &PathBuf| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&own));
    if let Some(folder) = folder.filter(is_own) {
        // Nothing personal is in it; a folder that stays behind is only litter.
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// The folder must not be there before: nobody else's files are trusted.
fn write_fonts(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().mode(0o700).create(folder)?;
    for (name, bytes) in FONTS {
        let file = folder.join(name);
        let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        out.write_all(bytes)?;
    }
    Ok(())
}
