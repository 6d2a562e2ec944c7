//! One connection of the load, kept open, from an address of its choice.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// A connection to the platform.
pub struct Line {
    stream: TcpStream,
    host: SocketAddr,
}

impl Line {
    /// Connects from one of the addresses of this machine: 127.1.x.y.
    pub async fn open(host: SocketAddr, from: u16) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        let [high, low] = from.to_be_bytes();
        socket.bind((Ipv4Addr::new(127, 1, high, low), 0).into()).unwrap();
        let stream = socket.connect(host).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, host }
    }

    /// Looks at a path.
    pub async fn get(&mut self, path: &str) -> (u16, Value) {
        self.ask("GET", path, "").await
    }

    /// Sends JSON.
    pub async fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.ask("POST", path, &body.to_string()).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut read = Vec::with_capacity(4096);
        let head = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(
                self.stream.read_buf(&mut read).await.unwrap() > 0,
                "the connection was closed"
            );
        };
        let text = String::from_utf8_lossy(read.get(..head).unwrap_or_default()).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        while read.len() < head + length {
            assert!(
                self.stream.read_buf(&mut read).await.unwrap() > 0,
                "the connection was closed"
            );
        }
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        let body = read.get(head..head + length).unwrap_or_default();
        (status, serde_json::from_slice(body).unwrap_or(Value::Null))
    }
}
