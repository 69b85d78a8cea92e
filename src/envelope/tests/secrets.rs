//! Secrets are wiped when dropped and say nothing of themselves.

use crate::device::{Credential, SoftwareFile};
use crate::envelope::{OfficeSecret, Part, SlipSecret};
use ed25519_dalek::SigningKey;
use std::fmt::Debug;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// Names a function that only one of the two blanket implementations gives: for a type that is `Debug` both do, and
/// the call does not compile.
trait Silent<Which> {
    fn is_silent() {}
}

struct Talks;

impl<T: ?Sized> Silent<()> for T {}
impl<T: ?Sized + Debug> Silent<Talks> for T {}

#[test]
fn what_holds_a_secret_cannot_be_printed() {
    <Part as Silent<_>>::is_silent();
    <Credential as Silent<_>>::is_silent();
    <SoftwareFile as Silent<_>>::is_silent();
    <crate::queue::store::Submission as Silent<_>>::is_silent();
    <crate::queue::store::Sealer as Silent<_>>::is_silent();
    <crate::gateway::wire::Dossier as Silent<_>>::is_silent();
    <crate::gateway::wire::Value as Silent<_>>::is_silent();
}

/// Those that libraries or derived values make printable print no byte of the secret.
#[test]
fn what_can_be_printed_prints_nothing_of_the_secret() {
    const SECRET: [u8; 32] = *b"the secret of 32 bytes to look a";
    let printed = [
        format!("{:?}", SlipSecret::new(SECRET)),
        format!("{:?}", OfficeSecret::from_seed(&SECRET)),
        format!("{:?}", SigningKey::from_bytes(&SECRET)),
    ];
    let slip = SlipSecret::new(SECRET);
    let spellings = [
        "116, 104, 101".to_owned(),
        "746865".to_owned(),
        String::from_utf8_lossy(&SECRET[..8]).into_owned(),
        slip.to_fragment()[..8].to_owned(),
    ];
    for text in printed {
        assert!(!spellings.iter().any(|spelling| text.contains(spelling)), "{text}");
    }
    assert!(format!("{SECRET:?}").contains(&spellings[0]), "the control: bytes print so");
}

/// Compiles only where the promise is kept; `OfficeSecret` is made of the library's own wiping keys.
#[test]
fn what_holds_a_secret_is_wiped_when_dropped() {
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<SigningKey>();
    wiped::<Zeroizing<[u8; 32]>>();
    wiped::<Zeroizing<Vec<u8>>>();
}
