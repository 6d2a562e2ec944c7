//! A visitor of the platform under test: sends requests to its router and keeps cookies.

use std::collections::BTreeMap;
use std::fmt;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// A visitor with a cookie jar, who reads English.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    cookies: BTreeMap<String, String>,
    accept: &'static str,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(super) fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            accept: "application/json",
        }
    }

    /// The same visitor, asking for pages as a browser does.
    pub(crate) fn browser(mut self) -> Self {
        self.accept = "text/html,application/xhtml+xml,*/*;q=0.8";
        self
    }

    /// The same visitor, with a cookie as a `Set-Cookie` header brings it.
    pub(crate) fn with_cookie(mut self, cookie: &http::HeaderValue) -> Self {
        self.keep(cookie);
        self
    }

    pub(crate) fn keep(&mut self, cookie: &http::HeaderValue) {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if value.is_empty() {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Looks.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::builder().method(Method::GET).uri(path), Body::empty())
            .await
    }

    /// Sends JSON.
    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request, Body::from(body.to_string())).await
    }

    /// Sends a form.
    pub(crate) async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// Sends a form with files, each with the name of its field.
    pub(crate) async fn upload(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, text) in fields {
            body.extend_from_slice(
                format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").as_bytes(),
            );
        }
        for (name, bytes) in files {
            body.extend_from_slice(
                format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"file\"\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--cut--\r\n");
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
        self.send(request, Body::from(body)).await
    }

    /// Sends any request, with the cookies kept so far.
    pub(crate) async fn send(&mut self, request: http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = request
            .header(header::ACCEPT, self.accept)
            .header(header::ACCEPT_LANGUAGE, "en");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie);
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether a second press on the button of a form of the page sends nothing.
    pub(crate) fn sends_once(&self, form: &str) -> bool {
        let (page, name) = (self.text(), format!("id=\"{form}\""));
        let opening = page
            .split('<')
            .find(|tag| tag.starts_with("form ") && tag.contains(&name));
        page.contains("src=\"/assets/once.js\"") && opening.is_some_and(|tag| tag.contains(" data-once>"))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self}"))
    }

    /// A member of the JSON body, by pointer.
    pub(crate) fn at(&self, pointer: &str) -> String {
        match self.json().pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => panic!("no {pointer} in: {self}"),
        }
    }

    /// Where a browser is sent.
    pub(crate) fn location(&self) -> String {
        self.headers
            .get(header::LOCATION)
            .unwrap_or_else(|| panic!("no location: {self}"))
            .to_str()
            .unwrap()
            .to_owned()
    }
}

/// The whole answer, for snapshots: status line and body.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.status, self.text())
    }
}
