//! From the words of an address to the commune of today. Units are looked for from the end: province, district, ward.

use super::address::{Gap, Spelling, Token, kind_before, tokens};
use super::{Commune, District, Kind, OldProvince, Place, Suggestion, Units, is_number, key_of};
use std::collections::BTreeSet;

/// Most words that a name of a unit has, "Văn Miếu - Quốc Tử Giám" among them.
const MAX_WORDS: usize = 8;

/// A part of the address that may name a unit.
struct Span {
    spelling: Spelling,
    /// The kind written before it, if it is.
    kind: Option<Kind>,
    /// Its first word, that of the kind included.
    start: usize,
    /// A word that may say a kind stands before it and is taken for something else: "Văn Quan Lạng Sơn".
    is_behind_kind: bool,
    is_number: bool,
}

/// How far a reading is from what is written: units merged away long ago, then marks, then kinds.
type Distance = (bool, u8, u8);

/// One way to read the address: which commune of today, and where the units begin.
struct Reading {
    distance: Distance,
    became: Place,
    start: usize,
}

struct Reader<'a> {
    units: &'a Units,
    words: &'a [Token],
    /// The text has marks at all: one without any says nothing by lacking them.
    has_marks: bool,
    /// Units may begin anywhere, not only after a comma, a dash or the word for their kind.
    anywhere: bool,
}

impl Units {
    /// What `address`, as on a card of before July 2025 or as typed, reads today.
    pub fn suggest(&self, address: &str) -> Suggestion {
        let mut words = tokens(address);
        let country: Vec<&str> = words.iter().rev().take(2).map(|word| word.key.as_str()).collect();
        let after = match country[..] {
            ["vn", ..] => 1,
            ["nam", "viet"] => 2,
            _ => 0,
        };
        words.truncate(words.len() - after);
        for anywhere in [false, true] {
            let reader = Reader { units: self, words: &words, has_marks: !address.is_ascii(), anywhere };
            let found = reader.read(address);
            if found != Suggestion::Unknown {
                return found;
            }
        }
        Suggestion::Unknown
    }
}

