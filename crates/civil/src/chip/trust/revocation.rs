//! Certificate revocation lists (RFC 5280 section 5, ICAO 9303-12 section 7.2).

use std::collections::HashSet;

use crypto::x509;
use der::Decode;
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::pkix::KeyUsage;

use super::certificates::{key_of, seconds};
use super::{MAX_SIZE, TrustError};
use crate::chip::distinguished::DistinguishedName;
use crate::chip::scheme;

/// What an authority revoked, whichever of its keys signed the list.
#[derive(Clone)]
pub(super) struct RevocationList {
    pub(super) issuer: DistinguishedName,
    pub(super) this_update: i64,
    next_update: Option<i64>,
    serial_numbers: HashSet<Vec<u8>>,
}

/// A list that is not believed yet.
pub(super) struct SignedList {
    issuer: DistinguishedName,
    list: CertificateList,
}

impl SignedList {
    /// Reads a list in DER.
    pub(super) fn read(der: &[u8]) -> Result<Self, TrustError> {
        let list = Some(der).filter(|der| der.len() <= MAX_SIZE);
        let list = list
            .and_then(|der| CertificateList::from_der(der).ok())
            .ok_or(TrustError::Unreadable)?;
        Ok(Self {
            issuer: DistinguishedName::of(&list.tbs_cert_list.issuer),
            list,
        })
    }

    pub(super) fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// Whether the key of an authority made the signature.
    pub(super) fn signed_by(&self, authority: &Certificate) -> Result<(), TrustError> {
        let list = &self.list;
        let usage = authority.tbs_certificate.get::<KeyUsage>();
        let may_sign = matches!(usage, Ok(usage) if usage.is_none_or(|(_, usage)| usage.crl_sign()));
        if !may_sign || list.signature_algorithm != list.tbs_cert_list.signature {
            return Err(TrustError::Signature);
        }
        let scheme = scheme::scheme_of(&list.signature_algorithm, None).map_err(TrustError::Scheme)?;
        let message = scheme::der_of(&list.tbs_cert_list).map_err(TrustError::Scheme)?;
        let signature = list.signature.as_bytes().ok_or(TrustError::Signature)?;
        let key = key_of(authority).map_err(TrustError::Scheme)?;
        x509::verify(key, scheme, &message, signature).map_err(|_bad| TrustError::Signature)
    }

    /// What the list says, once it is known who says it.
    pub(super) fn open(self) -> Result<RevocationList, TrustError> {
        let list = self.list.tbs_cert_list;
        let revoked = list.revoked_certificates.unwrap_or_default();
        let critical = |it: &RevokedCert| it.crl_entry_extensions.iter().flatten().any(|it| it.critical);
        if list.crl_extensions.iter().flatten().any(|it| it.critical) || revoked.iter().any(critical) {
            return Err(TrustError::ListKind);
        }
        let serial_numbers = revoked.iter().map(|it| it.serial_number.as_bytes().to_vec());
        Ok(RevocationList {
            issuer: self.issuer,
            this_update: seconds(list.this_update),
            next_update: list.next_update.map(seconds),
            serial_numbers: serial_numbers.collect(),
        })
    }
}

impl RevocationList {
    /// Whether a certificate is on the list. The day of revocation does not matter: what a thief signs says any day.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        self.serial_numbers
            .contains(certificate.tbs_certificate.serial_number.as_bytes())
    }

    /// Whether a later list should be there by then. A list that does not say when ends with the day it was made on.
    pub(super) fn is_expired(&self, at: Timestamp) -> bool {
        const DAY: i64 = 86_400;
        self.next_update.unwrap_or(self.this_update + DAY) < at.as_second()
    }
}
