//! Worked values: the frozen file, and the standard below it.

mod altered;

use super::{
    Binding, Context, Ids, Manifest, OfficeKey, OfficeSecret, Part, Sealed, SlipSecret, manifest_is_signed_by,
    open_with_office_key, open_with_slip, seal,
};
use crate::gateway::trust::seal_key_name;
use ed25519_dalek::SigningKey;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable};
use rand_core::{Infallible, TryCryptoRng, TryRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use uuid::Uuid;
use zeroize::Zeroizing;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/envelope/v1.json");
const COMMENT: &str = "Worked values of kiosk-envelope-v1, FROZEN: a kiosk in the field writes exactly this, and every \
    reader must open it. Bytes are hex. `random` is what sealing draws: 32 bytes of content key, then 32 bytes of ikm for \
    the ephemeral HPKE key pair (RFC 9180, 7.1.3). Only for a new version of the format: UPDATE_VECTORS=1 cargo test \
    --lib envelope:: writes this file anew. Everything in it is invented.";

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

fn random(label: &str) -> Vec<u8> {
    [fixed(&format!("{label}, content key")), fixed(&format!("{label}, ephemeral key"))].concat()
}

fn office_secret() -> OfficeSecret {
    OfficeSecret::from_seed(&fixed("office"))
}

fn office_key() -> OfficeKey {
    let public = office_secret().public();
    OfficeKey { kid: seal_key_name(&public), public }
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

fn parts() -> Vec<Part> {
    let text = r#"{"v":1,"fields":{"family_name":{"value":"NGUYỄN","source":"typed"}}}"#;
    [("application/json", text.as_bytes().to_vec()), ("image/jpeg", (0..=255).collect())]
        .map(|(media_type, bytes)| Part { media_type: media_type.to_owned(), bytes: Zeroizing::new(bytes) })
        .into()
}

/// The worked envelope, and with another label another one of the same kiosk.
fn sealed(label: &str) -> Sealed {
    let mut rng = Fixed(random(label));
    let sealed = seal(&context(), &parts(), &office_key(), &slip(), &device(), &mut rng).unwrap();
    assert!(rng.0.is_empty(), "sealing draws exactly the content key and the ephemeral key");
    sealed
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn worked_values() -> Value {
    let (context, sealed, random) = (context(), sealed("first"), random("first"));
    let (_, ephemeral) = X25519HkdfSha256::derive_keypair(&random[32..]);
    let plain: Vec<Value> =
        parts().iter().map(|part| json!({ "media_type": part.media_type, "bytes": hex(&part.bytes) })).collect();
    json!({
        "comment": COMMENT,
        "inputs": {
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
            "random": hex(&random),
            "parts": plain,
        },
        "outputs": {
            "office_kid": office_key().kid,
            "office_public": hex(&office_key().public),
            "ephemeral_public": hex(&ephemeral.to_bytes()),
            "device_public": hex(device().verifying_key().as_bytes()),
            "manifest": String::from_utf8(sealed.manifest).unwrap(),
            "signature": hex(&sealed.signature),
            "parts": sealed.parts.iter().map(|part| hex(part)).collect::<Vec<_>>(),
            "slip_fragment": *slip().to_fragment(),
            "lookup_hash": hex(&slip().lookup_hash()),
            "reference": context.binding.ids.reference(),
        },
    })
}

#[test]
fn sealing_gives_exactly_the_frozen_worked_values() {
    let found = worked_values();
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(Path::new(FILE).parent().unwrap()).unwrap();
        std::fs::write(FILE, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let frozen: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    assert_eq!(found, frozen, "the format is frozen: a change is a new version beside this one");
}

/// From the file alone, as another program would.
#[test]
fn both_readers_open_the_frozen_envelope() {
    let frozen: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let (inputs, outputs) = (&frozen["inputs"], &frozen["outputs"]);
    let bytes = |value: &Value| unhex(value.as_str().unwrap());
    let all = |value: &Value| value.as_array().unwrap().iter().map(bytes).collect::<Vec<_>>();
    let text = outputs["manifest"].as_str().unwrap().as_bytes();
    let manifest = Manifest::parse(text).unwrap();
    let parts = all(&outputs["parts"]);

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
    assert_eq!(hex(&manifest.office_enc), outputs["ephemeral_public"].as_str().unwrap());
    assert_eq!(hex(&manifest.lookup_hash), outputs["lookup_hash"].as_str().unwrap());
    assert_eq!(manifest.kiosk_seq, inputs["kiosk_seq"].as_u64().unwrap());
}

/// RFC 9180, A.2.1: base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305. `OfficeSecret` fixes the label, so that the same
/// library calls stand here with the RFC's own `info`; the key pair is `OfficeSecret`'s.
#[test]
fn the_offices_wrap_is_the_hpke_of_rfc_9180() {
    let seed = unhex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
    let public = OfficeSecret::from_seed(&seed.clone().try_into().unwrap()).public();
    assert_eq!(hex(&public), "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
    let secret = X25519HkdfSha256::derive_keypair(&seed).0;

    let enc = unhex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&enc).unwrap();
    let (info, plain) = (b"Ode on a Grecian Urn", b"Beauty is truth, truth beauty");
    let sealed = [
        ("Count-0", "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"),
        ("Count-1", "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c"),
        ("Count-2", "71146bd6795ccc9c49ce25dda112a48f202ad220559502cef1f34271e0cb4b02b4f10ecac6f48c32f878fae86b"),
    ];
    let open = |aad: &str, sealed: &str| {
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret,
            &enc,
            info,
            &unhex(sealed),
            aad.as_bytes(),
        )
    };
    assert_eq!(open(sealed[0].0, sealed[0].1).unwrap(), plain);
    assert!(open("Count-1", sealed[0].1).is_err());

    let mut receiver =
        hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &secret, &enc, info)
            .unwrap();
    for (aad, sealed) in sealed {
        assert_eq!(receiver.open(&unhex(sealed), aad.as_bytes()).unwrap(), plain);
    }
}
