//! The suites: how the content key is wrapped for the office. The office's signed key bundle says which one a key is
//! for; nothing is ever negotiated with the network.

use super::OfficeKey;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

/// HPKE (RFC 9180) in base mode with HKDF-SHA256 and ChaCha20-Poly1305; the suite names how the key is agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Suite 1: X25519 (RFC 9180, KEM 0x0020). The default.
    X25519,
    /// Suite 2: X-Wing, ML-KEM-768 with X25519 (draft-ietf-hpke-pq, KEM 0x647a). What is recorded today stays closed to
    /// a quantum computer of tomorrow; the RFC is still a draft.
    XWing,
}

impl Suite {
    /// All of them, by id.
    pub const ALL: [Self; 2] = [Self::X25519, Self::XWing];

    /// As it stands in manifests and key bundles.
    pub const fn id(self) -> u8 {
        match self {
            Self::X25519 => 1,
            Self::XWing => 2,
        }
    }

    /// The suite of that id, if this version knows it.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.id() == id)
    }

    /// Bytes of an office's public key.
    pub const fn public_len(self) -> usize {
        match self {
            Self::X25519 => 32,
            Self::XWing => 1_216,
        }
    }

    /// Bytes of the encapsulated key in a manifest.
    pub const fn enc_len(self) -> usize {
        match self {
            Self::X25519 => 32,
            Self::XWing => 1_120,
        }
    }
}

/// The office's unsealing key of every suite, from one seed. It belongs on an inside machine, never on the server that
/// kiosks talk to. Wiped when dropped.
pub struct OfficeSecret {
    x25519: <X25519HkdfSha256 as Kem>::PrivateKey,
    xwing: <XWing as Kem>::PrivateKey,
}

impl OfficeSecret {
    /// Derives the key pairs from 32 random bytes (RFC 9180, 7.1.3): the suite is part of the derivation, so that the
    /// pairs know nothing of each other.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { x25519: X25519HkdfSha256::derive_keypair(seed).0, xwing: XWing::derive_keypair(seed).0 }
    }

    /// The public half of one suite, named.
    pub fn key(&self, suite: Suite) -> OfficeKey {
        OfficeKey::named(
            suite,
            match suite {
                Suite::X25519 => X25519HkdfSha256::sk_to_pk(&self.x25519).to_bytes().to_vec(),
                Suite::XWing => XWing::sk_to_pk(&self.xwing).to_bytes().to_vec(),
            },
        )
    }

    pub(super) fn open(
        &self,
        suite: Suite,
        enc: &[u8],
        info: &[u8],
        wrap: &[u8],
        aad: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        match suite {
            Suite::X25519 => open::<X25519HkdfSha256>(&self.x25519, enc, info, wrap, aad),
            Suite::XWing => open::<XWing>(&self.xwing, enc, info, wrap, aad),
        }
    }
}

impl std::fmt::Debug for OfficeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OfficeSecret(…)")
    }
}

/// True when the bytes are a public key of the suite.
pub(super) fn is_public_key(suite: Suite, bytes: &[u8]) -> bool {
    match suite {
        Suite::X25519 => <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(bytes).is_ok(),
        Suite::XWing => <XWing as Kem>::PublicKey::from_bytes(bytes).is_ok(),
    }
}

/// The encapsulated key, and `plain` under it with its tag.
pub(super) fn seal(
    suite: Suite,
    public: &[u8],
    info: &[u8],
    plain: &[u8],
    aad: &[u8],
    rng: &mut impl rand_core::CryptoRng,
) -> Option<(Vec<u8>, Vec<u8>)> {
    match suite {
        Suite::X25519 => seal_by::<X25519HkdfSha256>(public, info, plain, aad, rng),
        Suite::XWing => seal_by::<XWing>(public, info, plain, aad, rng),
    }
}

fn seal_by<K: Kem>(
    public: &[u8],
    info: &[u8],
    plain: &[u8],
    aad: &[u8],
    rng: &mut impl rand_core::CryptoRng,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let public = K::PublicKey::from_bytes(public).ok()?;
    let sealed = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeS::Base,
        &public,
        info,
        plain,
        aad,
        rng,
    );
    sealed.ok().map(|(enc, wrap)| (enc.to_bytes().to_vec(), wrap))
}

fn open<K: Kem>(
    secret: &K::PrivateKey,
    enc: &[u8],
    info: &[u8],
    wrap: &[u8],
    aad: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let enc = K::EncappedKey::from_bytes(enc).ok()?;
    let opened =
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, K>(&OpModeR::Base, secret, &enc, info, wrap, aad);
    opened.ok().map(Zeroizing::new)
}
