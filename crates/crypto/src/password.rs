//! Passwords: Argon2id (RFC 9106) in re-used memory, stored as PHC strings.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::equal;

/// The longest password that is hashed, in bytes. Longer ones are refused, not cut.
pub const MAX_PASSWORD: usize = 1024;
/// The most memory that a stored hash may ask for, in KiB (256 MiB): a damaged row must not exhaust the machine.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 16;
const HASH: usize = 32;

/// What one hash costs (RFC 9106 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB, at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub passes: u32,
    /// Lanes, at least 1.
    pub lanes: u32,
}

impl Default for Cost {
    /// 19 MiB, two passes, one lane: the first recommendation of OWASP's password storage cheat sheet.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

impl Cost {
    fn params(self) -> Option<Params> {
        let bounded = self.memory_kib <= MAX_MEMORY_KIB && self.passes <= MAX_PASSES && self.lanes <= MAX_LANES;
        bounded
            .then(|| Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH)).ok())
            .flatten()
    }
}

/// Why a password was neither hashed nor compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The cost is outside what Argon2 or this program allows.
    #[error("password cost out of bounds")]
    Cost,
    /// The stored text is not a PHC string of Argon2id version 19 with a salt and a hash of 32 bytes.
    #[error("stored password hash is malformed")]
    Malformed,
    /// Longer than [`MAX_PASSWORD`] bytes.
    #[error("password is too long")]
    TooLong,
}

/// Hashes passwords in a fixed number of re-used memory buffers.
///
/// A call waits until a buffer is free, so the buffers bound how many hashes run at once and how much memory they
/// take. The calls are synchronous and take tens of milliseconds: never on an async thread.
pub struct Hasher {
    cost: Cost,
    usual: usize,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Pool {
    idle: Vec<Vec<Block>>,
    unborn: usize,
}

impl Hasher {
    /// A hasher with this cost and at most `buffers` (at least one) hashes at once. Buffers are made when first needed.
    ///
    /// # Errors
    /// [`PasswordError::Cost`].
    pub fn new(cost: Cost, buffers: usize) -> Result<Self, PasswordError> {
        let usual = cost.params().ok_or(PasswordError::Cost)?.block_count();
        let pool = Mutex::new(Pool {
            idle: Vec::new(),
            unborn: buffers.max(1),
        });
        Ok(Self {
            cost,
            usual,
            pool,
            returned: Condvar::new(),
        })
    }

    /// The password's hash as a PHC string, with a salt of 16 random bytes.
    ///
    /// # Errors
    /// [`PasswordError::TooLong`].
    pub fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String, PasswordError> {
        let hash = self.run(password, &salt, self.cost)?;
        Ok(Phc {
            cost: self.cost,
            salt: salt.to_vec(),
            hash,
        }
        .to_string())
    }

    /// Whether the password is the one that was hashed. The comparison takes constant time.
    ///
    /// Where there is no account, verify against a hash made beforehand of something random, so that the time does
    /// not tell.
    ///
    /// # Errors
    /// [`PasswordError::Malformed`] or [`PasswordError::Cost`] for what is stored, [`PasswordError::TooLong`].
    pub fn verify(&self, password: &str, phc: &str) -> Result<bool, PasswordError> {
        let stored = Phc::parse(phc)?;
        let hash = self.run(password, &stored.salt, stored.cost)?;
        Ok(equal(hash.as_slice(), stored.hash.as_slice()))
    }

    /// Whether a stored hash was made at another cost than today's, or cannot be read.
    pub fn needs_rehash(&self, phc: &str) -> bool {
        Phc::parse(phc).map_or(true, |stored| stored.cost != self.cost)
    }

    fn run(&self, password: &str, salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; HASH]>, PasswordError> {
        if password.len() > MAX_PASSWORD {
            return Err(PasswordError::TooLong);
        }
        let params = cost.params().ok_or(PasswordError::Cost)?;
        let blocks = params.block_count();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut buffer = self.borrow();
        if buffer.blocks.len() < blocks {
            buffer.blocks.resize(blocks, Block::default());
        }
        let mut hash = Zeroizing::new([0; HASH]);
        argon2
            .hash_password_into_with_memory(password.as_bytes(), salt, hash.as_mut_slice(), &mut buffer.blocks)
            .ok()
            .ok_or(PasswordError::Malformed)?;
        Ok(hash)
    }

    fn borrow(&self) -> Borrowed<'_> {
        let mut pool = self.lock();
        loop {
            if let Some(blocks) = pool.idle.pop() {
                return Borrowed { hasher: self, blocks };
            }
            if let Some(fewer) = pool.unborn.checked_sub(1) {
                pool.unborn = fewer;
                return Borrowed {
                    hasher: self,
                    blocks: Vec::new(),
                };
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// A buffer on loan, given back on drop even if the hash panicked. One that a costlier stored hash made larger is not
/// kept.
struct Borrowed<'a> {
    hasher: &'a Hasher,
    blocks: Vec<Block>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if self.blocks.len() > self.hasher.usual {
            self.blocks = Vec::new();
        }
        self.hasher.lock().idle.push(std::mem::take(&mut self.blocks));
        self.hasher.returned.notify_one();
    }
}

/// `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`, in the one order and spelling that the PHC string format allows.
struct Phc {
    cost: Cost,
    salt: Vec<u8>,
    hash: Zeroizing<[u8; HASH]>,
}

impl Phc {
    fn parse(text: &str) -> Result<Self, PasswordError> {
        let phc = Self::read(text).ok_or(PasswordError::Malformed)?;
        phc.cost.params().ok_or(PasswordError::Cost)?;
        Ok(phc)
    }

    fn read(text: &str) -> Option<Self> {
        let mut fields = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let (costs, salt, hash) = (fields.next()?, fields.next()?, fields.next()?);
        let mut costs = costs.split(',');
        let cost = Cost {
            memory_kib: number(costs.next()?, "m=")?,
            passes: number(costs.next()?, "t=")?,
            lanes: number(costs.next()?, "p=")?,
        };
        if fields.next().is_some() || costs.next().is_some() {
            return None;
        }
        let salt = STANDARD_NO_PAD.decode(salt).ok()?;
        let hash: [u8; HASH] = STANDARD_NO_PAD.decode(hash).ok()?.try_into().ok()?;
        (8..=64).contains(&salt.len()).then_some(Self {
            cost,
            salt,
            hash: Zeroizing::new(hash),
        })
    }
}

/// A decimal number in its one spelling: no sign, no leading zero.
fn number(field: &str, name: &str) -> Option<u32> {
    let digits = field.strip_prefix(name)?;
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

impl fmt::Display for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let (salt, hash) = (
            STANDARD_NO_PAD.encode(&self.salt),
            STANDARD_NO_PAD.encode(self.hash.as_slice()),
        );
        write!(f, "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}")
    }
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
