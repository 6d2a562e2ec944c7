use nation::sources::{Fate, Source as Database};
use serde_json::json;

use super::{insurance, vehicles};
use crate::documents::tests::adult;
use crate::testing::TestApp;
use crate::testing::app_wallet::AppWallet;
use crate::testing::wallet::with_card;

fn misfiled(app: &TestApp, person: &nation::Person, source: Database) {
    let fate = Fate {
        misfiled: Some(source),
        ..Fate::default()
    };
    app.faults().fates().set(person.number.as_str(), fate);
}

#[tokio::test]
async fn a_credential_says_what_the_source_says_and_ends_with_it() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let holder = with_card(&app, person.clone()).await;

    let registration = vehicles(&app, &holder.person).await.unwrap();
    let card = insurance(&app, &holder.person).await.unwrap();
    misfiled(&app, &person, Database::HealthInsurance);
    let none = insurance(&app, &holder.person).await.unwrap_err();

    let (claims, hidden) = registration.claims();
    assert!(claims["vehicles"][0]["plate"].is_string());
    assert!(claims["vehicles"][0].get("address").is_none(), "{claims:?}");
    assert!(hidden.len() > claims.len(), "each vehicle hides on its own");
    let (claims, _) = card.claims();
    assert_eq!(claims["full_name"], person.full_name.as_str());
    assert_eq!(
        card.derived_until().map(|day| json!(day.yesterday().unwrap())),
        Some(claims["valid_to"].clone())
    );
    assert_eq!(none.slug(), "issuance-no-insurance");
}

#[tokio::test]
async fn a_change_at_the_source_revokes_what_wallets_hold_of_that_paper_alone() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut holder = with_card(&app, person.clone()).await;
    let wallet = AppWallet::new(7);
    wallet.bind(&app, &mut holder).await;
    wallet.take(&app, &mut holder).await;
    let documents = |told: serde_json::Value| -> Vec<String> {
        let wallets = told["wallets"].as_array().unwrap().iter();
        let mut kinds: Vec<String> = wallets
            .map(|held| held["document"].as_str().unwrap().to_owned())
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds
    };

    let before = documents(holder.client.get("/wallets").await.json());
    misfiled(&app, &person, Database::Vehicle);
    crate::registries::read_all(&app).await;
    app.run_jobs().await;
    let after = documents(holder.client.get("/wallets").await.json());

    assert!(
        before.contains(&"vehicles".to_owned()) && before.contains(&"health-insurance".to_owned()),
        "{before:?}"
    );
    let rest: Vec<String> = before.into_iter().filter(|kind| kind != "vehicles").collect();
    assert_eq!(after, rest);
}
