//! How a segment of the journal lies on the disk: a header, then frames of length, CRC, chained hash and sealed bytes.
//!
//! Pure: bytes in, bytes out. A reader takes the frames up to the first that is not whole, so whatever happened to a
//! segment, what it yields is what was written, from the beginning, without a gap.

use crate::connection::FileKey;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// How every segment begins; the last letter is the format.
const MAGIC: &[u8; 8] = b"RGJOURN1";
/// The magic, the segment's number, and what tells its key.
pub(super) const HEADER_LEN: usize = 8 + 8 + TAG_LEN;
const TAG_LEN: usize = 16;
/// Length, CRC and hash of a frame.
const FRAME_HEAD: usize = 4 + 4 + HASH_LEN;
const HASH_LEN: usize = 32;
const NONCE_LEN: usize = 24;
/// A longer frame is no frame: a transaction of a till is a slice of some hundred changes, some MB at most.
const MAX_SEALED: usize = 64 * 1024 * 1024;

pub(super) type Hash = [u8; HASH_LEN];

/// The keys of a journal, made out of the file's own: who has the keystore can read it, also without the file.
#[derive(Clone)]
pub(crate) struct JournalKey {
    seal: Zeroizing<[u8; 32]>,
    nonce: Zeroizing<[u8; 32]>,
}

impl JournalKey {
    pub(crate) fn of(file: &FileKey) -> Self {
        let derive = |label: &[u8]| Zeroizing::new(hmac(&file.key, &[label, &file.salt]));
        Self { seal: derive(b"regulars journal seal\0"), nonce: derive(b"regulars journal nonce\0") }
    }

    /// What tells this key from another. A till that was set up anew in an old folder leaves the old one's journal alone.
    fn tag(&self) -> [u8; TAG_LEN] {
        let made = hmac(&self.nonce, &[b"segment"]);
        made.first_chunk().copied().unwrap_or_default()
    }

    /// The nonce is made out of what is sealed and of all that stands before it: two different frames never share one,
    /// also where a torn end was cut off and written anew, and no randomness is needed.
    fn seal(&self, before: &Hash, plain: &[u8]) -> Option<Vec<u8>> {
        let made = hmac(&self.nonce, &[before, plain]);
        let nonce: &[u8; NONCE_LEN] = made.first_chunk()?;
        let sealed = self.cipher().encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: before }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, before: &Hash, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: before }).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.seal))
    }
}

/// What a segment yields.
pub(super) struct Read {
    /// What the whole frames hold, in order.
    pub(super) batches: Vec<Vec<u8>>,
    /// Where the last whole one ends; less than the segment where its end is torn or damaged. 0: not even the header.
    pub(super) good_len: usize,
    /// The hash that the next frame goes on from.
    pub(super) chain: Hash,
}

/// The first bytes of a segment.
pub(super) fn header(key: &JournalKey, number: u64) -> [u8; HEADER_LEN] {
    let mut bytes = [0; HEADER_LEN];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    bytes[16..].copy_from_slice(&key.tag());
    bytes
}

/// Whether a segment begins as one of another key does.
pub(super) fn is_foreign(key: &JournalKey, bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) && bytes.get(16..HEADER_LEN).is_some_and(|tag| tag != key.tag())
}

/// What was written of the bytes behind the last whole frame: zeros at the end are room that was taken.
pub(super) fn written(tail: &[u8]) -> &[u8] {
    &tail[..tail.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)]
}

/// The hash that the first frame of a segment goes on from: a frame cannot be moved to another place or segment.
pub(super) fn first_chain(key: &JournalKey, number: u64) -> Hash {
    Sha256::digest(header(key, number)).into()
}

/// A frame behind `chain`, and the hash behind it. `None` where it is too long, which no transaction is.
pub(super) fn write(key: &JournalKey, chain: &Hash, plain: &[u8]) -> Option<(Vec<u8>, Hash)> {
    let sealed = key.seal(chain, plain)?;
    if sealed.len() > MAX_SEALED {
        return None;
    }
    let next = chained(chain, &sealed);
    let len = u32::try_from(sealed.len()).ok()?.to_le_bytes();
    let crc = checksum(&len, &next, &sealed).to_le_bytes();
    Some(([&len, &crc, next.as_slice(), &sealed].concat(), next))
}

/// Reads a segment of that number, as far as it is whole.
pub(super) fn read(key: &JournalKey, number: u64, bytes: &[u8]) -> Read {
    let mut read = Read { batches: Vec::new(), good_len: 0, chain: first_chain(key, number) };
    if !bytes.starts_with(&header(key, number)) {
        return read;
    }
    read.good_len = HEADER_LEN;
    while let Some((plain, next, len)) = read_one(key, &read.chain, &bytes[read.good_len..]) {
        read.batches.push(plain);
        read.chain = next;
        read.good_len += len;
    }
    read
}

