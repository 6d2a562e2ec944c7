use std::fmt::Write as _;

use super::*;
use crate::applications::tests::{officer, officer_of};
use crate::officers::{MINISTRY, Role};
use crate::testing::TestApp;

fn policies() -> Policies {
    Policies::open(None, &[]).unwrap()
}

fn asker(role: Role, unit: &str) -> Asker<'_> {
    Asker {
        role,
        unit,
        second_factor: SecondFactor::Given,
    }
}

fn in_a_case() -> Occasion {
    Occasion {
        purpose: "investigation",
        case_number: CaseNumber::parse("12/QĐ-ĐTTH"),
    }
}

const HERE: &str = "00070";

/// What may be done to something in the best of cases, in a unit.
fn things(action: Action, unit: &str) -> Vec<On<'_>> {
    let dossier = |taken_by_me, held_by_me, awaits_second| {
        On::Dossier(Dossier {
            unit,
            level: 2,
            taken_by_me,
            held_by_me,
            proposed_by_me: false,
            awaits_second,
        })
    };
    match action.sphere() {
        Sphere::Platform => vec![On::Platform],
        Sphere::Person => vec![On::Person],
        Sphere::Unit => vec![On::Unit(unit)],
        Sphere::Dossier => vec![
            dossier(true, false, false),
            dossier(false, true, false),
            dossier(false, false, true),
            dossier(false, false, false),
        ],
    }
}

/// `own` where it is permitted in the own commune alone, `all` where also in another, `–` where nowhere.
fn reach(policies: &Policies, role: Role, unit: &str, action: Action) -> &'static str {
    let may = |place: &str| {
        let things = things(action, place);
        things.iter().any(|on| {
            policies
                .decide(&asker(role, unit), (action, on), &in_a_case())
                .denied
                .is_none()
        })
    };
    match (may(HERE), may("31393")) {
        (true, true) => "all",
        (true, false) => "own",
        (false, true) => "other",
        (false, false) => "–",
    }
}

