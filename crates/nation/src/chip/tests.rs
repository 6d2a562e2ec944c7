use civil::chip::{ChipRefusal, CloneRefusal, active_authentication, passive_authentication};
use jiff::tz::TimeZone;

use super::*;
use crate::testing::{TODAY, holder, nation};

fn at() -> jiff::Timestamp {
    TODAY.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

fn chip(layout: Layout) -> (ChipFiles, TrustStore) {
    let (person, card) = holder(layout);
    let issuer = Issuer::new(7).unwrap();
    (
        files(&nation(), &person, &card, &issuer).unwrap(),
        issuer.trust().unwrap(),
    )
}

#[test]
fn the_files_of_a_chip_are_authentic_and_say_what_the_card_says() {
    for layout in [Layout::Cccd2021, Layout::CanCuoc2024] {
        let (person, card) = holder(layout);
        let (files, trust) = chip(layout);

        let authentic = passive_authentication(&files, &trust, at()).unwrap();

        assert_eq!(authentic.groups.len(), 5);
        let zone = dg1::parse(&files.dg1).unwrap();
        let national = Dg13::parse(files.dg13.as_ref().unwrap()).unwrap();
        let portrait = Portrait::parse(&files.dg2).unwrap();
        assert_eq!(Some(zone), card.zone(&person));
        assert_eq!(national.text(Dg13Field::FullName), Some(person.full_name.as_str()));
        assert_eq!(national.number(), Some(person.number.clone()));
        assert_eq!(portrait.image, portrait_jpeg(&person, card.issued_on).unwrap());
    }
}

#[test]
fn a_chip_answers_for_itself() {
    let (files, trust) = chip(Layout::Cccd2021);
    let authentic = passive_authentication(&files, &trust, at()).unwrap();
    let challenge = Challenge([7; 8]);
    let (person, card) = holder(Layout::Cccd2021);
    let answer = answer(&person, &card, &Issuer::new(7).unwrap(), challenge).unwrap();

    let original = |challenge| active_authentication(&files, &authentic, challenge, &answer);

    assert!(original(challenge).is_ok());
    assert_eq!(original(Challenge([8; 8])), Err(CloneRefusal::Answer));
}

#[test]
fn every_changed_group_is_noticed() {
    let (files, trust) = chip(Layout::Cccd2021);
    let changed = |file: &ChipFile| {
        let mut bytes = file.to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        ChipFile::from(bytes)
    };
    let groups = [
        DataGroup::DG1,
        DataGroup::DG2,
        DataGroup::DG13,
        DataGroup::DG14,
        DataGroup::DG15,
    ];

    for group in groups {
        let mut files = files.clone();
        match group {
            DataGroup::DG1 => files.dg1 = changed(&files.dg1),
            DataGroup::DG2 => files.dg2 = changed(&files.dg2),
            DataGroup::DG13 => files.dg13 = files.dg13.as_ref().map(changed),
            DataGroup::DG14 => files.dg14 = files.dg14.as_ref().map(changed),
            _ => files.dg15 = files.dg15.as_ref().map(changed),
        }
        assert_eq!(
            passive_authentication(&files, &trust, at()),
            Err(ChipRefusal::GroupChanged(group))
        );
    }
}

/// What we sign, judged by an implementation that is not ours; says nothing where OpenSSL is not installed.
#[test]
fn openssl_verifies_what_we_sign() {
    use std::process::Command;
    let (files, _) = chip(Layout::CanCuoc2024);
    let issuer = Issuer::new(7).unwrap();
    let folder = std::env::temp_dir().join(format!("vneid-signed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    write("csca.der", issuer.authority());
    write("sod.cms", tlv::only(0x77, &files.sod).unwrap());
    let run = |words: &str| {
        let mut command = Command::new("openssl");
        command.args(words.split(' ')).current_dir(&folder).output()
    };

    let Ok(made) = run("x509 -inform DER -in csca.der -out csca.pem") else {
        return;
    };
    let verified = run("cms -verify -inform DER -in sod.cms -CAfile csca.pem -binary -out object.der -purpose any");

    assert!(made.status.success());
    let verified = verified.unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
    let object = std::fs::read(folder.join("object.der")).unwrap();
    let hash = sha256(&files.dg2);
    assert!(object.windows(32).any(|window| window == hash));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn another_nations_authority_does_not_vouch() {
    let (files, _) = chip(Layout::Cccd2021);
    let other = Issuer::new(8).unwrap().trust().unwrap();

    assert_eq!(
        passive_authentication(&files, &other, at()),
        Err(ChipRefusal::IssuerSignature)
    );
}

#[test]
fn files_of_an_earlier_run_stay_authentic() {
    let (files, _) = chip(Layout::Cccd2021);
    let again = Issuer::new(7).unwrap().trust().unwrap();

    assert!(passive_authentication(&files, &again, at()).is_ok());
}

#[test]
fn a_nine_digit_card_has_no_chip() {
    let (person, mut card) = holder(Layout::Cccd2021);
    card.layout = Layout::Cmnd;

    let refused = files(&nation(), &person, &card, &Issuer::new(7).unwrap());

    assert!(matches!(refused, Err(ChipError::NoChip)));
}
