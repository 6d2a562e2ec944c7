//! Everything that can be wrong with the files of a chip, each with the reason it has to be refused for.

use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo, SignerInfos};
use crypto::sign::{Algorithm, SoftKey};
use crypto::x509::Hash;
use der::asn1::{BitString, ObjectIdentifier as Oid, OctetString, SetOfVec};
use der::{Any, Encode, Tag};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SerialNumber,
};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;

use super::ChipRefusal as R;
use super::SchemeRefusal::{Sha1, Unknown};
use super::sod::{self, GroupHash, SecurityObject};
use super::testing::*;
use super::*;

/// One test a line: what was done to the chip, and the reason of the refusal.
macro_rules! refused {
    ($($name:ident: $tampered:expr => $reason:expr;)+) => {
        $(#[test]
        fn $name() {
            assert_eq!($tampered, Err($reason));
        })+
    };
}

type Answer = Result<Authentic, ChipRefusal>;

const fn group_changed(group: DataGroup) -> ChipRefusal {
    R::GroupChanged(group)
}

#[test]
fn an_untouched_chip_is_authentic_and_no_copy() {
    let challenge = Challenge([7; 8]);

    let authentic = passive_authentication(&AN.files, &trusting(&NATION), now()).unwrap();
    let original = active_authentication(&AN.files, &authentic, challenge, &AN.answer(challenge));

    assert_eq!(authentic.groups.len(), 5);
    assert!(original.is_ok());
}

// The groups.

/// The chip of An after something was done to its files.
fn after(change: impl FnOnce(&mut ChipFiles)) -> Answer {
    let mut files = AN.files.clone();
    change(&mut files);
    passive_authentication(&files, &trusting(&NATION), now())
}

fn flipped(file: &ChipFile) -> ChipFile {
    let mut bytes = file.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.into()
}

refused! {
    a_changed_zone: after(|it| it.dg1 = flipped(&it.dg1)) => group_changed(DataGroup::DG1);
    a_changed_portrait: after(|it| it.dg2 = flipped(&it.dg2)) => group_changed(DataGroup::DG2);
    changed_national_data: after(|it| it.dg13 = it.dg13.as_ref().map(flipped)) => group_changed(DataGroup::DG13);
    changed_security_infos: after(|it| it.dg14 = it.dg14.as_ref().map(flipped)) => group_changed(DataGroup::DG14);
    a_changed_key: after(|it| it.dg15 = it.dg15.as_ref().map(flipped)) => group_changed(DataGroup::DG15);
    the_zone_of_somebody_else: after(|it| it.dg1 = BINH.files.dg1.clone()) => group_changed(DataGroup::DG1);
    the_portrait_of_somebody_else: after(|it| it.dg2 = BINH.files.dg2.clone()) => group_changed(DataGroup::DG2);
    the_data_of_somebody_else: after(|it| it.dg13.clone_from(&BINH.files.dg13)) => group_changed(DataGroup::DG13);
    the_key_of_somebody_else: after(|it| it.dg15.clone_from(&BINH.files.dg15)) => group_changed(DataGroup::DG15);
    the_signature_of_somebody_else: after(|it| it.sod = BINH.files.sod.clone()) => group_changed(DataGroup::DG1);
    weaker_security_infos:
        after(|it| it.dg14 = Some(active_with("0.4.0.127.0.7.1.1.4.1.1").into())) => group_changed(DataGroup::DG14);
    an_emptied_group: after(|it| it.dg2 = vec![].into()) => group_changed(DataGroup::DG2);
    a_group_with_a_byte_more:
        after(|it| it.dg1 = [&it.dg1[..], &[0]].concat().into()) => group_changed(DataGroup::DG1);
    a_group_with_a_byte_less:
        after(|it| it.dg1 = it.dg1[..it.dg1.len() - 1].to_vec().into()) => group_changed(DataGroup::DG1);
    two_groups_exchanged:
        after(|it| std::mem::swap(&mut it.dg1, &mut it.dg2)) => group_changed(DataGroup::DG1);
    an_oversized_group:
        after(|it| it.dg2 = vec![0; ChipFile::MAX_SIZE + 1].into()) => R::GroupTooLarge(DataGroup::DG2);
    a_group_that_was_added: {
        let mut more = files(&SOD);
        more.dg15 = AN.files.dg15.clone();
        passive_authentication(&more, &trusting(&NATION), now())
    } => R::GroupNotSigned(DataGroup::DG15);
}

// The frame of EF.SOD.

