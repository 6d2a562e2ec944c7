//! One connection of the load, kept open.

use std::net::SocketAddr;

use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
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
        self.send("GET", path, headers, String::new()).await
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
        self.send("POST", path, headers, form).await
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        body: String,
    ) -> Response<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host);
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.sender.ready().await.unwrap();
        let response = self
            .sender
            .send_request(request.body(Full::from(body)).unwrap())
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
