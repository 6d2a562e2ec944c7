//! One connection to a token: the library, the slot, sessions that are logged in.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{
    Access, Attribute, AuthPin, CInitializeArgs, CInitializeFlags, Error, HsmError, KeyName, ObjectClass, ObjectHandle,
    Pkcs11, RvError, Session, Slot, UserType,
};

/// What was found under a name: whether it is a private key, and its handle.
type Handles = BTreeMap<(bool, KeyName), ObjectHandle>;

pub(super) struct Line {
    pub(super) context: Pkcs11,
    pub(super) slot: Slot,
    /// Sessions that nobody uses just now. The login holds for all sessions of the process.
    idle: Mutex<Vec<Session>>,
    handles: Mutex<Handles>,
}

impl Line {
    pub(super) fn build(access: &Access) -> Result<Self, HsmError> {
        let context = Pkcs11::new(&access.module).map_err(|error| gone(&error))?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(gone(&error)),
        }
        let slot = slot(&context, &access.token).map_err(|error| gone(&error))?;
        let Some(slot) = slot else {
            // A device that is plugged in later is seen by a library that is opened later.
            drop(context.finalize());
            return Err(HsmError::NoToken(access.token.clone()));
        };
        let line = Self {
            context,
            slot,
            idle: Mutex::default(),
            handles: Mutex::default(),
        };
        let session = line.context.open_rw_session(slot).map_err(|error| gone(&error))?;
        let pin = AuthPin::new(access.pin.expose().as_str().into());
        match session.login(UserType::User, Some(&pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinLocked | RvError::PinExpired, _)) => {
                return Err(HsmError::Pin);
            }
            Err(error) => return Err(gone(&error)),
        }
        line.lay_down(session);
        Ok(line)
    }

    pub(super) fn ask<T>(&self, question: &impl Fn(&Self, &Session) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let session = match idle {
            Some(session) => session,
            None => self.context.open_rw_session(self.slot)?,
        };
        let answer = question(self, &session);
        if answer.is_ok() {
            // After an error an operation may still be under way in the session: it is closed instead.
            self.lay_down(session);
        }
        answer
    }

    /// The object of a class with a name.
    pub(super) fn find(&self, session: &Session, class: ObjectClass, name: KeyName) -> Result<ObjectHandle, Error> {
        let place = (class == ObjectClass::PRIVATE_KEY, name);
        let handles = || self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = handles().get(&place) {
            return Ok(*handle);
        }
        let found = session.find_objects(&[Attribute::Class(class), Attribute::Id(name.to_vec())])?;
        // The error of a handle that is none: there is no such key.
        let none = Error::Pkcs11(RvError::KeyHandleInvalid, cryptoki::context::Function::FindObjects);
        let handle = found.first().copied().ok_or(none)?;
        handles().insert(place, handle);
        Ok(handle)
    }

    pub(super) fn forget(&self) {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn lay_down(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        // If the device is gone, so is the line; there is nobody to tell.
        drop(self.context.clone().finalize());
    }
}

fn slot(context: &Pkcs11, label: &str) -> Result<Option<Slot>, Error> {
    for slot in context.get_slots_with_token()? {
        if context.get_token_info(slot)?.label() == label {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

/// Whether an error says that the line is broken, not that the question is wrong.
pub(super) fn is_broken(error: &Error) -> bool {
    use RvError as E;
    matches!(
        error,
        Error::Pkcs11(
            E::DeviceError
                | E::DeviceMemory
                | E::DeviceRemoved
                | E::GeneralError
                | E::FunctionFailed
                | E::SessionClosed
                | E::SessionHandleInvalid
                | E::TokenNotPresent
                | E::TokenNotRecognized
                | E::SlotIdInvalid
                | E::UserNotLoggedIn
                | E::CryptokiNotInitialized
                | E::KeyHandleInvalid
                | E::ObjectHandleInvalid,
            _
        )
    )
}

pub(super) fn told(error: &Error) -> HsmError {
    match error {
        Error::Pkcs11(RvError::KeyHandleInvalid, _) => HsmError::NoKey("of that name".to_owned()),
        error if is_broken(error) => gone(error),
        error => HsmError::Refused(error.to_string()),
    }
}

fn gone(error: &Error) -> HsmError {
    HsmError::Gone(error.to_string())
}
