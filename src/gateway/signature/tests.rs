#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::{Headers, NotSigned, Params, Parts, base, parse, sign, verify};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey};

const KIOSK: &str = "kiosk-02";
const PUT: Parts<'static> = Parts {
    method: "PUT",
    authority: "office.example:8443",
    path: "/v1/submissions/0192f0c0-0000-7000-8000-000000000000/parts/0",
    query: None,
    content_digest: Some("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
    kiosk_epoch: "AAAAAAAAAAAAAAAAAAAAAA",
};
const GET: Parts<'static> =
    Parts { method: "GET", path: "/v1/status", query: Some("cursor=7&challenge=x"), content_digest: None, ..PUT };

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn signed(parts: &Parts<'_>) -> Headers {
    sign(parts, KIOSK, 1_618_884_473, &|bytes| key().sign(bytes).to_bytes())
}

fn check(parts: &Parts<'_>, headers: &Headers) -> Result<(), NotSigned> {
    verify(parts, KIOSK, &key().verifying_key(), &headers.input, &headers.signature)
}

/// Signs `params` as they are, over our components in the order given.
fn signed_as(parts: &Parts<'_>, names: &[&str], params: &str) -> Headers {
    let covered = parts.covered();
    let covered: Vec<_> = names.iter().map(|name| covered.iter().find(|(n, _)| n == name).unwrap().clone()).collect();
    let text = format!("({}){params}", names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(" "));
    let signature = key().sign(base(&covered, &text).as_bytes()).to_bytes();
    Headers { input: format!("kiosk={text}"), signature: format!("kiosk=:{}:", STANDARD.encode(signature)) }
}

/// RFC 9421 appendix B.2.6 with the key of B.1.4.
#[test]
fn the_base_and_the_signature_are_those_of_the_rfc() {
    const SEED: &str = "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU";
    const PUBLIC: &str = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs";
    const SIGNATURE: &str = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    let covered = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT".to_owned()),
        ("@method", "POST".to_owned()),
        ("@path", "/foo".to_owned()),
        ("@authority", "example.com".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("content-length", "18".to_owned()),
    ];
    let params = Params { created_s: 1_618_884_473, keyid: "test-key-ed25519", alg: None, tag: None };
    let text = params.serialise(covered.iter().map(|(name, _)| *name));
    let input = format!("kiosk={text}");
    assert_eq!(parse(&input).unwrap(), (text.as_str(), covered.iter().map(|(name, _)| *name).collect(), params));
    assert_eq!(
        base(&covered, &text),
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\
         \"@method\": POST\n\
         \"@path\": /foo\n\
         \"@authority\": example.com\n\
         \"content-type\": application/json\n\
         \"content-length\": 18\n\
         \"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")\
         ;created=1618884473;keyid=\"test-key-ed25519\""
    );
    let key = SigningKey::from_bytes(&URL_SAFE_NO_PAD.decode(SEED).unwrap().try_into().unwrap());
    assert_eq!(URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()), PUBLIC);
    let ours = key.sign(base(&covered, &text).as_bytes());
    assert_eq!(STANDARD.encode(ours.to_bytes()), SIGNATURE);
    let theirs: [u8; 64] = STANDARD.decode(SIGNATURE).unwrap().try_into().unwrap();
    key.verifying_key().verify_strict(base(&covered, &text).as_bytes(), &Signature::from_bytes(&theirs)).unwrap();
}

#[test]
fn a_request_altered_in_any_one_component_does_not_count_as_signed() {
    for parts in [PUT, GET] {
        let headers = signed(&parts);
        assert_eq!(check(&parts, &headers), Ok(()));
        for altered in [
            Parts { method: "POST", ..parts },
            Parts { authority: "office.example", ..parts },
            Parts { path: "/v1/submissions/0192f0c0-0000-7000-8000-000000000000/parts/1", ..parts },
            Parts { kiosk_epoch: "AAAAAAAAAAAAAAAAAAAAAQ", ..parts },
            Parts { content_digest: parts.content_digest.map(|_| "sha-256=:other:"), ..parts },
            Parts { query: parts.query.map(|_| "cursor=8&challenge=x"), ..parts },
        ] {
            let same = altered == parts;
            assert_eq!(check(&altered, &headers), if same { Ok(()) } else { Err(NotSigned::Signature) });
        }
        let more = Parts { query: Some("more"), content_digest: Some("sha-256=:x:"), ..parts };
        assert_eq!(check(&more, &headers), Err(NotSigned::Coverage));
        let less = Parts { query: None, content_digest: None, ..parts };
        assert_eq!(check(&less, &headers), Err(NotSigned::Coverage));
    }
}

