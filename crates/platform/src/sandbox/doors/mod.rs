//! Where the parts of a sandbox listen.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use super::command::ListenError;

/// Listens on an address.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::Taken(address),
        _ => ListenError::Other(address, error),
    })
}

/// A listener some ports after another, or on any free port where that one is taken.
pub(super) async fn near(address: SocketAddr, ports: u16) -> Result<TcpListener, ListenError> {
    let wanted = SocketAddr::new(address.ip(), address.port().saturating_add(ports));
    match listen(wanted).await {
        Ok(listener) => Ok(listener),
        Err(_) => listen(SocketAddr::new(address.ip(), 0)).await,
    }
}

/// The source databases are nobody's business but this process's.
pub(super) fn local(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
}

/// The address for a browser on this machine; `localhost` counts as secure without TLS.
pub(super) fn url(address: SocketAddr) -> String {
    let ip = address.ip();
    if ip.is_loopback() || ip.is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}
