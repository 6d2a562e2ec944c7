//! What a request brings: forms and JSON alike, parts of the address, uploaded files.

use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use crate::app::App;

/// The body of a request, sent as a form or as JSON.
#[derive(Debug)]
pub struct Input<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if kind.starts_with("application/json") {
            let Json(value) = Json::from_request(request, app)
                .await
                .map_err(|cause| malformed(cause.status(), cause))?;
            Ok(Self(value))
        } else if kind.starts_with("application/x-www-form-urlencoded") || kind.is_empty() {
            let Form(value) = Form::from_request(request, app)
                .await
                .map_err(|cause| malformed(cause.status(), cause))?;
            Ok(Self(value))
        } else {
            Err(Problem::new("media-type-unknown", StatusCode::UNSUPPORTED_MEDIA_TYPE))
        }
    }
}

fn malformed(status: StatusCode, cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new("body-too-large", status).caused_by(cause),
        _ => Problem::new("body-malformed", StatusCode::BAD_REQUEST).caused_by(cause),
    }
}

/// The variable parts of the path; what does not fit is not found.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// The query of the address.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// An address on this platform to go on to, as `next=` brings it; nothing that could lead to another site.
pub fn local_path(text: &str) -> Option<&str> {
    let leads_away = text.starts_with("//") || text.contains('\\') || text.chars().any(char::is_control);
    (text.starts_with('/') && !leads_away && text.is_ascii() && text.len() <= 2000).then_some(text)
}

/// Whether a text has the form of an e-mail address.
pub fn is_email(text: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    text.len() <= 254
        && text
            .split_once('@')
            .is_some_and(|(name, host)| sound(name) && sound(host) && host.contains('.') && !host.contains('@'))
}

/// The largest file that is taken, in bytes.
pub const LARGEST_FILE: usize = 12 * 1024 * 1024;

/// A file of a form, with the form's other fields.
#[derive(Debug, Default)]
pub struct Upload {
    /// The files, by the name of their field.
    pub files: Vec<(String, Vec<u8>)>,
    /// The plain fields.
    pub fields: Vec<(String, String)>,
}

impl Upload {
    /// The bytes of the file of a field, where one was chosen.
    pub fn file(&mut self, field: &str) -> Option<Vec<u8>> {
        let at = self
            .files
            .iter()
            .position(|(name, bytes)| name == field && !bytes.is_empty())?;
        Some(self.files.swap_remove(at).1)
    }

    /// The same of JSON: a file is `{"base64": "…"}` or JSON itself; a list of texts is a field that was sent several times.
    ///
    /// # Errors
    /// `body-malformed` for a file that is not base64.
    pub fn of_json(members: serde_json::Map<String, Value>) -> Result<Self, Problem> {
        let mut upload = Self::default();
        for (name, value) in members {
            match value {
                Value::Null | Value::Bool(false) => {}
                Value::Bool(true) => upload.fields.push((name, "on".to_owned())),
                Value::String(text) => upload.fields.push((name, text)),
                Value::Number(number) => upload.fields.push((name, number.to_string())),
                Value::Array(texts) if texts.iter().all(Value::is_string) => {
                    let texts = texts.iter().filter_map(Value::as_str);
                    upload.fields.extend(texts.map(|text| (name.clone(), text.to_owned())));
                }
                Value::Object(file) if file.contains_key("base64") => {
                    let text = file.get("base64").and_then(Value::as_str).unwrap_or_default();
                    let bytes = STANDARD
                        .decode(text)
                        .map_err(|cause| malformed(StatusCode::BAD_REQUEST, cause))?;
                    upload.files.push((name, bytes));
                }
                other => upload.files.push((name, other.to_string().into_bytes())),
            }
        }
        Ok(upload)
    }

    /// The text of a plain field, trimmed; empty where it was not sent.
    pub fn field(&self, field: &str) -> &str {
        self.fields
            .iter()
            .find(|(name, _)| name == field)
            .map_or("", |(_, text)| text.trim())
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Problem;

    /// A form with files; or JSON, where a file is `{"base64": "…"}` or JSON itself.
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > LARGEST_FILE) {
            return Err(Problem::new("body-too-large", StatusCode::PAYLOAD_TOO_LARGE));
        }
        if kind.starts_with("application/json") {
            let Input(members) = Input::<serde_json::Map<String, Value>>::from_request(request, app).await?;
            return Self::of_json(members);
        }
        let refused = |cause: MultipartRejection| {
            Problem::new("media-type-unknown", StatusCode::UNSUPPORTED_MEDIA_TYPE).caused_by(cause)
        };
        let mut parts = Multipart::from_request(request, app).await.map_err(refused)?;
        let mut upload = Self::default();
        while let Some(part) = parts
            .next_field()
            .await
            .map_err(|cause| malformed(cause.status(), cause))?
        {
            let Some(name) = part.name().map(str::to_owned) else {
                continue;
            };
            if part.file_name().is_some() {
                let bytes = part.bytes().await.map_err(|cause| malformed(cause.status(), cause))?;
                upload.files.push((name, bytes.to_vec()));
            } else {
                let text = part.text().await.map_err(|cause| malformed(cause.status(), cause))?;
                upload.fields.push((name, text));
            }
        }
        Ok(upload)
    }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    proptest::proptest! {
        #[test]
        fn no_address_that_is_taken_leads_a_browser_to_another_site(text in "[/\\\\:@.a-z\\t\\r?#%]{0,12}|\\PC*") {
            let here = url::Url::parse("https://id.example.vn/signin").unwrap();
            if let Some(path) = local_path(&text) {
                proptest::prop_assert_eq!(here.join(path).unwrap().origin(), here.origin());
            }
        }
    }

    #[test]
    fn an_address_to_go_on_to_never_leads_to_another_site() {
        for away in [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/\t/evil.example",
            "evil",
            "",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=1",
        ] {
            assert_eq!(local_path(away), None, "{away:?}");
        }
        assert_eq!(local_path("/oauth2/authorize?a=1"), Some("/oauth2/authorize?a=1"));
    }
}
