//! HTTP message signatures (RFC 9421) by Ed25519, in the one shape that a kiosk uses.
//!
//! Pure: no header map, no clock, no key store. The signature covers what a request asks for and how the sender's
//! database is called; who holds the key is the caller's matter. `created` is written down and never judged: a kiosk
//! whose clock battery is dead must still deliver. Where freshness matters the office's challenge in the body or the
//! query says so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// Request header: what is signed and by whom, `kiosk=("@method" …);created=…;keyid="…";alg="ed25519";tag="kiosk-v1"`.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// Request header: the signature itself, `kiosk=:<base64>:`.
pub const SIGNATURE: &str = "signature";

/// Name of the one signature in both headers.
const LABEL: &str = "kiosk";
const ALGORITHM: &str = "ed25519";
const TAG: &str = "kiosk-v1";
/// Longest `Signature-Input` that is looked at, in bytes.
const MAX_INPUT_BYTES: usize = 1024;

#[cfg(test)]
mod tests;

/// What a signature covers of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// `PUT`, in capitals.
    pub method: &'a str,
    /// Host in small letters, and the port unless it is the scheme's own: as the `Host` header has it.
    pub authority: &'a str,
    /// As it stands in the request line, from its slash.
    pub path: &'a str,
    /// What follows the path's question mark, without it, if there is one.
    pub query: Option<&'a str>,
    /// The `Content-Digest` header; `None` for a request without a body.
    pub content_digest: Option<&'a str>,
    /// The `Kiosk-Epoch` header.
    pub kiosk_epoch: &'a str,
}

/// Both headers of a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// Value of [`SIGNATURE_INPUT`].
    pub input: String,
    /// Value of [`SIGNATURE`].
    pub signature: String,
}

/// Why a request does not count as signed. To the sender all of them are the same refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The headers are not one signature `kiosk` in the spelling that RFC 8941 serialises.
    #[error("not one signature of the expected shape")]
    Shape,
    /// Other parts of the request are covered than must be.
    #[error("covers other parts of the request")]
    Coverage,
    /// It names another signer, algorithm or purpose.
    #[error("made by another signer or for another purpose")]
    Purpose,
    /// The key did not make it for this request.
    #[error("not made by this key for this request")]
    Signature,
}

/// Signs a request as the kiosk `kiosk_id`. `created_s` is the kiosk's clock in Unix seconds; `signer` makes an Ed25519
/// signature over the bytes it is given.
pub fn sign(parts: &Parts<'_>, kiosk_id: &str, created_s: i64, signer: &dyn Fn(&[u8]) -> [u8; 64]) -> Headers {
    let covered = parts.covered();
    let params = Params { created_s, keyid: kiosk_id, alg: Some(ALGORITHM), tag: Some(TAG) };
    let params = params.serialise(covered.iter().map(|(name, _)| *name));
    let signature = signer(base(&covered, &params).as_bytes());
    Headers { input: format!("{LABEL}={params}"), signature: format!("{LABEL}=:{}:", STANDARD.encode(signature)) }
}

/// Checks that `key`, the key of the kiosk `kiosk_id`, signed this request. `input` and `signature` are the values of
/// the two headers, each of which stood in the request exactly once.
///
/// The components may come in any order, and must be exactly those that [`sign`] covers.
pub fn verify(
    parts: &Parts<'_>,
    kiosk_id: &str,
    key: &VerifyingKey,
    input: &str,
    signature: &str,
) -> Result<(), NotSigned> {
    let (text, names, params) = parse(input).ok_or(NotSigned::Shape)?;
    let wanted = parts.covered();
    // A line break inside a value could pretend to be another component.
    if wanted.iter().any(|(_, value)| value.chars().any(char::is_control)) {
        return Err(NotSigned::Shape);
    }
    let covered: Vec<_> =
        names.iter().filter_map(|name| wanted.iter().find(|(wanted, _)| wanted == name).cloned()).collect();
    let is_each_once = wanted.iter().all(|(name, _)| names.iter().filter(|given| *given == name).count() == 1);
    if covered.len() != names.len() || !is_each_once {
        return Err(NotSigned::Coverage);
    }
    let is_ours = params.keyid == kiosk_id && params.alg.is_none_or(|alg| alg == ALGORITHM) && params.tag == Some(TAG);
    if !is_ours {
        return Err(NotSigned::Purpose);
    }
    let signature = signature_bytes(signature).ok_or(NotSigned::Shape)?;
    key.verify_strict(base(&covered, text).as_bytes(), &Signature::from_bytes(&signature))
        .map_err(|_| NotSigned::Signature)
}

