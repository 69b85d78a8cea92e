//! The key is the card's own text, stretched: who does not hold the card does not open the form.

use crate::domain::card::CardClaim;
use crate::stretch::{Cost, stretch};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt::Write as _;
use zeroize::Zeroizing;

const LABEL: &[u8] = b"passport-kiosk/half-filled/1";
const NONCE: usize = 12;

/// The key of one card under one salt. Wiped when dropped.
pub(super) struct CardKey {
    salt: [u8; 16],
    key: Zeroizing<[u8; 32]>,
}

impl CardKey {
    /// HKDF over argon2id of the card's text, and over the machine's secret where there is one. `None`: no memory.
    pub(super) fn derive(card: &CardClaim, salt: [u8; 16], secret: Option<&[u8; 32]>, cost: Cost) -> Option<Self> {
        let stretched = stretch(text(card).as_bytes(), &salt, cost, None)?;
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(secret.map(<[u8; 32]>::as_slice), &*stretched).expand(LABEL, &mut *key).ok()?;
        Some(Self { salt, key })
    }

    pub(super) fn salt(&self) -> [u8; 16] {
        self.salt
    }

    /// AES-256-GCM under a random nonce, which goes before it. `None`: no random number.
    pub(super) fn seal(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let sealed = self.cipher()?.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: LABEL }).ok()?;
        Some([&nonce, &*sealed].concat())
    }

    /// `None`: sealed by another card, or damaged.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let opened = self.cipher()?.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: LABEL }).ok()?;
        Some(Zeroizing::new(opened))
    }

    fn cipher(&self) -> Option<Aes256Gcm> {
        Aes256Gcm::new_from_slice(&*self.key).ok()
    }
}

/// Everything that was understood of the card, one field a line: no other card gives the same.
fn text(card: &CardClaim) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    let issued = card.issued().map(|day| (day.year(), day.month(), day.day()));
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "{}\n{}\n{}\n{}\n{:?}\n{}\n{issued:?}",
        card.id().as_str(),
        card.old_id().unwrap_or_default(),
        card.name().as_str(),
        card.birth().to_string_vi(),
        card.sex(),
        card.residence(),
    );
    for extra in card.extra() {
        let _ = write!(text, "\n{extra}");
    }
    text
}
