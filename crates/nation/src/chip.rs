//! The chip of a card: the files that a reader would read, signed by a test authority.
//!
//! The keys of the authority, of the document signer and of each chip follow from the seed of the nation, so that files
//! from yesterday's sandbox are still authentic today. Whoever knows the seed can sign: nothing outside a sandbox may
//! trust this authority.

use civil::chip::sod::{SodDraft, SodError};
use civil::chip::{
    Challenge, ChipFile, ChipFiles, Com, DataGroup, Dg13, Dg13Field, Portrait, PortraitFormat, TrustError, TrustStore,
    dg1, tlv,
};
use crypto::agreement::{Curve, PrivateKey};
use crypto::digest::sha256;
use crypto::sign::{Signer as _, SoftKey};
use crypto::x509::{Hash, Scheme};
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, IsCa, KeyPair, KeyUsagePurpose,
    PublicKeyData, SigningKey,
};
use thiserror::Error;

use crate::card::{Card, Layout};
use crate::people::{Kinship, Nation, Person};
use crate::picture::{PictureError, portrait_jpeg};

mod responder;

pub use responder::SimulatedCard;

/// Size of the portrait on the chip.
const PORTRAIT: (u16, u16) = (300, 400);

/// The test authority (CSCA) of a nation with one document signer, P-256 both.
pub struct Issuer {
    seed: u64,
    authority: Vec<u8>,
    signer: Vec<u8>,
    key: KeyPair,
}

