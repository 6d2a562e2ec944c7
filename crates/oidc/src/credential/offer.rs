//! Credential offers (`OpenID4VCI` 1.0 section 4.1).

use serde_json::{Value, json};
use url::form_urlencoded;

/// The grant type of a pre-authorized code.
pub const PRE_AUTHORIZED: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

/// An offer to a wallet: these credentials are ready, and this code fetches them.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The configurations that are offered.
    pub configurations: &'a [&'a str],
    /// The pre-authorized code.
    pub code: &'a str,
    /// The digits of the transaction code that the person types into the wallet.
    pub digits: usize,
    /// What the wallet says of the transaction code.
    pub description: &'a str,
}

impl Offer<'_> {
    /// The offer as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "credential_issuer": self.issuer,
            "credential_configuration_ids": self.configurations,
            "grants": {
                PRE_AUTHORIZED: {
                    "pre-authorized_code": self.code,
                    "tx_code": {"input_mode": "numeric", "length": self.digits, "description": self.description},
                },
            },
        })
    }

    /// The link that opens a wallet, or stands in a QR code.
    pub fn to_link(&self, scheme: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("credential_offer", &self.to_json().to_string())
            .finish();
        format!("{scheme}://?{query}")
    }
}