fn data(change: impl FnOnce(&mut SignedData)) -> Answer {
    check(&altered(&SOD, change))
}

refused! {
    no_ef_sod: check(&[]) => R::SodUnreadable;
    a_truncated_ef_sod: check(&SOD[..SOD.len() / 2]) => R::SodUnreadable;
    an_ef_sod_with_a_byte_more: check(&[&SOD[..], &[0]].concat()) => R::SodUnreadable;
    an_oversized_ef_sod: check(&tlv::write(0x77, &vec![5; sod::MAX_SIZE])) => R::SodUnreadable;
    a_length_beyond_the_file: check(&[0x77, 0x84, 0xff, 0xff, 0xff, 0xff, 0]) => R::SodUnreadable;
    an_indefinite_length_without_end: check(&[&[0x77, 0x80], &SOD[4..]].concat()) => R::SodUnreadable;
    a_structure_too_deep: check(&[[0x77, 0x80].repeat(8_000), vec![0; 16_000]].concat()) => R::SodUnreadable;
    a_structure_too_wide: check(&tlv::write(0x77, &[5, 0].repeat(15_000))) => R::SodUnreadable;
    no_signer: data(|it| it.signer_infos.0 = SetOfVec::new()) => R::SodUnreadable;
    two_signers: data(two_signers_in) => R::SodUnreadable;
    no_content: data(|it| it.encap_content_info.econtent = None) => R::SodUnreadable;
    content_that_is_no_octet_string:
        data(|it| it.encap_content_info.econtent = Some(Any::null())) => R::SodUnreadable;
    another_type_of_content:
        data(|it| it.encap_content_info.econtent_type = identifiers::MASTER_LIST) => R::NotSecurityObject;
    no_certificate: data(|it| it.certificates = None) => R::SignerMissing;
    hashes_of_somebody_else: data(|it| {
        let mut other = None;
        altered(&BINH.files.sod, |it| other.clone_from(&it.encap_content_info.econtent));
        it.encap_content_info.econtent = other;
    }) => R::ContentChanged;
}

fn two_signers_in(data: &mut SignedData) {
    let one = data.signer_infos.0.get(0).unwrap().clone();
    let mut other = one.clone();
    other.signature = OctetString::new([1]).unwrap();
    data.signer_infos = SignerInfos(SetOfVec::try_from(vec![one, other]).unwrap());
}

// The signature.

fn info(change: impl FnOnce(&mut SignerInfo)) -> Answer {
    check(&alter_signer(&SOD, change))
}

fn attributes(change: impl FnOnce(&mut Vec<Attribute>)) -> Answer {
    info(|signer| {
        let mut attributes = signer.signed_attrs.take().unwrap().into_vec();
        change(&mut attributes);
        signer.signed_attrs = Some(SetOfVec::try_from(attributes).unwrap());
    })
}

fn signature_of(sod: &[u8]) -> OctetString {
    let mut found = None;
    alter_signer(sod, |signer| found = Some(signer.signature.clone()));
    found.unwrap()
}

fn signed_by_key_identifier(identifier: [u8; 20]) -> SignerIdentifier {
    SignerIdentifier::SubjectKeyIdentifier(OctetString::new(identifier).unwrap().into())
}

