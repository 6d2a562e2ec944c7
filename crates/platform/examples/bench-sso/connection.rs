//! One connection of the load, kept open.

use std::net::SocketAddr;

use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A connection to the platform.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, driver) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(async move { driver.await.unwrap() });
        Self {
            sender,
            host: address.to_string(),
        }
    }

    /// Looks at a path.
    pub async fn get(&mut self, path: &str, headers: &[(header::HeaderName, &str)]) -> Response<Bytes> {
        self.send("GET", path, headers, None).await
    }

    /// Sends a form.
    pub async fn post(
        &mut self,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        fields: &[(&str, &str)],
    ) -> Response<Bytes> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let body = ("application/x-www-form-urlencoded", form);
        self.send("POST", path, headers, Some(body)).await
    }

    /// Sends JSON.
    pub async fn post_json(
        &mut self,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        value: &Value,
    ) -> Response<Bytes> {
        let body = ("application/json", value.to_string());
        self.send("POST", path, headers, Some(body)).await
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        body: Option<(&str, String)>,
    ) -> Response<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host);
        let (kind, body) = body.unzip();
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.sender.ready().await.unwrap();
        let response = self
            .sender
            .send_request(request.body(Full::from(body.unwrap_or_default())).unwrap())
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }
}

/// The answer, if it has the status that it must have.
#[track_caller]
pub fn expected(response: Response<Bytes>, status: StatusCode) -> Response<Bytes> {
    assert_eq!(
        response.status(),
        status,
        "{}",
        String::from_utf8_lossy(response.body())
    );
    response
}
