//! Key agreement on elliptic curves, as a terminal and a chip make it (BSI TR-03110-3 annex A.3): plain, and after the
//! generic mapping of PACE.
//!
//! The NIST curves are those of the library. The brainpool curves come from elsewhere, as in [`crate::x509`].

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, UnparsedPublicKey};
use bp256::BrainpoolP256r1;
use bp256::elliptic_curve::group::{Curve as _, Group as _};
use bp256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use bp256::elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytesSize, NonZeroScalar, PrimeCurve, ProjectivePoint, Scalar,
};
use bp384::BrainpoolP384r1;
use zeroize::Zeroizing;

use crate::digest::sha512;
use crate::sign::BadKey;

/// A curve on which keys are agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// brainpoolP256r1.
    Brainpool256,
    /// brainpoolP384r1.
    Brainpool384,
}

impl Curve {
    /// The length of a private number.
    const fn size(self) -> usize {
        match self {
            Self::P256 | Self::Brainpool256 => 32,
            Self::P384 | Self::Brainpool384 => 48,
            Self::P521 => 66,
        }
    }

    fn library(self) -> Option<&'static agreement::Algorithm> {
        match self {
            Self::P256 => Some(&ECDH_P256),
            Self::P384 => Some(&ECDH_P384),
            Self::P521 => Some(&ECDH_P521),
            Self::Brainpool256 | Self::Brainpool384 => None,
        }
    }
}

/// A private number on a curve. `Debug` is not there: it is secret.
pub struct PrivateKey {
    curve: Curve,
    number: Zeroizing<Vec<u8>>,
}

/// A generator of brainpoolP256r1 that both sides of PACE have agreed on.
pub struct Mapped(ProjectivePoint<BrainpoolP256r1>);

impl PrivateKey {
    /// The key of a private number, big-endian, as long as the order of the curve.
    ///
    /// # Errors
    /// [`BadKey`] unless it lies between 1 and the order.
    pub fn new(curve: Curve, number: &[u8]) -> Result<Self, BadKey> {
        let key = Self {
            curve,
            number: Zeroizing::new(number.to_vec()),
        };
        key.public().map(|_point| key)
    }

    /// The key that follows from 32 random bytes, by rejection.
    ///
    /// # Errors
    /// [`BadKey`]; does not happen.
    pub fn derive(curve: Curve, random: &[u8; 32]) -> Result<Self, BadKey> {
        let candidate = |counter: u8| {
            let halves = [0, 1].map(|half| sha512(&[&random[..], &[counter, half]].concat()));
            let mut number = Zeroizing::new(halves.concat());
            number.truncate(curve.size());
            if let (Curve::P521, Some(first)) = (curve, number.first_mut()) {
                *first &= 1;
            }
            number
        };
        (0..64)
            .find_map(|counter| Self::new(curve, &candidate(counter)).ok())
            .ok_or(BadKey)
    }

    /// The point that belongs to it, uncompressed.
    ///
    /// # Errors
    /// [`BadKey`]; does not happen.
    pub fn public(&self) -> Result<Vec<u8>, BadKey> {
        match self.curve {
            Curve::Brainpool256 => Ok(encoded::<BrainpoolP256r1>(times_generator::<BrainpoolP256r1>(
                self.scalar::<BrainpoolP256r1>()?,
            ))),
            Curve::Brainpool384 => Ok(encoded::<BrainpoolP384r1>(times_generator::<BrainpoolP384r1>(
                self.scalar::<BrainpoolP384r1>()?,
            ))),
            _ => {
                let point = self.library()?.compute_public_key().map_err(|_refused| BadKey)?;
                Ok(point.as_ref().to_vec())
            }
        }
    }

