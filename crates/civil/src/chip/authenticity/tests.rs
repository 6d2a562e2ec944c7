//! What is authentic, and that nothing else is.

use proptest::prelude::*;
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};

use super::*;
use crate::chip::testing::*;
use crate::chip::tlv;
use crypto::x509::Scheme;

#[test]
fn what_the_state_signed_is_authentic() {
    let authentic = check(&SOD).unwrap();

    assert_eq!(authentic.signer, "CN=DS 1,C=VN");
    assert_eq!(authentic.authority, "CN=CSCA Test,C=VN");
    assert_eq!(authentic.groups, [DataGroup::DG1, DataGroup::DG2, DataGroup::DG13]);
    assert!(authentic.absent.is_empty());
}

#[test]
fn every_scheme_of_the_standard_is_accepted() {
    let p384 = signer(&NATION, &PKCS_ECDSA_P384_SHA384);
    let rsa_nation = authority("CSCA RSA", &PKCS_RSA_SHA256, 2020..2040);
    let rsa = signer(&rsa_nation, &PKCS_RSA_SHA256);
    let rsa_schemes = [
        Scheme::RsaPkcs1(Hash::Sha256),
        Scheme::RsaPkcs1(Hash::Sha512),
        Scheme::RsaPss(Hash::Sha256),
        Scheme::RsaPss(Hash::Sha384),
        Scheme::RsaPss(Hash::Sha512),
    ];

    assert!(check(&signed(&p384, Scheme::Ecdsa(Hash::Sha384))).is_ok());
    for scheme in rsa_schemes {
        let sod = signed(&rsa, scheme);
        assert!(
            passive_authentication(&files(&sod), &trusting(&rsa_nation), now()).is_ok(),
            "{scheme:?}"
        );
    }
    let bare_rsa = alter_signer(&signed(&rsa, Scheme::RsaPkcs1(Hash::Sha256)), |signer| {
        signer.signature_algorithm = algorithm(id::RSA);
    });
    assert!(passive_authentication(&files(&bare_rsa), &trusting(&rsa_nation), now()).is_ok());
}

#[test]
fn a_refusal_travels_in_json_as_its_name() {
    let json = |refusal: ChipRefusal| serde_json::to_string(&refusal).unwrap();

    assert_eq!(json(ChipRefusal::UnknownIssuer), r#""unknown-issuer""#);
    assert_eq!(
        json(ChipRefusal::GroupChanged(DataGroup::DG2)),
        r#"{"group-changed":2}"#
    );
    assert_eq!(json(ChipRefusal::Scheme(SchemeRefusal::Sha1)), r#"{"scheme":"sha1"}"#);
}

#[test]
fn a_group_that_could_not_be_read_is_told() {
    let mut files = files(&SOD);
    files.dg13 = None;

    let authentic = passive_authentication(&files, &trusting(&NATION), now()).unwrap();

    assert_eq!(authentic.absent, [DataGroup::DG13]);
}

#[test]
fn certificates_hold_only_in_their_time() {
    let at = |time: &str| passive_authentication(&files(&SOD), &trusting(&NATION), time.parse().unwrap());
    let short = authority("CSCA Short", &PKCS_ECDSA_P384_SHA384, 2020..2025);
    let sod = signed(&signer(&short, &PKCS_ECDSA_P256_SHA256), ES256);

    assert_eq!(at("2023-12-31T23:59:59Z"), Err(ChipRefusal::SignerOutOfValidity));
    assert!(at("2024-01-01T00:00:00Z").is_ok());
    assert_eq!(at("2035-01-01T00:00:01Z"), Err(ChipRefusal::SignerOutOfValidity));
    let refused = passive_authentication(&files(&sod), &trusting(&short), now());
    assert_eq!(refused, Err(ChipRefusal::IssuerOutOfValidity));
}

#[test]
fn a_cut_or_oversized_ef_sod_is_unreadable() {
    for length in 0..SOD.len() {
        assert_eq!(check(&SOD[..length]), Err(ChipRefusal::SodUnreadable));
    }
    assert_eq!(check(&[&SOD[..], &[0]].concat()), Err(ChipRefusal::SodUnreadable));
    assert_eq!(
        check(&tlv::write(0x77, &vec![0; sod::MAX_SIZE])),
        Err(ChipRefusal::SodUnreadable)
    );
}

#[test]
fn no_changed_byte_of_ef_sod_makes_other_groups_authentic() {
    let mut other = files(&SOD);
    other.dg1 = vec![0x61, 1, 9].into();

    for at in 0..SOD.len() {
        let mut sod = SOD.clone();
        sod[at] ^= 0x01;
        other.sod = sod.into();
        assert!(passive_authentication(&other, &trusting(&NATION), now()).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(check(&bytes).is_err());
        prop_assert!(check(&tlv::write(0x77, &bytes)).is_err());
    }
}
