//! What can be issued, under which names, and for how long.

use credentials::{eid, licence, mdoc, paper};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};

/// How long a credential is good; a wallet fetches the next one in time.
pub(in crate::issuance) const LIFE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long an identity QR pass is good: a day without network, and a night.
pub(in crate::issuance) const PASS_LIFE: SignedDuration = SignedDuration::from_hours(36);

/// A document and the format in which it is issued: a credential configuration (`OpenID4VCI` section 12.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::issuance) enum Configuration {
    /// The electronic identity card as SD-JWT VC.
    EidSdJwt,
    /// The electronic identity card as mobile document.
    EidMdoc,
    /// The driving licence as SD-JWT VC.
    LicenceSdJwt,
    /// The driving licence as mobile driving licence of ISO/IEC 18013-5.
    LicenceMdoc,
    /// The vehicle registration as SD-JWT VC.
    VehiclesSdJwt,
    /// The vehicle registration as mobile document.
    VehiclesMdoc,
    /// The health insurance card as SD-JWT VC.
    InsuranceSdJwt,
    /// The health insurance card as mobile document.
    InsuranceMdoc,
    /// The criminal record certificate number 1 as SD-JWT VC.
    CriminalRecordSdJwt,
    /// The criminal record certificate number 1 as mobile document.
    CriminalRecordMdoc,
}

/// Which document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::issuance) enum Document {
    /// *Căn cước điện tử*.
    Eid,
    /// *Giấy phép lái xe*.
    Licence,
    /// *Chứng nhận đăng ký xe*.
    Vehicles,
    /// *Thẻ bảo hiểm y tế*.
    Insurance,
    /// *Phiếu lý lịch tư pháp số 1*.
    CriminalRecord,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::issuance) enum Format {
    /// SD-JWT VC.
    SdJwt,
    /// ISO/IEC 18013-5.
    Mdoc,
}

impl Configuration {
    /// Its identifier, which is also the scope that asks for it.
    pub(in crate::issuance) fn id(self) -> &'static str {
        match self {
            Self::EidSdJwt => "vneid_eid_sd_jwt",
            Self::EidMdoc => "vneid_eid_mdoc",
            Self::LicenceSdJwt => "vneid_driving_licence_sd_jwt",
            Self::LicenceMdoc => "vneid_driving_licence_mdoc",
            Self::VehiclesSdJwt => "vneid_vehicles_sd_jwt",
            Self::VehiclesMdoc => "vneid_vehicles_mdoc",
            Self::InsuranceSdJwt => "vneid_health_insurance_sd_jwt",
            Self::InsuranceMdoc => "vneid_health_insurance_mdoc",
            Self::CriminalRecordSdJwt => "vneid_criminal_record_sd_jwt",
            Self::CriminalRecordMdoc => "vneid_criminal_record_mdoc",
        }
    }

    /// The one with this identifier.
    pub(in crate::issuance) fn from_id(id: &str) -> Option<Self> {
        let all = Document::ALL.into_iter().flat_map(|(_, first, second)| [first, second]);
        all.into_iter().find(|configuration| configuration.id() == id)
    }

    /// Which document it is.
    pub(in crate::issuance) fn document(self) -> Document {
        match self {
            Self::EidSdJwt | Self::EidMdoc => Document::Eid,
            Self::LicenceSdJwt | Self::LicenceMdoc => Document::Licence,
            Self::VehiclesSdJwt | Self::VehiclesMdoc => Document::Vehicles,
            Self::InsuranceSdJwt | Self::InsuranceMdoc => Document::Insurance,
            Self::CriminalRecordSdJwt | Self::CriminalRecordMdoc => Document::CriminalRecord,
        }
    }

    /// How it is written.
    pub(in crate::issuance) fn format(self) -> Format {
        match self {
            Self::EidSdJwt
            | Self::LicenceSdJwt
            | Self::VehiclesSdJwt
            | Self::InsuranceSdJwt
            | Self::CriminalRecordSdJwt => Format::SdJwt,
            Self::EidMdoc | Self::LicenceMdoc | Self::VehiclesMdoc | Self::InsuranceMdoc | Self::CriminalRecordMdoc => {
                Format::Mdoc
            }
        }
    }

    /// The `vct` or document type.
    pub(in crate::issuance) fn kind(self) -> &'static str {
        match self {
            Self::EidSdJwt => eid::VCT,
            Self::EidMdoc => mdoc::EID,
            Self::LicenceSdJwt => licence::VCT,
            Self::LicenceMdoc => mdoc::DRIVING_LICENCE,
            Self::VehiclesSdJwt => paper::VEHICLES.vct,
            Self::VehiclesMdoc => paper::VEHICLES.document_type,
            Self::InsuranceSdJwt => paper::HEALTH_INSURANCE.vct,
            Self::InsuranceMdoc => paper::HEALTH_INSURANCE.document_type,
            Self::CriminalRecordSdJwt => paper::CRIMINAL_RECORD.vct,
            Self::CriminalRecordMdoc => paper::CRIMINAL_RECORD.document_type,
        }
    }
}

