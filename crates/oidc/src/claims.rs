//! Scopes, the claims they release, and userinfo.
//!
//! The names of all scopes and claims stand here and nowhere else.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorCode};

/// A scope that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// `openid`: who signed in, as a pairwise identifier.
    #[serde(rename = "openid")]
    OpenId,
    /// `profile`: name, date of birth, sex.
    Profile,
    /// `email`.
    Email,
    /// `phone`.
    Phone,
    /// `address`: residence.
    Address,
    /// `vneid_account`: the level of the account (mức độ tài khoản định danh điện tử).
    VneidAccount,
    /// `vneid_number`: the personal number (số định danh cá nhân).
    VneidNumber,
    /// `vneid_card`: facts of the newest identity card, for a verified data bundle.
    VneidCard,
    /// `vneid_face`: whether a picture shows the person, for a verified data bundle.
    VneidFace,
    /// `vneid_portal`: what the other scopes release also under the names of the National Public Service Portal.
    VneidPortal,
    /// `vneid_eid_sd_jwt`: the electronic identity card for a wallet, as SD-JWT VC (`OpenID4VCI` 1.0 section 5.1.2).
    VneidEidSdJwt,
    /// `vneid_eid_mdoc`: the same as mobile document.
    VneidEidMdoc,
    /// `vneid_driving_licence_sd_jwt`: the driving licence for a wallet, as SD-JWT VC.
    VneidDrivingLicenceSdJwt,
    /// `vneid_driving_licence_mdoc`: the same as mobile driving licence.
    VneidDrivingLicenceMdoc,
    /// `vneid_vehicles_sd_jwt`: the vehicle registration for a wallet, as SD-JWT VC.
    VneidVehiclesSdJwt,
    /// `vneid_vehicles_mdoc`: the same as mobile document.
    VneidVehiclesMdoc,
    /// `vneid_health_insurance_sd_jwt`: the health insurance card for a wallet, as SD-JWT VC.
    VneidHealthInsuranceSdJwt,
    /// `vneid_health_insurance_mdoc`: the same as mobile document.
    VneidHealthInsuranceMdoc,
}

impl Scope {
    /// All scopes.
    pub const ALL: &'static [Self] = &[
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::VneidAccount,
        Self::VneidNumber,
        Self::VneidCard,
        Self::VneidFace,
        Self::VneidPortal,
        Self::VneidEidSdJwt,
        Self::VneidEidMdoc,
        Self::VneidDrivingLicenceSdJwt,
        Self::VneidDrivingLicenceMdoc,
        Self::VneidVehiclesSdJwt,
        Self::VneidVehiclesMdoc,
        Self::VneidHealthInsuranceSdJwt,
        Self::VneidHealthInsuranceMdoc,
    ];

    /// The scope as it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::VneidAccount => "vneid_account",
            Self::VneidNumber => "vneid_number",
            Self::VneidCard => "vneid_card",
            Self::VneidFace => "vneid_face",
            Self::VneidPortal => "vneid_portal",
            Self::VneidEidSdJwt => "vneid_eid_sd_jwt",
            Self::VneidEidMdoc => "vneid_eid_mdoc",
            Self::VneidDrivingLicenceSdJwt => "vneid_driving_licence_sd_jwt",
            Self::VneidDrivingLicenceMdoc => "vneid_driving_licence_mdoc",
            Self::VneidVehiclesSdJwt => "vneid_vehicles_sd_jwt",
            Self::VneidVehiclesMdoc => "vneid_vehicles_mdoc",
            Self::VneidHealthInsuranceSdJwt => "vneid_health_insurance_sd_jwt",
            Self::VneidHealthInsuranceMdoc => "vneid_health_insurance_mdoc",
        }
    }

    /// The scope of that name, spelled exactly.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name)
    }

    /// The claims that this scope releases (OpenID Connect Core 5.4, and our own).
    pub const fn claims(self) -> &'static [&'static str] {
        match self {
            Self::OpenId => &["sub"],
            Self::Profile => &[
                "name",
                "family_name",
                "middle_name",
                "given_name",
                "gender",
                "birthdate",
                "zoneinfo",
                "locale",
                "updated_at",
            ],
            Self::Email => &["email", "email_verified"],
            Self::Phone => &["phone_number", "phone_number_verified"],
            Self::Address => &["address"],
            Self::VneidAccount => &["vneid_account_level"],
            Self::VneidNumber => &["vneid_personal_number"],
            Self::VneidPortal => &["LoaiTaiKhoan"],
            Self::VneidCard
            | Self::VneidFace
            | Self::VneidEidSdJwt
            | Self::VneidEidMdoc
            | Self::VneidDrivingLicenceSdJwt
            | Self::VneidDrivingLicenceMdoc
            | Self::VneidVehiclesSdJwt
            | Self::VneidVehiclesMdoc
            | Self::VneidHealthInsuranceSdJwt
            | Self::VneidHealthInsuranceMdoc => &[],
        }
    }

    /// Whether it asks for a credential for a wallet, and not for claims.
    pub const fn is_credential(self) -> bool {
        matches!(
            self,
            Self::VneidEidSdJwt
                | Self::VneidEidMdoc
                | Self::VneidDrivingLicenceSdJwt
                | Self::VneidDrivingLicenceMdoc
                | Self::VneidVehiclesSdJwt
                | Self::VneidVehiclesMdoc
                | Self::VneidHealthInsuranceSdJwt
                | Self::VneidHealthInsuranceMdoc
        )
    }
}