#[test]
fn only_one_signature_of_this_signer_for_this_purpose_over_exactly_these_components_counts() {
    const NAMES: &[&str] = &["@method", "@authority", "@path", "content-digest", "kiosk-epoch"];
    const OURS: &str = ";created=1;keyid=\"kiosk-02\";alg=\"ed25519\";tag=\"kiosk-v1\"";
    let mut turned = NAMES.to_vec();
    turned.reverse();
    for (names, params, expected) in [
        (NAMES, OURS, Ok(())),
        (&turned, OURS, Ok(())),
        (NAMES, ";tag=\"kiosk-v1\";keyid=\"kiosk-02\";created=-1", Ok(())),
        (NAMES, ";created=1;keyid=\"kiosk-03\";alg=\"ed25519\";tag=\"kiosk-v1\"", Err(NotSigned::Purpose)),
        (NAMES, ";created=1;keyid=\"kiosk-02\";alg=\"hmac-sha256\";tag=\"kiosk-v1\"", Err(NotSigned::Purpose)),
        (NAMES, ";created=1;keyid=\"kiosk-02\";alg=\"ed25519\";tag=\"other\"", Err(NotSigned::Purpose)),
        (NAMES, ";created=1;keyid=\"kiosk-02\";alg=\"ed25519\"", Err(NotSigned::Purpose)),
        (NAMES, ";created=1;tag=\"kiosk-v1\"", Err(NotSigned::Shape)),
        (NAMES, ";keyid=\"kiosk-02\";tag=\"kiosk-v1\"", Err(NotSigned::Shape)),
        (NAMES, ";created=01;keyid=\"kiosk-02\";tag=\"kiosk-v1\"", Err(NotSigned::Shape)),
        (NAMES, ";created=1;created=1;keyid=\"kiosk-02\";tag=\"kiosk-v1\"", Err(NotSigned::Shape)),
        (NAMES, ";created=1;keyid=\"kiosk-02\";tag=\"kiosk-v1\";expires=9", Err(NotSigned::Shape)),
        (NAMES, ";created=1;keyid=\"kiosk-02\";tag=\"kiosk-v1\";nonce=\"x\"", Err(NotSigned::Shape)),
        (&NAMES[1..], OURS, Err(NotSigned::Coverage)),
        (&["@method", "@method", "@authority", "@path", "content-digest"], OURS, Err(NotSigned::Coverage)),
    ] {
        assert_eq!(check(&PUT, &signed_as(&PUT, names, params)), expected, "{names:?} {params}");
    }
    let ours = signed(&PUT);
    let with = |input: &str| Headers { input: input.to_owned(), signature: ours.signature.clone() };
    for input in [
        ours.input.replacen("kiosk=", "sig1=", 1),
        format!("{0}, {0}", ours.input),
        format!("{}, sig1=(\"@method\");created=1;keyid=\"x\"", ours.input),
        ours.input.replacen(' ', "  ", 1),
        ours.input.replacen("\"@path\"", "\"@path\";req", 1),
        format!("{} ", ours.input),
        String::new(),
    ] {
        assert_eq!(check(&PUT, &with(&input)), Err(NotSigned::Shape), "{input}");
    }
    for signature in [
        String::new(),
        "kiosk=::".to_owned(),
        ours.signature.replacen("kiosk", "sig1", 1),
        format!("{0}, {0}", ours.signature),
    ] {
        let headers = Headers { input: ours.input.clone(), signature };
        assert_eq!(check(&PUT, &headers), Err(NotSigned::Shape));
    }
    assert_eq!(check(&Parts { kiosk_epoch: "x\n\"@path\": /", ..PUT }, &ours), Err(NotSigned::Shape));
}

#[test]
fn no_single_changed_byte_of_the_headers_passes_and_nothing_breaks() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let ours = signed(&GET);
    for _ in 0..2_000 {
        let mut headers = ours.clone();
        let text = if random.bool() { &mut headers.input } else { &mut headers.signature };
        let at = random.usize(..text.len());
        let put = char::from(random.u8(0x20..0x7F)).to_string();
        let end = (at + random.usize(0..3)).min(text.len());
        text.replace_range(at..end, &put);
        if headers != ours {
            assert!(check(&GET, &headers).is_err(), "seed {seed}: {headers:?}");
        }
    }
}