    /// The secret that is shared with the holder of another point: its x coordinate.
    ///
    /// # Errors
    /// [`BadKey`] for a point that is not on the curve.
    pub fn agree(&self, their: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadKey> {
        match self.curve {
            Curve::Brainpool256 => self.x_of::<BrainpoolP256r1>(their),
            Curve::Brainpool384 => self.x_of::<BrainpoolP384r1>(their),
            curve => {
                let algorithm = curve.library().ok_or(BadKey)?;
                let their = UnparsedPublicKey::new(algorithm, their);
                agreement::agree(&self.library()?, their, BadKey, |secret| {
                    Ok(Zeroizing::new(secret.to_vec()))
                })
            }
        }
    }

    fn library(&self) -> Result<agreement::PrivateKey, BadKey> {
        let algorithm = self.curve.library().ok_or(BadKey)?;
        agreement::PrivateKey::from_private_key(algorithm, &self.number).map_err(|_refused| BadKey)
    }

    fn scalar<C: CurveArithmetic>(&self) -> Result<Scalar<C>, BadKey> {
        let number = NonZeroScalar::<C>::try_from(self.number.as_slice());
        number.map(|number| *number).map_err(|_refused| BadKey)
    }

    fn x_of<C>(&self, their: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadKey>
    where
        C: CurveArithmetic + PrimeCurve,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let shared = encoded::<C>(point::<C>(their)? * self.scalar::<C>()?);
        let x = shared.get(1..=self.curve.size()).ok_or(BadKey)?;
        Ok(Zeroizing::new(x.to_vec()))
    }
}

impl Mapped {
    /// The generic mapping: the nonce times the generator, plus the point that both sides share
    /// (BSI TR-03110-3 annex A.3.4.1).
    ///
    /// # Errors
    /// [`BadKey`] for a key of another curve, and for a point that is not on it.
    pub fn new(key: &PrivateKey, their: &[u8], nonce: &[u8; 16]) -> Result<Self, BadKey> {
        if key.curve != Curve::Brainpool256 {
            return Err(BadKey);
        }
        let shared = point::<BrainpoolP256r1>(their)? * key.scalar::<BrainpoolP256r1>()?;
        let nonce = [&[0; 16][..], nonce].concat();
        let nonce = NonZeroScalar::<BrainpoolP256r1>::try_from(nonce.as_slice()).map_err(|_refused| BadKey)?;
        let generator = times_generator::<BrainpoolP256r1>(*nonce) + shared;
        if bool::from(generator.is_identity()) {
            return Err(BadKey);
        }
        Ok(Self(generator))
    }

    /// The point that belongs to a private number under this generator, uncompressed.
    ///
    /// # Errors
    /// [`BadKey`] for a key of another curve.
    pub fn public(&self, key: &PrivateKey) -> Result<Vec<u8>, BadKey> {
        if key.curve != Curve::Brainpool256 {
            return Err(BadKey);
        }
        Ok(encoded::<BrainpoolP256r1>(self.0 * key.scalar::<BrainpoolP256r1>()?))
    }
}

fn times_generator<C: CurveArithmetic>(scalar: Scalar<C>) -> ProjectivePoint<C> {
    ProjectivePoint::<C>::generator() * scalar
}

/// A point in the one form that is taken: uncompressed, on the curve, not the neutral one.
fn point<C>(bytes: &[u8]) -> Result<ProjectivePoint<C>, BadKey>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let point = bytes
        .starts_with(&[4])
        .then(|| AffinePoint::<C>::from_sec1_bytes(bytes).ok());
    point.flatten().map(Into::into).ok_or(BadKey)
}

fn encoded<C>(point: ProjectivePoint<C>) -> Vec<u8>
where
    C: CurveArithmetic,
    AffinePoint<C>: ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    point.to_affine().to_sec1_point(false).as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Curve; 5] = [
        Curve::P256,
        Curve::P384,
        Curve::P521,
        Curve::Brainpool256,
        Curve::Brainpool384,
    ];

    #[test]
    fn both_sides_agree_on_every_curve() {
        for curve in ALL {
            let [one, other] = [[1; 32], [2; 32]].map(|random| PrivateKey::derive(curve, &random).unwrap());

            let secret = one.agree(&other.public().unwrap()).unwrap();

            assert_eq!(secret.len(), curve.size());
            assert_eq!(secret, other.agree(&one.public().unwrap()).unwrap());
        }
    }

    #[test]
    fn a_point_that_is_not_on_the_curve_is_refused() {
        for curve in ALL {
            let key = PrivateKey::derive(curve, &[1; 32]).unwrap();
            let mut point = key.public().unwrap();
            *point.last_mut().unwrap() ^= 1;

            for point in [&point[..], &[], &[0], &[4]] {
                assert!(key.agree(point).is_err(), "{curve:?}");
            }
        }
    }

    #[test]
    fn zero_and_the_order_are_no_private_numbers() {
        let order = bp256::elliptic_curve::bigint::Encoding::to_be_bytes(
            &<BrainpoolP256r1 as bp256::elliptic_curve::Curve>::ORDER.get(),
        );

        for number in [&[0; 32][..], order.as_ref(), &[1; 31]] {
            assert!(PrivateKey::new(Curve::Brainpool256, number).is_err());
        }
        assert!(PrivateKey::new(Curve::P256, &[0xff; 32]).is_err());
    }
}
