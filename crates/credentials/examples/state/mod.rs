//! A small state for the examples: an authority, a signer, a holder's device, and one of each credential.

use std::error::Error;

use civil::{PersonalNumber, Sex};
use credentials::cbor::Value;
use credentials::eid::{Eid, Residence, VCT};
use credentials::identity_qr::{self, Pass};
use credentials::mdoc::{self, Elements};
use credentials::sdjwt::{self, ClaimPath};
use credentials::status::{Status, StatusList, StatusRef, StatusToken};
use credentials::trust::{Authority, IDENTITY_QR, STATUS_LIST, TrustList};
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// When it all happens.
pub const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const TODAY: Date = date(2027, 1, 15);

/// Whatever goes wrong in an example.
pub type Anything = Box<dyn Error>;

/// The parties.
pub struct State {
    /// The signer of documents.
    pub signer: SoftKey,
    /// Its certificate.
    pub chain: Vec<Vec<u8>>,
    /// The key of the holder's device.
    pub device: SoftKey,
    /// The authority's certificate.
    pub root: Vec<u8>,
    /// Where the status of the credentials stands.
    pub status: StatusRef,
    /// What the card says, and what of it hides: drawn from the facts once for all credentials of a batch, as the platform does.
    claims: (serde_json::Map<String, serde_json::Value>, Vec<ClaimPath>),
    /// What the licence says.
    elements: Elements,
}

impl State {
    /// A state whose keys follow from small numbers.
    pub fn new() -> Result<Self, Anything> {
        let key = |seed: u8| SoftKey::from_seed(Algorithm::Es256, &[seed; 32]);
        let (root_key, signer, device) = (key(1)?, key(2)?, key(5)?);
        let mut root = certificate("Test authority", KeyUsagePurpose::KeyCertSign)?;
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let root_pair = KeyPair::try_from(root_key.to_pkcs8()?.as_slice())?;
        let root_der = root.self_signed(&root_pair)?.der().to_vec();
        let signer_pair = KeyPair::try_from(signer.to_pkcs8()?.as_slice())?;
        let signer_params = certificate("Test document signer", KeyUsagePurpose::DigitalSignature)?;
        let issuer = Issuer::from_params(&root, root_pair);
        let signer_der = signer_params.signed_by(&signer_pair, &issuer)?.der().to_vec();
        Ok(Self {
            signer,
            chain: vec![signer_der],
            device,
            root: root_der,
            status: StatusRef {
                uri: "https://id.example/status/g1/42".into(),
                index: 123_456,
            },
            claims: eid()?.claims(TODAY),
            elements: licence(),
        })
    }

    /// The trust list.
    pub fn trust_list(&self) -> TrustList {
        let authority = Authority {
            name: "Test ministry".into(),
            certificate: self.root.clone(),
            documents: [VCT, mdoc::EID, mdoc::DRIVING_LICENCE, IDENTITY_QR, STATUS_LIST]
                .map(Into::into)
                .into(),
        };
        let list = TrustList::new(1, NOW, NOW + SignedDuration::from_hours(24), vec![authority]);
        self.chain.iter().cloned().fold(list, TrustList::with_signer)
    }

    /// A status list of a million places, one in a thousand revoked and as many locked.
    pub fn status_list(&self) -> StatusToken {
        let mut list = StatusList::new(1 << 20);
        for place in (0..1 << 20).step_by(500) {
            let status = if place % 1000 == 0 {
                Status::Invalid
            } else {
                Status::Suspended
            };
            list.set(place + 1, status).ok();
        }
        StatusToken {
            uri: self.status.uri.clone(),
            issued_at: NOW,
            expires_at: Some(NOW + SignedDuration::from_hours(12)),
            time_to_live: Some(SignedDuration::from_mins(15)),
            list,
        }
    }

    /// The electronic identity card as SD-JWT VC of which every claim hides.
    pub fn sd_jwt(&self, random: &mut dyn FnMut() -> [u8; 16]) -> Result<String, Anything> {
        let (claims, hidden) = &self.claims;
        let draft = sdjwt::Draft {
            vct: VCT,
            issuer: "https://id.example",
            issued_at: NOW,
            valid_from: Some(NOW),
            expires_at: NOW + SignedDuration::from_hours(24 * 14),
            holder: Some(self.device.public()),
            status: Some(&self.status),
            claims,
            hidden,
            fill: 4,
        };
        Ok(draft.issue(&self.signer, &self.chain, random)?)
    }

    /// The driving licence as ISO/IEC 18013-5 document.
    pub fn licence(&self, random: &mut dyn FnMut() -> [u8; 16]) -> Result<Vec<u8>, Anything> {
        let draft = mdoc::Draft {
            document_type: mdoc::DRIVING_LICENCE,
            elements: &self.elements,
            device: self.device.public().key(),
            signed_at: NOW,
            valid_from: NOW,
            valid_until: NOW + SignedDuration::from_hours(24 * 14),
            status: Some(&self.status),
        };
        Ok(draft.issue(&self.signer, &self.chain, random)?)
    }

    /// The pass of an identity QR.
    pub fn pass(&self) -> Result<Pass, Anything> {
        self.pass_at(&self.status, Status::Valid, &self.signer)
    }

    /// A pass whose status stands at a place and was something when a signer issued it.
    pub fn pass_at(&self, place: &StatusRef, stapled: Status, signer: &SoftKey) -> Result<Pass, Anything> {
        let identity = eid()?.identity();
        let draft = identity_qr::Draft {
            issuer: "https://id.example",
            identity: &identity,
            device: self.device.public().key(),
            issued_at: NOW,
            expires_at: NOW + SignedDuration::from_hours(48),
            status: stapled,
            status_at: Some(place),
        };
        Ok(draft.issue(signer)?)
    }
}

fn licence() -> Elements {
    let day = |text: &str| Value::Tag(1004, Box::new(text.into()));
    let privilege = Value::Map(vec![
        ("vehicle_category_code".into(), "B".into()),
        ("issue_date".into(), day("2025-01-02")),
    ]);
    let own = [
        ("family_name", Value::from("Nguyễn")),
        ("given_name", "Thị Ngọc Ánh".into()),
        ("birth_date", day("1998-03-12")),
        ("issue_date", day("2025-01-02")),
        ("expiry_date", day("2035-01-02")),
        ("issuing_country", "VN".into()),
        ("issuing_authority", "Test ministry".into()),
        ("document_number", "010098000001".into()),
        ("portrait", Value::Bytes(vec![0xff, 0xd8, 0xff, 0xd9])),
        ("driving_privileges", Value::Array(vec![privilege])),
        ("un_distinguishing_sign", "VN".into()),
        ("age_over_18", true.into()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value)).into();
    Elements::from([(mdoc::DRIVING_LICENCE_NAMESPACE.to_owned(), own)])
}

fn eid() -> Result<Eid, Anything> {
    Ok(Eid {
        number: PersonalNumber::parse("001198000001")?,
        full_name: "Nguyễn Thị Ngọc Ánh".into(),
        date_of_birth: date(1998, 3, 12),
        sex: Sex::Female,
        nationality: "VN".into(),
        residence: Residence {
            province: "01".into(),
            commune: "00070".into(),
            address: "1 Tràng Tiền, Phường Hoàn Kiếm, TP Hà Nội".into(),
        },
        portrait: None,
    })
}

fn certificate(name: &str, usage: KeyUsagePurpose) -> Result<CertificateParams, Anything> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2025, 1, 1);
    params.not_after = rcgen::date_time_ymd(2032, 1, 1);
    params.key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
