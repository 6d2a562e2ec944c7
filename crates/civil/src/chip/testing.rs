//! A small country with its authority, its signers and its people's chips, for the tests of this module.

use std::sync::LazyLock;

use aws_lc_rs::{rand::SystemRandom, rsa, signature};
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use crypto::x509::{Hash, Scheme};
use der::asn1::{ObjectIdentifier as Oid, SetOfVec};
use der::{Any, Decode, Encode};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PublicKeyData as _,
    RevokedCertParams, RsaKeySize, SerialNumber, SignatureAlgorithm, SigningKey as _, date_time_ymd,
};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::sod::SodDraft;
use super::{
    Authentic, Challenge, ChipFile, ChipFiles, ChipRefusal, Com, DataGroup, Dg13, Dg13Field, Portrait, PortraitFormat,
    TrustStore, dg1, dg15, passive_authentication, tlv,
};
use crate::mrz::Td1;
use crate::{PersonalNumber, Sex};

pub(super) const ES256: Scheme = Scheme::Ecdsa(Hash::Sha256);

/// An authority or a signer.
pub(super) struct Holder {
    pub(super) params: CertificateParams,
    pub(super) key: KeyPair,
    pub(super) certificate: Vec<u8>,
}

pub(super) static NATION: LazyLock<Holder> =
    LazyLock::new(|| authority("CSCA Test", &PKCS_ECDSA_P384_SHA384, 2020..2040));
pub(super) static SIGNER: LazyLock<Holder> = LazyLock::new(|| signer(&NATION, &PKCS_ECDSA_P256_SHA256));
pub(super) static SOD: LazyLock<Vec<u8>> = LazyLock::new(|| signed(&SIGNER, ES256));

pub(super) fn params(name: &str, years: std::ops::Range<i32>, usages: Vec<KeyUsagePurpose>) -> CertificateParams {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(years.start, 1, 1);
    params.not_after = date_time_ymd(years.end, 1, 1);
    params.key_usages = usages;
    params
}

pub(super) fn authority(name: &str, algorithm: &'static SignatureAlgorithm, years: std::ops::Range<i32>) -> Holder {
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

pub(super) fn signer_with(authority: &Holder, key: KeyPair, params: CertificateParams) -> Holder {
    let issuer = Issuer::from_params(&authority.params, &authority.key);
    let certificate = params.signed_by(&key, &issuer).unwrap().der().to_vec();
    Holder {
        params,
        key,
        certificate,
    }
}

pub(super) fn signer(authority: &Holder, algorithm: &'static SignatureAlgorithm) -> Holder {
    signer_with(
        authority,
        key(algorithm),
        params("DS 1", 2024..2035, vec![KeyUsagePurpose::DigitalSignature]),
    )
}

pub(super) fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    if algorithm == &PKCS_RSA_SHA256 {
        return KeyPair::generate_rsa_for(algorithm, RsaKeySize::_2048).unwrap();
    }
    KeyPair::generate_for(algorithm).unwrap()
}

pub(super) fn trusting(authority: &Holder) -> TrustStore {
    let mut store = TrustStore::new();
    store.add_der(&authority.certificate).unwrap();
    store
}

pub(super) fn groups() -> [(DataGroup, Vec<u8>); 3] {
    [
        (DataGroup::DG1, vec![0x61, 1, 1]),
        (DataGroup::DG2, vec![0x75, 1, 2]),
        (DataGroup::DG13, vec![0x6d, 1, 3]),
    ]
}

