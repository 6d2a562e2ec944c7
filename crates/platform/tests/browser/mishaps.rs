//! What goes wrong on the way, as a person meets it.

use crate::cdp::{Answer, Browser, Visitor};
use crate::journey::citizen;
use crate::journey::sandbox::Sandbox;

#[tokio::test]
async fn a_picture_of_50_mb_is_refused_on_the_page() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(0);
    let folder = tempfile::tempdir()?;
    let picture = folder.path().join("large.jpg");
    std::fs::write(&picture, vec![0; 50_000_000])?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::PHONE).await?;

    citizen::begin(&page, &sandbox, &citizen).await?;
    page.choose_file("#picture", &picture).await?;
    page.follow("#picture-submit").await?;

    assert!(page.text("#problem").await?.contains("12 MB"));
    page.wait_for("#picture-form").await?;
    browser.close().await
}
