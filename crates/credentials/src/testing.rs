//! A small state for tests: an authority, a signer that it vouches for, and the list that says so.

use crypto::sign::{Algorithm, SoftKey};
use jiff::{SignedDuration, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};

use crate::trust::{Authority, TrustList};

pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub(crate) fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap()
}

/// The bytes of a vector.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Random bytes that are not.
pub(crate) fn dice<const N: usize>() -> impl FnMut() -> [u8; N] {
    let mut next = 0_u8;
    move || {
        next = next.wrapping_add(1);
        [next; N]
    }
}

pub(crate) struct Holder {
    pub(crate) key: SoftKey,
    pub(crate) params: CertificateParams,
    pub(crate) certificate: Vec<u8>,
}

impl Holder {
    fn pair(&self) -> KeyPair {
        KeyPair::try_from(self.key.to_pkcs8().unwrap().as_slice()).unwrap()
    }
}

fn params(name: &str, years: (i32, i32), usages: Vec<KeyUsagePurpose>) -> CertificateParams {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params.key_usages = usages;
    params
}

pub(crate) fn authority(name: &str, seed: u8) -> Holder {
    let mut params = params(
        name,
        (2020, 2045),
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
    );
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = key(seed);
    let pair = KeyPair::try_from(key.to_pkcs8().unwrap().as_slice()).unwrap();
    let certificate = params.self_signed(&pair).unwrap().der().to_vec();
    Holder {
        key,
        params,
        certificate,
    }
}

pub(crate) fn signer_with(authority: &Holder, seed: u8, change: impl FnOnce(&mut CertificateParams)) -> Holder {
    let mut params = params("Document signer", (2025, 2032), vec![KeyUsagePurpose::DigitalSignature]);
    change(&mut params);
    let key = key(seed);
    let pair = KeyPair::try_from(key.to_pkcs8().unwrap().as_slice()).unwrap();
    let issuer = Issuer::from_params(&authority.params, authority.pair());
    let certificate = params.signed_by(&pair, &issuer).unwrap().der().to_vec();
    Holder {
        key,
        params,
        certificate,
    }
}

pub(crate) fn signer(authority: &Holder, seed: u8) -> Holder {
    signer_with(authority, seed, |_| ())
}

pub(crate) fn list(authority: &Holder, documents: &[&str]) -> TrustList {
    let authority = Authority {
        name: "Ministry".into(),
        certificate: authority.certificate.clone(),
        documents: documents.iter().map(ToString::to_string).collect(),
    };
    TrustList::new(3, NOW, NOW + SignedDuration::from_hours(24), vec![authority])
}
