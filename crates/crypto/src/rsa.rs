//! RSA signatures that the library has no scheme for: PSS with a salt of any length, and ISO/IEC 9796-2 with message
//! recovery. Only the public operation is here, so nothing has to be kept from a watching clock.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use thiserror::Error;

use crate::x509::Hash;

/// The sizes of a modulus that are accepted, in bits. The upper one bounds the work.
const MODULUS_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// Public exponents have up to 33 bits, as elsewhere.
const EXPONENT_BITS: u32 = 33;

/// Why a signature with message recovery is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RecoveryRefusal {
    /// Not an RSA key, or one whose modulus does not have 2048 to 8192 bits.
    #[error("the key is not an RSA key of an accepted size")]
    Key,
    /// The signature says that it hashes with SHA-1.
    #[error("SHA-1 is not accepted")]
    Sha1,
    /// The signature is not one of this key over this message.
    #[error("signature does not verify")]
    Signature,
}

/// Verifies a signature of ISO/IEC 9796-2 digital signature scheme 1 with partial recovery, as active authentication
/// has it (ICAO 9303-11 section 6.1): the signature carries the first part of the message, `rest` is the other.
///
/// The representative is `6A || M1 || H(M1 || rest) || trailer`; the trailer names the hash (ISO/IEC 10118-3). A signer
/// may give the smaller of the two roots, so both are tried. The answer is the hash that was used.
///
/// # Errors
/// [`RecoveryRefusal`].
pub fn verify_recovering(key: &[u8], rest: &[u8], signature: &[u8]) -> Result<Hash, RecoveryRefusal> {
    let key = RsaKey::from_der(key).ok_or(RecoveryRefusal::Key)?;
    let opened = key.open(signature).ok_or(RecoveryRefusal::Signature)?;
    let other = key.modulus.wrapping_sub(&opened);
    let is_representative = |number: &BoxedUint| key.bytes(number).last().is_some_and(|last| last & 0x0f == 0x0c);
    let number = [opened, other].into_iter().find(is_representative);
    let representative = key.bytes(&number.ok_or(RecoveryRefusal::Signature)?);
    let inner = representative.strip_prefix(&[0x6a]).ok_or(RecoveryRefusal::Signature)?;
    let (hash, inner) = match inner {
        [inner @ .., 0x34, 0xcc] => (Hash::Sha256, inner),
        [inner @ .., 0x36, 0xcc] => (Hash::Sha384, inner),
        [inner @ .., 0x35, 0xcc] => (Hash::Sha512, inner),
        [.., 0xbc] | [.., 0x33, 0xcc] => return Err(RecoveryRefusal::Sha1),
        _ => return Err(RecoveryRefusal::Signature),
    };
    let at = inner.len().saturating_sub(hash.size().into());
    let (recovered, digest) = inner.split_at_checked(at).ok_or(RecoveryRefusal::Signature)?;
    if digest == hash.digest(&[recovered, rest].concat()) {
        Ok(hash)
    } else {
        Err(RecoveryRefusal::Signature)
    }
}

/// Verifies RSASSA-PSS (RFC 8017 section 8.1.2) with MGF1 of the same hash and a salt of `salt` bytes.
pub(crate) fn verify_pss(key: &[u8], hash: Hash, salt: u16, message: &[u8], signature: &[u8]) -> Option<()> {
    let key = RsaKey::from_der(key)?;
    let bytes = key.bytes(&key.open(signature)?);
    let bits = key.modulus.bits() - 1;
    let length = usize::try_from(bits.div_ceil(8)).ok()?;
    let (before, encoded) = bytes.split_at_checked(bytes.len().checked_sub(length)?)?;
    let encoded = encoded
        .strip_suffix(&[0xbc])
        .filter(|_| before.iter().all(|byte| *byte == 0))?;
    let (masked, digest) = encoded.split_at_checked(encoded.len().checked_sub(hash.size().into())?)?;

    let mask = mgf1(hash, digest, masked.len());
    let mut block: Vec<u8> = masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let unused = u32::try_from(length * 8).ok()? - bits;
    let (first, top) = (block.first_mut()?, u8::MAX.checked_shr(unused)?);
    if masked.first()? & !top != 0 {
        return None;
    }
    *first &= top;
    let (padding, salted) = block.split_at_checked(block.len().checked_sub(salt.into())?)?;
    let padding = padding.strip_suffix(&[1])?;
    let expected = hash.digest(&[&[0; 8], hash.digest(message).as_slice(), salted].concat());
    (padding.iter().all(|byte| *byte == 0) && digest == expected).then_some(())
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mgf1(hash: Hash, seed: &[u8], length: usize) -> impl Iterator<Item = u8> {
    (0_u32..)
        .flat_map(move |counter| hash.digest(&[seed, &counter.to_be_bytes()].concat()))
        .take(length)
}

struct RsaKey {
    modulus: BoxedUint,
    odd: BoxedMontyParams,
    exponent: BoxedUint,
    size: usize,
}

impl RsaKey {
    /// `RSAPublicKey` (RFC 8017 appendix A.1.1).
    fn from_der(der: &[u8]) -> Option<Self> {
        let (body, after) = element(0x30, der)?;
        let (modulus, rest) = element(0x02, body)?;
        let (exponent, end) = element(0x02, rest)?;
        let (modulus, exponent) = (positive(modulus)?, positive(exponent)?);
        if !after.is_empty() || !end.is_empty() || modulus.len() > 1024 {
            return None;
        }
        let size = modulus.len();
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        let exponent = BoxedUint::from_be_slice_vartime(exponent);
        let fits = MODULUS_BITS.contains(&modulus.bits()) && (2..=EXPONENT_BITS).contains(&exponent.bits());
        let odd: Odd<BoxedUint> = Option::from(Odd::new(modulus.clone())).filter(|_| fits)?;
        Some(Self {
            modulus,
            odd: BoxedMontyParams::new_vartime(odd),
            exponent,
            size,
        })
    }

    /// The signature to the power of the public exponent; `None` unless it is a number under the modulus, written in
    /// as many bytes.
    fn open(&self, signature: &[u8]) -> Option<BoxedUint> {
        let precision = self.modulus.bits_precision();
        let number = BoxedUint::from_be_slice(signature, precision).ok();
        let number = number.filter(|number| signature.len() == self.size && *number < self.modulus)?;
        let base = BoxedMontyForm::new(number, &self.odd);
        Some(base.pow_bounded_exp(&self.exponent, self.exponent.bits()).retrieve())
    }

    /// A number under the modulus, in as many bytes as the modulus has.
    fn bytes(&self, number: &BoxedUint) -> Vec<u8> {
        let all = number.to_be_bytes();
        let from = all.len().saturating_sub(self.size);
        all.get(from..).unwrap_or_default().to_vec()
    }
}

/// An element of DER with a length of up to two bytes, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match *der.strip_prefix(&[tag])? {
        [short @ 0..=0x7f, ref rest @ ..] => (usize::from(short), rest),
        [0x81, length @ 0x80..=0xff, ref rest @ ..] => (usize::from(length), rest),
        [0x82, high @ 1..=0xff, low, ref rest @ ..] => (usize::from(u16::from_be_bytes([high, low])), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The digits of a positive integer in DER.
fn positive(body: &[u8]) -> Option<&[u8]> {
    match body {
        [0, digits @ ..] if digits.first().is_some_and(|byte| byte & 0x80 != 0) => Some(digits),
        [0x80..=0xff | 0, ..] | [] => None,
        digits => Some(digits),
    }
}

#[cfg(test)]
#[path = "rsa_tests.rs"]
mod tests;