/// Why there are no files.
#[derive(Debug, Error)]
pub enum ChipError {
    /// A card of this generation has no chip.
    #[error("the card has no chip")]
    NoChip,
    /// A key or a certificate could not be made.
    #[error("a key cannot be made")]
    Key,
    /// A certificate could not be made.
    #[error("a certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// The portrait could not be drawn.
    #[error("the portrait cannot be drawn")]
    Portrait(#[from] PictureError),
    /// The files could not be signed.
    #[error("the files cannot be signed")]
    Sod(#[from] SodError),
}

impl Issuer {
    /// The authority and the signer of the nation with a seed.
    ///
    /// # Errors
    /// [`ChipError::Key`] or [`ChipError::Certificate`]; does not happen.
    pub fn new(seed: u64) -> Result<Self, ChipError> {
        let authority_key = key_pair(seed, "country signing", 0)?;
        let key = key_pair(seed, "document signer", 0)?;

        let mut authority = certificate("CSCA Viet Nam (synthetic)", 2020, 2045);
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_der = authority.self_signed(&authority_key)?.der().to_vec();

        let mut signer = certificate("Document signer 1 (synthetic)", 2021, 2040);
        signer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        signer.use_authority_key_identifier_extension = true;
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let signer_der = signer.signed_by(&key, &issuer)?.der().to_vec();
        Ok(Self {
            seed,
            authority: authority_der,
            signer: signer_der,
            key,
        })
    }

    /// The certificate of the authority, DER.
    pub fn authority(&self) -> &[u8] {
        &self.authority
    }

    /// A store that trusts this authority alone.
    ///
    /// # Errors
    /// [`TrustError`]; does not happen.
    pub fn trust(&self) -> Result<TrustStore, TrustError> {
        let mut store = TrustStore::new();
        store.add_der(&self.authority)?;
        Ok(store)
    }
}

/// The files of the chip of a card.
///
/// # Errors
/// [`ChipError::NoChip`] for a nine-digit card; the others do not happen with people of a nation.
pub fn files(nation: &Nation, person: &Person, card: &Card, issuer: &Issuer) -> Result<ChipFiles, ChipError> {
    let zone = card.zone(person).ok_or(ChipError::NoChip)?;
    let image = portrait_jpeg(person, card.issued_on)?;
    let portrait = Portrait {
        format: PortraitFormat::Jpeg,
        width: PORTRAIT.0,
        height: PORTRAIT.1,
        image,
    };
    let key = key_pair(issuer.seed, generation(card), person.index)?.subject_public_key_info();

    let groups = [
        (DataGroup::DG1, dg1::build(&zone)),
        (DataGroup::DG2, portrait.to_dg2()),
        (DataGroup::DG13, national_data(nation, person, card).to_bytes()),
        (DataGroup::DG14, security_infos(&agreement_key(person, card, issuer)?)?),
        (DataGroup::DG15, tlv::write(0x6f, &key)),
    ];
    let hashed = groups.iter().map(|(group, file)| (*group, file.as_slice()));
    let draft = SodDraft::new(hashed, &issuer.signer, Scheme::Ecdsa(Hash::Sha256))?;
    let signature = issuer.key.sign(draft.to_be_signed())?;
    let com = Com::new(groups.iter().map(|(group, _)| *group).collect());
    let [(_, dg1), (_, dg2), (_, dg13), (_, dg14), (_, dg15)] = groups;
    Ok(ChipFiles {
        com: ChipFile::from(com.to_bytes()),
        dg1: ChipFile::from(dg1),
        dg2: ChipFile::from(dg2),
        dg13: Some(ChipFile::from(dg13)),
        dg14: Some(ChipFile::from(dg14)),
        dg15: Some(ChipFile::from(dg15)),
        sod: ChipFile::from(draft.finish(&signature)?),
    })
}

/// What the chip of a card answers to a challenge of active authentication: a plain ECDSA signature, 64 bytes.
///
/// # Errors
/// [`ChipError::NoChip`] for a nine-digit card; [`ChipError::Key`] does not happen.
pub fn answer(person: &Person, card: &Card, issuer: &Issuer, challenge: Challenge) -> Result<Vec<u8>, ChipError> {
    if card.layout == Layout::Cmnd {
        return Err(ChipError::NoChip);
    }
    let key = private_key(issuer.seed, generation(card), person.index)?;
    key.sign(&challenge.0).map_err(|_error| ChipError::Key)
}

fn generation(card: &Card) -> &'static str {
    if card.layout == Layout::Cccd2021 {
        "chip 2021"
    } else {
        "chip 2024"
    }
}

fn national_data(nation: &Nation, person: &Person, card: &Card) -> Dg13 {
    let day = |date: Date| format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year());
    let names = |kind, field| {
        person
            .related(kind)
            .filter_map(|index| nation.name(index))
            .map(move |name| (field, name))
    };
    let own = [
        (Dg13Field::Number, person.number.as_str().to_owned()),
        (Dg13Field::FullName, person.full_name.clone()),
        (Dg13Field::DateOfBirth, day(person.date_of_birth)),
        (Dg13Field::Sex, person.sex.vietnamese().to_owned()),
        (Dg13Field::Nationality, "Việt Nam".to_owned()),
        (Dg13Field::Ethnicity, person.ethnicity.to_owned()),
        (Dg13Field::Religion, person.religion.to_owned()),
        (Dg13Field::Origin, person.origin.clone()),
        (Dg13Field::Residence, card.address(person)),
        (Dg13Field::IdentifyingMarks, person.identifying_mark.clone()),
        (Dg13Field::IssuedOn, day(card.issued_on)),
        (
            Dg13Field::ExpiresOn,
            card.expires_on.map_or("Không thời hạn".to_owned(), day),
        ),
    ];
    let parents = names(Kinship::Father, Dg13Field::Parents).chain(names(Kinship::Mother, Dg13Field::Parents));
    let spouse = names(Kinship::Spouse, Dg13Field::Spouse);
    let old = person.old_number.clone().map(|number| (Dg13Field::OldNumber, number));
    Dg13::new(own.into_iter().chain(parents).chain(spouse).chain(old))
}

/// The key of chip authentication of a card, on brainpoolP256r1.
fn agreement_key(person: &Person, card: &Card, issuer: &Issuer) -> Result<PrivateKey, ChipError> {
    let whose = format!("{} {} agreement {}", issuer.seed, generation(card), person.index);
    PrivateKey::derive(Curve::Brainpool256, &sha256(whose.as_bytes())).map_err(|_key| ChipError::Key)
}

