//! Keys that never leave a hardware security module, by PKCS #11 (2.40).
//!
//! An [`Hsm`] is a line to one token. When the device is gone in the middle (pulled out, restarted, its network down), whoever
//! asks is told so at once, and the next question builds the line anew: nothing has to be restarted.
//!
//! **Invariant:** a private or wrapping key is made in the device, sensitive and not extractable; [`Hsm::attest`] tells what the
//! device says of it.
//! **Invariant:** a refused PIN is never tried again, so that a wrong configuration cannot lock the token.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use crate::digest::sha256;
use crate::jwk::{Jwk, PublicKey};
use crate::secret::Secret;
use crate::sign::{Algorithm, SignError};

mod key;
mod line;

#[cfg(test)]
mod tests;

pub use key::{Attestation, Description, HsmKey};
use line::{Line, is_broken, told};

/// The name of a key in the device (`CKA_ID`): 16 random bytes.
pub type KeyName = [u8; 16];

/// P-256 (RFC 5480), as `CKA_EC_PARAMS` has it.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// Ed25519 (RFC 8410).
const ED25519: [u8; 5] = [0x06, 0x03, 0x2b, 0x65, 0x70];

/// How to reach a token.
#[derive(Clone, Debug)]
pub struct Access {
    /// The vendor's PKCS #11 library.
    pub module: PathBuf,
    /// The label of the token.
    pub token: String,
    /// The PIN of the token's user.
    pub pin: Secret<String>,
}

/// Why a device did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HsmError {
    /// The device does not answer; it is asked again by the next question.
    #[error("the hardware security module does not answer: {0}")]
    Gone(String),
    /// There is no token of that label.
    #[error("the hardware security module has no token labelled {0}")]
    NoToken(String),
    /// The PIN was refused, and is not tried again.
    #[error("the hardware security module refuses the PIN; it is not tried again until the next start")]
    Pin,
    /// The token has no key of that name.
    #[error("the hardware security module has no key {0}")]
    NoKey(String),
    /// The device answers, but does not do that.
    #[error("the hardware security module refuses: {0}")]
    Refused(String),
}

