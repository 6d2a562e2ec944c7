//! What officers do at their desks.

use std::path::Path;

use super::Files;
use super::sandbox::{Citizen, Officer, Sandbox};
use crate::cdp::{Answer, Page};

/// Signs in and comes to the desk.
pub async fn sign_in(page: &Page, sandbox: &Sandbox, officer: &Officer) -> Answer<()> {
    page.goto(&format!("{}/officers/signin", sandbox.url)).await?;
    page.fill("#login", &officer.login).await?;
    page.fill("#password", &officer.password).await?;
    page.follow("#officer-signin-send").await?;
    page.wait_for("#officer-name").await
}

/// Takes level 2 from a person who has come with the card.
pub async fn take_level_2(page: &Page, citizen: &Citizen, files: &Files) -> Answer<()> {
    page.follow("#desk-counter").await?;
    page.choose_file("#picture", &files.card).await?;
    page.fill("#phone", &citizen.phone).await?;
    page.fill("#email", "nguoi.dan@thu.example").await?;
    page.follow("#find-send").await?;
    assert_eq!(page.text("#full-name").await?, citizen.full_name);
    page.choose_file("#portrait", &files.face).await?;
    page.choose_file("#left-print", &files.print).await?;
    page.choose_file("#right-print", &files.print).await?;
    page.choose_file("#chip", &files.chip).await?;
    page.follow("#taking-send").await?;
    page.wait_for("#chip-result").await?;
    page.follow("#submit-application").await?;
    page.wait_for("#receipt").await
}

/// Takes up what is due first, and approves it; keeps a picture of what was seen.
pub async fn approve_first(page: &Page, picture: &Path) -> Answer<()> {
    page.follow("#desk-queue").await?;
    page.follow("#queue tbody a").await?;
    page.follow("#claim").await?;
    page.wait_for("#pictures img").await?;
    page.screenshot(picture).await?;
    page.click("#approve").await?;
    page.follow("#decide").await?;
    page.wait_for("#filters").await
}
