//! Papers shown to who asks for them: at the roadside, in a hospital, at a hotel's desk, at an airport's gate, in a bank. What the receiver saw, and
//! what the citizen's history says.

use serde_json::{Value, json};

use crate::cdp::{Answer, Browser, Failure, Page, Visitor};
use crate::documents::{PASSCODE, adult, open};
use crate::journey::sandbox::{Citizen, Sandbox};
use crate::journey::{citizen, officers, picture};

/// Chooses papers for a receiver and makes the code; what the code says.
async fn make(phone: &Page, sandbox: &Sandbox, receiver: &str, papers: &[&str]) -> Answer<String> {
    phone.goto(&format!("{}/documents", sandbox.url)).await?;
    phone.follow("#to-handover").await?;
    phone.follow(&format!("#to-{receiver}")).await?;
    for paper in papers {
        phone.click(&format!("#paper-{paper}")).await?;
    }
    phone
        .screenshot(&picture(&format!("handover-{receiver}-choose")))
        .await?;
    phone.fill("#passcode", PASSCODE).await?;
    phone.follow("#handover-make").await?;
    phone.wait_for("#handover[data-state=open]").await?;
    phone.screenshot(&picture(&format!("handover-{receiver}-code"))).await?;
    let link = phone
        .evaluate("document.getElementById('handover-link').textContent")
        .await?;
    Ok(link.as_str().unwrap_or_default().to_owned())
}

/// The page turns by itself once the receiver has seen the papers, and names the receiver and the legal effect.
async fn seen(phone: &Page, receiver: &str, by: &str, law: &str) -> Answer<()> {
    phone.wait_for("#handover[data-state=seen]").await?;
    let told = phone.text("#handover").await?;
    phone.screenshot(&picture(&format!("handover-{receiver}-seen"))).await?;
    assert!(told.contains(by) && told.contains(law), "{told}");
    Ok(())
}

async fn history(phone: &Page, sandbox: &Sandbox, purpose: &str, by: &str) -> Answer<()> {
    phone.goto(&format!("{}/account/history", sandbox.url)).await?;
    let entry = phone
        .evaluate(&format!(
            "[...document.querySelectorAll('#looks li')].find((look) => look.dataset.purpose === 'inspection-{purpose}')?.textContent"
        ))
        .await?;
    let entry = entry.as_str().unwrap_or_default();
    assert!(entry.contains(by) && entry.contains("có giá trị"), "{purpose}: {entry}");
    Ok(())
}

/// Somebody whom an organisation has named to check people, at the desk.
async fn clerk(browser: &Browser, sandbox: &Sandbox, member: &Citizen, (name, purpose): (&str, &str)) -> Answer<Page> {
    let credentials = sandbox.account(member, 2).await?;
    let line = sandbox.line();
    let administrator = sandbox.officers("administrator").await?.remove(0);
    let form = json!({ "login": administrator.login, "password": administrator.password });
    let cookie = line.cookie("/officers/signin", &form).await?;
    let organisation = json!({ "name": name, "purpose": purpose });
    let made = line.post(&cookie, "/inspection/organisations", &organisation).await?;
    let all = made["organisations"].as_array().cloned().unwrap_or_default();
    let id = all.iter().find(|one| one["name"] == name).map(|one| one["id"].clone());
    let id = id
        .as_ref()
        .and_then(Value::as_str)
        .ok_or_else(|| Failure::new("no organisation"))?;
    let place = format!("/inspection/organisations/{id}/inspectors");
    line.post(&cookie, &place, &json!({ "number": member.number })).await?;

    let page = browser.visit(&Visitor::DESK).await?;
    page.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&page, member, &credentials.password).await?;
    Ok(page)
}

#[tokio::test]
async fn at_the_roadside_the_police_see_licence_and_vehicle_and_no_address() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let holder = adult(&sandbox).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    open(&phone, &sandbox, &holder).await?;
    let other = Browser::launch(None).await?;
    let road = other.visit(&Visitor::PHONE).await?;
    officers::sign_in(&road, &sandbox, &sandbox.officers("inspector").await?[0]).await?;

    let link = make(&phone, &sandbox, "traffic", &["driving-licence", "vehicles"]).await?;
    road.goto(&format!("{}/inspection", sandbox.url)).await?;
    road.fill("#code", &link).await?;
    road.follow("#judge").await?;

    road.wait_for("#paper-driving-licence").await?;
    assert_eq!(road.text("#holder-name").await?, holder.full_name);
    let told = road.text("main").await?;
    road.screenshot(&picture("handover-traffic-police")).await?;
    for said in ["Số khung", "Điểm", "Thông tư 73/2024/TT-BCA"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(
        !told.contains("Nơi cư trú") && !told.contains("Nơi thường trú"),
        "{told}"
    );
    seen(&phone, "traffic", "Cục Cảnh sát", "Thông tư 73/2024/TT-BCA").await?;
    history(&phone, &sandbox, "traffic", "Cục Cảnh sát").await?;
    // A second look with the same code shows nothing.
    road.goto(&link).await?;
    assert!(road.text("main").await?.contains("không còn dùng được"));
    assert_eq!(phone.complaints(), [""; 0]);
    other.close().await?;
    browser.close().await
}

#[tokio::test]
async fn hospital_hotel_gate_and_bank_see_what_they_need_and_stand_in_the_history() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let holder = adult(&sandbox).await?;
    let members: Vec<Citizen> = sandbox
        .citizens()
        .await?
        .into_iter()
        .filter(|member| member.number != holder.number)
        .collect();
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    open(&phone, &sandbox, &holder).await?;
    let cases = [
        (
            "hospital",
            "Bệnh viện Hoa Sen",
            vec!["health-insurance", "health-book"],
            "Mức hưởng",
            "Nơi thường trú",
        ),
        (
            "hotel",
            "Khách sạn Hoa Sen",
            vec!["personal"],
            "Nơi thường trú",
            "Dị ứng",
        ),
        (
            "airport",
            "Sân bay Hoa Sen",
            vec!["personal"],
            "Quốc tịch",
            "Nơi thường trú",
        ),
        (
            "bank",
            "Ngân hàng Hoa Sen",
            vec!["personal", "id-cards"],
            "Ngày cấp",
            "Dị ứng",
        ),
    ];

    for ((purpose, name, papers, shown, hidden), member) in cases.iter().zip(&members) {
        let other = Browser::launch(None).await?;
        let desk = clerk(&other, &sandbox, member, (name, purpose)).await?;
        let link = make(&phone, &sandbox, purpose, papers).await?;
        desk.goto(&link).await?;
        desk.screenshot(&picture(&format!("handover-{purpose}-knock"))).await?;
        assert!(!desk.text("main").await?.contains(&holder.full_name));
        desk.follow("#papers-open").await?;

        let told = desk.text("main").await?;
        desk.screenshot(&picture(&format!("handover-{purpose}-desk"))).await?;
        assert_eq!(desk.text("#holder-name").await?, holder.full_name);
        assert!(told.contains(shown) && !told.contains(hidden), "{purpose}: {told}");
        seen(&phone, purpose, name, "Nghị định 69/2024/NĐ-CP").await?;
        history(&phone, &sandbox, purpose, name).await?;
        assert_eq!(desk.complaints(), [""; 0]);
        other.close().await?;
    }
    assert_eq!(phone.complaints(), [""; 0]);
    browser.close().await
}