refused! {
    another_signer_named: info(|it| it.sid = signed_by_key_identifier([0; 20])) => R::SignerMissing;
    no_signed_attributes: info(|it| it.signed_attrs = None) => R::AttributesMissing;
    no_digest: attributes(|it| it.retain(|it| it.oid != identifiers::MESSAGE_DIGEST)) => R::AttributesMissing;
    no_content_type: attributes(|it| it.retain(|it| it.oid != identifiers::CONTENT_TYPE)) => R::AttributesMissing;
    two_digests: attributes(|it| {
        let mut more = it.iter().find(|it| it.oid == identifiers::MESSAGE_DIGEST).unwrap().clone();
        more.values = SetOfVec::try_from(vec![Any::new(Tag::OctetString, [0; 32]).unwrap()]).unwrap();
        it.push(more);
    }) => R::AttributesMissing;
    an_attribute_more: attributes(|it| {
        let oid = Oid::new_unwrap("1.3.6.1.4.1.99999.1");
        let values = SetOfVec::try_from(vec![Any::null()]).unwrap();
        it.push(Attribute { oid, values });
    }) => R::Signature;
    a_flipped_signature: info(|it| {
        let mut bytes = it.signature.as_bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        it.signature = OctetString::new(bytes).unwrap();
    }) => R::Signature;
    no_signature: info(|it| it.signature = OctetString::new([]).unwrap()) => R::Signature;
    a_signature_over_other_files: info(|it| it.signature = signature_of(&BINH.files.sod)) => R::Signature;
    a_signature_of_zeros:
        info(|it| it.signature = OctetString::new([0x30, 6, 2, 1, 0, 2, 1, 0]).unwrap()) => R::Signature;
    a_digest_with_sha_1: info(|it| it.digest_alg = algorithm(identifiers::SHA_1)) => R::Scheme(Sha1);
    another_digest: info(|it| it.digest_alg = algorithm(identifiers::SHA_512)) => R::ContentChanged;
    an_unknown_digest: info(|it| it.digest_alg = algorithm(identifiers::RSA)) => R::Scheme(Unknown);
    a_signature_with_sha_1:
        info(|it| it.signature_algorithm = algorithm(identifiers::ECDSA_SHA_1)) => R::Scheme(Sha1);
    a_signature_with_defaults_of_pss:
        info(|it| it.signature_algorithm = algorithm(identifiers::RSA_PSS)) => R::Scheme(Sha1);
    an_unknown_signature:
        info(|it| it.signature_algorithm = algorithm(identifiers::P_256)) => R::Scheme(Unknown);
    another_hash_in_the_signature:
        info(|it| it.signature_algorithm = algorithm(identifiers::ECDSA_SHA_512)) => R::Signature;
    a_signature_that_says_it_is_rsa:
        info(|it| it.signature_algorithm = algorithm(identifiers::RSA_SHA_256)) => R::Signature;
}

// What the state would have to have signed.

/// An EF.SOD with a true signature over what no state signs.
fn hashes(hash: Oid, numbers: &[u8]) -> Answer {
    let hashes = numbers.iter().map(|number| GroupHash {
        number: *number,
        hash: OctetString::new(Hash::Sha256.digest(&groups()[0].1)).unwrap(),
    });
    let object = SecurityObject {
        version: 0,
        hash_algorithm: algorithm(hash),
        hashes: hashes.collect(),
        lds_version: None,
    };
    check(&signed_content(object.to_der().unwrap()))
}

refused! {
    hashes_with_sha_1: hashes(identifiers::SHA_1, &[1, 2, 13]) => R::Scheme(Sha1);
    hashes_of_an_unknown_kind: hashes(identifiers::P_256, &[1, 2, 13]) => R::Scheme(Unknown);
    hashes_of_another_kind_than_said: hashes(identifiers::SHA_512, &[1, 2, 13]) => group_changed(DataGroup::DG1);
    a_group_hashed_twice: hashes(identifiers::SHA_256, &[1, 1]) => R::NotSecurityObject;
    a_group_that_does_not_exist: hashes(identifiers::SHA_256, &[1, 17]) => R::NotSecurityObject;
    no_hashes: hashes(identifiers::SHA_256, &[]) => R::GroupNotSigned(DataGroup::DG1);
    signed_rubbish: check(&signed_content(vec![1, 2, 3])) => R::NotSecurityObject;
}

// The signer and its authority.

fn certified(authority: &Holder, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = params("DS 2", 2024..2035, vec![KeyUsagePurpose::DigitalSignature]);
    change(&mut params);
    signed(&signer_with(authority, key(&PKCS_ECDSA_P256_SHA256), params), ES256)
}

fn of(change: impl FnOnce(&mut CertificateParams)) -> Answer {
    check(&certified(&NATION, change))
}

fn extension(oid: &[u64], content: &[u8], critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, content.to_vec());
    extension.set_criticality(critical);
    extension
}

fn trusted_by(store: &TrustStore) -> Answer {
    passive_authentication(&files(&SOD), store, now())
}

fn certificate(change: impl FnOnce(&mut Certificate)) -> Answer {
    data(|data| {
        let set = data.certificates.take().unwrap().0.into_vec();
        let [cms::cert::CertificateChoices::Certificate(mut certificate)] = <[_; 1]>::try_from(set).unwrap() else {
            panic!("no certificate");
        };
        change(&mut certificate);
        let set = vec![cms::cert::CertificateChoices::Certificate(certificate)];
        data.certificates = Some(SetOfVec::try_from(set).unwrap().into());
    })
}

