//! Signed notes (C2SP signed-note), checkpoints (C2SP tlog-checkpoint) and cosignatures of witnesses (C2SP tlog-cosignature).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crypto::digest::sha256;
use crypto::jwk::PublicKey;
use crypto::sign::{SignError, Signer, verify};

use super::tree::Hash;

#[cfg(test)]
mod tests;

/// The longest note that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Why a note, a key or a checkpoint is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoteError {
    /// It does not have the form of a signed note.
    #[error("not a signed note")]
    Form,
    /// The text of the note is not that of a checkpoint.
    #[error("not a checkpoint")]
    Checkpoint,
    /// The key is not written as `name+id+key`, or is not an Ed25519 key.
    #[error("not a verifier key")]
    Key,
    /// The note carries no signature of the key.
    #[error("no signature by {0}")]
    Unsigned(String),
    /// The note carries a signature of the key that does not verify.
    #[error("the signature by {0} does not verify")]
    Wrong(String),
}

/// What a key signs: the byte that stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// The text of a note.
    Note = 1,
    /// A checkpoint with the time at which a witness saw it.
    Cosignature = 4,
}

/// A key that verifies notes, written `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verifier {
    pub(crate) name: String,
    id: [u8; 4],
    signs: Use,
    key: PublicKey,
}

impl Verifier {
    /// The key under a name.
    pub(crate) fn new(name: &str, signs: Use, key: &PublicKey) -> Self {
        let mut message = format!("{name}\n").into_bytes();
        message.push(signs as u8);
        message.extend_from_slice(key.bytes());
        let [a, b, c, d, ..] = sha256(&message);
        Self {
            name: name.to_owned(),
            id: [a, b, c, d],
            signs,
            key: key.clone(),
        }
    }

    /// Signs the text of a note with the private half of this key; answers the signature line, without its end.
    pub(crate) fn sign(&self, signer: &dyn Signer, text: &str) -> Result<String, SignError> {
        let signature = signer.sign(text.as_bytes())?;
        Ok(self.line(&signature))
    }

    fn line(&self, signature: &[u8]) -> String {
        let encoded = BASE64.encode([&self.id, signature].concat());
        format!("— {} {encoded}", self.name)
    }

    /// Verifies that a note is signed by this key; answers when, where the signature says it (POSIX seconds).
    pub(crate) fn verify(&self, note: &Note) -> Result<Option<u64>, NoteError> {
        let mine = |line: &&Line| line.name == self.name && line.id == self.id;
        let line = note
            .lines
            .iter()
            .find(mine)
            .ok_or_else(|| NoteError::Unsigned(self.name.clone()))?;
        let (time, signature, message) = match (self.signs, line.signature.split_first_chunk::<8>()) {
            (Use::Note, _) => (None, line.signature.as_slice(), note.text.clone()),
            (Use::Cosignature, Some((time, signature))) => {
                let time = u64::from_be_bytes(*time);
                let message = format!("cosignature/v1\ntime {time}\n{}", note.text);
                (Some(time), signature, message)
            }
            (Use::Cosignature, None) => return Err(NoteError::Wrong(self.name.clone())),
        };
        match verify(&self.key, message.as_bytes(), signature) {
            Ok(()) if time.is_none_or(|time| i64::try_from(time).is_ok()) => Ok(time),
            _ => Err(NoteError::Wrong(self.name.clone())),
        }
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.signs as u8];
        key.extend_from_slice(self.key.bytes());
        let id = u32::from_be_bytes(self.id);
        write!(f, "{}+{id:08x}+{}", self.name, BASE64.encode(key))
    }
}

impl FromStr for Verifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, rest) = text.split_once('+').ok_or(NoteError::Key)?;
        let (_, key) = rest.split_once('+').ok_or(NoteError::Key)?;
        let key = BASE64.decode(key).ok().ok_or(NoteError::Key)?;
        let (signs, key) = match key.split_first() {
            Some((1, key)) => (Use::Note, key),
            Some((4, key)) => (Use::Cosignature, key),
            _ => return Err(NoteError::Key),
        };
        let key = PublicKey::from_ed25519(key).ok().ok_or(NoteError::Key)?;
        let read = Self::new(name, signs, &key);
        if is_name(name) && read.to_string() == text {
            Ok(read)
        } else {
            Err(NoteError::Key)
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// A signature on a note.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
    written: String,
}

/// A text and its signatures, none of them verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// The text, with the end of its last line.
    pub(crate) text: String,
    lines: Vec<Line>,
}

impl Note {
    /// The signature line that names this key, as it was written.
    pub(crate) fn line_of(&self, key: &Verifier) -> Option<&str> {
        let mine = |line: &&Line| line.name == key.name && line.id == key.id;
        self.lines.iter().find(mine).map(|line| line.written.as_str())
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > LONGEST || note.contains(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Form);
        }
        let middle = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, lines) = note.split_at(middle + 1);
        let lines = lines
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or(NoteError::Form)?;
        Ok(Self {
            text: text.to_owned(),
            lines: lines
                .split('\n')
                .map(line)
                .collect::<Option<_>>()
                .ok_or(NoteError::Form)?,
        })
    }
}

fn line(written: &str) -> Option<Line> {
    let (name, encoded) = written.strip_prefix("— ")?.split_once(' ')?;
    let bytes = BASE64.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (is_name(name) && !signature.is_empty()).then(|| Line {
        name: name.to_owned(),
        id: *id,
        signature: signature.to_vec(),
        written: written.to_owned(),
    })
}

/// The head of a tree, as a checkpoint tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Which log it is.
    pub(crate) origin: String,
    /// How many leaves the tree has.
    pub(crate) size: u64,
    /// Its root.
    pub(crate) root: Hash,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }
}

impl FromStr for Head {
    type Err = NoteError;

    /// Reads the text of a checkpoint; further lines are left aside.
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteError::Checkpoint)?.split('\n');
        let mut next = || {
            lines
                .next()
                .filter(|line| !line.is_empty())
                .ok_or(NoteError::Checkpoint)
        };
        let (origin, size, root) = (next()?, next()?, next()?);
        let head = Self {
            origin: origin.to_owned(),
            size: size.parse().ok().ok_or(NoteError::Checkpoint)?,
            root: BASE64
                .decode(root)
                .ok()
                .and_then(|root| root.try_into().ok())
                .ok_or(NoteError::Checkpoint)?,
        };
        if lines.any(str::is_empty) || !text.starts_with(&head.to_string()) {
            return Err(NoteError::Checkpoint);
        }
        Ok(head)
    }
}