/// A set of scopes, written with spaces between (RFC 6749 section 3.3).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Reads a scope parameter. Scopes that we do not know are passed over (OpenID Connect Core 3.1.2.1).
    ///
    /// # Errors
    /// `invalid_scope` if the text breaks the grammar of RFC 6749 section 3.3.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let allowed = |char: char| matches!(char, '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e' | ' ');
        if !text.chars().all(allowed) {
            return Err(Error::new(
                ErrorCode::InvalidScope,
                "scope has characters that are not allowed",
            ));
        }
        Ok(text.split(' ').filter_map(Scope::from_name).collect())
    }

    /// Whether the scope is in the set.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether one of the scopes asks for a credential for a wallet.
    pub fn have_credentials(&self) -> bool {
        self.iter().any(Scope::is_credential)
    }

    /// Whether all scopes of this set are in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The scopes.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// Whether one of the scopes releases the claim.
    pub fn release(&self, claim: &str) -> bool {
        self.iter().any(|scope| scope.claims().contains(&claim))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{}", scope.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl TryFrom<String> for Scopes {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

/// What is known of a person, under the names of OpenID Connect Core 5.1. What is unknown is left out.
#[derive(Clone, Default, Serialize)]
pub struct Facts {
    /// Full name, as on the card: `Nguyễn Văn An`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Họ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Tên đệm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Tên.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// `female` or `male`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<&'static str>,
    /// Date of birth, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<jiff::civil::Date>,
    /// Time zone, `Asia/Ho_Chi_Minh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<&'static str>,
    /// Language, `vi-VN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'static str>,
    /// When the data last changed, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the person proved to read that mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Phone number in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Whether the person proved to hold that number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    /// Residence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<PostalAddress>,
    /// Level of the account: 1 or 2 (Nghị định 69/2024/NĐ-CP Điều 7). Not the assurance of the authentication, which
    /// is `acr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vneid_account_level: Option<u8>,
    /// Personal number, twelve digits (số định danh cá nhân).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vneid_personal_number: Option<String>,
}

/// The address claim (OpenID Connect Core 5.1.1).
#[derive(Clone, Default, Serialize)]
pub struct PostalAddress {
    /// The whole address in lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// House, street, hamlet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// Commune (xã, phường, đặc khu).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Province or city (tỉnh, thành phố).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Facts(..)")
    }
}

impl fmt::Debug for PostalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostalAddress(..)")
    }
}

/// The facts by their names.
pub fn known(facts: &Facts) -> Map<String, Value> {
    match serde_json::to_value(facts) {
        Ok(Value::Object(claims)) => claims,
        _ => Map::new(),
    }
}

/// The userinfo answer: `sub`, and of the facts only what the scopes release (OpenID Connect Core 5.3.2).
pub fn userinfo(subject: &str, facts: &Facts, scopes: &Scopes) -> Map<String, Value> {
    let mut claims = known(facts);
    claims.retain(|name, _| scopes.release(name));
    if scopes.contains(Scope::VneidPortal) {
        let portal = portal(&claims);
        claims.extend(portal);
    }
    claims.insert("sub".to_owned(), subject.into());
    claims
}

/// What is released already, once more under the names that portals of the state know; nothing beyond that, so the
/// personal number only where its own scope was granted.
fn portal(released: &Map<String, Value>) -> Map<String, Value> {
    const NAMES: &[(&str, &str)] = &[
        ("name", "HoVaTen"),
        ("vneid_personal_number", "SoDinhDanh"),
        ("gender", "GioiTinh"),
        ("phone_number", "SoDienThoai"),
        ("email", "ThuDienTu"),
    ];
    let mut told: Map<String, Value> = NAMES
        .iter()
        .filter_map(|(name, portal)| Some(((*portal).to_owned(), released.get(*name)?.clone())))
        .collect();
    if let Some(Value::String(date)) = released.get("birthdate") {
        told.insert("NgayThangNamSinh".to_owned(), date.replace('-', "").into());
    }
    if let Some(address) = released.get("address").and_then(|address| address.get("formatted")) {
        told.insert("DiaChi".to_owned(), address.clone());
    }
    // A citizen; organisations have other numbers.
    told.insert("LoaiTaiKhoan".to_owned(), "1".into());
    told
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
