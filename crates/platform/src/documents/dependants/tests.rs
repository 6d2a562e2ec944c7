use jiff::{SignedDuration, ToSpan as _};
use nation::people::Kinship;

use crate::documents::tests::opened;
use crate::testing::TestApp;

/// A mother with two children under 14, and the elder of them.
pub(crate) fn mother(app: &TestApp) -> (nation::Person, nation::Person) {
    let today = app.clock.today();
    for mother in app.citizens() {
        let children = mother
            .related(Kinship::Child)
            .filter_map(|index| app.nation().person(index));
        let mut children: Vec<nation::Person> = children.filter(|child| child.age(today) < 13).collect();
        children.sort_by_key(|child| child.date_of_birth);
        if mother.sex == civil::Sex::Female
            && children.len() == 2
            && mother.marital_status != Some(nation::people::MaritalStatus::Divorced)
        {
            return (mother, children.remove(0));
        }
    }
    panic!("no mother of two");
}

#[tokio::test]
async fn a_mother_sees_her_childs_papers_until_the_day_it_turns_14() {
    let app = TestApp::start().await;
    let (mother, child) = mother(&app);
    let birthday = child.date_of_birth.checked_add(14.years()).unwrap();
    let eve = app.clock.today().until(birthday).unwrap().get_days() - 1;
    app.advance(SignedDuration::from_hours(24 * i64::from(eve)));
    let mut client = opened(&app, &mother).await;

    let list = client.get("/documents/dependants").await.json();
    let elder = list["dependants"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["full_name"] == child.full_name)
        .unwrap();
    let address = format!("/documents/dependants/{}", elder["id"].as_str().unwrap());
    let papers = client.get(&address).await;
    let page = client.clone().browser().get(&address).await;
    app.advance(SignedDuration::from_hours(24));
    let mut client = opened(&app, &mother).await;
    let refused = client.get(&address).await;
    let pages = client.clone().browser().get("/documents/dependants").await;

    assert_eq!(elder["standing"], "child");
    assert_eq!(elder["acts_until"], birthday.to_string());
    assert!(papers.text().contains(child.number.as_str()), "{}", papers.text());
    assert!(page.text().contains("paper-personal"), "{}", page.text());
    assert_eq!(refused.at("/type"), "/problems/documents-not-acting");
    assert!(
        pages.text().contains(&child.full_name) && !pages.text().contains("documents-"),
        "{}",
        pages.text()
    );
}

#[tokio::test]
async fn who_acts_is_not_decided_on_a_copy() {
    let app = TestApp::start().await;
    let (mother, _) = mother(&app);
    let mut client = opened(&app, &mother).await;
    client.get("/documents/dependants").await;
    let down = nation::sources::Fault {
        down: true,
        ..nation::sources::Fault::default()
    };
    app.faults().set(nation::sources::Source::CivilStatus, down);

    let answer = client.get("/documents/dependants").await;

    assert_eq!(answer.at("/type"), "/problems/registries-silent");
}