pub(super) fn files(sod: &[u8]) -> ChipFiles {
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

pub(super) fn signed(signer: &Holder, scheme: Scheme) -> Vec<u8> {
    let groups = groups();
    let listed = groups.iter().map(|(group, bytes)| (*group, bytes.as_slice()));
    let draft = SodDraft::new(listed, &signer.certificate, scheme).unwrap();
    let signature = sign(signer, scheme, draft.to_be_signed());
    draft.finish(&signature).unwrap()
}

pub(super) fn signed_content(content: Vec<u8>) -> Vec<u8> {
    let draft = SodDraft::of_content(content, &SIGNER.certificate, ES256).unwrap();
    let signature = sign(&SIGNER, ES256, draft.to_be_signed());
    draft.finish(&signature).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test of signatures that draw a salt")]
pub(super) fn sign(signer: &Holder, scheme: Scheme, message: &[u8]) -> Vec<u8> {
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
pub(super) fn altered(sod: &[u8], change: impl FnOnce(&mut SignedData)) -> Vec<u8> {
    let info = ContentInfo::from_der(tlv::only(0x77, sod).unwrap()).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    change(&mut data);
    let info = ContentInfo {
        content_type: info.content_type,
        content: Any::encode_from(&data).unwrap(),
    };
    tlv::write(0x77, &info.to_der().unwrap())
}

pub(super) fn alter_signer(sod: &[u8], change: impl FnOnce(&mut cms::signed_data::SignerInfo)) -> Vec<u8> {
    altered(sod, |data| {
        let mut signer = data.signer_infos.0.get(0).unwrap().clone();
        change(&mut signer);
        data.signer_infos.0 = SetOfVec::try_from(vec![signer]).unwrap();
    })
}

pub(super) fn algorithm(oid: Oid) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}

pub(super) fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(super) fn check(sod: &[u8]) -> Result<Authentic, ChipRefusal> {
    passive_authentication(&files(sod), &trusting(&NATION), now())
}

/// A chip with its private key.
pub(super) struct Chip {
    pub(super) files: ChipFiles,
    key: SoftKey,
}

pub(super) static AN: LazyLock<Chip> = LazyLock::new(|| Chip::new(1, "001199000001", "Trần Thị An", &SIGNER));
pub(super) static BINH: LazyLock<Chip> = LazyLock::new(|| Chip::new(2, "079085000123", "Nguyễn Văn Bình", &SIGNER));

impl Chip {
    pub(super) fn new(seed: u8, number: &str, name: &str, signer: &Holder) -> Self {
        let key = SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap();
        let pair = KeyPair::try_from(key.to_pkcs8().unwrap().as_slice()).unwrap();
        let born = "1999-01-15".parse().unwrap();
        let zone = Td1::new(PersonalNumber::parse(number).unwrap(), name, born, Sex::Female, None);
        let portrait = Portrait {
            format: PortraitFormat::Jpeg,
            width: 3,
            height: 4,
            image: vec![0xff, 0xd8, 0xff, 0xe0, seed],
        };
        let national = Dg13::new([
            (Dg13Field::Number, number.to_owned()),
            (Dg13Field::FullName, name.to_owned()),
        ]);
        let groups = [
            (DataGroup::DG1, dg1::build(&zone)),
            (DataGroup::DG2, portrait.to_dg2()),
            (DataGroup::DG13, national.to_bytes()),
            (DataGroup::DG14, active_with("0.4.0.127.0.7.1.1.4.1.3")),
            (DataGroup::DG15, dg15::build(&pair.subject_public_key_info()).unwrap()),
        ];
        let files = Self::signed(groups, signer);
        Self { files, key }
    }

    /// The files of a chip with some groups, in order DG1, DG2, DG13, DG14, DG15.
    pub(super) fn signed(groups: [(DataGroup, Vec<u8>); 5], signer: &Holder) -> ChipFiles {
        let listed = groups.iter().map(|(group, bytes)| (*group, bytes.as_slice()));
        let draft = SodDraft::new(listed, &signer.certificate, ES256).unwrap();
        let signature = sign(signer, ES256, draft.to_be_signed());
        let com = Com::new(groups.iter().map(|(group, _)| *group).collect());
        let [dg1, dg2, dg13, dg14, dg15] = groups.map(|(_, bytes)| ChipFile::from(bytes));
        ChipFiles {
            com: com.to_bytes().into(),
            dg1,
            dg2,
            dg13: Some(dg13),
            dg14: Some(dg14),
            dg15: Some(dg15),
            sod: draft.finish(&signature).unwrap().into(),
        }
    }

    /// What the chip answers to a challenge.
    pub(super) fn answer(&self, challenge: Challenge) -> Vec<u8> {
        self.key.sign(&challenge.0).unwrap()
    }
}

/// DG14 that says how active authentication signs.
pub(super) fn active_with(algorithm: &str) -> Vec<u8> {
    let identifier = |oid: &str| tlv::write(0x06, Oid::new_unwrap(oid).as_bytes());
    let info = [identifier("2.23.136.1.1.5"), vec![2, 1, 1], identifier(algorithm)].concat();
    tlv::write(0x6e, &tlv::write(0x31, &tlv::write(0x30, &info)))
}

/// A revocation list of an authority from the beginning of 2025 until a new year, with the numbers it revokes.
pub(super) fn revoking(authority: &Holder, numbers: &[u64], until: i32) -> Vec<u8> {
    let revoked = numbers.iter().map(|number| RevokedCertParams {
        serial_number: SerialNumber::from(*number),
        revocation_time: date_time_ymd(2025, 6, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2025, 1, 1),
        next_update: date_time_ymd(until, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let issuer = Issuer::from_params(&authority.params, &authority.key);
    params.signed_by(&issuer).unwrap().der().to_vec()
}