refused! {
    nobody_trusted: trusted_by(&TrustStore::new()) => R::UnknownIssuer;
    an_unknown_authority:
        trusted_by(&trusting(&authority("CSCA Other", &PKCS_ECDSA_P384_SHA384, 2020..2040))) => R::UnknownIssuer;
    another_authority_of_the_name:
        trusted_by(&trusting(&authority("CSCA Test", &PKCS_ECDSA_P384_SHA384, 2020..2040))) => R::IssuerSignature;
    a_signer_that_certified_itself: {
        let itself = authority("CSCA Self", &PKCS_ECDSA_P256_SHA256, 2020..2040);
        check(&certified(&itself, |_| {}))
    } => R::UnknownIssuer;
    an_expired_signer: of(|it| it.not_after = rcgen::date_time_ymd(2026, 11, 21)) => R::SignerOutOfValidity;
    a_signer_of_tomorrow: of(|it| it.not_before = rcgen::date_time_ymd(2026, 11, 23)) => R::SignerOutOfValidity;
    an_expired_authority: {
        let short = authority("CSCA Short", &PKCS_ECDSA_P384_SHA384, 2020..2025);
        passive_authentication(&files(&certified(&short, |_| {})), &trusting(&short), now())
    } => R::IssuerOutOfValidity;
    a_signer_for_key_agreement: of(|it| it.key_usages = vec![KeyUsagePurpose::KeyAgreement]) => R::SignerMayNotSign;
    a_signer_of_master_lists: of(|it| {
        let lists = ExtendedKeyUsagePurpose::Other(vec![2, 23, 136, 1, 1, 3]);
        it.extended_key_usages = vec![lists];
    }) => R::SignerMayNotSign;
    a_signer_for_web_servers:
        of(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]) => R::SignerMayNotSign;
    a_signer_that_is_an_authority:
        of(|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)) => R::SignerMayNotSign;
    a_signer_limited_in_an_unknown_way: of(|it| {
        it.custom_extensions.push(extension(&[1, 3, 6, 1, 4, 1, 99_999, 1], &[5, 0], true));
    }) => R::SignerMayNotSign;
    a_signer_of_another_country: of(|it| it.distinguished_name.push(DnType::CountryName, "LA")) => R::SignerCountry;
    a_prolonged_signer: certificate(|it| {
        it.tbs_certificate.validity.not_after = it.tbs_certificate.validity.not_before;
    }) => R::SignerOutOfValidity;
    another_key_in_the_certificate: certificate(|it| {
        let key = BitString::from_bytes(&[4; 65]).unwrap();
        it.tbs_certificate.subject_public_key_info.subject_public_key = key;
    }) => R::IssuerSignature;
    a_certificate_signed_with_sha_1: certificate(|it| {
        it.signature_algorithm = algorithm(identifiers::ECDSA_SHA_1);
        it.tbs_certificate.signature = algorithm(identifiers::ECDSA_SHA_1);
    }) => R::IssuerScheme(Sha1);
    a_certificate_of_two_minds:
        certificate(|it| it.signature_algorithm = algorithm(identifiers::ECDSA_SHA_256)) => R::IssuerSignature;
    another_serial_number: certificate(|it| {
        it.tbs_certificate.serial_number = x509_cert::serial_number::SerialNumber::from(5_u32);
    }) => R::SignerMissing;
    a_revoked_signer: revocation(&[42], 2027) => R::SignerRevoked;
    a_revoked_signer_on_an_expired_list: revocation(&[42], 2026) => R::SignerRevoked;
    an_expired_list: revocation(&[43], 2026) => R::RevocationListExpired;
}

/// A signer with the number 42, judged with a list that names some numbers and holds until a new year.
fn revocation(numbers: &[u64], until: i32) -> Answer {
    let sod = certified(&NATION, |it| it.serial_number = Some(SerialNumber::from(42)));
    let mut store = trusting(&NATION);
    store.add_revocation_list(&revoking(&NATION, numbers, until)).unwrap();
    passive_authentication(&files(&sod), &store, now())
}

// The time of signing.

/// An EF.SOD that says when it was signed, by a signer whose key was in use in 2024.
fn said(time: &Any) -> Answer {
    const PERIOD: &[u8] = b"\x30\x22\x80\x0f20240101000000Z\x81\x0f20250101000000Z";
    let mut params = params("DS 3", 2024..2035, vec![KeyUsagePurpose::DigitalSignature]);
    params.custom_extensions.push(extension(&[2, 5, 29, 16], PERIOD, false));
    let holder = signer_with(&NATION, key(&PKCS_ECDSA_P256_SHA256), params);
    let sod = alter_signer(&signed(&holder, ES256), |signer| {
        let mut attributes = signer.signed_attrs.take().unwrap().into_vec();
        let values = SetOfVec::try_from(vec![time.clone()]).unwrap();
        let oid = identifiers::SIGNING_TIME;
        attributes.push(Attribute { oid, values });
        let attributes = SetOfVec::try_from(attributes).unwrap();
        let signature = sign(&holder, ES256, &attributes.to_der().unwrap());
        signer.signature = OctetString::new(signature).unwrap();
        signer.signed_attrs = Some(attributes);
    });
    check(&sod)
}

