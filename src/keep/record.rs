//! The bytes of a kept form: until when, the salt, and what is sealed.

use crate::domain::keep::Stamp;

const VERSION: u8 = 1;
/// Version, boot, until, wall, reboots, tries, salt.
const HEAD: usize = 1 + 16 + 8 + 8 + 1 + 1 + 16;

/// A kept form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) stamp: Stamp,
    pub(super) salt: [u8; 16],
    pub(super) sealed: Vec<u8>,
}

impl Record {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Self { stamp: Stamp { boot, until_ms, wall_ms, reboots, tries }, salt, sealed } = self;
        let mut bytes = Vec::with_capacity(HEAD + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(boot);
        bytes.extend_from_slice(&until_ms.to_be_bytes());
        bytes.extend_from_slice(&wall_ms.to_be_bytes());
        bytes.extend_from_slice(&[*reboots, *tries]);
        bytes.extend_from_slice(salt);
        bytes.extend_from_slice(sealed);
        bytes
    }

    /// `None`: nothing, or nothing of this version.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk::<1>()?;
        let (boot, rest) = rest.split_first_chunk::<16>()?;
        let (until, rest) = rest.split_first_chunk::<8>()?;
        let (wall, rest) = rest.split_first_chunk::<8>()?;
        let ([reboots, tries], rest) = rest.split_first_chunk::<2>()?;
        let (salt, sealed) = rest.split_first_chunk::<16>()?;
        let stamp = Stamp {
            boot: *boot,
            until_ms: u64::from_be_bytes(*until),
            wall_ms: i64::from_be_bytes(*wall),
            reboots: *reboots,
            tries: *tries,
        };
        (*version == [VERSION]).then(|| Self { stamp, salt: *salt, sealed: sealed.to_vec() })
    }
}
