//! A small country with its authority and signers, and everything that can be wrong with what they sign.

use std::sync::LazyLock;

use aws_lc_rs::{rand::SystemRandom, rsa, signature};
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::asn1::SetOfVec;
use der::{Encode, Tag};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, RsaKeySize, SignatureAlgorithm, SigningKey as _, date_time_ymd,
};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::*;
use crate::chip::TrustError;
use crate::chip::sod::SodDraft;
use crate::chip::tlv;
use crypto::x509::Scheme;

const ES256: Scheme = Scheme::Ecdsa(Hash::Sha256);

/// An authority or a signer.
struct Holder {
    params: CertificateParams,
    key: KeyPair,
    certificate: Vec<u8>,
}

static NATION: LazyLock<Holder> = LazyLock::new(|| authority("CSCA Test", &PKCS_ECDSA_P384_SHA384, 2020..2040));
static SIGNER: LazyLock<Holder> = LazyLock::new(|| signer(&NATION, &PKCS_ECDSA_P256_SHA256));
static SOD: LazyLock<Vec<u8>> = LazyLock::new(|| signed(&SIGNER, ES256));

fn params(name: &str, years: std::ops::Range<i32>, usages: Vec<KeyUsagePurpose>) -> CertificateParams {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(years.start, 1, 1);
    params.not_after = date_time_ymd(years.end, 1, 1);
    params.key_usages = usages;
    params
}

fn authority(name: &str, algorithm: &'static SignatureAlgorithm, years: std::ops::Range<i32>) -> Holder {
    let mut params = params(
        name,
        years,
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
    );
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = key(algorithm);
    let certificate = params.self_signed(&key).unwrap().der().to_vec();
    Holder {
        params,
        key,
        certificate,
    }
}

fn signer_with(authority: &Holder, key: KeyPair, params: CertificateParams) -> Holder {
    let issuer = Issuer::from_params(&authority.params, &authority.key);
    let certificate = params.signed_by(&key, &issuer).unwrap().der().to_vec();
    Holder {
        params,
        key,
        certificate,
    }
}

fn signer(authority: &Holder, algorithm: &'static SignatureAlgorithm) -> Holder {
    signer_with(
        authority,
        key(algorithm),
        params("DS 1", 2024..2035, vec![KeyUsagePurpose::DigitalSignature]),
    )
}

fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    if algorithm == &PKCS_RSA_SHA256 {
        return KeyPair::generate_rsa_for(algorithm, RsaKeySize::_2048).unwrap();
    }
    KeyPair::generate_for(algorithm).unwrap()
}

fn trusting(authority: &Holder) -> TrustStore {
    let mut store = TrustStore::new();
    store.add_der(&authority.certificate).unwrap();
    store
}

fn groups() -> [(DataGroup, Vec<u8>); 3] {
    [
        (DataGroup::DG1, vec![0x61, 1, 1]),
        (DataGroup::DG2, vec![0x75, 1, 2]),
        (DataGroup::DG13, vec![0x6d, 1, 3]),
    ]
}

fn files(sod: &[u8]) -> ChipFiles {
    let [(_, dg1), (_, dg2), (_, dg13)] = groups().map(|(group, bytes)| (group, ChipFile::from(bytes)));
    let com = ChipFile::from(vec![]);
    ChipFiles {
        com,
        dg1,
        dg2,
        dg13: Some(dg13),
        dg14: None,
        dg15: None,
        sod: sod.to_vec().into(),
    }
}

fn signed(signer: &Holder, scheme: Scheme) -> Vec<u8> {
    let groups = groups();
    let listed = groups.iter().map(|(group, bytes)| (*group, bytes.as_slice()));
    let draft = SodDraft::new(listed, &signer.certificate, scheme).unwrap();
    let signature = sign(signer, scheme, draft.to_be_signed());
    draft.finish(&signature).unwrap()
}

fn signed_content(content: Vec<u8>) -> Vec<u8> {
    let draft = SodDraft::of_content(content, &SIGNER.certificate, ES256).unwrap();
    let signature = sign(&SIGNER, ES256, draft.to_be_signed());
    draft.finish(&signature).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test of signatures that draw a salt")]
fn sign(signer: &Holder, scheme: Scheme, message: &[u8]) -> Vec<u8> {
    let encoding: &dyn signature::RsaEncoding = match scheme {
        Scheme::RsaPss(Hash::Sha256) => &signature::RSA_PSS_SHA256,
        Scheme::RsaPss(Hash::Sha384) => &signature::RSA_PSS_SHA384,
        Scheme::RsaPss(Hash::Sha512) => &signature::RSA_PSS_SHA512,
        Scheme::RsaPkcs1(Hash::Sha512) => &signature::RSA_PKCS1_SHA512,
        _ => return signer.key.sign(message).unwrap(),
    };
    let key = rsa::KeyPair::from_pkcs8(&signer.key.serialize_der()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), message, &mut signature)
        .unwrap();
    signature
}

