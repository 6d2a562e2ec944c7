//! What is known of an account, under the names of OpenID Connect.

use oidc::claims::{Facts, PostalAddress};

use crate::accounts::{Account, Level};

/// The facts of an account. What is released of them is decided by the scopes.
pub(super) fn facts(account: &Account, residence: Option<String>) -> Facts {
    let mut words = account.full_name.split_whitespace();
    let (family, given) = (words.next(), words.next_back());
    let middle: Vec<&str> = words.collect();
    Facts {
        name: Some(account.full_name.clone()),
        family_name: family.map(str::to_owned),
        middle_name: (!middle.is_empty()).then(|| middle.join(" ")),
        given_name: given.map(str::to_owned),
        gender: Some(match account.sex {
            civil::Sex::Male => "male",
            civil::Sex::Female => "female",
        }),
        birthdate: Some(account.date_of_birth),
        zoneinfo: Some("Asia/Ho_Chi_Minh"),
        locale: Some("vi-VN"),
        updated_at: None,
        email_verified: account.email.is_some().then_some(false),
        email: account.email.clone(),
        phone_number: Some(account.phone.e164()),
        phone_number_verified: Some(true),
        address: residence.map(|text| PostalAddress {
            formatted: Some(text),
            country: Some("VN".to_owned()),
            ..PostalAddress::default()
        }),
        vneid_account_level: Some(match account.level {
            Level::Zero => 0,
            Level::One => 1,
            Level::Two => 2,
        }),
        vneid_personal_number: Some(account.number.as_str().to_owned()),
    }
}
