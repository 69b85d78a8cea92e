//! `kiosk-config/` as a value, or a refusal with file and line. Never a silent default for something misspelt.

mod embedded;
mod fees;
mod lists;
mod photo;
mod portal;
mod sim;
mod site;
mod units;

use crate::domain::citizen::Date;
use crate::domain::flow::Setup;
use crate::domain::form::Rules;
use crate::envelope::{Suite, is_kiosk_id};
use crate::gateway::http::holds_certificates;
use crate::gateway::trust::Trust;
use crate::printer::{self, Flow};
use crate::queue::standing::Limits;
use crate::reader::Line;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

pub use embedded::{shipped_rules, write_shipped};
pub use site::Site;

/// What is wrong, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {what}", file.display())]
pub struct Refusal {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// What is wrong and what would be right.
    pub what: String,
}

/// The effective configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Name as enrolled at the office.
    pub kiosk_id: String,
    /// Folder of the queue and the device key.
    pub data: PathBuf,
    /// Where a plugged-in stick is mounted, for the sealed export; `None`: there is no such place.
    pub export: Option<PathBuf>,
    /// The office.
    pub office: Office,
    /// The serial reader.
    pub reader: Line,
    /// The camera of the portrait; `None`: this kiosk has none.
    pub camera: Option<PathBuf>,
    /// The slip's printer; `None`: this kiosk has none.
    pub printer: Option<printer::Line>,
    /// The window.
    pub screen: Screen,
    /// The place.
    pub site: Site,
    /// For the session.
    pub setup: Setup,
    /// Sealed parts are kept so many days after their receipt.
    pub keep_days: u32,
    /// What is too much and too little for the queue.
    pub queue: Limits,
}

/// Where the office is and how it is recognised.
#[derive(Clone, Debug)]
pub struct Office {
    /// Without a trailing slash.
    pub url: String,
    /// Its public keys; absent while the technician has not installed them: then nothing can be saved.
    pub trust: Option<Trust>,
    /// Where they are looked for.
    pub trust_file: PathBuf,
    /// PEM of the only authority trusted for `https`.
    pub ca_pem: Option<Vec<u8>>,
    /// The suite to seal in, where the office's key bundle has a key of it.
    pub suite: Suite,
    /// No pause between attempts is longer, in seconds.
    pub longest_pause_s: u32,
}

/// The lists and dated rules of a `kiosk-config` folder that are in force on `day`.
pub fn rules_in(folder: &Path, day: Date) -> Result<Rules, Refusal> {
    lists::read(|name| Source::read(&folder.join(name)), day)
}

/// The window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Fullscreen, or a window of `width` × `height` pixels.
    pub fullscreen: bool,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Millimetres that `width` takes on the glass.
    pub width_mm: u32,
}

