//! Administrative units: the 34 provinces and 3,321 communes since 1 July 2025, what each older unit became, and what
//! an address on an older card probably reads today. A suggestion only: papers with old addresses stay valid
//! (NQ 190/2025), the citizen chooses, and what the table leaves open is asked.
//!
//! Names are the keys, never codes: 123 communes changed their code between two versions of one data set, none its name.

mod address;
mod lookup;

use address::{Spelling, Token, tokens};

/// What sort of unit, in its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Tỉnh.
    Province,
    /// Thành phố, as a province or, until 2025, below one.
    City,
    /// Huyện, until 2025.
    Huyen,
    /// Quận, until 2025.
    Quan,
    /// Thị xã, until 2025.
    Town,
    /// Xã.
    Commune,
    /// Phường.
    Ward,
    /// Thị trấn, until 2025.
    Township,
    /// Đặc khu, since 2025.
    Zone,
}

impl Kind {
    /// Every kind; longer words before those that they begin with.
    pub const ALL: [Self; 9] = [
        Self::Township,
        Self::Town,
        Self::City,
        Self::Zone,
        Self::Ward,
        Self::Huyen,
        Self::Quan,
        Self::Province,
        Self::Commune,
    ];

    /// The word, as a name begins with it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Province => "Tỉnh",
            Self::City => "Thành phố",
            Self::Huyen => "Huyện",
            Self::Quan => "Quận",
            Self::Town => "Thị xã",
            Self::Commune => "Xã",
            Self::Ward => "Phường",
            Self::Township => "Thị trấn",
            Self::Zone => "Đặc khu",
        }
    }

    /// The kind called `word`, capital or small.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word || kind.word().to_lowercase() == word)
    }

    /// "Huyện Thăng Bình" as kind and name.
    pub fn split(full: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|kind| Some((kind, full.strip_prefix(kind.word())?.strip_prefix(' ')?)))
    }
}

/// What an address reads since 1 July 2025.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestion {
    /// As it stands: it names a commune of today.
    Same,
    /// This one: the table knows no other. The text before the units is the citizen's, letter by letter.
    One(String),
    /// One of these, or none: the unit was split, or the text leaves open which is meant. Never empty, to be asked.
    Several(Vec<String>),
    /// No unit was recognised.
    Unknown,
}

/// What a table of units must hold to be used; the caller adds file and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// A province that is not one of the 34.
    #[error("no province of that name since 2025-07-01")]
    NoProvince,
    /// A commune that its province does not have.
    #[error("no commune of that kind and name in that province")]
    NoCommune,
    /// A province that is not one of the 63.
    #[error("no province of that name before 2025-07-01")]
    NoOldProvince,
    /// A district that its province did not have.
    #[error("no district of that kind and name in that province")]
    NoDistrict,
    /// A unit without one of the nine words.
    #[error("a unit begins with its kind: Xã, Phường, Thị trấn, Đặc khu, Huyện, Quận, Thị xã, Thành phố, Tỉnh")]
    NoKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Province {
    kind: Kind,
    name: Box<str>,
    keys: Vec<Box<str>>,
    communes: Vec<Commune>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Commune {
    kind: Kind,
    name: Box<str>,
}

/// A commune of today: which province, and which of its communes.
type Place = (usize, usize);

#[derive(Clone, Debug, PartialEq, Eq)]
struct OldProvince {
    name: Box<str>,
    became: usize,
    keys: Vec<Box<str>>,
    districts: Vec<District>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct District {
    kind: Kind,
    name: Box<str>,
    spelling: Spelling,
    moves: Vec<Move>,
    /// Units that had been merged away before: key, and the ward of 2025 that holds their place. Without a ward the
    /// district itself is meant.
    earlier: Vec<(Box<str>, Option<Box<str>>)>,
}

/// Wards of one district that went, wholly or in part, into one commune.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Move {
    /// Among the communes of the province that the old one became.
    became: usize,
    /// Full names with `;` between them, kept together because ten thousand strings of their own would cost more; empty
    /// for a district that had no wards.
    wards: Box<str>,
}

/// The table. Filled once from `kiosk-config/lists/`, row by row in the order of the files, and only asked afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    provinces: Vec<Province>,
    before: Vec<OldProvince>,
}

impl Units {
    /// One of the 34 provinces.
    pub fn add_province(&mut self, kind: Kind, name: &str) {
        self.provinces.push(Province { kind, name: name.into(), keys: vec![key_of(name)], communes: Vec::new() });
    }

    /// A commune of today.
    pub fn add_commune(&mut self, province: &str, kind: Kind, name: &str) -> Result<(), UnitError> {
        let province = self.province(province)?;
        self.provinces[province].communes.push(Commune { kind, name: name.into() });
        Ok(())
    }

