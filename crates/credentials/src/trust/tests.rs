//! Chains, lists, and everything that can be wrong with them.

use std::slice;

use crypto::jws::VerifyError;
use crypto::sign::Signer as _;
use proptest::prelude::*;
use rcgen::{BasicConstraints, CustomExtension, IsCa, KeyUsagePurpose, date_time_ymd};

use super::*;
use crate::testing::{Holder, NOW, authority, key, list, signer, signer_with};

const EID: &str = "urn:vneid:eid:1";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn trust(authority: &Holder) -> Trust {
    Trust::new(list(authority, &[EID])).unwrap()
}

fn refusal(trust: &Trust, chain: &[&Holder]) -> TrustRefusal {
    let chain: Vec<_> = chain.iter().map(|holder| holder.certificate.clone()).collect();
    trust.chain(&chain, EID, NOW).unwrap_err()
}

#[test]
fn a_signer_is_traced_back_to_its_authority() {
    let root = authority("Root", 1);
    let signer = signer(&root, 2);
    let trust = trust(&root);

    let issuer = trust.chain(slice::from_ref(&signer.certificate), EID, NOW).unwrap();

    assert_eq!(issuer.key.key(), signer.key.public().key());
    assert_eq!(issuer.name, "CN=Document signer,C=VN");
    assert_eq!(issuer.authority, "Ministry");
    let with_root = [signer.certificate.clone(), root.certificate];
    assert_eq!(trust.chain(&with_root, EID, NOW), Ok(issuer));
}

#[test]
fn an_authority_in_between_is_followed_if_it_may_issue() {
    let root = authority("Root", 1);
    let between = signer_with(&root, 3, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, "Between");
    });
    let pretender = signer(&root, 4);
    let trust = trust(&root);
    let good = signer(&between, 2);
    let chain = [good.certificate.clone(), between.certificate.clone()];

    assert!(trust.chain(&chain, EID, NOW).is_ok());
    assert_eq!(refusal(&trust, &[&good]), TrustRefusal::UnknownAuthority);
    assert_eq!(
        refusal(&trust, &[&signer(&pretender, 2), &pretender]),
        TrustRefusal::NotAnAuthority
    );
    assert_eq!(
        refusal(&trust, &[&signer(&authority("Root", 9), 2), &between]),
        TrustRefusal::Signature
    );
    assert_eq!(refusal(&trust, &[&good; 5]), TrustRefusal::TooLong);
    assert_eq!(refusal(&trust, &[]), TrustRefusal::NoSigner);
}

#[test]
fn an_authority_that_may_issue_to_signers_alone_has_no_authority_below_it() {
    let root = authority("Root", 1);
    let named = |issuer: &Holder, seed, name: &'static str, length| {
        signer_with(issuer, seed, |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(length));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
        })
    };
    let upper = named(&root, 3, "Upper", 0);
    let lower = named(&upper, 4, "Lower", 0);

    assert!(
        trust(&root)
            .chain(&[signer(&upper, 2).certificate, upper.certificate.clone()], EID, NOW)
            .is_ok()
    );
    assert_eq!(
        refusal(&trust(&root), &[&signer(&lower, 2), &lower, &upper]),
        TrustRefusal::NotAnAuthority
    );
}

