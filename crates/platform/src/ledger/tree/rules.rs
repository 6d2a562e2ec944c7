//! Proofs: that a leaf is in a tree, and that a tree is the beginning of another (RFC 6962 section 2.1, verified as in RFC 9162 section 2.1.3.2 and 2.1.4.2).

use super::{Hash, node_hash};

/// A perfect subtree: the `index`-th of those with `2^height` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) height: u32,
    pub(crate) index: u64,
}

/// The largest power of two smaller than `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The hash of the subtree over the leaves from `start` up to `end`, which is one of the tree's.
fn subtree<E>(node: &mut impl FnMut(Node) -> Result<Hash, E>, start: u64, end: u64) -> Result<Hash, E> {
    let size = end - start;
    if size.is_power_of_two() {
        let height = size.trailing_zeros();
        return node(Node {
            height,
            index: start >> height,
        });
    }
    let middle = start + split(size);
    let (left, right) = (subtree(node, start, middle)?, subtree(node, middle, end)?);
    Ok(node_hash(&left, &right))
}

/// The root of the tree's first `size` leaves.
pub(crate) fn root_of<E>(size: u64, node: &mut impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    if size == 0 {
        return Ok(super::perfect(&[]));
    }
    subtree(node, 0, size)
}

/// The proof that the tree of `size` leaves has the one at `leaf`, which is smaller than `size`.
pub(crate) fn inclusion<E>(
    leaf: u64,
    size: u64,
    node: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut start, mut end, mut path) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if leaf < middle {
            path.push(subtree(node, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(node, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves; `old` is not larger than `new`.
pub(crate) fn consistency<E>(
    old: u64,
    new: u64,
    node: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut start, mut end, mut path) = (0, new, Vec::new());
    if old == 0 || old >= new {
        return Ok(path);
    }
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(subtree(node, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(node, start, middle)?);
            start = middle;
        }
    }
    if start > 0 {
        path.push(subtree(node, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether the proof shows that the tree with this root has the leaf's hash at that place.
pub(crate) fn verify_inclusion(hash: Hash, leaf: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if leaf >= size {
        return false;
    }
    let (mut first, mut last, mut seen) = (leaf, size - 1, hash);
    for step in proof {
        if last == 0 {
            return false;
        }
        if first & 1 == 1 || first == last {
            seen = node_hash(step, &seen);
            while first & 1 == 0 && first != 0 {
                first >>= 1;
                last >>= 1;
            }
        } else {
            seen = node_hash(&seen, step);
        }
        first >>= 1;
        last >>= 1;
    }
    last == 0 && seen == *root
}

/// Whether the proof shows that the tree `old` (size and root) is the beginning of the tree `new`.
pub(crate) fn verify_consistency(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    if old.0 == new.0 {
        return proof.is_empty() && old.1 == new.1;
    }
    if old.0 == 0 {
        return proof.is_empty();
    }
    if old.0 > new.0 {
        return false;
    }
    let (mut first, mut last) = (old.0 - 1, new.0 - 1);
    while first & 1 == 1 {
        first >>= 1;
        last >>= 1;
    }
    let (seed, steps) = match proof {
        steps if old.0.is_power_of_two() => (*old.1, steps),
        [seed, steps @ ..] => (*seed, steps),
        [] => return false,
    };
    let (mut seen_old, mut seen_new) = (seed, seed);
    for step in steps {
        if last == 0 {
            return false;
        }
        if first & 1 == 1 || first == last {
            seen_old = node_hash(step, &seen_old);
            seen_new = node_hash(step, &seen_new);
            while first & 1 == 0 && first != 0 {
                first >>= 1;
                last >>= 1;
            }
        } else {
            seen_new = node_hash(&seen_new, step);
        }
        first >>= 1;
        last >>= 1;
    }
    last == 0 && seen_old == *old.1 && seen_new == *new.1
}
