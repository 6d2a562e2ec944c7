//! Requests to addresses that others registered with us: relying parties that want to be told of something.
//!
//! **Invariant:** nothing is posted to a private, local or otherwise special address, whatever a name is made to point to between its being registered
//! and its being used (server-side request forgery). The sandbox, whose partners live on the same machine, is exempt.

use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::app::App;
use crate::sso;

/// An address is not one of the open net.
#[derive(Debug)]
struct Inward;

impl fmt::Display for Inward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not one of the open net")
    }
}

impl StdError for Inward {}

/// Whether an address may be registered: `https`, of a name or an address of the open net. What a name points to is looked at when it is used.
pub fn may_be_registered(app: &App, address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let open = match url.host() {
        Some(Host::Domain(name)) => !is_local_name(name),
        Some(Host::Ipv4(address)) => is_open(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_open(IpAddr::V6(address)),
        None => false,
    };
    app.config.sandbox || (url.scheme() == "https" && open)
}

/// Names that no name server of the open net answers for.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let local = ["localhost", "local", "internal", "lan", "home.arpa"];
    !name.contains('.')
        || local
            .iter()
            .any(|end| name == *end || name.ends_with(&format!(".{end}")))
}

/// A client for such addresses, which follows nobody elsewhere, waits no longer than this, and shows our certificate where it is asked for one.
///
/// # Errors
/// If the system's certificates cannot be used.
pub fn client(app: &App, patience: Duration) -> Result<reqwest::Client, reqwest::Error> {
    let client = reqwest::Client::builder()
        .timeout(patience)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    let client = sso::equip(app, client);
    if app.config.sandbox {
        client.build()
    } else {
        client.dns_resolver(Arc::new(OpenNet)).build()
    }
}

/// Resolves names to addresses of the open net alone.
struct OpenNet;

impl Resolve for OpenNet {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let open: Vec<SocketAddr> = found.filter(|address| is_open(address.ip())).collect();
            if open.is_empty() {
                return Err(Box::<dyn StdError + Send + Sync>::from(Inward));
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the open net (the registries of special addresses of IANA, RFC 6890).
fn is_open(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => is_open_4(four),
        IpAddr::V6(six) => is_open_6(six),
    }
}

fn is_open_4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let special = address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 192 && second == 88 && third == 99)
        || (first == 198 && (18..20).contains(&second));
    !special
}

fn is_open_6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Of what is not given out yet nothing is ours to visit; within 2000::/3 there are tunnels and examples.
    let given_out = first & 0xe000 == 0x2000;
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x2002 || first == 0x3fff;
    given_out && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_of_the_open_net() {
        for inward in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fe80::1",
            "2001:db8::1",
            "2001:0:1::1",
            "2002:a00:1::",
            "ff02::1",
        ] {
            assert!(!is_open(inward.parse().unwrap()), "{inward}");
        }
        for open in [
            "1.1.1.1",
            "172.32.0.1",
            "192.0.1.1",
            "203.162.4.191",
            "2606:4700::1111",
            "2001:ee0::1",
        ] {
            assert!(is_open(open.parse().unwrap()), "{open}");
        }
    }

    #[test]
    fn names_without_a_place_in_the_open_net_are_local() {
        for local in [
            "localhost",
            "db",
            "db.internal",
            "x.LOCALHOST.",
            "printer.local",
            "router.lan",
        ] {
            assert!(is_local_name(local), "{local}");
        }
        for open in ["bank.example", "signals.bank.vn", "local.vn"] {
            assert!(!is_local_name(open), "{open}");
        }
    }

    #[tokio::test]
    async fn a_name_that_is_made_to_point_inwards_is_not_reached() {
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(OpenNet))
            .build()
            .unwrap();

        let error = client.post("https://localhost/events").send().await.unwrap_err();

        let mut chain = format!("{error}");
        let mut source = error.source();
        while let Some(inner) = source {
            chain.push_str(&inner.to_string());
            source = inner.source();
        }
        assert!(chain.contains("not one of the open net"), "{chain}");
    }
}