#[test]
fn certificates_that_may_not_sign_or_not_now_are_refused() {
    let root = authority("Root", 1);
    let trust = trust(&root);
    let with = |change: fn(&mut rcgen::CertificateParams)| refusal(&trust, &[&signer_with(&root, 2, change)]);

    assert_eq!(
        with(|params| params.not_after = date_time_ymd(2026, 1, 1)),
        TrustRefusal::Expired
    );
    assert_eq!(
        with(|params| params.not_before = date_time_ymd(2028, 1, 1)),
        TrustRefusal::NotYetValid
    );
    assert_eq!(
        with(|params| params.key_usages = vec![KeyUsagePurpose::KeyAgreement]),
        TrustRefusal::MayNotSign
    );
    assert_eq!(
        with(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        TrustRefusal::MayNotSign
    );
    assert_eq!(
        with(|params| {
            let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
            extension.set_criticality(true);
            params.custom_extensions = vec![extension];
        }),
        TrustRefusal::UnknownExtension
    );
    assert_eq!(
        refusal(&trust, &[&signer(&authority("Stranger", 8), 2)]),
        TrustRefusal::UnknownAuthority
    );
    assert_eq!(
        refusal(&trust, &[&signer(&authority("Root", 8), 2)]),
        TrustRefusal::UnknownAuthority
    );
    assert_eq!(trust.chain(&[vec![0x30, 0]], EID, NOW), Err(TrustRefusal::Unreadable));
}

#[test]
fn an_authority_vouches_for_its_own_documents_alone() {
    let root = authority("Root", 1);
    let signer = signer(&root, 2);
    let trust = Trust::new(list(&root, &[EID]).with_signer(signer.certificate.clone())).unwrap();
    let id = short_id(signer.key.public().key());

    assert_eq!(
        trust.chain(slice::from_ref(&signer.certificate), "org.iso.18013.5.1.mDL", NOW),
        Err(TrustRefusal::OtherDocument)
    );
    assert_eq!(
        trust.signer(&id, "org.iso.18013.5.1.mDL", NOW),
        Err(TrustRefusal::OtherDocument)
    );
    assert!(trust.signer(&id, EID, NOW).is_ok());
    assert!(trust.signer(signer.key.key_id().as_bytes(), EID, NOW).is_ok());
}

#[test]
fn a_signer_that_was_retired_or_withdrawn_is_refused() {
    let root = authority("Root", 1);
    let signer = signer(&root, 2);
    let id = short_id(signer.key.public().key());
    let mut withdrawing = list(&root, &[EID]).with_signer(signer.certificate.clone());
    withdrawing.withdrawn.push(fingerprint(&signer.certificate));

    let retired = trust(&root);
    let withdrawn = Trust::new(withdrawing).unwrap();

    assert_eq!(retired.signer(&id, EID, NOW), Err(TrustRefusal::UnknownSigner));
    assert_eq!(withdrawn.signer(&id, EID, NOW), Err(TrustRefusal::Withdrawn));
    assert_eq!(refusal(&withdrawn, &[&signer]), TrustRefusal::Withdrawn);
}

#[test]
fn a_list_is_read_with_its_pinned_key_and_never_goes_back() {
    let root = authority("Root", 1);
    let mut published = list(&root, &[EID]).with_signer(signer(&root, 2).certificate);
    published.withdrawn.push([7; 32]);
    let text = published.sign(&key(9)).unwrap();
    let read = |pinned: u8, known, at| TrustList::read(&text, key(pinned).public(), known, at, MINUTE);

    assert_eq!(read(9, 3, NOW), Ok(published));
    assert_eq!(read(8, 0, NOW), Err(TrustListRefusal::Jwt(VerifyError::UnknownKey)));
    assert_eq!(read(9, 4, NOW), Err(TrustListRefusal::RolledBack(4)));
    assert_eq!(
        read(9, 0, NOW + SignedDuration::from_hours(24)),
        Err(TrustListRefusal::Expired)
    );
    assert_eq!(read(9, 0, NOW - MINUTE * 2), Err(TrustListRefusal::FromFuture));
    let other = crypto::jws::sign(&key(9), Some("JWT"), b"{}").unwrap();
    let refused = TrustList::read(&other, key(9).public(), 0, NOW, MINUTE);
    assert_eq!(refused, Err(TrustListRefusal::Type));
}

#[test]
fn a_list_whose_authority_is_none_is_refused() {
    let root = authority("Root", 1);
    let pretender = signer(&root, 2);

    assert_eq!(
        Trust::new(list(&pretender, &[EID])).unwrap_err(),
        TrustRefusal::NotAnAuthority
    );
}

#[test]
fn an_issuer_does_not_start_with_a_certificate_that_is_about_to_end() {
    let root = authority("Root", 1);
    let own = signer_with(&root, 2, |params| params.not_after = date_time_ymd(2027, 2, 1));
    let chain = [own.certificate.clone()];
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let check = |key: &PublicKey, margin| check_own(key, &chain, NOW, margin);
    let own_key = own.key.public().key();
    let end: Timestamp = "2027-02-01T00:00:00Z".parse().unwrap();

    assert_eq!(check(own_key, days(10)), Ok(end));
    assert_eq!(check(own_key, days(30)), Err(OwnRefusal::ExpiresSoon(end)));
    assert_eq!(check(key(5).public().key(), days(0)), Err(OwnRefusal::OtherKey));
    let late = check_own(own_key, &chain, NOW + days(30), days(0));
    assert_eq!(late, Err(OwnRefusal::Certificate(TrustRefusal::Expired)));
    assert_eq!(
        check_own(own_key, &[], NOW, days(0)),
        Err(OwnRefusal::Certificate(TrustRefusal::NoSigner))
    );
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>, text: String) {
        let trust = trust(&authority("Root", 1));
        prop_assert!(trust.chain(slice::from_ref(&bytes), EID, NOW).is_err());
        prop_assert!(trust.signer(&bytes, EID, NOW).is_err());
        prop_assert!(TrustList::read(&text, key(9).public(), 0, NOW, MINUTE).is_err());
    }
}