    /// One of the 63 provinces, and what it became.
    pub fn add_old_province(&mut self, name: &str, became: &str, aliases: &[&str]) -> Result<(), UnitError> {
        let became = self.province(became)?;
        let keys: Vec<Box<str>> = [&name].into_iter().chain(aliases).map(|name| key_of(name)).collect();
        if &*self.provinces[became].name == name {
            self.provinces[became].keys.clone_from(&keys);
        }
        self.before.push(OldProvince { name: name.into(), became, keys, districts: Vec::new() });
        Ok(())
    }

    /// Wards (`;` between full names) of a district that went into the commune `became`; all three with their kinds.
    pub fn add_move(&mut self, province: &str, district: &str, became: &str, wards: &str) -> Result<(), UnitError> {
        if !wards.is_empty() && wards.split(';').any(|ward| Kind::split(ward).is_none()) {
            return Err(UnitError::NoKind);
        }
        let (kind, name) = Kind::split(district).ok_or(UnitError::NoKind)?;
        let (new_kind, new_name) = Kind::split(became).ok_or(UnitError::NoKind)?;
        let old = self.before.iter_mut().find(|old| &*old.name == province).ok_or(UnitError::NoOldProvince)?;
        let mut communes = self.provinces[old.became].communes.iter();
        let found = communes.position(|commune| commune.kind == new_kind && &*commune.name == new_name);
        let became = found.ok_or(UnitError::NoCommune)?;
        let is_new = old.districts.last().is_none_or(|last| last.kind != kind || &*last.name != name);
        if is_new {
            let spelling = Spelling::of(&tokens(name));
            old.districts.push(District { kind, name: name.into(), spelling, moves: Vec::new(), earlier: Vec::new() });
        }
        if let Some(last) = old.districts.last_mut() {
            last.moves.push(Move { became, wards: wards.into() });
        }
        Ok(())
    }

    /// Keys of units that had been merged into `ward` (empty: into the district) before 2025.
    pub fn add_earlier(&mut self, province: &str, district: &str, ward: &str, keys: &str) -> Result<(), UnitError> {
        let (kind, name) = Kind::split(district).ok_or(UnitError::NoKind)?;
        let old = self.before.iter_mut().find(|old| &*old.name == province).ok_or(UnitError::NoOldProvince)?;
        let mine = old.districts.iter_mut().find(|district| district.kind == kind && &*district.name == name);
        let ward = (!ward.is_empty()).then(|| Box::from(ward));
        let keys = keys.split(';').map(|key| (key.replace('y', "i").into(), ward.clone()));
        mine.ok_or(UnitError::NoDistrict)?.earlier.extend(keys);
        Ok(())
    }

    fn province(&self, name: &str) -> Result<usize, UnitError> {
        self.provinces.iter().position(|province| &*province.name == name).ok_or(UnitError::NoProvince)
    }

    /// The communes of a province of today, with their kinds, in the order of the list.
    pub fn communes(&self, province: &str) -> impl Iterator<Item = String> {
        let province = self.province(province).ok().map(|at| &self.provinces[at]);
        province
            .into_iter()
            .flat_map(|province| &province.communes)
            .map(|commune| format!("{} {}", commune.kind.word(), commune.name))
    }

    /// The communes of a province whose name begins with `typed`, then those of which a later word does; marks and
    /// kinds may be missing. At most `limit`.
    pub fn search(&self, province: &str, typed: &str, limit: usize) -> Vec<String> {
        let wanted = key_of(typed);
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for full in self.communes(province) {
            let name = tokens(Kind::split(&full).map_or(full.as_str(), |(_, name)| name));
            let begins = |from: usize| Spelling::of(&name[from..]).key.starts_with(&*wanted);
            if begins(0) || key_of(&full).starts_with(&*wanted) {
                first.push(full);
            } else if (1..name.len()).any(begins) {
                later.push(full);
            }
        }
        first.into_iter().chain(later).take(limit).collect()
    }

    /// How many communes and how many rows of conversion there are.
    pub fn counts(&self) -> (usize, usize) {
        let moves = self.before.iter().flat_map(|old| &old.districts).map(|district| district.moves.len());
        (self.provinces.iter().map(|province| province.communes.len()).sum(), moves.sum())
    }

    fn full_name(&self, (province, commune): Place) -> String {
        let province = &self.provinces[province];
        let commune = &province.communes[commune];
        format!("{} {}, {} {}", commune.kind.word(), commune.name, province.kind.word(), province.name)
    }
}

fn key_of(name: &str) -> Box<str> {
    Spelling::of(&tokens(name)).key.into()
}

fn is_number(span: &[Token]) -> bool {
    span.iter().all(|token| token.key.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