impl Format {
    /// The name of the format in metadata (`OpenID4VCI` 1.0 appendix A).
    pub(in crate::issuance) fn name(self) -> &'static str {
        match self {
            Self::SdJwt => "dc+sd-jwt",
            Self::Mdoc => "mso_mdoc",
        }
    }
}

impl Document {
    /// All documents, each with its two configurations.
    pub(in crate::issuance) const ALL: [(Self, Configuration, Configuration); 5] = [
        (Self::Eid, Configuration::EidSdJwt, Configuration::EidMdoc),
        (Self::Licence, Configuration::LicenceSdJwt, Configuration::LicenceMdoc),
        (
            Self::Vehicles,
            Configuration::VehiclesSdJwt,
            Configuration::VehiclesMdoc,
        ),
        (
            Self::Insurance,
            Configuration::InsuranceSdJwt,
            Configuration::InsuranceMdoc,
        ),
        (
            Self::CriminalRecord,
            Configuration::CriminalRecordSdJwt,
            Configuration::CriminalRecordMdoc,
        ),
    ];

    /// The word by which sentences and pages know it.
    pub(in crate::issuance) fn word(self) -> &'static str {
        match self {
            Self::Eid => "eid",
            Self::Licence => "driving-licence",
            Self::Vehicles => "vehicles",
            Self::Insurance => "health-insurance",
            Self::CriminalRecord => "criminal-record",
        }
    }

    /// The kinds of data in it, as histories name them.
    pub(in crate::issuance) fn what(self) -> &'static str {
        match self {
            Self::Eid => "number name birth sex address portrait",
            Self::Licence => "driving-licence name birth address portrait",
            Self::Vehicles => "vehicle name birth",
            Self::Insurance => "health-insurance name birth",
            Self::CriminalRecord => "judicial-record name birth",
        }
    }
}

/// When a credential was issued, as it says itself: to the hour, so that two of one batch cannot be told by it.
pub(in crate::issuance) fn issued_at(now: Timestamp) -> Timestamp {
    let hour = now.as_second().div_euclid(3600) * 3600;
    Timestamp::from_second(hour).unwrap_or(now)
}

/// When it ends: never after the signer's certificate, nor on the day on which one of its claims is no longer true.
pub(in crate::issuance) fn expires_at(
    issued_at: Timestamp,
    certificate_until: Timestamp,
    true_until: Option<Date>,
) -> Timestamp {
    let vietnam = TimeZone::fixed(offset(7));
    let midnight = true_until
        .and_then(|day| day.to_zoned(vietnam).ok())
        .map(|day| day.timestamp());
    let end = (issued_at + LIFE).min(certificate_until);
    midnight.map_or(end, |midnight| end.min(midnight))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_credential_ends_before_one_of_its_claims_is_no_longer_true() {
        let issued: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        let far = issued + SignedDuration::from_hours(24 * 365);

        let plain = expires_at(issued, far, None);
        let birthday = expires_at(issued, far, Some(date(2026, 12, 1)));
        let certificate = expires_at(issued, issued + SignedDuration::from_hours(1), None);

        assert_eq!(plain, issued + LIFE);
        assert_eq!(birthday.to_string(), "2026-11-30T17:00:00Z");
        assert_eq!(certificate, issued + SignedDuration::from_hours(1));
    }
}
