//! Which list and index a new credential gets.
//!
//! A person must not be found by the place of a status: not by when the credential was issued (neighbours in a list would
//! be neighbours in a queue), nor by a list that few share. So the running number of a credential is mapped to a place by
//! a secret permutation of all places of all lists: each number has exactly one place, none is taken twice, nothing has
//! to be remembered but the running number, and whoever lacks the key sees places drawn by chance.

use crypto::digest::DigestKey;

/// Rounds of the permutation; four make it strong (Luby and Rackoff), the others are margin.
const ROUNDS: u8 = 6;

/// The lists of one generation.
#[derive(Debug, Clone)]
pub struct Shards {
    key: DigestKey,
    lists: u32,
    size: u32,
    half: u32,
}

/// A place in the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The number of the list, from 0.
    pub list: u32,
    /// The index in it, from 0.
    pub index: u32,
}

impl Shards {
    /// `lists` lists of `size` places each; 100 lists of 2^20 are enough for 100 million credentials, each list 256 KiB
    /// before compression. When a generation is full, the next one begins with a key of its own.
    pub fn new(key: DigestKey, lists: u32, size: u32) -> Self {
        let bits = u64::BITS - (u64::from(lists) * u64::from(size)).saturating_sub(1).leading_zeros();
        Self {
            key,
            lists,
            size,
            half: bits.div_ceil(2).max(1),
        }
    }

    /// How many places there are.
    pub fn capacity(&self) -> u64 {
        u64::from(self.lists) * u64::from(self.size)
    }

    /// The place of the credential with this running number; `None` when the generation is full.
    pub fn place(&self, number: u64) -> Option<Place> {
        if number >= self.capacity() {
            return None;
        }
        // The permutation is one of 2^(2·half) values, at most four times as many as there are places: values beyond
        // are permuted again until one is a place, which keeps it a permutation.
        let mut value = self.permute(number);
        while value >= self.capacity() {
            value = self.permute(value);
        }
        Some(Place {
            list: u32::try_from(value / u64::from(self.size)).ok()?,
            index: u32::try_from(value % u64::from(self.size)).ok()?,
        })
    }

    fn permute(&self, value: u64) -> u64 {
        let mask = (1_u64 << self.half) - 1;
        let (mut left, mut right) = (value >> self.half, value & mask);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ (self.mix(round, right) & mask));
        }
        (left << self.half) | right
    }

    fn mix(&self, round: u8, half: u64) -> u64 {
        let mut input = [round; 9];
        let (_, number) = input.split_at_mut(1);
        number.copy_from_slice(&half.to_be_bytes());
        let digest = self.key.digest("status list place", &input);
        digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }
}
