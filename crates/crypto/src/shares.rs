//! A secret split among several people, of whom some have to come together (Shamir 1979, over GF(256) with the polynomial of AES).
//!
//! Fewer shares than the threshold say nothing about the secret. A share is written in hexadecimal with a check, so that a slip of the
//! pen is noticed before shares are put together.

use std::fmt;
use std::str::FromStr;

use zeroize::{Zeroize as _, Zeroizing};

use crate::digest::sha256;
use crate::secret::Secret;

/// A share of a secret of 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// Which splitting it belongs to.
    pub set: [u8; 4],
    /// How many shares are needed.
    pub threshold: u8,
    /// Which share it is, counted from 1.
    pub number: u8,
    value: [u8; 32],
}

/// Why shares do not make a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharesError {
    /// At least 2 and at most as many as there are shares, at most 16.
    #[error("of 2 to 16 shares, at least 2 and at most all may be needed")]
    Threshold,
    /// The text is not a share, or was written down wrongly.
    #[error("not a share, or one that was written down wrongly")]
    Text,
    /// The shares are of different splittings.
    #[error("the shares do not belong together")]
    Mixed,
    /// More shares are needed.
    #[error("{0} different shares are needed")]
    TooFew(u8),
}

impl Drop for Share {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// Splits a secret into `shares`, of which `threshold` are needed; `random` draws 32 bytes.
///
/// # Errors
/// [`SharesError::Threshold`].
pub fn split(
    secret: &Secret<[u8; 32]>,
    (threshold, shares): (u8, u8),
    mut random: impl FnMut() -> [u8; 32],
) -> Result<Vec<Share>, SharesError> {
    if !(2..=16).contains(&shares) || !(2..=shares).contains(&threshold) {
        return Err(SharesError::Threshold);
    }
    let coefficients: Zeroizing<Vec<[u8; 32]>> = Zeroizing::new((1..threshold).map(|_| random()).collect());
    let [a, b, c, d, ..] = random();
    let share = |number| {
        let mut value = [0; 32];
        // Horner's rule, from the highest coefficient down to the secret itself.
        for coefficient in coefficients.iter().rev().chain([secret.expose()]) {
            for (place, byte) in value.iter_mut().zip(coefficient) {
                *place = times(*place, number) ^ byte;
            }
        }
        Share {
            set: [a, b, c, d],
            threshold,
            number,
            value,
        }
    };
    Ok((1..=shares).map(share).collect())
}

/// Puts shares together.
///
/// # Errors
/// [`SharesError`].
pub fn join(shares: &[Share]) -> Result<Secret<[u8; 32]>, SharesError> {
    let Some(first) = shares.first() else {
        return Err(SharesError::TooFew(2));
    };
    if shares
        .iter()
        .any(|share| share.set != first.set || share.threshold != first.threshold)
    {
        return Err(SharesError::Mixed);
    }
    let mut numbers: Vec<u8> = shares.iter().map(|share| share.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < usize::from(first.threshold) || numbers.len() != shares.len() {
        return Err(SharesError::TooFew(first.threshold));
    }
    let mut secret = Zeroizing::new([0; 32]);
    for share in shares {
        // Lagrange's factor of this share at 0.
        let others = numbers.iter().filter(|number| **number != share.number);
        let factor = others.fold(1, |factor, other| {
            times(factor, times(*other, inverse(other ^ share.number)))
        });
        for (place, byte) in secret.iter_mut().zip(share.value) {
            *place ^= times(byte, factor);
        }
    }
    Ok(Secret::new(*secret))
}

/// The product in GF(256), without branches or tables that depend on the values.
fn times(a: u8, b: u8) -> u8 {
    let (mut product, mut a) = (0, a);
    for bit in 0..8 {
        product ^= a & (b >> bit & 1).wrapping_neg();
        a = (a << 1) ^ (0x1b & (a >> 7).wrapping_neg());
    }
    product
}

/// The inverse in GF(256): the 254th power.
fn inverse(a: u8) -> u8 {
    (0..253).fold(a, |power, _| times(power, a))
}

/// Four digits a group: set, threshold and number, value, check.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.bytes();
        let [first, second, ..] = sha256(&bytes);
        bytes.extend([first, second]);
        for (place, pair) in bytes.chunks(2).enumerate() {
            let cut = if place == 0 { "" } else { "-" };
            f.write_str(cut)?;
            pair.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Share {
    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([&self.set[..], &[self.threshold, self.number], &self.value].concat())
    }
}

impl FromStr for Share {
    type Err = SharesError;

    fn from_str(text: &str) -> Result<Self, SharesError> {
        let digit = |letter: char| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let letters = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
        let digits: Option<Zeroizing<Vec<u8>>> = letters.map(digit).collect::<Option<Vec<u8>>>().map(Zeroizing::new);
        let digits = digits.filter(|digits| digits.len() == 80).ok_or(SharesError::Text)?;
        let (pairs, _) = digits.as_chunks::<2>();
        let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(pairs.iter().map(|[high, low]| high << 4 | low).collect());
        let (body, check) = bytes.split_last_chunk::<2>().ok_or(SharesError::Text)?;
        let ([a, b, c, d, threshold, number], value) = body.split_first_chunk::<6>().ok_or(SharesError::Text)?;
        if !sha256(body).starts_with(check) || *number == 0 {
            return Err(SharesError::Text);
        }
        Ok(Self {
            set: [*a, *b, *c, *d],
            threshold: *threshold,
            number: *number,
            value: value.try_into().ok().ok_or(SharesError::Text)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(threshold: u8, count: u8) -> Vec<Share> {
        let mut drawn = 0;
        let random = || {
            drawn += 1;
            sha256(&[drawn])
        };
        split(&Secret::new([0x5a; 32]), (threshold, count), random).unwrap()
    }

    #[test]
    fn any_three_of_five_make_the_secret_and_two_do_not() {
        let five = shares(3, 5);

        for (a, b, c) in [(0, 1, 2), (4, 2, 0), (1, 3, 4)] {
            let three = [&five[a], &five[b], &five[c]].map(Clone::clone);
            assert_eq!(join(&three).unwrap().expose(), &[0x5a; 32]);
        }
        assert_eq!(join(&five).unwrap().expose(), &[0x5a; 32]);
        assert_eq!(join(&five[..2]).err(), Some(SharesError::TooFew(3)));
        let twice = [&five[0], &five[0], &five[1]].map(Clone::clone);
        assert_eq!(join(&twice).err(), Some(SharesError::TooFew(3)));
    }

    #[test]
    fn a_share_is_read_as_it_was_written_and_a_slip_is_noticed() {
        let three = shares(2, 3);
        let text = three[1].to_string();

        let read: Share = text.to_uppercase().replace('-', " ").parse().unwrap();
        let first = text.chars().next().unwrap();
        let slip = text.replacen(first, if first == '0' { "1" } else { "0" }, 1);

        assert!(read == three[1]);
        assert_eq!(slip.parse::<Share>().err(), Some(SharesError::Text));
        assert_eq!("1234".parse::<Share>().err(), Some(SharesError::Text));
    }

    #[test]
    fn shares_of_two_splittings_do_not_mix_and_a_threshold_is_sensible() {
        let (mut one, other) = (shares(2, 3), shares(3, 4));
        one.push(other[3].clone());

        assert_eq!(join(&one).err(), Some(SharesError::Mixed));
        for wrong in [(1, 3), (4, 3), (2, 17)] {
            let refused = split(&Secret::new([0; 32]), wrong, || [0; 32]);
            assert_eq!(refused.err(), Some(SharesError::Threshold));
        }
    }

    #[test]
    fn every_element_but_zero_has_its_inverse() {
        assert!((1..=255).all(|a| times(a, inverse(a)) == 1));
        assert_eq!(times(0x57, 0x83), 0xc1);
    }
}
