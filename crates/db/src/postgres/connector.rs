//! How the server is reached, and what its unique keys are called.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio_postgres::{
    Config, NoTls,
    config::{Host, SslMode},
    error::DbError,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{line::Line, session::fault};
use crate::Error;

pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// What was found out about unique keys: `schema.index` to `table.column,column`.
    keys: Mutex<HashMap<String, String>>,
}

impl Connector {
    pub(super) fn new(url: &str, root_certificates: Option<&Path>) -> Result<Self, Error> {
        // The cause may repeat parts of the address, so it is not passed on.
        let mut config: Config = url
            .parse()
            .ok()
            .ok_or_else(|| Error::Url("it is not understood as postgres://…".to_owned()))?;
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            SslMode::Prefer if is_local(&config) => None,
            SslMode::Require => Some(encrypted(root_certificates)?),
            _ => {
                return Err(Error::Url(
                    "a server elsewhere needs sslmode=require (or =disable)".to_owned(),
                ));
            }
        };
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        if config.get_application_name().is_none() {
            config.application_name("vneid");
        }

        Ok(Self {
            config,
            tls,
            keys: Mutex::default(),
        })
    }

    pub(super) fn connect(&self) -> Result<Line, Error> {
        let mut line = match &self.tls {
            Some(tls) => Line::new(self.config.connect(tls.clone())),
            None => Line::new(self.config.connect(NoTls)),
        }?;
        line.ask(|client| {
            client.batch_execute(
                "SET client_min_messages = warning;
                 SET statement_timeout = '30s';
                 SET idle_in_transaction_session_timeout = '60s'",
            )
        })
        .map_err(|error| fault(&error, self).error)?;

        Ok(line)
    }

    /// The key that a clash was about. The transaction that met it cannot ask any more, so another connection does.
    pub(super) fn key(&self, clash: &DbError) -> String {
        let (Some(schema), Some(index)) = (clash.schema(), clash.constraint()) else {
            return clash.table().unwrap_or_default().to_owned();
        };
        let name = format!("{schema}.{index}");
        let known = self
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&name)
            .cloned();
        if let Some(key) = known.or_else(|| self.look_up(schema, index)) {
            self.keys
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name, key.clone());
            return key;
        }
        index.to_owned()
    }

    fn look_up(&self, schema: &str, index: &str) -> Option<String> {
        let mut line = self.connect().ok()?;
        let row = line
            .ask(async |client| client.query_opt(KEY, &[&schema, &index]).await)
            .ok()??;

        row.try_get("key").ok()
    }
}

/// A partition answers with the name of its root.
const KEY: &str = "
    SELECT r.relname::text || '.' || string_agg(a.attname::text, ',' ORDER BY k.place) AS key
      FROM pg_index x
      JOIN pg_class i ON i.oid = x.indexrelid
      JOIN pg_namespace n ON n.oid = i.relnamespace
      JOIN pg_class r ON r.oid = coalesce(pg_partition_root(x.indrelid), x.indrelid)
     CROSS JOIN unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place)
      JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
     WHERE n.nspname = $1::text AND i.relname = $2::text AND k.place <= x.indnkeyatts
     GROUP BY r.relname";

fn is_local(config: &Config) -> bool {
    config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
        && config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                name == "localhost"
                    || name
                        .parse::<std::net::IpAddr>()
                        .is_ok_and(|address| address.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        })
}

fn encrypted(root_certificates: Option<&Path>) -> Result<MakeRustlsConnect, Error> {
    let path = root_certificates.ok_or_else(|| Error::Url("sslmode=require needs the root certificates".to_owned()))?;
    let unusable = |why: String| Error::Url(format!("the root certificates are not usable: {why}"));
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();

    Ok(MakeRustlsConnect::new(config))
}

/// Why a server cannot be reached.
pub(super) fn unreachable(error: &tokio_postgres::Error) -> Error {
    Error::Unavailable(error.code().map_or_else(
        || error.to_string(),
        |code| format!("the server refuses with {}", code.code()),
    ))
}