#[test]
fn who_may_do_what() {
    let policies = policies();
    let mut table = format!("{:<22}", "commune 00070");
    for role in Role::ALL {
        write!(table, "{:<14}", role.word()).unwrap();
    }
    for action in Action::ALL {
        write!(table, "\n{:<22}", action.word()).unwrap();
        for role in Role::ALL {
            write!(table, "{:<14}", reach(&policies, *role, HERE, *action)).unwrap();
        }
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();

    insta::assert_snapshot!(table.join("\n"), @r#"
    commune 00070         counter       reviewer      chief         inspector     investigator  ministry      administrator
    take-application      own           –             –             –             –             –             –
    continue-application  all           –             –             –             –             –             –
    see-queue             –             own           own           –             –             –             –
    see-dossier           –             own           own           –             –             –             –
    claim                 –             own           –             –             –             –             –
    see-evidence          –             own           own           –             –             –             –
    decide                –             own           –             –             –             –             –
    confirm-override      –             own           own           –             –             –             –
    decide-batch          –             own           –             –             –             –             –
    release-for-other     –             –             own           –             –             –             –
    see-late              –             –             own           –             –             –             –
    see-figures           –             –             own           –             –             –             –
    see-operations        –             –             –             –             –             –             all
    reseal                –             –             –             –             –             –             all
    see-policies          all           all           all           all           all           all           all
    see-officers          –             –             –             –             –             –             all
    appoint               –             –             –             –             –             –             all
    reset-passkey         –             –             –             –             –             –             all
    search-person         –             all           all           all           all           all           –
    seal-lookup           –             –             –             –             all           –             –
    answer-contest        –             –             –             all           –             –             –
    see-alerts            –             –             –             all           –             –             –
    request-lock          all           –             –             –             all           –             –
    decide-lock           –             –             –             –             –             –             –
    inspect               –             –             –             all           –             –             –
    decide-connection     –             –             –             –             –             –             –
    write-news            –             –             –             –             –             –             –
    review-news           –             –             –             –             –             –             –
    revoke-certificate    –             –             –             –             –             –             –
    see-stays             own           –             own           own           –             –             –
    register-facility     own           –             own           –             –             –             –
    help-recovery         all           –             –             –             –             –             –
    see-reports           –             own           own           –             own           –             –
    handle-report         –             own           own           –             own           –             –
    "#);
}

#[test]
fn a_province_reaches_its_communes_and_the_ministry_all() {
    let policies = policies();
    let reaches = |unit| reach(&policies, Role::Reviewer, unit, Action::SeeQueue);

    assert_eq!(reaches("01"), "own");
    assert_eq!(reaches("96"), "–");
    assert_eq!(reaches(MINISTRY), "all");
    assert_eq!(reach(&policies, Role::Ministry, MINISTRY, Action::DecideLock), "all");
}

fn denied(asker: &Asker<'_>, action: Action, on: On<'_>, occasion: &Occasion) -> Option<String> {
    match policies().decide(asker, (action, &on), occasion).denied {
        Some(Denied::Rule(rule)) => Some(rule),
        Some(Denied::OtherRole) => Some("other-role".to_owned()),
        None => None,
    }
}

#[test]
fn a_refusal_names_the_rule_that_forbids() {
    let here = Dossier {
        unit: HERE,
        ..Dossier::default()
    };
    let other = Dossier { unit: "31393", ..here };
    let taken = Dossier {
        taken_by_me: true,
        ..here
    };
    let proposed = Dossier {
        proposed_by_me: true,
        awaits_second: true,
        ..here
    };
    let reviewer = asker(Role::Reviewer, HERE);
    let no_factor = Asker {
        second_factor: SecondFactor::Missing,
        ..reviewer
    };
    let asked = |asker: &Asker<'_>, action, on| denied(asker, action, on, &Occasion::default());

    for (action, dossier, rule) in [
        (Action::Claim, other, "jurisdiction"),
        (Action::Claim, taken, "four-eyes"),
        (Action::ConfirmOverride, proposed, "second-officer"),
        (Action::Decide, here, "other-role"),
    ] {
        assert_eq!(asked(&reviewer, action, On::Dossier(dossier)).as_deref(), Some(rule));
    }
    assert_eq!(
        asked(&no_factor, Action::SeeQueue, On::Unit(HERE)).as_deref(),
        Some("second-factor")
    );
    let counter = asker(Role::Counter, HERE);
    let told = asked(&counter, Action::Claim, On::Dossier(other));
    assert_eq!(
        told.as_deref(),
        Some("other-role"),
        "who may never do it is not told of a unit"
    );
}

#[test]
fn a_look_up_needs_a_purpose_and_an_investigation_a_case() {
    let (reviewer, investigator) = (asker(Role::Reviewer, HERE), asker(Role::Investigator, "01"));
    let of = |purpose| Occasion {
        purpose,
        case_number: None,
    };

    for (asker, occasion, rule) in [
        (&reviewer, of(""), Some("purpose")),
        (&reviewer, of("support"), None),
        (&reviewer, of("investigation"), Some("case-number")),
        (&reviewer, in_a_case(), None),
        (&investigator, of("support"), Some("case-number")),
        (&investigator, in_a_case(), None),
    ] {
        let told = denied(asker, Action::SearchPerson, On::Person, &occasion);

        assert_eq!(told.as_deref(), rule, "{occasion:?}");
    }
}

#[test]
fn a_rule_without_sentence_or_against_the_schema_keeps_the_platform_from_starting() {
    let ours = OURS.concat();
    let rule = |text: &str| format!("{ours}\n{text}");
    let named = r#"@id("x") @vi("x") @en("x") @basis("x")"#;

    for (text, complaint) in [
        (rule("permit (principal, action, resource);"), "lacks @id"),
        (
            rule(&format!(
                "{named} permit (principal, action == Action::\"fly\", resource);"
            )),
            "fly",
        ),
        (
            rule(&format!(
                "{named} permit (principal, action, resource) when {{ principal.salary > 1 }};"
            )),
            "salary",
        ),
        (rule(&format!("{named} permit (principal,")), "unexpected"),
        (OURS[0].to_owned(), "is missing"),
    ] {
        let error = Policies::parse(&text, Vec::new()).unwrap_err().to_string();

        assert!(error.contains(complaint), "{error}");
    }
    assert!(
        Policies::open(None, &["chef".to_owned()])
            .unwrap_err()
            .to_string()
            .contains("chef")
    );
}

#[test]
fn policies_of_a_folder_take_the_place_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1.cedar"), OURS[1]).unwrap();

    let none = Policies::open(Some(folder.path()), &[]).unwrap();

    assert_eq!(reach(&none, Role::Counter, HERE, Action::TakeApplication), "–");
}

#[test]
fn a_case_number_has_a_digit_and_no_strange_signs() {
    for sound in ["12/QĐ-ĐTTH", "2026.0001", " A-1 b "] {
        assert!(CaseNumber::parse(sound).is_some(), "{sound}");
    }
    for unsound in ["", "12", "vụ án", "1<script>", &"1".repeat(65)] {
        assert!(CaseNumber::parse(unsound).is_none(), "{unsound}");
    }
}

#[tokio::test]
async fn a_remembered_decision_is_not_that_of_a_former_office() {
    let app = TestApp::start().await;
    let mut client = officer(&app, "xetduyet", Role::Reviewer).await;

    let before = client.get("/officers/queue").await.status.as_u16();
    officer_of(&app, "xetduyet", Role::Counter, "00004").await;
    let after = client.get("/officers/queue").await.status.as_u16();

    assert_eq!((before, after), (200, 403));
}

#[tokio::test]
async fn every_officer_reads_the_rules_and_is_told_why() {
    let app = TestApp::start().await;
    let mut counter = officer_of(&app, "tiepnhan", Role::Counter, HERE).await;

    let rules = counter.get("/officers/policies").await;
    let denied = counter
        .get("/officers/policies/decision?role=reviewer&unit=00070&action=claim&on_unit=31393")
        .await;
    let nowhere = counter
        .get("/officers/policies/decision?role=counter&unit=00070&action=decide")
        .await;
    let wrong = counter
        .get("/officers/policies/decision?role=cook&unit=7&action=fly")
        .await;
    let page = counter.browser().get("/officers/policies").await.text();

    assert!(rules.text().contains("Nghị định 69/2024/NĐ-CP"), "{rules}");
    assert_eq!(
        (denied.at("/allowed"), denied.at("/rules/0/id")),
        ("false".to_owned(), "jurisdiction".to_owned())
    );
    assert_eq!(nowhere.at("/rules"), "[]");
    assert_eq!(wrong.json()["errors"].as_array().unwrap().len(), 3, "{wrong}");
    assert!(page.contains(r#"id="rule-four-eyes""#), "{page}");
}

#[tokio::test]
async fn an_officer_of_another_unit_neither_sees_nor_takes_an_application() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut citizen = crate::applications::tests::citizen(&app, &person, 0).await;
    let id = crate::applications::tests::send_level_1(&app, &person, &mut citizen).await;
    app.run_jobs().await;
    let mut elsewhere = officer_of(&app, "xetduyet", Role::Reviewer, "00004").await;

    let seen = elsewhere.get(&format!("/officers/applications/{id}")).await;
    let claimed = elsewhere
        .post(&format!("/officers/applications/{id}/claim"), &serde_json::json!({}))
        .await;

    assert_eq!(seen.at("/type"), "/problems/officers-jurisdiction");
    assert_eq!(claimed.at("/type"), "/problems/officers-jurisdiction");
}
