//! The page of a provider that does not redirect a visitor with a live session: its script asks for the code, without being asked.

use http::{HeaderName, Response, StatusCode, header};
use hyper::body::Bytes;
use serde_json::{Map, Value};

use crate::connection::expected;
use crate::load::Walk;

const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

impl Walk {
    /// Asks for the code as the script of the page does; the answer says where the visitor is sent.
    pub async fn resume(&mut self, path: &str, ask: &str, page: Response<Bytes>, cookie: &str) -> Response<Bytes> {
        let page = expected(page, StatusCode::OK);
        let page = str::from_utf8(page.body()).unwrap();
        let (_, token) = page.split_once(r#"<template id="tpl_csrf_token">"#).unwrap();
        let (token, _) = token.split_once("</template>").unwrap();

        let (_, query) = ask.split_once('?').unwrap();
        let mut asked: Map<String, Value> = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into()))
            .collect();
        let scope = asked.remove("scope").unwrap();
        asked.insert("scopes".to_owned(), scope.as_str().unwrap().split(' ').collect());
        let headers = [(header::COOKIE, cookie), (TOKEN, token)];
        let sent = self.connection.post_json(path, &headers, &asked.into()).await;
        expected(sent, StatusCode::ACCEPTED)
    }
}