impl Reader<'_> {
    fn read(&self, address: &str) -> Suggestion {
        if self.ends_in(|commune, span| span.kind == Some(commune.kind)) {
            return Suggestion::Same;
        }
        let old: Vec<(&OldProvince, usize)> = self.old_provinces();
        let mut readings = Vec::new();
        for (province, at) in &old {
            self.through_district(province, *at, &mut readings);
        }
        if !readings.is_empty() {
            return self.told(address, readings);
        }
        if self.ends_in(|_, _| true) {
            return Suggestion::Same;
        }
        if self.anywhere {
            return Suggestion::Unknown;
        }
        for (province, at) in &old {
            self.without_district(province, *at, &mut readings);
        }
        // What rests on less than the three units is offered, never said.
        let candidates = self.candidates(address, readings);
        if candidates.is_empty() { Suggestion::Unknown } else { Suggestion::Several(candidates) }
    }

    fn told(&self, address: &str, readings: Vec<Reading>) -> Suggestion {
        let is_earlier = readings.iter().map(|reading| reading.distance).min().is_some_and(|nearest| nearest.0);
        let mut candidates = self.candidates(address, readings);
        match candidates.pop() {
            None => Suggestion::Unknown,
            Some(only) if candidates.is_empty() && !is_earlier => Suggestion::One(only),
            Some(last) => {
                candidates.push(last);
                Suggestion::Several(candidates)
            }
        }
    }

    /// The nearest readings as addresses, each once.
    fn candidates(&self, address: &str, readings: Vec<Reading>) -> Vec<String> {
        let Some(nearest) = readings.iter().map(|reading| reading.distance).min() else {
            return Vec::new();
        };
        let kept = readings.into_iter().filter(|reading| reading.distance == nearest);
        let places: BTreeSet<(Place, usize)> = kept.map(|reading| (reading.became, reading.start)).collect();
        let mut texts = Vec::new();
        for (became, start) in places {
            let begin = self.words.get(start).map_or(address.len(), |word| word.start);
            let street = address[..begin].trim_end_matches(|c: char| !c.is_alphanumeric() && !")\"'”".contains(c));
            let units = self.units.full_name(became);
            let text = if street.is_empty() { units } else { format!("{street}, {units}") };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    /// Every part that ends before word `end`.
    fn spans(&self, end: usize) -> Vec<Span> {
        let mut found = Vec::new();
        for first in (end.saturating_sub(MAX_WORDS)..end).rev() {
            let words = &self.words[first..end];
            if words[1..].iter().any(|word| word.gap == Gap::Comma) {
                break;
            }
            let before = kind_before(self.words, first);
            let span = |kind: Option<Kind>, start| Span {
                spelling: Spelling::of(words),
                kind,
                start,
                is_behind_kind: before.is_some() && kind.is_none(),
                is_number: is_number(words),
            };
            found.extend(before.map(|(kind, start)| span(Some(kind), start)));
            if self.anywhere || words[0].gap != Gap::Space {
                found.push(span(None, first));
            }
        }
        found
    }

    fn old_provinces(&self) -> Vec<(&OldProvince, usize)> {
        let mut found = Vec::new();
        for span in self.spans(self.words.len()) {
            if !matches!(span.kind, None | Some(Kind::Province | Kind::City)) {
                continue;
            }
            let named = self.units.before.iter().filter(|old| old.keys.iter().any(|key| **key == *span.spelling.key));
            found.extend(named.map(|old| (old, span.start)));
        }
        found
    }

    /// Whether the address ends in a commune and a province of today, written as `wanted`.
    fn ends_in(&self, wanted: impl Fn(&Commune, &Span) -> bool) -> bool {
        self.spans(self.words.len()).into_iter().any(|span| {
            let named = |keys: &[Box<str>]| keys.iter().any(|key| **key == *span.spelling.key);
            let mut provinces = (0..).zip(&self.units.provinces).filter(|(_, province)| named(&province.keys));
            matches!(span.kind, None | Some(Kind::Province | Kind::City))
                && provinces.any(|(at, _)| !self.communes(at, &self.spans(span.start), &wanted).is_empty())
        })
    }

    /// The communes of a province of today that are named by one of `spans` as `wanted`, and where the name begins.
    fn communes(
        &self,
        province: usize,
        spans: &[Span],
        wanted: impl Fn(&Commune, &Span) -> bool,
    ) -> Vec<(Place, usize)> {
        let is_commune =
            |span: &&Span| !span.is_number && matches!(span.kind, None | Some(Kind::Commune | Kind::Ward | Kind::Zone));
        let spans: Vec<&Span> = spans.iter().filter(is_commune).collect();
        let mut found = Vec::new();
        for (at, commune) in (0..).zip(&self.units.provinces[province].communes) {
            if !spans.iter().any(|span| wanted(commune, span)) {
                continue;
            }
            let key = key_of(&commune.name);
            let named = spans.iter().filter(|span| *span.spelling.key == *key && wanted(commune, span));
            found.extend(named.map(|span| ((province, at), span.start)));
        }
        found
    }

    fn through_district(&self, province: &OldProvince, end: usize, readings: &mut Vec<Reading>) {
        for span in self.spans(end) {
            if !matches!(span.kind, None | Some(Kind::Huyen | Kind::Quan | Kind::Town | Kind::City)) {
                continue;
            }
            let wards = self.spans(span.start);
            for district in &province.districts {
                let Some(distance) = self.district(district, &span) else { continue };
                let is_wardless = district.moves.iter().any(|moved| moved.wards.is_empty());
                if is_wardless && span.kind.is_some() {
                    let became = district.moves.iter().map(|moved| (province.became, moved.became));
                    readings.extend(became.map(|became| Reading { distance, became, start: span.start }));
                }
                self.wards(province, district, &wards, distance, readings);
            }
        }
    }

    /// How far the district is from what is written; `None`: another one is meant.
    fn district(&self, district: &District, span: &Span) -> Option<Distance> {
        let other_kind = other_kind(span, district.kind);
        if district.spelling.key == span.spelling.key && (!span.is_number || span.kind.is_some()) {
            return Some((false, self.other_marks(&district.spelling, span), other_kind));
        }
        let with_kind = span.kind.map(|kind| format!("{}{}", key_of(kind.word()), span.spelling.key));
        let is_earlier = district.earlier.iter().any(|(key, ward)| {
            ward.is_none() && (**key == *span.spelling.key || with_kind.as_deref().is_some_and(|name| **key == *name))
        });
        is_earlier.then_some((true, 0, 0))
    }

    /// Adds what the wards named by `spans` became, and what became of wards that had taken one of that name in.
    fn wards(
        &self,
        province: &OldProvince,
        district: &District,
        spans: &[Span],
        so_far: Distance,
        readings: &mut Vec<Reading>,
    ) {
        let is_ward = |span: &&Span| match span.kind {
            None => !span.is_number,
            Some(kind) => matches!(kind, Kind::Commune | Kind::Ward | Kind::Township),
        };
        let spans: Vec<(&Span, Vec<&str>)> =
            spans.iter().filter(is_ward).map(|span| (span, earlier(district, span))).collect();
        if spans.is_empty() {
            return;
        }
        for moved in &district.moves {
            for full in moved.wards.split(';') {
                let Some((kind, name)) = Kind::split(full) else { continue };
                let spelling = Spelling::of(&tokens(name));
                for (span, earlier) in &spans {
                    let distance = if spelling.key == span.spelling.key {
                        let other_kind = other_kind(span, kind);
                        (so_far.0, so_far.1 + self.other_marks(&spelling, span), so_far.2 + other_kind)
                    } else if earlier.contains(&full) {
                        (true, so_far.1, so_far.2)
                    } else {
                        continue;
                    };
                    let became = (province.became, moved.became);
                    readings.push(Reading { distance, became, start: span.start });
                }
            }
        }
    }

    /// Ward and province without what stood between them, or a commune of today under the name of a province of before.
    fn without_district(&self, province: &OldProvince, end: usize, readings: &mut Vec<Reading>) {
        let mut spans = self.spans(end);
        // "Thăng Bình, Quảng Nam" is the district, though a commune of today bears its name.
        let is_district = |span: &Span| {
            span.kind.is_none() && province.districts.iter().any(|it| it.spelling.key == span.spelling.key)
        };
        spans.retain(|span| !is_district(span));
        for district in &province.districts {
            self.wards(province, district, &spans, (false, 0, 0), readings);
        }
        let new = self.communes(province.became, &spans, |_, _| true).into_iter();
        readings.extend(new.map(|(became, start)| Reading { distance: (false, 0, 0), became, start }));
    }

    fn other_marks(&self, spelling: &Spelling, span: &Span) -> u8 {
        u8::from(self.has_marks && spelling.marked != span.spelling.marked)
    }
}

fn other_kind(span: &Span, kind: Kind) -> u8 {
    u8::from(span.kind.is_some_and(|said| said != kind) || span.is_behind_kind)
}

/// The wards of 2025 that had taken in one of this name.
fn earlier<'d>(district: &'d District, span: &Span) -> Vec<&'d str> {
    let with_kind =
        span.kind.filter(|_| span.is_number).map(|kind| format!("{}{}", key_of(kind.word()), span.spelling.key));
    let key = with_kind.as_deref().unwrap_or(&span.spelling.key);
    let same = district.earlier.iter().filter(|(earlier, _)| **earlier == *key);
    same.filter_map(|(_, ward)| ward.as_deref()).collect()
}