impl Screen {
    /// How many pixels a millimetre of the glass has.
    pub fn pixels_per_mm(&self) -> f32 {
        self.width as f32 / self.width_mm as f32
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kiosk: KioskTable,
    office: OfficeTable,
    reader: ReaderTable,
    printer: Option<PrinterTable>,
    camera: Option<CameraTable>,
    #[serde(default)]
    queue: QueueTable,
    #[serde(default)]
    screen: ScreenTable,
    #[serde(default)]
    session: SessionTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KioskTable {
    id: Spanned<String>,
    data: PathBuf,
    site: Spanned<PathBuf>,
    export: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeTable {
    url: Spanned<String>,
    trust: Spanned<PathBuf>,
    ca: Option<Spanned<PathBuf>>,
    suite: Option<Spanned<u32>>,
    longest_pause_s: Option<Spanned<u32>>,
    keep_days: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReaderTable {
    device: PathBuf,
    baud: Option<Spanned<u32>>,
    gap_ms: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CameraTable {
    device: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrinterTable {
    device: PathBuf,
    baud: Option<Spanned<u32>>,
    flow: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct QueueTable {
    warn_days: Option<Spanned<u32>>,
    warn_items: Option<Spanned<u32>>,
    floor_mib: Option<Spanned<u32>>,
    reserve_mib: Option<Spanned<u32>>,
    max_items: Option<Spanned<u32>>,
    max_mib: Option<Spanned<u32>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreenTable {
    fullscreen: Option<bool>,
    size: Option<Spanned<String>>,
    mm: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "the unit stands last in every name of the file")]
struct SessionTable {
    idle_warn_s: Option<Spanned<u32>>,
    idle_wipe_s: Option<Spanned<u32>>,
    qr_visible_s: Option<Spanned<u32>>,
}

impl Config {
    /// Reads `file` and everything it names. Relative paths are relative to its folder; `rules/` and `lists/` stand
    /// beside it. `today` decides which dated rule is in force.
    pub fn read(file: &Path, today: Date) -> Result<Self, Refusal> {
        let source = Source::read(file)?;
        let table: File = source.parse()?;
        let folder = file.parent().unwrap_or(Path::new("."));

        let kiosk_id = table.kiosk.id.get_ref().clone();
        if !is_kiosk_id(&kiosk_id) {
            return Err(source.refuse(table.kiosk.id.span(), "kiosk.id: 1 to 64 of a-z, 0-9 and -"));
        }
        let site_file = folder.join(table.kiosk.site.get_ref());
        if !site_file.is_file() {
            return Err(source.refuse(table.kiosk.site.span(), "kiosk.site: no such file"));
        }
        let site = Site::read(&Source::read(&site_file)?)?;

        let mut keep_days = 7;
        let office = office(&source, folder, &table.office, &mut keep_days)?;
        let mut reader = Line::new(folder.join(&table.reader.device));
        reader.baud = within(&source, table.reader.baud.as_ref(), "reader.baud", reader.baud, 1_200..=4_000_000)?;
        reader.gap_ms = u64::from(within(&source, table.reader.gap_ms.as_ref(), "reader.gap_ms", 80, 20..=1_000)?);
        let session = &table.session;
        let idle_warn_s = within(&source, session.idle_warn_s.as_ref(), "session.idle_warn_s", 60, 1..=3_600)?;
        let idle_wipe_s = within(&source, session.idle_wipe_s.as_ref(), "session.idle_wipe_s", 90, 2..=3_600)?;
        if idle_wipe_s <= idle_warn_s {
            let span = session.idle_wipe_s.as_ref().or(session.idle_warn_s.as_ref()).map_or(0..0, Spanned::span);
            return Err(source.refuse(span, "session.idle_wipe_s must be greater than session.idle_warn_s"));
        }
        let qr_visible_s = within(&source, session.qr_visible_s.as_ref(), "session.qr_visible_s", 20, 5..=120)?;
        let rules = rules_in(folder, today)?;
        let place = site.name.clone();
        let page = format!("{}/h", site.citizen_url.trim_end_matches('/'));
        Ok(Self {
            kiosk_id,
            data: folder.join(table.kiosk.data),
            export: table.kiosk.export.map(|path| folder.join(path)),
            office,
            reader,
            camera: table.camera.map(|table| folder.join(table.device)),
            printer: table.printer.as_ref().map(|table| printer(&source, folder, table)).transpose()?,
            screen: screen(&source, &table.screen)?,
            site,
            setup: Setup { rules, idle_warn_s, idle_wipe_s, qr_visible_s, place, page },
            keep_days,
            queue: queue(&source, &table.queue)?,
        })
    }

    /// The configuration as `kiosk check` prints it: every value in force, no secret, no key.
    pub fn describe(&self) -> String {
        let trust = match &self.office.trust {
            Some(trust) => {
                let kid = trust.seal_key(self.office.suite, None).map_or_else(String::new, |key| key.kid);
                format!("{kid} (key bundle {})", trust.version())
            }
            None => format!("MISSING: {}", self.office.trust_file.display()),
        };
        format!(
            "kiosk.id = {}\nkiosk.data = {}\nsite.name = {}\nsite.controller = {}\noffice.url = {}\n\
             office.trust = {trust}\noffice.suite = {}\noffice.longest_pause_s = {}\noffice.keep_days = {}\n{}reader.device = {}\n\
             reader.baud = {}\nreader.gap_ms = {}\ncamera = {}\n{}screen = {}\nscreen.pixels_per_mm = {:.2}\nsession.idle_warn_s = {}\nsession.idle_wipe_s = {}\n\
             session.qr_visible_s = {}\nform.edition = {}\nform.agencies = {}\n",
            self.kiosk_id,
            self.data.display(),
            self.site.name,
            self.site.controller_name,
            self.office.url,
            self.office.suite.id(),
            self.office.longest_pause_s,
            self.keep_days,
            describe_queue(&self.queue),
            self.reader.device.display(),
            self.reader.baud,
            self.reader.gap_ms,
            self.camera.as_ref().map_or_else(|| "none".to_owned(), |device| device.display().to_string()),
            describe_printer(self.printer.as_ref()),
            if self.screen.fullscreen {
                "fullscreen".to_owned()
            } else {
                format!("{}x{}", self.screen.width, self.screen.height)
            },
            self.screen.pixels_per_mm(),
            self.setup.idle_warn_s,
            self.setup.idle_wipe_s,
            self.setup.qr_visible_s,
            self.setup.rules.edition,
            self.setup.rules.agencies.len(),
        )
    }
}

fn office(source: &Source, folder: &Path, table: &OfficeTable, keep_days: &mut u32) -> Result<Office, Refusal> {
    let url = table.url.get_ref().trim_end_matches('/').to_owned();
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    // The whole authority counts: `127.0.0.1:80@elsewhere` is elsewhere.
    let authority = host.split('/').next().unwrap_or_default();
    let own = |name: &&str| authority.strip_prefix(*name).is_some_and(|port| port.parse::<u16>().is_ok());
    let loopback = ["127.0.0.1:", "[::1]:", "localhost:"].iter().any(own);
    let ca_pem = match &table.ca {
        Some(path) => {
            let file = folder.join(path.get_ref());
            let pem =
                std::fs::read(&file).map_err(|_| source.refuse(path.span(), "office.ca: the file cannot be read"))?;
            if !holds_certificates(&pem) {
                return Err(source.refuse(path.span(), "office.ca: no certificate in PEM form in that file"));
            }
            Some(pem)
        }
        None => None,
    };
    match (url.starts_with("https://"), url.starts_with("http://")) {
        (true, _) if ca_pem.is_none() => {
            let what = "office.url: https needs office.ca, the PEM file of the office's own certificate authority";
            return Err(source.refuse(table.url.span(), what));
        }
        (true, _) => {}
        (false, true) if loopback => {}
        _ => {
            let what = "office.url: https://host, or http:// to this machine only";
            return Err(source.refuse(table.url.span(), what));
        }
    }
    let trust_file = folder.join(table.trust.get_ref());
    let trust = match std::fs::read_to_string(&trust_file) {
        Ok(text) => Some(Trust::parse(&text).map_err(|error| Refusal {
            file: trust_file.clone(),
            line: 0,
            what: format!("not the office's public keys as `intake keys` writes them: {error}"),
        })?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => return Err(source.refuse(table.trust.span(), "office.trust: the file cannot be read")),
    };
    *keep_days = within(source, table.keep_days.as_ref(), "office.keep_days", 7, 7..=365)?;
    let longest_pause_s = within(source, table.longest_pause_s.as_ref(), "office.longest_pause_s", 900, 1..=900)?;
    let suite = match within(source, table.suite.as_ref(), "office.suite", 1, 1..=2)? {
        2 => Suite::XWing,
        _ => Suite::X25519,
    };
    Ok(Office { url, trust, trust_file, ca_pem, suite, longest_pause_s })
}

fn printer(source: &Source, folder: &Path, table: &PrinterTable) -> Result<printer::Line, Refusal> {
    let mut line = printer::Line::new(folder.join(&table.device));
    line.baud = within(source, table.baud.as_ref(), "printer.baud", line.baud, 9_600..=4_000_000)?;
    if let Some(flow) = &table.flow {
        line.flow = match flow.get_ref().as_str() {
            "none" => Flow::None,
            "software" => Flow::Software,
            "hardware" => Flow::Hardware,
            _ => return Err(source.refuse(flow.span(), "printer.flow: none, software or hardware")),
        };
    }
    Ok(line)
}

fn describe_printer(line: Option<&printer::Line>) -> String {
    let Some(line) = line else { return "printer = none\n".to_owned() };
    let flow = match line.flow {
        Flow::None => "none",
        Flow::Software => "software",
        Flow::Hardware => "hardware",
    };
    let device = line.device.display();
    format!("printer.device = {device}\nprinter.baud = {}\nprinter.flow = {flow}\n", line.baud)
}

const MIB: u64 = 1024 * 1024;

fn queue(source: &Source, table: &QueueTable) -> Result<Limits, Refusal> {
    let number =
        |value: &Option<Spanned<u32>>, name, default, range| within(source, value.as_ref(), name, default, range);
    let floor_mib = number(&table.floor_mib, "queue.floor_mib", 256, 64..=1_048_576)?;
    let reserve_mib = number(&table.reserve_mib, "queue.reserve_mib", 32, 4..=1_024)?;
    if reserve_mib >= floor_mib {
        let span = table.reserve_mib.as_ref().or(table.floor_mib.as_ref()).map_or(0..0, Spanned::span);
        return Err(source.refuse(span, "queue.reserve_mib must be less than queue.floor_mib"));
    }
    Ok(Limits {
        warn_days: number(&table.warn_days, "queue.warn_days", 3, 1..=365)?,
        warn_items: number(&table.warn_items, "queue.warn_items", 500, 1..=1_000_000)?,
        floor_bytes: u64::from(floor_mib) * MIB,
        reserve_bytes: u64::from(reserve_mib) * MIB,
        max_items: number(&table.max_items, "queue.max_items", 100_000, 1..=10_000_000)?,
        max_bytes: u64::from(number(&table.max_mib, "queue.max_mib", 16_384, 16..=16_777_216)?) * MIB,
    })
}

fn describe_queue(limits: &Limits) -> String {
    format!(
        "queue.warn_days = {}\nqueue.warn_items = {}\nqueue.floor_mib = {}\nqueue.reserve_mib = {}\n\
         queue.max_items = {}\nqueue.max_mib = {}\n",
        limits.warn_days,
        limits.warn_items,
        limits.floor_bytes / MIB,
        limits.reserve_bytes / MIB,
        limits.max_items,
        limits.max_bytes / MIB,
    )
}

fn screen(source: &Source, table: &ScreenTable) -> Result<Screen, Refusal> {
    let fullscreen = table.fullscreen.unwrap_or(true);
    let (width, height) = match &table.size {
        None => (1080, 1920),
        Some(size) => {
            let sides = size.get_ref().split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
            match sides {
                Some((w @ 480..=8_000, h @ 480..=8_000)) => (w, h),
                _ => return Err(source.refuse(size.span(), "screen.size: WIDTHxHEIGHT in pixels, 480 to 8000 each")),
            }
        }
    };
    let Some(mm) = &table.mm else {
        // 21.5 inches, standing or lying.
        let width_mm = if width < height { 268 } else { 476 };
        return Ok(Screen { fullscreen, width, height, width_mm });
    };
    let sides = mm.get_ref().split_once('x').and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
    let Some((width_mm @ 100..=3_000, height_mm @ 100..=3_000)) = sides else {
        return Err(source.refuse(mm.span(), "screen.mm: WIDTHxHEIGHT of the picture in millimetres, 100 to 3000 each"));
    };
    let (across, down) = (width as f32 / width_mm as f32, height as f32 / height_mm as f32);
    if (across / down - 1.0).abs() > 0.05 {
        return Err(
            source.refuse(mm.span(), "screen.mm: not the shape of screen.size; a pixel is as high as it is wide")
        );
    }
    if !PIXELS_PER_MM.contains(&across) {
        let what = "screen.mm: 2 to 5.8 pixels a millimetre (full HD on 15.6 to 43 inches): with more, ten keys of 15 mm do \
                    not stand beside each other; let the system scale the screen and give the scaled size";
        return Err(source.refuse(mm.span(), what));
    }
    Ok(Screen { fullscreen, width, height, width_mm })
}

/// What the screens are drawn for, and what their tests look at.
const PIXELS_PER_MM: std::ops::RangeInclusive<f32> = 2.0..=5.8;

fn within(
    source: &Source,
    value: Option<&Spanned<u32>>,
    name: &str,
    default: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, Refusal> {
    match value {
        None => Ok(default),
        Some(value) if range.contains(value.get_ref()) => Ok(*value.get_ref()),
        Some(value) => {
            let what = format!("{name}: {} to {}", range.start(), range.end());
            Err(source.refuse(value.span(), &what))
        }
    }
}

/// A file's text, to turn places in it into lines.
struct Source {
    file: PathBuf,
    text: String,
}

impl Source {
    fn read(file: &Path) -> Result<Self, Refusal> {
        match std::fs::read_to_string(file) {
            Ok(text) => Ok(Self { file: file.to_owned(), text }),
            Err(error) => {
                let what = format!("cannot be read ({})", error.kind());
                Err(Refusal { file: file.to_owned(), line: 0, what })
            }
        }
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        toml::from_str(&self.text).map_err(|error| self.refuse(error.span().unwrap_or(0..0), error.message()))
    }

    fn refuse(&self, span: Range<usize>, what: &str) -> Refusal {
        let line = self.text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
        Refusal { file: self.file.clone(), line, what: what.replace('\n', " ") }
    }
}