impl From<HsmError> for SignError {
    fn from(error: HsmError) -> Self {
        match error {
            HsmError::Gone(_) => Self::Unavailable(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// A line to one token.
pub struct Hsm {
    access: Access,
    line: RwLock<Option<Arc<Line>>>,
    connecting: Mutex<()>,
    pin_refused: AtomicBool,
}

impl Hsm {
    /// Builds a line to a token.
    ///
    /// # Errors
    /// [`HsmError`], but for `NoKey`.
    pub fn connect(access: Access) -> Result<Arc<Self>, HsmError> {
        let hsm = Self {
            access,
            line: RwLock::default(),
            connecting: Mutex::default(),
            pin_refused: AtomicBool::new(false),
        };
        hsm.line()?;
        Ok(Arc::new(hsm))
    }

    /// What the device says of itself.
    ///
    /// # Errors
    /// [`HsmError`].
    pub fn describe(&self) -> Result<Description, HsmError> {
        self.ask(|line, _| {
            let (token, library) = (
                line.context.get_token_info(line.slot)?,
                line.context.get_library_info()?,
            );
            Ok(Description {
                token: token.label().to_owned(),
                manufacturer: token.manufacturer_id().to_owned(),
                model: token.model().to_owned(),
                serial: token.serial_number().to_owned(),
                firmware: token.firmware_version().to_string(),
                library: format!("{} {}", library.library_description(), library.library_version()),
            })
        })
    }

    /// Makes a signing key in the device.
    ///
    /// # Errors
    /// [`HsmError`].
    pub fn generate(self: &Arc<Self>, algorithm: Algorithm, label: &str, name: KeyName) -> Result<HsmKey, HsmError> {
        let (mechanism, curve) = match algorithm {
            Algorithm::Es256 => (Mechanism::EccKeyPairGen, P256.to_vec()),
            Algorithm::EdDsa => (Mechanism::EccEdwardsKeyPairGen, ED25519.to_vec()),
        };
        let named = [
            Attribute::Token(true),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(name.to_vec()),
        ];
        let public = [&named[..], &[Attribute::Verify(true), Attribute::EcParams(curve)]].concat();
        let private = [
            &named[..],
            &[
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Sign(true),
            ],
        ]
        .concat();
        let point = self.ask(|_, session| {
            let (made, _) = session.generate_key_pair(&mechanism, &public, &private)?;
            match session.get_attributes(made, &[AttributeType::EcPoint])?.pop() {
                Some(Attribute::EcPoint(point)) => Ok(point),
                _ => Err(Error::InvalidValue),
            }
        })?;
        let key = public_key(algorithm, &point)
            .ok_or_else(|| HsmError::Refused("the public key has an unknown form".to_owned()))?;
        Ok(self.key(name, Jwk::for_signing(key)))
    }

    /// A signing key that was made earlier; the device is not asked until it signs.
    pub fn key(self: &Arc<Self>, name: KeyName, public: Jwk) -> HsmKey {
        HsmKey::new(Arc::clone(self), name, public)
    }

    /// Makes a key (AES-256) in the device that wraps others.
    ///
    /// # Errors
    /// [`HsmError`].
    pub fn generate_wrapping(&self, label: &str, name: KeyName) -> Result<(), HsmError> {
        let template = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(name.to_vec()),
            Attribute::ValueLen(32.into()),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Wrap(true),
            Attribute::Unwrap(true),
        ];
        self.ask(|_, session| session.generate_key(&Mechanism::AesKeyGen, &template))
            .map(drop)
    }

    /// A fresh data key (AES-256, drawn by the device), and the same wrapped under a key of the device (AES key wrap, RFC 3394).
    ///
    /// # Errors
    /// [`HsmError`].
    pub fn draw_data_key(&self, name: KeyName) -> Result<(Secret<[u8; 32]>, Vec<u8>), HsmError> {
        let template = [&data_key()[..], &[Attribute::ValueLen(32.into())]].concat();
        let (plain, wrapped) = self.ask(|line, session| {
            let wrapping = line.find(session, ObjectClass::SECRET_KEY, name)?;
            let drawn = session.generate_key(&Mechanism::AesKeyGen, &template)?;
            let wrapped = session.wrap_key(&Mechanism::AesKeyWrap, wrapping, drawn)?;
            Ok((taken_out(session, drawn)?, wrapped))
        })?;
        Ok((secret(&plain)?, wrapped))
    }

    /// Unwraps a data key.
    ///
    /// # Errors
    /// [`HsmError`]; `Refused` if it was changed or wrapped under another key.
    pub fn unwrap_data_key(&self, name: KeyName, wrapped: &[u8]) -> Result<Secret<[u8; 32]>, HsmError> {
        let class = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
        ];
        let template = [&class[..], &data_key()].concat();
        let plain = self.ask(|line, session| {
            let wrapping = line.find(session, ObjectClass::SECRET_KEY, name)?;
            let unwrapped = session.unwrap_key(&Mechanism::AesKeyWrap, wrapping, wrapped, &template)?;
            taken_out(session, unwrapped)
        })?;
        secret(&plain)
    }

    /// What the device says of a signing or wrapping key.
    ///
    /// # Errors
    /// [`HsmError`].
    pub fn attest(&self, name: KeyName) -> Result<Attestation, HsmError> {
        const ASKED: [AttributeType; 4] = [
            AttributeType::Local,
            AttributeType::AlwaysSensitive,
            AttributeType::NeverExtractable,
            AttributeType::Token,
        ];
        let said = self.ask(|line, session| {
            let key = line
                .find(session, ObjectClass::PRIVATE_KEY, name)
                .or_else(|_| line.find(session, ObjectClass::SECRET_KEY, name))?;
            session.get_attributes(key, &ASKED)
        })?;
        Ok(Attestation {
            local: said.contains(&Attribute::Local(true)),
            always_sensitive: said.contains(&Attribute::AlwaysSensitive(true)),
            never_extractable: said.contains(&Attribute::NeverExtractable(true)),
            permanent: said.contains(&Attribute::Token(true)),
        })
    }

    /// Destroys whatever has that name in the device; answers how many objects that were.
    ///
    /// # Errors
    /// [`HsmError`].
    pub fn destroy(&self, name: KeyName) -> Result<usize, HsmError> {
        self.ask(|line, session| {
            let found = session.find_objects(&[Attribute::Id(name.to_vec())])?;
            found.iter().try_for_each(|object| session.destroy_object(*object))?;
            line.forget();
            Ok(found.len())
        })
    }

    fn sign(&self, algorithm: Algorithm, name: KeyName, message: &[u8]) -> Result<Vec<u8>, HsmError> {
        self.ask(|line, session| {
            let key = line.find(session, ObjectClass::PRIVATE_KEY, name)?;
            match algorithm {
                Algorithm::Es256 => session.sign(&Mechanism::Ecdsa, key, &sha256(message)),
                Algorithm::EdDsa => {
                    let pure = EddsaParams::new(EddsaSignatureScheme::Ed25519);
                    session.sign(&Mechanism::Eddsa(pure), key, message)
                }
            }
        })
    }

    /// Asks the device; where the line is broken, once more over a new one.
    fn ask<T>(&self, question: impl Fn(&Line, &Session) -> Result<T, Error>) -> Result<T, HsmError> {
        let first = self.line_again()?;
        match first.ask(&question) {
            Err(error) if is_broken(&error) => self.hang_up(first),
            answer => return answer.map_err(|error| told(&error)),
        }
        let second = self.line_again()?;
        second.ask(&question).map_err(|error| {
            let broken = is_broken(&error);
            let told = told(&error);
            if broken {
                self.hang_up(second);
            }
            told
        })
    }

    /// The line to a token that was there before.
    fn line_again(&self) -> Result<Arc<Line>, HsmError> {
        self.line().map_err(|error| match error {
            HsmError::NoToken(_) => HsmError::Gone(error.to_string()),
            error => error,
        })
    }

    /// The line as it stands, or a new one. While one asker builds it, the others are told at once that the device is gone.
    fn line(&self) -> Result<Arc<Line>, HsmError> {
        let standing = || self.line.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(line) = standing() {
            return Ok(line);
        }
        let Ok(_one) = self.connecting.try_lock() else {
            return Err(HsmError::Gone("the line to it is being built".to_owned()));
        };
        if let Some(line) = standing() {
            return Ok(line);
        }
        if self.pin_refused.load(Ordering::Relaxed) {
            return Err(HsmError::Pin);
        }
        let line = Line::build(&self.access).inspect_err(|error| {
            self.pin_refused.store(*error == HsmError::Pin, Ordering::Relaxed);
        })?;
        let line = Arc::new(line);
        *self.line.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&line));
        Ok(line)
    }

