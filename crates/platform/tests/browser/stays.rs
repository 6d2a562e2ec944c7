//! Stay notifications: a family checks in at a hotel, and the police of the commune see that they have.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::cdp::{Answer, Browser, Failure, Page, Visitor};
use crate::journey::sandbox::{Citizen, Sandbox};
use crate::journey::{citizen, officers, picture};

/// The clock of Viet Nam, as a form takes it.
fn local(at: Timestamp) -> String {
    let local = jiff::tz::Offset::constant(7).to_datetime(at);
    local.strftime("%Y-%m-%dT%H:%M").to_string()
}

async fn now(sandbox: &Sandbox) -> Answer<Timestamp> {
    let clock = sandbox.get("/sandbox/clock").await?;
    let now = clock["now"].as_str().unwrap_or_default();
    now.parse().map_err(|_unreadable| Failure::new("no clock"))
}

async fn sign_in(page: &Page, sandbox: &Sandbox, person: &Citizen) -> Answer<()> {
    let credentials = sandbox.account(person, 1).await?;
    page.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(page, person, &credentials.password).await
}

/// The officer of the commune registers a hotel and names its clerk.
async fn register(desk: &Page, clerk: &Citizen) -> Answer<()> {
    desk.follow("#desk-facilities").await?;
    desk.wait_for("#none").await?;
    desk.fill("#name", "Khách sạn Hoa Sen").await?;
    desk.fill("#address", "Số 1 Đường Thử Nghiệm").await?;
    desk.fill("#phone", "024 3999 9999").await?;
    desk.follow("#facility-send").await?;
    desk.fill(".facility input[name=number]", &clerk.number).await?;
    desk.follow(".facility button[type=submit]").await?;
    desk.screenshot(&picture("stays-facilities")).await
}

/// Puts a family into the draft: the father typed, mother and child by a list with a wrong line.
async fn put_family(page: &Page, sandbox: &Sandbox, father: &Citizen, born: &str, sex: &str) -> Answer<()> {
    page.fill("#full_name", &father.full_name).await?;
    page.fill("#document", "123456789").await?;
    page.fill("#date_of_birth", born).await?;
    page.fill("#sex", sex).await?;
    page.follow("#guest-add").await?;
    page.wait_for("#document-fault").await?;
    page.screenshot(&picture("stays-wrong-guest")).await?;
    page.fill("#document", &father.number).await?;
    page.follow("#guest-add").await?;
    page.wait_for("#guest-table tbody tr").await?;

    let mut list = "Họ và tên,Số giấy tờ,Ngày sinh,Giới tính,Quốc tịch\n".to_owned();
    let mother = "Trần Thị Thử,001187912345,05/06/1987,Nữ,";
    let _ = writeln!(list, "{mother}\nTrần Minh Sai,001,01/01/2015,Nam,");
    let file = sandbox.data().join("family.csv");
    std::fs::write(&file, &list)?;
    page.click("#add-list summary").await?;
    page.choose_file("#list", &file).await?;
    page.follow("#list-add").await?;
    page.wait_for("#refused").await?;
    page.screenshot(&picture("stays-refused-line")).await?;
    std::fs::write(&file, list.replace("Sai,001,", "Con,001215912345,"))?;
    page.choose_file("#list", &file).await?;
    page.follow("#list-add").await?;
    assert_eq!(page.text("#guest-count").await?, "3");
    Ok(())
}

#[tokio::test]
async fn a_family_checks_in_at_a_hotel_and_the_police_see_it() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let mut people = sandbox.citizens().await?;
    let (father, clerk) = (people.remove(1), people.remove(0));
    sandbox.account(&father, 1).await?;
    sandbox.account(&clerk, 1).await?;
    let people = sandbox.get("/sandbox/people?only=suggested&count=10").await?;
    let of = |field: &str| people["people"][1][field].as_str().unwrap_or_default().to_owned();
    let browser = Browser::launch(None).await?;
    let desk = browser.visit(&Visitor::DESK).await?;
    officers::sign_in(&desk, &sandbox, &sandbox.officers("counter").await?[0]).await?;
    register(&desk, &clerk).await?;

    let page = browser.visit(&Visitor::PHONE).await?;
    sign_in(&page, &sandbox, &clerk).await?;
    page.goto(&format!("{}/stays", sandbox.url)).await?;
    page.screenshot(&picture("stays-none")).await?;
    page.follow("a[id^=desk-]").await?;
    page.screenshot(&picture("stays-desk")).await?;
    page.follow("#desk-new").await?;
    put_family(&page, &sandbox, &father, &of("date_of_birth"), &of("sex")).await?;
    let at = now(&sandbox).await?;
    page.fill("#from", &local(at - SignedDuration::from_mins(1))).await?;
    page.fill("#to", &local(at + SignedDuration::from_hours(31 * 24)))
        .await?;
    page.follow("#tell").await?;
    page.wait_for("#to-fault").await?;
    page.screenshot(&picture("stays-too-long")).await?;
    page.fill("#to", &local(at + SignedDuration::from_hours(48))).await?;
    page.follow("#tell").await?;
    page.wait_for("#receipt").await?;
    page.screenshot(&picture("stays-receipt")).await?;
    let number = page.text("#number").await?;

    desk.goto(&format!("{}/officers/stays", sandbox.url)).await?;
    desk.screenshot(&picture("stays-arrivals")).await?;
    assert!(desk.text("#arrivals").await?.contains(&number));
    desk.follow("#arrivals tbody a").await?;
    desk.follow("#open").await?;
    assert!(desk.text("#guests").await?.contains(&father.full_name));
    desk.screenshot(&picture("stays-notification")).await?;

    let guest = browser.visit(&Visitor::PHONE).await?;
    sign_in(&guest, &sandbox, &father).await?;
    guest.goto(&format!("{}/stays?side=guest", sandbox.url)).await?;
    assert!(guest.text("#stays").await?.contains("Khách sạn Hoa Sen"));
    guest.goto(&format!("{}/account/history", sandbox.url)).await?;
    guest.wait_for("[data-purpose=stay-check]").await?;
    for page in [&page, &desk, &guest] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    browser.close().await
}
