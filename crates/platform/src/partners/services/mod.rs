//! Where people begin to use the systems of partners: those that are connected and have told an address.

use serde::Serialize;
use url::Url;

use super::{http, store};
use crate::app::App;
use crate::shell::problem::Problem;
use crate::sso;

/// A system that people sign in at with their account.
#[derive(Serialize)]
pub(crate) struct Service {
    /// Whose it is.
    pub(crate) organisation: String,
    /// What it is called.
    pub(crate) system: String,
    /// Where it begins; says who asks for the sign-in (OpenID Connect Core 1.0, section 4).
    pub(crate) start: String,
}

impl Service {
    /// A service that begins at an address; none if that is no address.
    fn beginning(start: &str, organisation: String, system: String, issuer: &str) -> Option<Self> {
        let mut start = Url::parse(start).ok()?;
        start.query_pairs_mut().append_pair("iss", issuer);
        Some(Self {
            organisation,
            system,
            start: start.into(),
        })
    }

    /// The host, by which people know where they go.
    pub(crate) fn host(&self) -> String {
        let host = Url::parse(&self.start).ok();
        host.and_then(|start| start.host_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// The systems with production credentials that begin at an address; in the sandbox the demo portal as well.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub(crate) async fn services(app: &App) -> Result<Vec<Service>, Problem> {
    let issuer = sso::issuer(app).to_string();
    let portal = app.sandbox.as_ref().and_then(|ground| ground.portal.clone());
    let demo = portal.and_then(|portal| {
        let name = crate::sandbox::Portal::NAME.to_owned();
        Service::beginning(&format!("{}/login", portal.url), name.clone(), name, &issuer)
    });
    let mut services: Vec<Service> = demo.into_iter().collect();
    for row in app.db.read(store::granted).await? {
        if row.live_client.is_some() {
            let asked = http::opened(app, &row)?;
            services.extend(Service::beginning(
                &asked.start,
                asked.organisation,
                asked.system,
                &issuer,
            ));
        }
    }
    Ok(services)
}
