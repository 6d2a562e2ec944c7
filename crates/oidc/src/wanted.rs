//! What a request wants beyond its scopes: single claims (OpenID Connect Core 5.5) and data for a registered purpose (RFC 9396).

use serde::{Deserialize, Serialize};

use crate::authorization_details::{self, Detail};
use crate::claims::{Scope, Scopes};
use crate::claims_request::ClaimsRequest;
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::params::Params;

/// What is wanted. It is kept with the code and the tokens that come of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Single claims, those alone that the client may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<ClaimsRequest>,
    /// Data for purposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

impl Wanted {
    /// Reads the parameters `claims` and `authorization_details`, as far as the client may have data for this purpose.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_authorization_details`; `unmet_authentication_requirements` for an essential `acr`
    /// that is none of ours.
    pub fn read(params: &Params, client: &Client, purpose: Option<&str>) -> Result<Self, Error> {
        let claims = params.get("claims")?.map(ClaimsRequest::parse).transpose()?;
        if claims.as_ref().is_some_and(ClaimsRequest::asks_the_impossible) {
            return Err(Error::new(
                ErrorCode::UnmetAuthenticationRequirements,
                "no assurance of that name is known",
            ));
        }
        let details = params.get("authorization_details")?;
        let details = details.map(|text| authorization_details::parse(text, client));
        Ok(Self {
            claims: claims.map(|claims| claims.within(client.data_for(purpose))),
            details: details.transpose()?.unwrap_or_default(),
        })
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.claims.is_none() && self.details.is_empty()
    }

    /// The scopes that it reaches into, as far as the client may have them: the person is asked for these too.
    pub fn scopes(&self, client: &Client) -> Scopes {
        let claims = self.claims.as_ref().map(ClaimsRequest::scopes).unwrap_or_default();
        let registered = &client.metadata().scope;
        let details = self.granted();
        let all = claims.iter().chain(details.iter());
        all.filter(|scope| *scope != Scope::OpenId && registered.contains(*scope))
            .collect()
    }

    /// The scopes of the credentials that are asked for as details.
    pub fn credentials(&self) -> Scopes {
        authorization_details::credentials(&self.details)
    }

    /// The scopes that are granted as a whole by the details: data because of a purpose, and credentials.
    pub fn granted(&self) -> Scopes {
        let scopes: Vec<Scopes> = self.details.iter().map(Detail::scopes).collect();
        scopes.iter().flat_map(Scopes::iter).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client() -> Client {
        let metadata = json!({
            "client_id": "bank", "client_name": "Ngân hàng", "redirect_uris": ["https://bank.example/cb"],
            "scope": "openid profile", "token_endpoint_auth_method": "none",
        });
        Client::new(serde_json::from_value(metadata).unwrap(), None).unwrap()
    }

    fn read(claims: &serde_json::Value) -> Result<Wanted, ErrorCode> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("claims", &claims.to_string())
            .finish();
        Wanted::read(&Params::parse(query).unwrap(), &client(), None).map_err(|error| error.code)
    }

    #[test]
    fn what_the_client_may_not_have_is_neither_asked_of_the_person_nor_kept() {
        let wanted = read(&json!({"userinfo": {"name": null, "vneid_personal_number": {"essential": true}}})).unwrap();

        assert_eq!(wanted.scopes(&client()).to_string(), "profile");
        let kept = wanted.claims.unwrap().userinfo.claims;
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn an_essential_assurance_is_a_condition_and_one_that_nobody_knows_is_refused() {
        let acr = |values: serde_json::Value| json!({"id_token": {"acr": {"essential": true, "values": values}}});

        let known = read(&acr(json!(["urn:vneid:assurance:3", "urn:vneid:assurance:2"]))).unwrap();

        assert_eq!(
            known.claims.unwrap().assurance(),
            Some(crate::assurance::Assurance::Two)
        );
        assert_eq!(
            read(&acr(json!(["gold"]))),
            Err(ErrorCode::UnmetAuthenticationRequirements)
        );
    }
}
