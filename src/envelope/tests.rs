//! Worked values: the frozen files, and what they are made of. Standards and alterations are below.

mod altered;
mod secrets;
mod standards;

use super::{
    Binding, Context, Ids, MAX_CONTENT_BYTES, MAX_PART_BYTES, Manifest, OfficeKey, OfficeSecret, Part, SealError,
    Sealed, SlipSecret, Suite, TAG_BYTES, VERSION, VERSION_1, manifest_is_signed_by, open_with_office_key,
    open_with_slip, seal,
};
use ed25519_dalek::SigningKey;
use rand_core::{Infallible, TryCryptoRng, TryRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/envelope/");
const COMMENT: &str = "Worked values of kiosk-envelope-v2, FROZEN: a kiosk in the field writes exactly this, and every \
    reader must open it. Bytes are hex. `random` is what sealing draws: 32 bytes of content key, then for suite 1 the 32 \
    bytes of ikm for the ephemeral key pair (RFC 9180, 7.1.3), for suite 2 the 64 bytes that X-Wing encapsulates with. \
    `long` is the same dossier with a photo of 300,000 bytes, byte number i being i * 31 modulo 251, whose pieces are \
    known by their digests. Only for a new version of the format: UPDATE_VECTORS=1 cargo test --lib envelope:: writes \
    this file anew. Everything in it is invented.";

/// Gives out fixed bytes, once, and no more.
struct Fixed(Vec<u8>);

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

/// 32 bytes that depend on the label alone.
fn fixed(label: &str) -> [u8; 32] {
    Sha256::digest(format!("kiosk-envelope-v1 worked values: {label}")).into()
}

fn random(suite: Suite, label: &str) -> Vec<u8> {
    let more = match suite {
        Suite::X25519 => ["ephemeral key"].as_slice(),
        Suite::XWing => &["ephemeral key", "lattice"],
    };
    let labels = ["content key"].iter().chain(more);
    labels.flat_map(|what| fixed(&format!("{label}, {what}"))).collect()
}

fn office_secret() -> OfficeSecret {
    OfficeSecret::from_seed(&fixed("office"))
}

fn office_key(suite: Suite) -> OfficeKey {
    office_secret().key(suite)
}

fn device() -> SigningKey {
    SigningKey::from_bytes(&fixed("device"))
}

fn slip() -> SlipSecret {
    SlipSecret::new(fixed("slip"))
}

fn context() -> Context {
    Context {
        binding: Binding {
            ids: Ids {
                dossier: Uuid::from_u128(0x019d_1f00_0000_7000_8000_0123_4567_89ab),
                submission: Uuid::from_u128(0x019d_1f00_0000_7001_8000_ba98_7654_3210),
            },
            kiosk_id: "tram-thu-1".to_owned(),
            form_edition: "tk01@tt69-2026".to_owned(),
        },
        db_epoch: [0x5e; 16],
        kiosk_seq: 42,
        consent_version: "2026-11-01".to_owned(),
        sealed_at_ms: 1_795_000_000_000,
        supersedes: None,
    }
}

fn part(media_type: &str, bytes: Vec<u8>) -> Part {
    Part { media_type: media_type.to_owned(), bytes: Zeroizing::new(bytes) }
}

fn form() -> Part {
    let text = r#"{"v":1,"fields":{"family_name":{"value":"NGUYỄN","source":"typed"}}}"#;
    part("application/json", text.as_bytes().to_vec())
}

fn parts() -> Vec<Part> {
    vec![form(), part("image/jpeg", (0..=255).collect())]
}

fn photo(length: usize) -> Part {
    part("image/jpeg", (0..length).map(|i| (i * 31 % 251) as u8).collect())
}

fn seal_these(suite: Suite, parts: &[Part], label: &str) -> Result<Sealed, SealError> {
    let mut rng = Fixed(random(suite, label));
    let sealed = seal(&context(), parts, &office_key(suite), &slip(), &device(), &mut rng)?;
    assert!(rng.0.is_empty(), "sealing draws exactly the content key and what the suite needs");
    Ok(sealed)
}

/// The worked envelope, and with another label another one of the same kiosk.
fn sealed(suite: Suite, label: &str) -> Sealed {
    seal_these(suite, &parts(), label).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn frozen(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(format!("{FOLDER}{name}")).unwrap()).unwrap()
}

fn worked_values(suite: Suite) -> Value {
    let (context, closed) = (context(), sealed(suite, "first"));
    let long = seal_these(suite, &[form(), photo(300_000)], "long").unwrap();
    let plain: Vec<Value> =
        parts().iter().map(|part| json!({ "media_type": part.media_type, "bytes": hex(&part.bytes) })).collect();
    json!({
        "inputs": {
            "suite": suite.id(),
            "dossier_id": context.binding.ids.dossier.to_string(),
            "submission_id": context.binding.ids.submission.to_string(),
            "supersedes": null,
            "kiosk_id": context.binding.kiosk_id,
            "form_edition": context.binding.form_edition,
            "db_epoch": hex(&context.db_epoch),
            "kiosk_seq": context.kiosk_seq,
            "consent_version": context.consent_version,
            "sealed_at_ms": context.sealed_at_ms,
            "office_seed": hex(&fixed("office")),
            "device_seed": hex(&fixed("device")),
            "slip_secret": hex(&fixed("slip")),
            "random": hex(&random(suite, "first")),
            "long_random": hex(&random(suite, "long")),
            "parts": plain,
        },
        "outputs": {
            "office_kid": office_key(suite).kid,
            "office_public": hex(&office_key(suite).public),
            "device_public": hex(device().verifying_key().as_bytes()),
            "manifest": String::from_utf8(closed.manifest).unwrap(),
            "signature": hex(&closed.signature),
            "parts": closed.parts.iter().map(|part| hex(part)).collect::<Vec<_>>(),
            "long_manifest": String::from_utf8(long.manifest).unwrap(),
            "slip_fragment": *slip().to_fragment(),
            "lookup_hash": hex(&slip().lookup_hash()),
            "reference": context.binding.ids.reference(),
        },
    })
}

#[test]
fn sealing_gives_exactly_the_frozen_worked_values() {
    let found = json!({ "comment": COMMENT, "suites": Suite::ALL.map(worked_values) });
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(format!("{FOLDER}v2.json"), serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    assert_eq!(found, frozen("v2.json"), "the format is frozen: a change is a new version beside this one");
}

/// From the file alone, as another program would.
fn open_the_worked_values(values: &Value, version: u8) {
    let (inputs, outputs) = (&values["inputs"], &values["outputs"]);
    let bytes = |value: &Value| unhex(value.as_str().unwrap());
    let all = |value: &Value| value.as_array().unwrap().iter().map(bytes).collect::<Vec<_>>();
    let text = outputs["manifest"].as_str().unwrap().as_bytes();
    let manifest = Manifest::parse(text).unwrap();
    let parts = all(&outputs["parts"]);
    assert_eq!(manifest.v, version);

    let device =
        ed25519_dalek::VerifyingKey::from_bytes(&bytes(&outputs["device_public"]).try_into().unwrap()).unwrap();
    assert!(manifest_is_signed_by(&device, text, &bytes(&outputs["signature"]).try_into().unwrap()));
    let secret = OfficeSecret::from_seed(&bytes(&inputs["office_seed"]).try_into().unwrap());
    let slip = SlipSecret::new(bytes(&inputs["slip_secret"]).try_into().unwrap());
    for opened in [open_with_office_key(&manifest, &parts, &secret), open_with_slip(&manifest, &parts, &slip)] {
        let opened = opened.unwrap();
        for (part, plain) in opened.iter().zip(inputs["parts"].as_array().unwrap()) {
            assert_eq!(part.media_type, plain["media_type"].as_str().unwrap());
            assert_eq!(*part.bytes, bytes(&plain["bytes"]));
        }
        assert_eq!(opened.len(), 2);
    }
    assert_eq!(hex(&manifest.lookup_hash), outputs["lookup_hash"].as_str().unwrap());
    assert_eq!(manifest.kiosk_seq, inputs["kiosk_seq"].as_u64().unwrap());
}

#[test]
fn both_readers_open_the_frozen_envelopes_of_every_version_and_suite() {
    open_the_worked_values(&frozen("v1.json"), VERSION_1);
    let values = frozen("v2.json");
    assert_eq!(values["suites"].as_array().unwrap().len(), Suite::ALL.len());
    values["suites"].as_array().unwrap().iter().for_each(|values| open_the_worked_values(values, VERSION));
}

/// Around every border of the cutting, and the largest that is allowed.
#[test]
fn a_long_content_is_cut_into_parts_and_put_together_again() {
    const MOST: usize = MAX_PART_BYTES - TAG_BYTES;
    for length in [0, 1, MOST - 1, MOST, MOST + 1, 2 * MOST, 2 * MOST + 1, 7 * MOST + 3, MAX_CONTENT_BYTES] {
        let plain = [form(), photo(length), part("text/plain", b"after".to_vec())];
        let Sealed { manifest, parts, .. } = seal_these(Suite::X25519, &plain, "cut").unwrap();
        assert_eq!(parts.len(), 2 + length.div_ceil(MOST).max(1), "{length}");
        for sealed in &parts[1..parts.len() - 1] {
            assert!(sealed.len() <= MAX_PART_BYTES, "{length}: {} bytes", sealed.len());
            assert!(parts.len() == 3 || sealed.len() >= 64 * 1024, "{length}: {} bytes", sealed.len());
        }
        let manifest = Manifest::parse(&manifest).unwrap();
        for opened in
            [open_with_office_key(&manifest, &parts, &office_secret()), open_with_slip(&manifest, &parts, &slip())]
        {
            assert!(opened.unwrap() == plain, "{length}");
        }
    }
}

#[test]
fn a_dossier_over_a_limit_is_not_sealed() {
    let seal_these = |parts: &[Part]| seal_these(Suite::X25519, parts, "limit").err();
    assert_eq!(seal_these(&[]), Some(SealError::Limit));
    assert_eq!(seal_these(&[photo(MAX_CONTENT_BYTES + 1)]), Some(SealError::Limit));
    assert_eq!(seal_these(&vec![photo(1); 65]), Some(SealError::Limit));
    assert_eq!(seal_these(&vec![photo(1); 64]), None);
    assert_eq!(seal_these(&vec![photo(MAX_CONTENT_BYTES); 8]), Some(SealError::Limit));
}