fn utc(time: &str) -> Any {
    Any::new(Tag::UtcTime, time.as_bytes()).unwrap()
}

#[test]
fn signed_while_the_key_was_in_use() {
    let authentic = said(&utc("240501120000Z")).unwrap();

    assert_eq!(authentic.signed_at, Some("2024-05-01T12:00:00Z".parse().unwrap()));
}

refused! {
    signed_before_the_key_was_in_use: said(&utc("231231235959Z")) => R::SigningTime;
    signed_after_the_key_was_in_use: said(&utc("250601000000Z")) => R::SigningTime;
    signed_in_the_future: said(&utc("270101000000Z")) => R::SigningTime;
    signed_at_no_time: said(&Any::null()) => R::SigningTime;
}

// Copies.

const OURS: Challenge = Challenge([1, 2, 3, 4, 5, 6, 7, 8]);

fn answered(files: &ChipFiles, response: &[u8]) -> Result<Hash, CloneRefusal> {
    let authentic = passive_authentication(files, &trusting(&NATION), now()).unwrap();
    active_authentication(files, &authentic, OURS, response)
}

fn copy(change: impl FnOnce(&mut ChipFiles)) -> Result<Hash, CloneRefusal> {
    let mut files = AN.files.clone();
    change(&mut files);
    answered(&files, &AN.answer(OURS))
}

/// A chip whose state signed other groups against copies.
fn issued_with(dg14: Vec<u8>, dg15: Vec<u8>) -> Result<Hash, CloneRefusal> {
    let [dg1, dg2, dg13] = groups();
    let groups = [dg1, dg2, dg13, (DataGroup::DG14, dg14), (DataGroup::DG15, dg15)];
    answered(&Chip::signed(groups, &SIGNER), &AN.answer(OURS))
}

fn without_private_key() -> Vec<u8> {
    let own = SoftKey::from_seed(Algorithm::Es256, &[99; 32]).unwrap();
    crypto::sign::Signer::sign(&own, &OURS.0).unwrap()
}

refused! {
    a_copy_that_signs_with_its_own_key: answered(&AN.files, &without_private_key()) => CloneRefusal::Answer;
    a_copy_that_asks_another_chip: answered(&AN.files, &BINH.answer(OURS)) => CloneRefusal::Answer;
    a_replayed_answer: answered(&AN.files, &AN.answer(Challenge([9; 8]))) => CloneRefusal::Answer;
    no_answer: answered(&AN.files, &[]) => CloneRefusal::Answer;
    a_cut_answer: answered(&AN.files, &AN.answer(OURS)[..63]) => CloneRefusal::Answer;
    an_answer_in_der: {
        let answer = AN.answer(OURS);
        answered(&AN.files, &crypto::sign::ecdsa_to_der(answer.as_array().unwrap()))
    } => CloneRefusal::Answer;
    a_copy_without_the_key: copy(|it| it.dg15 = None) => CloneRefusal::KeyMissing;
    a_copy_that_does_not_say_how: copy(|it| it.dg14 = None) => CloneRefusal::AlgorithmMissing;
    a_key_that_is_none:
        issued_with(active_with("0.4.0.127.0.7.1.1.4.1.3"), vec![0x6f, 0]) => CloneRefusal::KeyUnreadable;
    an_answer_with_sha_1:
        issued_with(active_with("0.4.0.127.0.7.1.1.4.1.1"), AN.files.dg15.clone().unwrap().to_vec())
            => CloneRefusal::Scheme(Sha1);
    an_answer_of_an_unknown_kind:
        issued_with(active_with("1.2.3.4"), AN.files.dg15.clone().unwrap().to_vec()) => CloneRefusal::Scheme(Unknown);
    a_key_that_passive_authentication_did_not_see: {
        let other = passive_authentication(&files(&SOD), &trusting(&NATION), now()).unwrap();
        active_authentication(&AN.files, &other, OURS, &AN.answer(OURS))
    } => CloneRefusal::KeyMissing;
}
