//! What a citizen does on the phone.

use std::path::Path;

use super::sandbox::{Citizen, Sandbox};
use crate::cdp::{Answer, Page};

/// The password that the citizens of the journeys choose.
pub const PASSWORD: &str = "Hoa!Sen-2026x";
/// The passcode that they choose.
pub const PASSCODE: &str = "739205";

/// How the card's QR code is brought in.
#[derive(Clone, Copy)]
pub enum Card<'a> {
    /// Held before the camera.
    Camera,
    /// As a picture file.
    Picture(&'a Path),
}

/// From the first page to the page where the card is brought in.
pub async fn begin(page: &Page, sandbox: &Sandbox, citizen: &Citizen) -> Answer<()> {
    page.goto(&sandbox.url).await?;
    page.follow("#register").await?;
    page.fill("#number", &citizen.number).await?;
    page.fill("#phone", &citizen.phone).await?;
    page.follow("#registration-submit").await
}

/// From the first page to an account of level 0.
pub async fn register(page: &Page, sandbox: &Sandbox, citizen: &Citizen, card: Card<'_>) -> Answer<()> {
    begin(page, sandbox, citizen).await?;
    match card {
        Card::Camera => page.click("#camera-start").await?,
        Card::Picture(file) => {
            page.choose_file("#picture", file).await?;
            page.follow("#picture-submit").await?;
        }
    }
    page.wait_for("#agrees").await?;
    page.click("#terms").await?;
    page.follow("#terms-submit").await?;

    page.fill("#code", &sandbox.code(&citizen.phone).await?).await?;
    page.follow("#code-submit").await?;
    page.fill("#password", PASSWORD).await?;
    page.fill("#repeat", PASSWORD).await?;
    page.follow("#password-submit").await?;
    page.follow("#done-account").await?;
    page.wait_for("#next-step[data-state=new]").await
}

/// Signs in with number and password.
pub async fn sign_in(page: &Page, citizen: &Citizen, password: &str) -> Answer<()> {
    page.fill("#number", &citizen.number).await?;
    page.fill("#password", password).await?;
    page.follow("#signin-submit").await
}

/// How the portrait is brought in.
#[derive(Clone, Copy)]
pub enum Portrait<'a> {
    /// Taken with the camera.
    Camera,
    /// As a picture file.
    File(&'a Path),
}

/// From the account page to an application for level 1 that waits for the police: the chip answers our challenge, the portrait is judged.
pub async fn apply_for_level_1(
    page: &Page,
    sandbox: &Sandbox,
    citizen: &Citizen,
    portrait: Portrait<'_>,
    kept: &str,
) -> Answer<()> {
    let keep = async |name: &str| page.screenshot(&super::picture(&format!("{name}-{kept}"))).await;
    page.follow("#next").await?;
    page.follow("#ask-reading").await?;
    keep("reading").await?;
    let challenge = page.text("#reading-challenge").await?;
    let folder = tempfile::tempdir()?;
    let chip = folder.path().join("chip.json");
    let address = format!("/sandbox/people/{}/chip.json?challenge={challenge}", citizen.number);
    std::fs::write(&chip, sandbox.file(&address).await?)?;

    match portrait {
        Portrait::Camera => {
            page.click("#portrait-camera").await?;
            page.wait_until("document.querySelector('.portrait-camera video').videoWidth > 0")
                .await?;
            page.wait_for(".oval[data-state=ready]").await?;
            keep("camera").await?;
            page.click("#portrait-camera").await?;
            page.wait_for(".portrait-camera[data-judged=good]").await?;
            keep("judged").await?;
        }
        Portrait::File(file) => page.choose_file("#portrait", file).await?,
    }
    page.choose_file("#chip", &chip).await?;
    page.follow("#evidence-send").await?;
    page.wait_for("#checks[data-risk=low]").await?;
    keep("checks").await?;
    page.follow("#submit-application").await?;
    page.wait_for("#deadline").await
}

/// From the account page to the code that was sent, and past it.
pub async fn activate(page: &Page, sandbox: &Sandbox) -> Answer<()> {
    page.goto(&format!("{}/account", sandbox.url)).await?;
    page.wait_for("#next-step[data-state=granted]").await?;
    page.follow("#next").await?;
    page.follow("#activation-send").await
}

/// The first activation: code, passcode, two questions; then back to the account.
pub async fn confirm_first_activation(page: &Page, sandbox: &Sandbox, citizen: &Citizen) -> Answer<()> {
    page.fill("#code", &sandbox.code(&citizen.phone).await?).await?;
    page.follow("#code-send").await?;
    page.fill("#passcode", PASSCODE).await?;
    page.fill("#passcode_again", PASSCODE).await?;
    for (at, question, answer) in [("1", "dish", "Canh chua"), ("2", "song", "Tiến quân ca")] {
        page.fill(&format!("#question_{at}"), question).await?;
        page.fill(&format!("#answer_{at}"), answer).await?;
    }
    page.follow("#secrets-send").await?;
    page.wait_for("#activated").await?;
    page.follow("#to-account").await
}

/// The activation of level 2 by the holder of a level 1: code and passcode.
pub async fn confirm_upgrade(page: &Page, sandbox: &Sandbox, citizen: &Citizen) -> Answer<()> {
    page.fill("#code", &sandbox.code(&citizen.phone).await?).await?;
    page.follow("#code-send").await?;
    page.fill("#passcode", PASSCODE).await?;
    page.follow("#secrets-send").await?;
    page.wait_for("#activated").await?;
    page.follow("#to-account").await
}

/// Opens the electronic identity card with the passcode; answers the name on it.
pub async fn open_card(page: &Page) -> Answer<String> {
    page.follow("#tile-eid").await?;
    page.fill("#passcode", PASSCODE).await?;
    page.follow("#eid-show").await?;
    page.wait_until("document.querySelector('#eid-portrait').naturalWidth > 0")
        .await?;
    page.text("#eid-full-name").await
}