    fn hang_up(&self, broken: Arc<Line>) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if line.as_ref().is_some_and(|line| Arc::ptr_eq(line, &broken)) {
            *line = None;
        }
        // The library is closed before it is opened anew.
        drop(broken);
    }
}

impl fmt::Debug for Hsm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hsm")
            .field("token", &self.access.token)
            .finish_non_exhaustive()
    }
}

/// A data key works in memory, so it may be taken out; it goes with the session.
fn data_key() -> [Attribute; 3] {
    [
        Attribute::Token(false),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
    ]
}

fn taken_out(session: &Session, key: ObjectHandle) -> Result<Zeroizing<Vec<u8>>, Error> {
    let value = session.get_attributes(key, &[AttributeType::Value])?.pop();
    session.destroy_object(key)?;
    match value {
        Some(Attribute::Value(value)) => Ok(Zeroizing::new(value)),
        _ => Err(Error::InvalidValue),
    }
}

fn secret(plain: &[u8]) -> Result<Secret<[u8; 32]>, HsmError> {
    let key = plain.try_into();
    key.map(Secret::new)
        .ok()
        .ok_or_else(|| HsmError::Refused("what was wrapped is not a data key".to_owned()))
}

/// The public key of `CKA_EC_POINT`: the point in an OCTET STRING, as PKCS #11 asks for, or bare, as some devices answer.
fn public_key(algorithm: Algorithm, point: &[u8]) -> Option<PublicKey> {
    let (bare, read): (usize, fn(&[u8]) -> _) = match algorithm {
        Algorithm::Es256 => (65, PublicKey::from_p256_point),
        Algorithm::EdDsa => (32, PublicKey::from_ed25519),
    };
    let point = if point.len() == bare + 2 {
        point.get(2..)?
    } else {
        point
    };
    read(point).ok()
}
