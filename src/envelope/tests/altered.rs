//! Altered envelopes: every one stays closed, for the reader whom it concerns.

use super::{device, form, frozen, office_secret, photo, seal_these, sealed, slip};
use crate::envelope::{
    Manifest, ManifestError, OfficeSecret, OpenError, Sealed, SlipSecret, Suite, manifest_is_signed_by,
    open_with_office_key, open_with_slip, sign_manifest,
};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What lies on a counter: both halves of an envelope, to be altered.
type Envelope = (Manifest, Vec<Vec<u8>>);
type Opened = Option<OpenError>;
/// What is altered and how; what the office finds, and what the slip finds.
type Alteration = (&'static str, fn(&mut Envelope), Opened, Opened);

fn envelope(label: &str) -> Envelope {
    let sealed = sealed(Suite::X25519, label);
    (Manifest::parse(&sealed.manifest).unwrap(), sealed.parts)
}

/// A form and a photo in two pieces of the same length.
fn cut() -> Envelope {
    let sealed = seal_these(Suite::X25519, &[form(), photo(300_000)], "cut").unwrap();
    (Manifest::parse(&sealed.manifest).unwrap(), sealed.parts)
}

fn digest_again(envelope: &mut Envelope) {
    for (entry, part) in envelope.0.parts.iter_mut().zip(&envelope.1) {
        entry.sha256 = Sha256::digest(part).into();
        entry.len = part.len() as u64;
    }
}

const KEY: Opened = Some(OpenError::WrongKey);
const PART: Opened = Some(OpenError::Part);
const COMMITMENT: Opened = Some(OpenError::Commitment);

fn check(table: &[Alteration]) {
    check_on(|| envelope("first"), table);
}

fn check_on(envelope: fn() -> Envelope, table: &[Alteration]) {
    for (what, alter, office, citizen) in table {
        let mut envelope = envelope();
        alter(&mut envelope);
        let (manifest, parts) = &envelope;
        assert_eq!(open_with_office_key(manifest, parts, &office_secret()).err(), *office, "{what}: the office");
        assert_eq!(open_with_slip(manifest, parts, &slip()).err(), *citizen, "{what}: the slip");
    }
}

#[test]
fn parts_that_are_altered_or_moved_do_not_open() {
    check(&[
        ("the control: nothing", |_| (), None, None),
        ("parts swapped", |e| e.1.swap(0, 1), PART, PART),
        (
            "parts and digests swapped",
            |e| {
                e.1.swap(0, 1);
                digest_again(e);
            },
            PART,
            PART,
        ),
        (
            "parts, digests and types swapped",
            |e| {
                e.1.swap(0, 1);
                e.0.parts.swap(0, 1);
                (e.0.parts[0].n, e.0.parts[1].n) = (0, 1);
            },
            PART,
            PART,
        ),
        ("media type", |e| e.0.parts[1].media_type = "text/html".to_owned(), PART, PART),
        (
            "last part cut off",
            |e| {
                e.1.pop();
                e.0.parts.pop();
            },
            PART,
            PART,
        ),
        ("a part missing", |e| _ = e.1.pop(), PART, PART),
        ("a part twice", |e| e.1.push(e.1[1].clone()), PART, PART),
        ("a byte of a part", |e| e.1[0][3] ^= 1, PART, PART),
        (
            "a byte of a part and its digest",
            |e| {
                e.1[0][3] ^= 1;
                digest_again(e);
            },
            PART,
            PART,
        ),
        (
            "the tag of a part and its digest",
            |e| {
                *e.1[1].last_mut().unwrap() ^= 1;
                digest_again(e);
            },
            PART,
            PART,
        ),
        (
            "an empty part and its digest",
            |e| {
                e.1[1].clear();
                digest_again(e);
            },
            PART,
            PART,
        ),
        (
            "another's part and its digest",
            |e| {
                e.1[0] = envelope("second").1.remove(0);
                digest_again(e);
            },
            PART,
            PART,
        ),
    ]);
}

#[test]
fn pieces_that_are_altered_or_moved_do_not_open() {
    check_on(
        cut,
        &[
            ("the control: nothing", |_| (), None, None),
            (
                "pieces swapped with their digests",
                |e| {
                    e.1.swap(1, 2);
                    digest_again(e);
                },
                PART,
                PART,
            ),
            (
                "pieces swapped with their entries",
                |e| {
                    e.1.swap(1, 2);
                    e.0.parts.swap(1, 2);
                    (e.0.parts[1].n, e.0.parts[2].n) = (1, 2);
                },
                PART,
                PART,
            ),
            (
                "pieces called each other",
                |e| {
                    let (first, second) = (e.0.parts[1].place, e.0.parts[2].place);
                    (e.0.parts[1].place, e.0.parts[2].place) = (second, first);
                },
                PART,
                PART,
            ),
            ("content", |e| e.0.parts[1].place.as_mut().unwrap().content = 0, PART, PART),
            ("piece", |e| e.0.parts[2].place.as_mut().unwrap().piece = 2, PART, PART),
            ("pieces", |e| e.0.parts[2].place.as_mut().unwrap().pieces = 3, PART, PART),
            ("no place", |e| e.0.parts[2].place = None, PART, PART),
            (
                "the last piece cut off",
                |e| {
                    e.1.pop();
                    e.0.parts.pop();
                },
                PART,
                PART,
            ),
            (
                "two contents out of one",
                |e| {
                    e.0.parts[1].place.as_mut().unwrap().pieces = 1;
                    let second = e.0.parts[2].place.as_mut().unwrap();
                    (second.content, second.piece, second.pieces) = (2, 0, 1);
                },
                PART,
                PART,
            ),
        ],
    );
}

/// What the associated data is for with the newer suite: no part, wrap or name is taken for the other suite's.
#[test]
fn an_envelope_of_one_suite_is_not_one_of_the_other() {
    let newer = || -> Envelope {
        let sealed = sealed(Suite::XWing, "first");
        (Manifest::parse(&sealed.manifest).unwrap(), sealed.parts)
    };
    check_on(
        newer,
        &[
            ("the control: nothing", |_| (), None, None),
            ("suite", |e| e.0.suite = 1, KEY, KEY),
            ("name of the office's key", |e| e.0.office_kid = office_secret().key(Suite::X25519).kid, KEY, KEY),
            (
                "suite, name and ephemeral key",
                |e| {
                    let other = envelope("first").0;
                    (e.0.suite, e.0.office_kid, e.0.office_enc) = (other.suite, other.office_kid, other.office_enc);
                },
                KEY,
                KEY,
            ),
            ("a byte of the lattice's half", |e| e.0.office_enc[700] ^= 1, KEY, None),
            ("a byte of the curve's half", |e| e.0.office_enc[1_100] ^= 1, KEY, None),
            ("kiosk", |e| e.0.kiosk_id = "tram-thu-2".to_owned(), KEY, KEY),
            ("a byte of a part", |e| e.1[0][3] ^= 1, PART, PART),
        ],
    );
    let with_part_of_suite_1 = |mut e: Envelope| {
        e.1[0] = envelope("first").1.remove(0);
        digest_again(&mut e);
        e
    };
    let (manifest, parts) = with_part_of_suite_1(newer());
    assert_eq!(
        open_with_slip(&manifest, &parts, &slip()).err(),
        PART,
        "the same content key, sealed in the other suite"
    );
}

#[test]
fn an_older_envelope_is_as_closed_as_ever() {
    let older = || -> Envelope {
        let outputs = &frozen("v1.json")["outputs"];
        let parts = outputs["parts"].as_array().unwrap().iter().map(|part| super::unhex(part.as_str().unwrap()));
        (Manifest::parse(outputs["manifest"].as_str().unwrap().as_bytes()).unwrap(), parts.collect())
    };
    check_on(
        older,
        &[
            ("the control: nothing", |_| (), None, None),
            ("kiosk", |e| e.0.kiosk_id = "tram-thu-2".to_owned(), KEY, KEY),
            ("name of the office's key", |e| e.0.office_kid = "office-00000000".to_owned(), KEY, None),
            ("version", |e| e.0.v = 2, KEY, KEY),
            (
                "parts and digests swapped",
                |e| {
                    e.1.swap(0, 1);
                    digest_again(e);
                },
                PART,
                PART,
            ),
        ],
    );
}

#[test]
fn what_an_envelope_is_bound_to_cannot_be_altered() {
    check(&[
        ("kiosk", |e| e.0.kiosk_id = "tram-thu-2".to_owned(), KEY, KEY),
        ("form edition", |e| e.0.form_edition = "tk01@tt31-2023".to_owned(), KEY, KEY),
        (
            "a letter moved from one field to the next",
            |e| {
                e.0.kiosk_id = "tram-thu-1t".to_owned();
                e.0.form_edition = "k01@tt69-2026".to_owned();
            },
            KEY,
            KEY,
        ),
        ("name of the office's key", |e| e.0.office_kid = "office-00000000".to_owned(), KEY, KEY),
        ("suite", |e| e.0.suite = 2, KEY, KEY),
        ("suite nobody knows", |e| e.0.suite = 3, KEY, KEY),
        ("version", |e| e.0.v = 1, KEY, KEY),
        ("dossier id", |e| e.0.dossier_id = Uuid::from_u128(1), KEY, KEY),
        ("submission id", |e| e.0.submission_id = Uuid::from_u128(1), KEY, KEY),
        ("ids swapped", |e| std::mem::swap(&mut e.0.dossier_id, &mut e.0.submission_id), KEY, KEY),
        ("commitment", |e| e.0.commitment[0] ^= 1, COMMITMENT, COMMITMENT),
        ("another's commitment", |e| e.0.commitment = envelope("second").0.commitment, COMMITMENT, COMMITMENT),
        (
            "another's wraps",
            |e| {
                let other = envelope("second").0;
                (e.0.office_enc, e.0.office_wrap, e.0.slip_wrap) =
                    (other.office_enc, other.office_wrap, other.slip_wrap);
            },
            COMMITMENT,
            COMMITMENT,
        ),
        (
            "another's wraps and commitment",
            |e| {
                let other = envelope("second").0;
                (e.0.office_enc, e.0.office_wrap, e.0.slip_wrap) =
                    (other.office_enc, other.office_wrap, other.slip_wrap);
                e.0.commitment = other.commitment;
            },
            PART,
            PART,
        ),
    ]);
}

#[test]
fn what_is_for_one_reader_alone_does_not_concern_the_other() {
    check(&[
        ("ephemeral key", |e| e.0.office_enc[5] ^= 1, KEY, None),
        ("ephemeral key of another length", |e| e.0.office_enc.push(0), KEY, None),
        ("ephemeral key of nothing", |e| e.0.office_enc = vec![0; 32], KEY, None),
        ("the office's wrap", |e| e.0.office_wrap[5] ^= 1, KEY, None),
        ("the slip's wrap", |e| e.0.slip_wrap[5] ^= 1, None, KEY),
        ("the wraps swapped", |e| std::mem::swap(&mut e.0.office_wrap, &mut e.0.slip_wrap), KEY, KEY),
    ]);
}

#[test]
fn another_key_opens_nothing() {
    let (manifest, parts) = envelope("first");
    let (stranger, passer_by) = (OfficeSecret::from_seed(&[1; 32]), SlipSecret::new([1; 32]));
    assert_eq!(open_with_office_key(&manifest, &parts, &stranger).err(), Some(OpenError::WrongKey));
    assert_eq!(open_with_slip(&manifest, &parts, &passer_by).err(), Some(OpenError::WrongKey));
}

#[test]
fn a_signature_is_for_one_key_one_purpose_and_these_bytes() {
    let (key, Sealed { manifest, signature, .. }) = (device(), sealed(Suite::X25519, "first"));
    let public = key.verifying_key();
    assert!(manifest_is_signed_by(&public, &manifest, &signature));
    assert!(!manifest_is_signed_by(&SigningKey::from_bytes(&[1; 32]).verifying_key(), &manifest, &signature));
    assert!(!manifest_is_signed_by(&public, &manifest, &key.sign(&manifest).to_bytes()), "without its label");
    assert!(!manifest_is_signed_by(&public, &manifest, &[0; 64]));
    assert!(!manifest_is_signed_by(&public, &sealed(Suite::X25519, "second").manifest, &signature));
    for at in (0..manifest.len()).step_by(41) {
        let mut other = manifest.clone();
        other[at] ^= 1;
        assert!(!manifest_is_signed_by(&public, &other, &signature), "byte {at}");
    }
    assert_eq!(sign_manifest(&key, &manifest), signature);
}

#[test]
fn a_manifest_of_another_shape_is_refused() {
    let text = String::from_utf8(sealed(Suite::X25519, "first").manifest).unwrap();
    let place = r#""place":{"content":1,"piece":0,"pieces":1}"#;
    for (from, to, error) in [
        ("{\"v\":2", "{\"v\":3", ManifestError::Version),
        ("{\"v\":2", "{\"v\":1", ManifestError::Limit),
        ("\"suite\":1", "\"suite\":2", ManifestError::Shape),
        ("\"suite\":1", "\"suite\":3", ManifestError::Version),
        ("{\"v\":2,\"suite\":1", "{\"v\":1,\"suite\":2", ManifestError::Version),
        ("{\"v\":2", "{\"more\":1,\"v\":2", ManifestError::Shape),
        ("\"kiosk_seq\":42,", "", ManifestError::Shape),
        ("\"n\":1", "\"n\":2", ManifestError::Limit),
        ("tram-thu-1", "Tram Thu 1", ManifestError::Limit),
        ("tram-thu-1", "../../etc", ManifestError::Limit),
        (&format!(",{place}"), "", ManifestError::Limit),
        (place, &place.replace("\"content\":1", "\"content\":0"), ManifestError::Limit),
        (place, &place.replace("\"content\":1", "\"content\":2"), ManifestError::Limit),
        (place, &place.replace("\"piece\":0", "\"piece\":1"), ManifestError::Limit),
        (place, &place.replace("\"pieces\":1", "\"pieces\":0"), ManifestError::Limit),
        (place, &place.replace("\"pieces\":1", "\"pieces\":2"), ManifestError::Limit),
        (place, &place.replace("\"pieces\":1", "\"pieces\":65535"), ManifestError::Limit),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(Manifest::parse(text.replace(from, to).as_bytes()), Err(error), "{to}");
    }
}
