//! Pairwise subject identifiers (OpenID Connect Core 8.1).

use crypto::base64url;
use crypto::digest::DigestKey;

/// The `sub` of a person for a sector: 43 characters of base64url.
///
/// The same person has the same `sub` for all clients of one sector and unrelated ones for two sectors; without the
/// key nobody can go from one to the other or to the person. `person` is the person's internal identifier, never the
/// personal number, which can be re-issued.
pub fn pairwise(key: &DigestKey, sector: &str, person: &[u8; 16]) -> String {
    let mut input = person.to_vec();
    input.extend_from_slice(sector.as_bytes());
    base64url::encode(key.digest("pairwise subject", &input))
}

/// The `sub` of a person in a token of a sector's client for a resource elsewhere: known to these two alone.
///
/// Neither learns the other's own name of the person, and two clients that call the same resource can't tell that theirs are the
/// same (RFC 9068 section 6).
pub fn pairwise_at(key: &DigestKey, sector: &str, resource: &str, person: &[u8; 16]) -> String {
    // A sector is a host name: no space stands in it.
    pairwise(key, &format!("{sector} {resource}"), person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_within_a_sector_and_another_elsewhere() {
        let key = DigestKey::new([1; 32]);

        let subject = pairwise(&key, "portal.example", &[1; 16]);

        assert_eq!(subject.len(), 43);
        assert_eq!(subject, pairwise(&key, "portal.example", &[1; 16]));
        assert_ne!(subject, pairwise(&key, "bank.example", &[1; 16]));
        assert_ne!(subject, pairwise(&key, "portal.example", &[2; 16]));
        assert_ne!(subject, pairwise(&DigestKey::new([2; 32]), "portal.example", &[1; 16]));
        let there = pairwise_at(&key, "portal.example", "https://api.example/", &[1; 16]);
        assert_ne!(subject, there);
        assert_ne!(
            there,
            pairwise_at(&key, "bank.example", "https://api.example/", &[1; 16])
        );
        assert_ne!(
            there,
            pairwise_at(&key, "portal.example", "https://other.example/", &[1; 16])
        );
    }
}