/// Opens an EF.SOD, changes it and closes it again.
fn altered(sod: &[u8], change: impl FnOnce(&mut SignedData)) -> Vec<u8> {
    let info = ContentInfo::from_der(tlv::only(0x77, sod).unwrap()).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    change(&mut data);
    let info = ContentInfo {
        content_type: info.content_type,
        content: Any::encode_from(&data).unwrap(),
    };
    tlv::write(0x77, &info.to_der().unwrap())
}

fn alter_signer(sod: &[u8], change: impl FnOnce(&mut cms::signed_data::SignerInfo)) -> Vec<u8> {
    altered(sod, |data| {
        let mut signer = data.signer_infos.0.get(0).unwrap().clone();
        change(&mut signer);
        data.signer_infos.0 = SetOfVec::try_from(vec![signer]).unwrap();
    })
}

fn algorithm(oid: Oid) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn check(sod: &[u8]) -> Result<Authentic, ChipRefusal> {
    passive_authentication(&files(sod), &trusting(&NATION), now())
}

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
fn a_changed_or_foreign_group_is_named() {
    let refused = |change: fn(&mut ChipFiles)| {
        let mut files = files(&SOD);
        change(&mut files);
        passive_authentication(&files, &trusting(&NATION), now()).unwrap_err()
    };

    assert_eq!(
        refused(|files| files.dg1 = vec![0x61, 1, 9].into()),
        ChipRefusal::GroupChanged(DataGroup::DG1)
    );
    assert_eq!(
        refused(|files| files.dg2 = vec![].into()),
        ChipRefusal::GroupChanged(DataGroup::DG2)
    );
    assert_eq!(
        refused(|f| f.dg13 = Some(vec![0x6d].into())),
        ChipRefusal::GroupChanged(DataGroup::DG13)
    );
    assert_eq!(
        refused(|f| f.dg15 = Some(vec![0x6f, 0].into())),
        ChipRefusal::GroupNotSigned(DataGroup::DG15)
    );
    let large = |files: &mut ChipFiles| files.dg2 = vec![0; ChipFile::MAX_SIZE + 1].into();
    assert_eq!(refused(large), ChipRefusal::GroupTooLarge(DataGroup::DG2));
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
fn only_a_trusted_authority_vouches() {
    let namesake = authority("CSCA Test", &PKCS_ECDSA_P384_SHA384, 2020..2040);
    let stranger = authority("CSCA Other", &PKCS_ECDSA_P384_SHA384, 2020..2040);
    let refused = |store: &TrustStore| passive_authentication(&files(&SOD), store, now()).unwrap_err();
    let mut both = trusting(&namesake);
    both.add_der(&NATION.certificate).unwrap();

    assert_eq!(refused(&TrustStore::new()), ChipRefusal::UnknownIssuer);
    assert_eq!(refused(&trusting(&stranger)), ChipRefusal::UnknownIssuer);
    assert_eq!(refused(&trusting(&namesake)), ChipRefusal::IssuerSignature);
    assert!(
        passive_authentication(&files(&SOD), &both, now()).is_ok(),
        "a new key under the old name"
    );
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
fn a_certificate_that_is_not_for_signing_does_not_sign() {
    let usage = params("DS 2", 2024..2035, vec![KeyUsagePurpose::KeyAgreement]);
    let mut unknown = params("DS 3", 2024..2035, vec![KeyUsagePurpose::DigitalSignature]);
    let mut extension = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
    extension.set_criticality(true);
    unknown.custom_extensions.push(extension);

    for params in [usage, unknown] {
        let signer = signer_with(&NATION, key(&PKCS_ECDSA_P256_SHA256), params);
        assert_eq!(check(&signed(&signer, ES256)), Err(ChipRefusal::SignerMayNotSign));
    }
}

#[test]
fn every_change_of_ef_sod_is_found() {
    let empty_list = SecurityObject {
        version: 0,
        hash_algorithm: algorithm(id::SHA_256),
        hashes: vec![],
        lds_version: None,
    };
    let content = |data: &mut SignedData| {
        data.encap_content_info.econtent = Some(Any::new(Tag::OctetString, empty_list.to_der().unwrap()).unwrap());
    };
    let without = |oid| {
        alter_signer(&SOD, |signer| {
            let kept = signer
                .signed_attrs
                .as_ref()
                .unwrap()
                .iter()
                .filter(|it| it.oid != oid)
                .cloned();
            signer.signed_attrs = Some(SetOfVec::try_from(kept.collect::<Vec<_>>()).unwrap());
        })
    };
    let other = signed(&signer(&NATION, &PKCS_ECDSA_P256_SHA256), ES256);
    let mut signature = Vec::new();
    alter_signer(&other, |signer| signature = signer.signature.as_bytes().to_vec());

    assert_eq!(check(&altered(&SOD, content)), Err(ChipRefusal::ContentChanged));
    assert_eq!(
        check(&altered(&SOD, |data| data.certificates = None)),
        Err(ChipRefusal::SignerMissing)
    );
    assert_eq!(
        check(&altered(&SOD, |data| data.encap_content_info.econtent = None)),
        Err(ChipRefusal::SodUnreadable)
    );
    let no_signer = altered(&SOD, |data| data.signer_infos.0 = SetOfVec::new());
    assert_eq!(check(&no_signer), Err(ChipRefusal::SodUnreadable));
    assert_eq!(check(&without(id::MESSAGE_DIGEST)), Err(ChipRefusal::AttributesMissing));
    assert_eq!(check(&without(id::CONTENT_TYPE)), Err(ChipRefusal::AttributesMissing));
    let unsigned_attributes = alter_signer(&SOD, |signer| signer.signed_attrs = None);
    assert_eq!(check(&unsigned_attributes), Err(ChipRefusal::AttributesMissing));
    let foreign = alter_signer(&SOD, |signer| signer.signature = OctetString::new(signature).unwrap());
    assert_eq!(check(&foreign), Err(ChipRefusal::Signature));
    let plain_data = altered(&SOD, |data| data.encap_content_info.econtent_type = id::SIGNED_DATA);
    assert_eq!(check(&plain_data), Err(ChipRefusal::NotSecurityObject));
}

#[test]
fn weak_and_unknown_algorithms_are_refused() {
    let digest = |oid| check(&alter_signer(&SOD, |signer| signer.digest_alg = algorithm(oid)));
    let scheme = |oid| {
        check(&alter_signer(&SOD, |signer| {
            signer.signature_algorithm = algorithm(oid);
        }))
    };
    let hash_algorithm = |oid| {
        let object = SecurityObject {
            version: 0,
            hash_algorithm: algorithm(oid),
            hashes: vec![],
            lds_version: None,
        };
        check(&signed_content(object.to_der().unwrap()))
    };

    assert_eq!(digest(id::SHA_1), Err(ChipRefusal::Scheme(SchemeRefusal::Sha1)));
    assert_eq!(scheme(id::ECDSA_SHA_1), Err(ChipRefusal::Scheme(SchemeRefusal::Sha1)));
    assert_eq!(scheme(id::RSA_PSS), Err(ChipRefusal::Scheme(SchemeRefusal::Sha1)));
    assert_eq!(scheme(id::P_256), Err(ChipRefusal::Scheme(SchemeRefusal::Unknown)));
    assert_eq!(scheme(id::ECDSA_SHA_512), Err(ChipRefusal::Signature));
    assert_eq!(hash_algorithm(id::SHA_1), Err(ChipRefusal::Scheme(SchemeRefusal::Sha1)));
    assert_eq!(
        hash_algorithm(id::SHA_256),
        Err(ChipRefusal::GroupNotSigned(DataGroup::DG1))
    );
    assert_eq!(check(&signed_content(vec![])), Err(ChipRefusal::NotSecurityObject));
}

#[test]
fn a_curve_that_is_not_supported_is_named() {
    let refusal = |parameters: Any| {
        let algorithm = AlgorithmIdentifierOwned {
            oid: id::EC_PUBLIC_KEY,
            parameters: Some(parameters),
        };
        let subject_public_key = der::asn1::BitString::from_bytes(&[4; 65]).unwrap();
        scheme::key_of(&SubjectPublicKeyInfoOwned {
            algorithm,
            subject_public_key,
        })
        .unwrap_err()
    };

    let brainpool_p384r1 = Oid::new_unwrap("1.3.36.3.3.2.8.1.1.11");
    assert_eq!(refusal(Any::from(brainpool_p384r1)), SchemeRefusal::Brainpool);
    assert_eq!(
        refusal(Any::new(Tag::Sequence, [2, 1, 1]).unwrap()),
        SchemeRefusal::ExplicitCurve
    );
    assert_eq!(refusal(Any::from(id::RSA)), SchemeRefusal::Unknown);
}

#[test]
fn a_group_number_may_be_signed_once() {
    let hash = || OctetString::new([0; 32]).unwrap();
    let twice = |numbers: [u8; 2]| {
        let hashes = numbers.map(|number| sod::GroupHash { number, hash: hash() }).into();
        let object = SecurityObject {
            version: 0,
            hash_algorithm: algorithm(id::SHA_256),
            hashes,
            lds_version: None,
        };
        check(&signed_content(object.to_der().unwrap()))
    };

    assert_eq!(twice([1, 1]), Err(ChipRefusal::NotSecurityObject));
    assert_eq!(twice([1, 17]), Err(ChipRefusal::NotSecurityObject));
    assert_eq!(twice([1, 2]), Err(ChipRefusal::GroupChanged(DataGroup::DG1)));
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

#[test]
fn only_authorities_are_taken_into_the_store() {
    let mut store = TrustStore::new();

    assert_eq!(store.add_der(&SIGNER.certificate), Err(TrustError::NotAnAuthority));
    assert_eq!(store.add_der(b"no certificate"), Err(TrustError::Unreadable));
    assert_eq!(store.add_pem("-----BEGIN"), Err(TrustError::Unreadable));
    assert!(store.is_empty());
    let pem = NATION.params.self_signed(&NATION.key).unwrap().pem();
    assert_eq!(store.add_pem(&pem), Ok(()));
    assert_eq!(store.len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(check(&bytes).is_err());
        prop_assert!(check(&tlv::write(0x77, &bytes)).is_err());
    }
}