fn read_one(key: &JournalKey, chain: &Hash, bytes: &[u8]) -> Option<(Vec<u8>, Hash, usize)> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let (next, rest) = rest.split_first_chunk::<HASH_LEN>()?;
    let sealed_len = usize::try_from(u32::from_le_bytes(*len)).ok().filter(|len| *len <= MAX_SEALED)?;
    let sealed = rest.get(..sealed_len)?;
    if u32::from_le_bytes(*crc) != checksum(len, next, sealed) || *next != chained(chain, sealed) {
        return None;
    }
    Some((key.open(chain, sealed)?, *next, FRAME_HEAD + sealed_len))
}

fn chained(chain: &Hash, sealed: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(chain);
    hash.update(sealed);
    hash.finalize().into()
}

/// What tells a torn frame at once, before anything is hashed or opened.
fn checksum(len: &[u8; 4], chain: &Hash, sealed: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(len);
    crc.update(chain);
    crc.update(sealed);
    crc.finalize()
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> JournalKey {
        JournalKey::of(&FileKey { key: Zeroizing::new([7; 32]), salt: [3; 16] })
    }

    /// A segment of these batches, and where each frame ends.
    fn segment(number: u64, batches: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut chain, mut ends) =
            (header(&key(), number).to_vec(), first_chain(&key(), number), Vec::new());
        for batch in batches {
            let (frame, next) = write(&key(), &chain, batch).expect("short");
            bytes.extend(frame);
            chain = next;
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn a_segment_that_was_cut_at_any_byte_yields_the_frames_before_the_cut() {
        let batches = [b"one".to_vec(), b"two and more".to_vec(), Vec::new(), b"the last".to_vec()];
        let (bytes, ends) = segment(5, &batches);
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let read = read(&key(), 5, &bytes[..cut]);
            assert_eq!(read.batches, batches[..whole], "cut at {cut}");
            assert!(read.good_len <= cut);
        }
    }

    #[test]
    fn a_frame_moved_to_another_segment_or_place_is_none() {
        let batches = [b"one".to_vec(), b"two".to_vec()];
        let (bytes, ends) = segment(1, &batches);
        let mut moved = header(&key(), 2).to_vec();
        moved.extend(&bytes[HEADER_LEN..]);
        assert!(read(&key(), 2, &moved).batches.is_empty());
        let mut swapped = header(&key(), 1).to_vec();
        swapped.extend(&bytes[ends[0]..]);
        assert!(read(&key(), 1, &swapped).batches.is_empty());
    }

    #[test]
    fn nothing_can_be_read_with_another_key_or_seen_without_one() {
        let (bytes, _) = segment(1, &[b"Marie Kovacova".to_vec()]);
        assert!(!bytes.windows(5).any(|window| window == b"Marie"));
        let other = JournalKey::of(&FileKey { key: Zeroizing::new([8; 32]), salt: [3; 16] });
        assert!(read(&other, 1, &bytes).batches.is_empty());
        assert!(is_foreign(&other, &bytes) && !is_foreign(&key(), &bytes));
    }

    proptest! {
        #[test]
        fn any_damage_yields_the_frames_before_it_and_never_panics(
            batches in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..6),
            damage in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 0..4),
            cut in any::<prop::sample::Index>(),
            tail in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let (mut bytes, ends) = segment(9, &batches);
            let cut = cut.index(bytes.len() + 1);
            bytes.truncate(cut);
            let mut first_bad = cut;
            for (index, mask) in damage {
                if !bytes.is_empty() {
                    let at = index.index(bytes.len());
                    bytes[at] ^= mask;
                    first_bad = first_bad.min(at);
                }
            }
            bytes.extend(tail);
            let read = read(&key(), 9, &bytes);
            prop_assert!(read.batches.len() <= batches.len());
            prop_assert_eq!(&read.batches[..], &batches[..read.batches.len()]);
            // Whatever ends before the first damaged byte is there.
            let safe = ends.iter().filter(|end| **end <= first_bad).count();
            prop_assert!(read.batches.len() >= safe || first_bad < HEADER_LEN);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _no_matter = read(&key(), 1, &bytes);
            let framed = [header(&key(), 1).as_slice(), &bytes].concat();
            prop_assert!(read(&key(), 1, &framed).batches.is_empty());
        }
    }
}
