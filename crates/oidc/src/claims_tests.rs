use proptest::prelude::*;

use super::*;

fn facts() -> Facts {
    Facts {
        name: Some("Nguyễn Văn An".to_owned()),
        birthdate: Some(jiff::civil::date(1990, 2, 28)),
        email: Some("an@example.vn".to_owned()),
        email_verified: Some(true),
        phone_number: Some("+84900000001".to_owned()),
        address: Some(PostalAddress {
            locality: Some("Phường Ba Đình".to_owned()),
            ..PostalAddress::default()
        }),
        vneid_account_level: Some(2),
        vneid_personal_number: Some("001090000001".to_owned()),
        ..Facts::default()
    }
}

fn released(scopes: &str) -> Vec<String> {
    let told = userinfo("s", &facts(), &Scopes::parse(scopes).unwrap());
    told.keys().cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn oidcc_scope_profile() {
    assert_eq!(released("openid profile"), ["birthdate", "name", "sub"]);
}

#[test]
fn oidcc_scope_email() {
    assert_eq!(released("openid email"), ["email", "email_verified", "sub"]);
}

#[test]
fn oidcc_scope_address() {
    assert_eq!(released("openid address"), ["address", "sub"]);
}

#[test]
fn oidcc_scope_phone() {
    assert_eq!(released("openid phone"), ["phone_number", "sub"]);
}

#[test]
fn oidcc_scope_all() {
    let all: Scopes = Scope::ALL.iter().copied().collect();

    let claims = Value::Object(userinfo("s", &facts(), &all));

    assert_eq!(claims["birthdate"], "1990-02-28");
    assert_eq!(claims["vneid_account_level"], 2);
    assert_eq!(claims["address"]["locality"], "Phường Ba Đình");
    assert!(claims.get("gender").is_none(), "what is unknown is left out");
}

#[test]
fn the_personal_number_needs_its_own_scope() {
    assert!(
        !released("openid profile email phone address vneid_account").contains(&"vneid_personal_number".to_owned())
    );
    assert_eq!(released("openid vneid_number"), ["sub", "vneid_personal_number"]);
    assert_eq!(released("openid"), ["sub"]);
}

#[test]
fn a_portal_gets_the_names_that_it_knows_for_what_was_granted_and_no_more() {
    let told = |scopes| userinfo("s", &facts(), &Scopes::parse(scopes).unwrap());

    let without = told("openid profile vneid_portal");
    let with = told("openid profile vneid_number vneid_portal");

    assert_eq!(without["HoVaTen"], "Nguyễn Văn An");
    assert_eq!(without["NgayThangNamSinh"], "19900228");
    assert_eq!(without["LoaiTaiKhoan"], "1");
    assert!(without.get("SoDinhDanh").is_none() && without.get("SoDienThoai").is_none());
    assert_eq!(with["SoDinhDanh"], "001090000001");
}

#[test]
fn unknown_scopes_are_passed_over_and_broken_ones_refused() {
    assert_eq!(
        Scopes::parse("openid  foo profile").unwrap().to_string(),
        "openid profile"
    );
    assert!(Scopes::parse("openid\tprofile").is_err());
    assert!(Scopes::parse("openid \"x\"").is_err());
}

#[test]
fn facts_do_not_print() {
    assert_eq!(format!("{:?}", facts()), "Facts(..)");
}

#[test]
fn every_fact_is_released_by_exactly_one_scope() {
    let mut names: Vec<_> = Scope::ALL.iter().flat_map(|scope| scope.claims()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();

    assert_eq!(names.len(), count);
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".*") {
        if let Ok(scopes) = Scopes::parse(&text) {
            prop_assert_eq!(Scopes::parse(&scopes.to_string()), Ok(scopes));
        }
    }
}