impl Parts<'_> {
    /// The components in our order (RFC 9421 section 2), each with its value.
    fn covered(&self) -> Vec<(&'static str, String)> {
        let mut covered = vec![
            ("@method", self.method.to_owned()),
            ("@authority", self.authority.to_owned()),
            ("@path", self.path.to_owned()),
        ];
        covered.extend(self.query.map(|query| ("@query", format!("?{query}"))));
        covered.extend(self.content_digest.map(|digest| ("content-digest", digest.to_owned())));
        covered.push(("kiosk-epoch", self.kiosk_epoch.to_owned()));
        covered
    }
}

/// The signature's own particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Params<'a> {
    created_s: i64,
    keyid: &'a str,
    alg: Option<&'a str>,
    tag: Option<&'a str>,
}

impl Params<'_> {
    /// The value of `@signature-params`.
    fn serialise<'n>(&self, names: impl Iterator<Item = &'n str>) -> String {
        let names: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
        let alg = self.alg.map(|alg| format!(";alg=\"{alg}\"")).unwrap_or_default();
        let tag = self.tag.map(|tag| format!(";tag=\"{tag}\"")).unwrap_or_default();
        format!("({});created={};keyid=\"{}\"{alg}{tag}", names.join(" "), self.created_s, self.keyid)
    }
}

/// The signature base (RFC 9421 section 2.5): a line for each component, and the particulars last, without a line end.
fn base(covered: &[(&str, String)], params: &str) -> String {
    let mut lines: Vec<_> = covered.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    lines.push(format!("\"@signature-params\": {params}"));
    lines.join("\n")
}

/// Takes `Signature-Input` apart: its text behind the label, the names of the components, and the particulars.
///
/// Only the spelling in which RFC 8941 serialises is read, so that the text can go into the base as it is. Only plain
/// strings, no parameter at a component, each particular at most once, and none that is not known here.
fn parse(input: &str) -> Option<(&str, Vec<&str>, Params<'_>)> {
    let text = input.strip_prefix(LABEL)?.strip_prefix('=').filter(|_| input.len() <= MAX_INPUT_BYTES)?;
    let (list, mut rest) = text.strip_prefix('(')?.split_once(')')?;
    let names = list.split(' ').map(|item| plain(item.strip_prefix('"')?.strip_suffix('"')?)).collect::<Option<_>>()?;
    let (mut created_s, mut keyid, mut alg, mut tag) = (None, None, None, None);
    while !rest.is_empty() {
        let (name, value) = rest.strip_prefix(';')?.split_once('=')?;
        if name == "created" {
            let end = value.find(';').unwrap_or(value.len());
            let (digits, after) = value.split_at(end);
            once(&mut created_s, integer(digits)?)?;
            rest = after;
            continue;
        }
        let (value, after) = value.strip_prefix('"')?.split_once('"')?;
        match name {
            "keyid" => once(&mut keyid, plain(value)?)?,
            "alg" => once(&mut alg, plain(value)?)?,
            "tag" => once(&mut tag, plain(value)?)?,
            _ => return None,
        }
        rest = after;
    }
    Some((text, names, Params { created_s: created_s?, keyid: keyid?, alg, tag }))
}

fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

/// A string without anything that would have to be escaped.
fn plain(text: &str) -> Option<&str> {
    text.bytes().all(|b| matches!(b, 0x20..=0x7E) && b != b'"' && b != b'\\').then_some(text)
}

/// An integer of at most fifteen digits as it is serialised: no plus, no leading zero.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok().filter(|n: &i64| n.to_string() == text && n.unsigned_abs() < 1_000_000_000_000_000)
}

fn signature_bytes(text: &str) -> Option<[u8; 64]> {
    let encoded = text.strip_prefix(LABEL)?.strip_prefix("=:")?.strip_suffix(':')?;
    STANDARD.decode(encoded).ok()?.try_into().ok()
}
