//! A sealed dossier as a file, for the way to the office without a network: manifest, signature and sealed parts as they
//! are in the queue, and a digest of all of it. The file's name is the submission's id; nothing personal is readable.
//!
//! `kiosk-parcel-v1`, a zero byte, the manifest's length (four bytes, big endian), the manifest, its signature (64
//! bytes), the number of parts (two bytes); for each its length (four bytes) and bytes; SHA-256 of everything before.

use crate::envelope::{MAX_MANIFEST_BYTES, MAX_PART_BYTES, MAX_PARTS};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const MAGIC: &[u8] = b"kiosk-parcel-v1\0";
/// No parcel is longer, in bytes.
pub const MAX_PARCEL_BYTES: u64 = (MAX_PARTS * (MAX_PART_BYTES + 4) + MAX_MANIFEST_BYTES + 256) as u64;

/// What is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The manifest's bytes as signed.
    pub manifest: Vec<u8>,
    /// The kiosk's signature over them.
    pub signature: [u8; 64],
    /// The sealed parts, from 0.
    pub parts: Vec<Vec<u8>>,
}

/// The file is not a parcel, or was altered or cut short on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a whole parcel of a kiosk")]
pub struct NotAParcel;

impl Parcel {
    /// Name of its file.
    pub fn file_name(submission: Uuid) -> String {
        format!("{submission}.parcel")
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&(self.manifest.len() as u32).to_be_bytes());
        out.extend_from_slice(&self.manifest);
        out.extend_from_slice(&self.signature);
        out.extend_from_slice(&(self.parts.len() as u16).to_be_bytes());
        for part in &self.parts {
            out.extend_from_slice(&(part.len() as u32).to_be_bytes());
            out.extend_from_slice(part);
        }
        let digest: [u8; 32] = Sha256::digest(&out).into();
        out.extend_from_slice(&digest);
        out
    }

    /// Reads the file. Whether the kiosk signed it is the caller's to check.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAParcel> {
        let (content, digest) = bytes.split_last_chunk::<32>().ok_or(NotAParcel)?;
        if <[u8; 32]>::from(Sha256::digest(content)) != *digest {
            return Err(NotAParcel);
        }
        let mut rest = content.strip_prefix(MAGIC).ok_or(NotAParcel)?;
        let manifest = lengthy(&mut rest, MAX_MANIFEST_BYTES)?;
        let signature = *take::<64>(&mut rest)?;
        let count = usize::from(u16::from_be_bytes(*take(&mut rest)?));
        if count > MAX_PARTS {
            return Err(NotAParcel);
        }
        let parts = (0..count).map(|_| lengthy(&mut rest, MAX_PART_BYTES)).collect::<Result<_, _>>()?;
        if rest.is_empty() { Ok(Self { manifest, signature, parts }) } else { Err(NotAParcel) }
    }
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N], NotAParcel> {
    let (taken, behind) = rest.split_first_chunk::<N>().ok_or(NotAParcel)?;
    *rest = behind;
    Ok(taken)
}

fn lengthy(rest: &mut &[u8], longest: usize) -> Result<Vec<u8>, NotAParcel> {
    let length = u32::from_be_bytes(*take(rest)?) as usize;
    if length > longest || length > rest.len() {
        return Err(NotAParcel);
    }
    let (taken, behind) = rest.split_at(length);
    *rest = behind;
    Ok(taken.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> Parcel {
        Parcel { manifest: b"{}".to_vec(), signature: [7; 64], parts: vec![vec![1; 40], Vec::new(), vec![2; 3]] }
    }

    #[test]
    fn a_parcel_comes_out_as_it_went_in() {
        assert_eq!(Parcel::parse(&parcel().to_bytes()), Ok(parcel()));
    }

    #[test]
    fn a_parcel_with_any_bit_altered_or_any_end_cut_off_is_none() {
        let bytes = parcel().to_bytes();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 8);
            assert_eq!(Parcel::parse(&altered), Err(NotAParcel), "byte {at}");
            assert_eq!(Parcel::parse(&bytes[..at]), Err(NotAParcel), "{at} bytes");
        }
    }

    #[test]
    fn lengths_that_lie_are_refused_whatever_the_digest_says() {
        let with_digest = |content: &[u8]| [content, &<[u8; 32]>::from(Sha256::digest(content))[..]].concat();
        for lie in [[0xff; 4], [0, 0, 0, 200], [0, 2, 0, 0]] {
            let mut content = parcel().to_bytes();
            content.truncate(content.len() - 32);
            content[MAGIC.len()..MAGIC.len() + 4].copy_from_slice(&lie);
            assert_eq!(Parcel::parse(&with_digest(&content)), Err(NotAParcel));
        }
    }
}
