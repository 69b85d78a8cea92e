//! The standards below the envelope, run through the very functions that seal and open it.

use super::{Fixed, hex, unhex};
use crate::envelope::{OfficeSecret, Suite, suite};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Kem, OpModeR, OpModeS};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const INFO: &[u8] = b"Ode on a Grecian Urn";
const PLAIN: &[u8] = b"Beauty is truth, truth beauty";

/// RFC 9180, A.2.1: base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305.
#[test]
fn suite_1_is_the_hpke_of_rfc_9180() {
    let seed = unhex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
    let secret = OfficeSecret::from_seed(&seed.try_into().unwrap());
    let public = secret.key(Suite::X25519).public;
    assert_eq!(hex(&public), "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");

    // ikmE: what the sender draws.
    let mut rng = Fixed(unhex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b"));
    let (enc, sealed) = suite::seal(Suite::X25519, &public, INFO, PLAIN, b"Count-0", &mut rng).unwrap();
    assert_eq!(hex(&enc), "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
    let count_0 = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28";
    assert_eq!(hex(&sealed), count_0);

    let open = |info: &[u8], aad: &[u8]| secret.open(Suite::X25519, &enc, info, &unhex(count_0), aad);
    assert_eq!(*open(INFO, b"Count-0").unwrap(), PLAIN);
    assert!(open(INFO, b"Count-1").is_none());
    assert!(open(b"Ode on a Grecian urn", b"Count-0").is_none());
}

/// The same key schedule over the RFC's other sequence numbers and its exported secrets: the library is what it says,
/// beyond the one message of an envelope.
#[test]
fn the_library_keeps_to_rfc_9180_over_a_whole_conversation() {
    let seed = unhex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
    let secret = X25519HkdfSha256::derive_keypair(&seed).0;
    let public = X25519HkdfSha256::sk_to_pk(&secret);
    let mut rng = Fixed(unhex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b"));
    let (enc, mut sender) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        INFO,
        &mut rng,
    )
    .unwrap();
    let mut receiver =
        hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &secret, &enc, INFO)
            .unwrap();
    let wanted = BTreeMap::from([
        (0, "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"),
        (1, "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c"),
        (2, "71146bd6795ccc9c49ce25dda112a48f202ad220559502cef1f34271e0cb4b02b4f10ecac6f48c32f878fae86b"),
        (4, "63357a2aa291f5a4e5f27db6baa2af8cf77427c7c1a909e0b37214dd47db122bb153495ff0b02e9e54a50dbe16"),
        (255, "18ab939d63ddec9f6ac2b60d61d36a7375d2070c9b683861110757062c52b8880a5f6b3936da9cd6c23ef2a95c"),
        (256, "7a4a13e9ef23978e2c520fd4d2e757514ae160cd0cd05e556ef692370ca53076214c0c40d4c728d6ed9e727a5b"),
    ]);
    for count in 0..=256 {
        let aad = format!("Count-{count}");
        let sealed = sender.seal(PLAIN, aad.as_bytes()).unwrap();
        assert!(wanted.get(&count).is_none_or(|wanted| hex(&sealed) == *wanted), "{aad}");
        assert_eq!(receiver.open(&sealed, aad.as_bytes()).unwrap(), PLAIN);
    }
    for (context, wanted) in [
        ("", "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e"),
        ("00", "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69"),
        ("54657374436f6e74657874", "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53"),
    ] {
        let mut exported = [0; 32];
        receiver.export(&unhex(context), &mut exported).unwrap();
        assert_eq!(hex(&exported), wanted);
    }
}

/// The vector of Go's `crypto/hpke` for KEM 0x647a, HKDF-SHA256, ChaCha20-Poly1305 in base mode, as the `hpke` crate's
/// repository keeps it (`test-vectors-go-8aa8a04.json`, the first): another implementation's numbers. Its `info` and
/// plain text are hex digits as text; the long keys stand here by their SHA-256.
#[test]
fn suite_2_is_the_hpke_of_another_implementation() {
    let seed = unhex("0379761fa4f6869592b0d1f9a71eb92b122dc030a7a8858132109f6b1a4bbde4");
    let secret = OfficeSecret::from_seed(&seed.try_into().unwrap());
    let public = secret.key(Suite::XWing).public;
    assert_eq!(hex(&Sha256::digest(&public)), "120b60e0ae3c00c1c9def1c61aeb12de710bfa49646ae6f99a7e564b25ace493");

    let (info, plain) = (hex(INFO), hex(PLAIN));
    let mut rng = Fixed(unhex(
        "a3a869097e0241158eca5dc6c9e695f9e0d2ee5db51c09c435aab69d56509a43\
         d94ff76d7d47cf79ecf75394261236cec024bd849cc782e14f7f0738af83daed",
    ));
    let (enc, sealed) =
        suite::seal(Suite::XWing, &public, info.as_bytes(), plain.as_bytes(), b"Count-0", &mut rng).unwrap();
    assert_eq!(hex(&Sha256::digest(&enc)), "3a7ef30fb815e75b7f0f16f5bab5c36250882d94ea0f776cc2241cdd3b36b480");
    assert_eq!(
        hex(&sealed),
        "ac355d192158cd54250e1702be51e9d2eafe5f9292a9f153e02a2323e1ff071a30947836c3\
         8c63c986c28ccf05e00d4e5fe066a48ab8d5b39c69d32da80c93dc868daa0f853a6cbdd640"
    );
    let open = |aad: &[u8]| secret.open(Suite::XWing, &enc, info.as_bytes(), &sealed, aad);
    assert_eq!(*open(b"Count-0").unwrap(), plain.as_bytes());
    assert!(open(b"Count-1").is_none());
}
