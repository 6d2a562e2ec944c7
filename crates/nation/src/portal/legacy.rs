//! The portal's old accounts, one of each kind that linking has to deal with, and the requests by which they are linked with VNeID.

use serde_json::{Value, json};

use super::PortalError;
use super::provider::Provider;

/// A kind of old account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has the person's number.
    Number,
    /// It has no number; name and date of birth are the person's.
    NoNumber,
    /// Two accounts have the person's number.
    Two,
    /// Its number is another person's.
    Other,
    /// Whoever comes first has it.
    Shared,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Number, Self::NoNumber, Self::Two, Self::Other, Self::Shared];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::NoNumber => "no-number",
            Self::Two => "two",
            Self::Other => "other",
            Self::Shared => "shared",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What it is, for the page: in Vietnamese and English.
    pub(super) fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Number => ("Tài khoản đã có số định danh", "an account with your number"),
            Self::NoNumber => ("Tài khoản chưa có số định danh", "an account without a number"),
            Self::Two => ("Hai tài khoản cùng số định danh", "two accounts with your number"),
            Self::Other => ("Tài khoản của người khác", "another person's account"),
            Self::Shared => (
                "Tài khoản dùng chung, ai liên kết trước được trước",
                "a shared account: first come, first served",
            ),
        }
    }

    /// The accounts of this kind that the portal has of somebody whom it knows by these claims.
    pub(super) fn accounts(self, userinfo: &Value) -> Value {
        let said = |claim: &str| userinfo.get(claim).and_then(Value::as_str).unwrap_or_default();
        let (number, name, born) = (said("vneid_personal_number"), said("name"), said("birthdate"));
        let own: String = number.chars().rev().take(6).collect();
        let account = |id: &str, number: &str| json!({ "account": format!("{id}-{own}"), "label": format!("{id}.{own}"), "number": number });
        match self {
            Self::Number => json!([account("cu", number)]),
            Self::NoNumber => json!([{
                "account": format!("thieu-so-{own}"), "label": format!("thieuso.{own}"), "full_name": name, "date_of_birth": born,
            }]),
            Self::Two => json!([account("ca-nhan", number), account("gia-dinh", number)]),
            Self::Other => json!([account("hang-xom", "001099999999")]),
            Self::Shared => json!([{ "account": "dung-chung", "label": "dungchung", "number": number }]),
        }
    }
}

impl Provider {
    /// Proposes accounts of the person who signed in; what VNeID answered.
    pub(super) async fn propose(&self, token: &str, accounts: &Value) -> Result<Value, PortalError> {
        let body = json!({ "accounts": accounts, "return_to": self.home() });
        let request = self.http().post(self.at("/linking/proposals")).json(&body);
        self.answer(request, token).await
    }

    /// The account that the person is linked with, if any.
    pub(super) async fn linked(&self, token: &str) -> Result<Option<String>, PortalError> {
        let answer = self.answer(self.http().get(self.at("/linking/link")), token).await?;
        Ok(answer.get("account").and_then(Value::as_str).map(str::to_owned))
    }

    /// Ends the link.
    pub(super) async fn unlink(&self, token: &str) -> Result<(), PortalError> {
        let request = self.http().delete(self.at("/linking/link")).bearer_auth(token);
        request.send().await.map_err(unreachable)?;
        Ok(())
    }

    async fn answer(&self, request: reqwest::RequestBuilder, token: &str) -> Result<Value, PortalError> {
        let request = request.bearer_auth(token).header("accept", "application/json");
        request
            .send()
            .await
            .map_err(unreachable)?
            .json()
            .await
            .map_err(unreachable)
    }
}

fn unreachable(error: reqwest::Error) -> PortalError {
    PortalError::Issuer(error.without_url().to_string())
}