/// EF.CardAccess: terminal authentication, chip authentication (ECDH, AES-128, key 1), PACE (ECDH with generic mapping,
/// AES-128, brainpoolP256r1).
const CARD_ACCESS: [u8; 54] = [
    0x31, 0x34, 0x30, 0x0d, 0x06, 0x08, 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x02, 0x02, 0x01, 0x01, 0x30, 0x0f,
    0x06, 0x0a, 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x03, 0x02, 0x02, 0x02, 0x01, 0x01, 0x30, 0x12, 0x06, 0x0a,
    0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02, 0x02, 0x02, 0x01, 0x02, 0x02, 0x01, 0x0d,
];

/// DG14: what EF.CardAccess says, the key of chip authentication, active authentication with ECDSA (ICAO 9303-11 section
/// 9.2).
fn security_infos(key: &PrivateKey) -> Result<Vec<u8>, ChipError> {
    const CHIP_PUBLIC_KEY: [u8; 9] = [4, 0, 127, 0, 7, 2, 2, 1, 2];
    const ACTIVE_AUTHENTICATION: [u8; 6] = [0x67, 0x81, 8, 1, 1, 5];
    const PLAIN_ECDSA_SHA_256: [u8; 10] = [4, 0, 127, 0, 7, 1, 1, 4, 1, 3];
    const ON_BRAINPOOL_256: [u8; 22] = [
        0x30, 0x14, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7,
    ];

    let one = tlv::write(0x02, &[1]);
    let sequence = |oid: &[u8], parts: &[u8]| tlv::write(0x30, &[&tlv::write(0x06, oid), parts].concat());
    let point = key.public().map_err(|_key| ChipError::Key)?;
    let key = tlv::write(
        0x30,
        &[&ON_BRAINPOOL_256[..], &tlv::write(0x03, &[&[0], &point[..]].concat())].concat(),
    );
    let mut infos: Vec<Vec<u8>> = access_infos().collect();
    infos.push(sequence(&CHIP_PUBLIC_KEY, &[&key[..], &one].concat()));
    let signs = [&one[..], &tlv::write(0x06, &PLAIN_ECDSA_SHA_256)].concat();
    infos.push(sequence(&ACTIVE_AUTHENTICATION, &signs));
    infos.sort();
    Ok(tlv::write(0x6e, &tlv::write(0x31, &infos.concat())))
}

fn access_infos() -> impl Iterator<Item = Vec<u8>> {
    let set = tlv::only(0x31, &CARD_ACCESS).unwrap_or_default();
    tlv::all(set).flatten().map(|info| tlv::write(info.tag, info.content))
}

fn certificate(name: &str, from: i32, to: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    if let Ok(country) = "VN".try_into() {
        params
            .distinguished_name
            .push(DnType::CountryName, DnValue::PrintableString(country));
    }
    params
        .distinguished_name
        .push(DnType::OrganizationName, "VNeID synthetic nation");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(to, 1, 1);
    params
}

fn key_pair(seed: u64, whose: &str, index: u64) -> Result<KeyPair, ChipError> {
    let pkcs8 = private_key(seed, whose, index)?
        .to_pkcs8()
        .map_err(|_key| ChipError::Key)?;
    Ok(KeyPair::try_from(pkcs8.as_slice())?)
}

/// A key of P-256 that follows from the seed: the first hash that is a private key.
fn private_key(seed: u64, whose: &str, index: u64) -> Result<SoftKey, ChipError> {
    let candidate = |attempt: u8| sha256(format!("{seed} {whose} {index} {attempt}").as_bytes());
    let key = (0..8).find_map(|attempt| SoftKey::from_private_number(&candidate(attempt)).ok());
    key.ok_or(ChipError::Key)
}

#[cfg(test)]
mod tests;
