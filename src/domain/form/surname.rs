//! Where a full name divides into surname and the rest, as far as that can be guessed. The card does not say, so the
//! citizen can move the line one word either way.

/// Surnames of more than one word, in capitals, longer ones first. From memory (domain.md 8): to be completed by
/// offices. "Nguyễn Phúc" is not among them: far more people bear the middle name Phúc.
const LONG: &[&str] = &[
    "CÔNG HUYỀN TÔN NỮ",
    "CÔNG TẰNG TÔN NỮ",
    "HUYỀN TÔN NỮ",
    "TẰNG TÔN NỮ",
    "CÔNG TÔN NỮ",
    "TÔN NỮ",
    "TÔN THẤT",
    "ÂU DƯƠNG",
    "TƯ ĐỒ",
    "THƯỢNG QUAN",
];

/// Surname and the rest of a name in capitals: the first word, or a surname known to be longer. The rest is empty for a
/// name of one word.
pub(super) fn split(name: &str) -> (&str, &str) {
    let long = LONG.iter().find_map(|surname| {
        let rest = name.strip_prefix(surname)?.strip_prefix(' ')?;
        Some((&name[..surname.len()], rest))
    });
    long.or_else(|| name.split_once(' ')).unwrap_or((name, ""))
}

/// The line between two halves of a name moved one word, to the right for a longer surname; nothing where a half would
/// be left empty.
pub(super) fn moved(family: &str, given: &str, longer: bool) -> Option<(String, String)> {
    let words: Vec<&str> = family.split_whitespace().chain(given.split_whitespace()).collect();
    let at = family.split_whitespace().count();
    let at = if longer { at + 1 } else { at.checked_sub(1)? };
    (at > 0 && at < words.len()).then(|| (words[..at].join(" "), words[at..].join(" ")))
}
