//! `vneid sandbox`: the platform, the source databases and a demo portal, ready to be tried out.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crypto::secret::Secret;
use nation::sources::{self, Pki, ServerTls};
use oidc::client::Metadata;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::doors::{listen, local, near, url};
use super::folder::Folder;
use super::{Ground, Portal, clerk, makers, people, secured};
use crate::app::{App, Parts};
use crate::chips::reader::Readers;
use crate::counter::agent::{self, Agent};
use crate::news::samples;
use crate::notices::Gateway;
use crate::officers::{self, Role};
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::config::{self, Biometrics, Config, Evidence, Registries};
use crate::shell::limits;
use crate::shell::server::{self, Failure};
use crate::shell::workshop::Workshop;
use crate::sso;

/// What the nation of the sandbox follows from.
pub(crate) const SEED: u64 = 1;
/// Robots are quicker than people.
const CHANGES_PER_MINUTE: u32 = 6000;

/// What can be set about a sandbox.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Where the sandbox keeps its data.
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// The address to listen on; the demo portal and the source databases take the two ports after it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How many people there are. They are computed when asked for and cost nothing.
    #[arg(long, value_name = "N", default_value_t = 100_000_000)]
    pub people: u64,
    /// What a message to a phone costs its asker, in zero bits; without it programs need not pay.
    #[arg(long, value_name = "BITS", default_value_t = 0)]
    pub toll: u32,
    /// Serve by TLS, with a certificate of an authority made for the occasion (`sources-authority.pem` in the folder), which also vouches for
    /// programs that show a certificate. Without the demo portal.
    #[arg(long)]
    pub tls: bool,
    /// Begin anew: delete what an earlier sandbox kept in the folder.
    #[arg(long)]
    pub reset: bool,
}

/// An officer of the sandbox.
pub struct SandboxOfficer {
    /// What the officer signs in with.
    pub login: &'static str,
    /// The officer's name.
    pub full_name: &'static str,
    /// What the officer may do.
    pub role: Role,
    /// The code of the unit.
    pub unit: &'static str,
}

/// The password of every officer of the sandbox.
pub const OFFICERS_PASSWORD: &str = "CanBo#Sandbox1";

/// The officers of the sandbox.
pub const OFFICERS: [SandboxOfficer; 11] = [
    officer("tiepnhan", "Trần Thị Thu Hà", Role::Counter, "00070"),
    officer("tiepnhan2", "Hoàng Văn Nam", Role::Counter, "00004"),
    officer("xetduyet", "Lê Minh Đức", Role::Reviewer, officers::MINISTRY),
    officer("xetduyet2", "Phạm Ngọc Lan", Role::Reviewer, officers::MINISTRY),
    officer("xetduyet3", "Vũ Thị Hạnh", Role::Reviewer, "00070"),
    officer("chihuy", "Hoàng Văn Thắng", Role::Chief, "01"),
    officer("thanhtra", "Đỗ Mạnh Cường", Role::Inspector, officers::MINISTRY),
    officer("dieutra", "Bùi Quang Huy", Role::Investigator, "01"),
    officer("canbobo", "Ngô Thị Mai", Role::Ministry, officers::MINISTRY),
    officer("canbobo2", "Đặng Thu Trang", Role::Ministry, officers::MINISTRY),
    officer("quantri", "Nguyễn Quốc Bảo", Role::Administrator, officers::MINISTRY),
];

const fn officer(login: &'static str, full_name: &'static str, role: Role, unit: &'static str) -> SandboxOfficer {
    SandboxOfficer {
        login,
        full_name,
        role,
        unit,
    }
}

/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else listens there.
    #[error(
        "{0} is taken by another program; choose another address, for example: vneid sandbox --listen 127.0.0.1:8090"
    )]
    Taken(SocketAddr),
    /// The system does not allow it.
    #[error("cannot listen on {0}")]
    Other(SocketAddr, #[source] io::Error),
}

/// Runs a sandbox until it is told to stop.
///
/// # Errors
/// Whatever keeps it from running, with what to do about it.
#[expect(clippy::print_stdout, reason = "the command line answers on the terminal")]
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let begun = Instant::now();
    let sandbox = Sandbox::open(&settings, server::until_signal()?).await?;
    println!("{}", sandbox.welcome(begun.elapsed()));
    sandbox.run().await
}

/// A sandbox with its doors open.
pub struct Sandbox {
    app: App,
    listener: TcpListener,
    folder: Folder,
    beside: JoinSet<()>,
    stop: watch::Receiver<bool>,
}

impl Sandbox {
    /// Puts a sandbox together; the source databases and the portal run from now until `stop`.
    ///
    /// # Errors
    /// The folder or the address cannot be used, or a part does not start.
    pub async fn open(settings: &Settings, stop: watch::Receiver<bool>) -> Result<Self, Failure> {
        let folder = Folder::open(&settings.data, settings.reset)?;
        let listener = listen(settings.listen).await?;
        let address = listener.local_addr()?;
        let (portal, sources) = (near(address, 1).await?, near(local(address), 2).await?);

        let clock = Clock::system();
        let mut ground = Ground::new(SEED, settings.people)?;
        ground.remember_clock(folder.path(), &clock);
        ground.remember_fates(folder.path())?;
        let portal_address = portal.local_addr()?;
        ground.portal = (!settings.tls).then(|| Portal {
            url: url(portal_address),
        });
        let devices = near(local(address), 3).await?;
        let pki = Pki::generate(&["127.0.0.1", "localhost"])?;
        let mut config = config(&folder, address, sources.local_addr()?, &pki, &ground)?;
        config.toll.bits = settings.toll;
        if settings.tls {
            secured::secure(&mut config, &folder, &pki)?;
        }
        config.counter.agent = format!("http://{}", devices.local_addr()?);
        let mut beside = JoinSet::new();
        let tls = ServerTls::new(&pki.server, &pki.ca_pem)?;
        let router = super::sources(&ground, &clock);
        beside.spawn(sources::serve(sources, tls, router, server::told(stop.clone())));

        let mut parts = server::parts(config, Gateway::Mailbox, clock, Chance::system()).await?;
        beside.spawn(serve_devices(&parts, &ground, devices, stop.clone()));
        parts.sandbox = Some(ground);
        let app = App::new(parts);
        appoint(&app).await?;
        let samples = samples::publish(&app, "canbobo", "canbobo2").await;
        samples.map_err(|problem| format!("the news of the sandbox were not published: {problem:?}"))?;
        makers::register(&app).await?;
        clerk::register(&app).await?;
        serve_portal(&app, portal, &mut beside, stop.clone()).await?;
        Ok(Self {
            app,
            listener,
            folder,
            beside,
            stop,
        })
    }

    /// The platform inside.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// What to try first, for the terminal.
    pub fn welcome(&self, took: Duration) -> String {
        welcome(self, took).unwrap_or_default()
    }

    /// Serves until told to stop.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn run(mut self) -> Result<(), Failure> {
        server::run(self.app, self.listener, self.stop).await?;
        while self.beside.join_next().await.is_some() {}
        Ok(())
    }
}

fn config(
    folder: &Folder,
    address: SocketAddr,
    sources: SocketAddr,
    pki: &Pki,
    ground: &Ground,
) -> Result<Config, Failure> {
    let identity = format!("{}{}", pki.client.certificate_pem, pki.client.key_pem.expose());
    let source = format!("https://{sources}");
    let authority = folder.write("sources-authority.pem", pki.ca_pem.as_bytes())?;
    let identity = folder.write("sources-identity.pem", identity.as_bytes())?;
    Ok(Config {
        listen: address,
        public_url: url(address),
        database: folder.database(),
        keys: folder.keys(),
        limits: limits::Settings {
            of_address: CHANGES_PER_MINUTE,
            of_session: CHANGES_PER_MINUTE,
            of_person: CHANGES_PER_MINUTE,
            ..limits::Settings::default()
        },
        chip_authorities: Some(folder.write("chip-authority.der", ground.issuer.authority())?),
        registries: Registries {
            population: source.clone(),
            id_card: source.clone(),
            driving_licence: source.clone(),
            former_licence: source.clone(),
            residence: source.clone(),
            civil_status: source.clone(),
            vehicle: source.clone(),
            health_insurance: source.clone(),
            social_insurance: source.clone(),
            tax: source.clone(),
            passport: source.clone(),
            justice: source.clone(),
            health_record: source.clone(),
            signers: folder.write(
                "sources-signers.json",
                &serde_json::to_vec(&sources::signers(&ground.nation))?,
            )?,
            authority: authority.clone(),
            identity: identity.clone(),
            ..Registries::default()
        },
        officers: config::Officers {
            second_factor: Vec::new(),
            ..config::Officers::default()
        },
        biometrics: Biometrics {
            matcher: source,
            authority,
            identity,
            ..Biometrics::default()
        },
        evidence: Evidence {
            folder: folder.evidence(),
            ..Evidence::default()
        },
        sandbox: true,
        ..Config::default()
    })
}

async fn appoint(app: &App) -> Result<(), Failure> {
    for officer in OFFICERS {
        let SandboxOfficer {
            login,
            full_name,
            role,
            unit,
        } = officer;
        let appointed = officers::appoint(app, login, full_name, role, unit, OFFICERS_PASSWORD).await;
        appointed.map_err(|problem| format!("an officer of the sandbox was not appointed: {problem:?}"))?;
    }
    Ok(())
}

async fn serve_portal(
    app: &App,
    listener: TcpListener,
    beside: &mut JoinSet<()>,
    stop: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let Some(portal) = app.sandbox.as_ref().and_then(|ground| ground.portal.clone()) else {
        return Ok(());
    };
    let scopes = ["profile", "email", "phone", "vneid_account", "vneid_number"];
    let metadata: Metadata = serde_json::from_value(serde_json::json!({
        "client_id": Portal::CLIENT_ID,
        "client_name": Portal::NAME,
        "redirect_uris": [portal.redirect_uri()],
        "post_logout_redirect_uris": [format!("{}/", portal.url)],
        "scope": format!("openid {}", scopes.join(" ")),
        "vneid_purposes": ["public-service"],
        "vneid_terms": [{
            "purpose": "public-service", "scope": format!("openid {}", scopes.join(" ")), "days": 90,
            "basis": "Nghị định 69/2024/NĐ-CP, Điều 18",
            "reason": "Nộp và theo dõi hồ sơ dịch vụ công của quý vị trên cổng.",
            "reason_en": "To file and follow your applications on the portal.",
        }],
        "backchannel_logout_uri": format!("{}/backchannel", portal.url),
        "backchannel_logout_session_required": true,
    }))?;
    let secret = || Secret::new(Portal::CLIENT_SECRET.to_owned());
    sso::register(app, metadata, Some(secret())).await?;

    let settings = nation::portal::Settings {
        issuer: app.config.public_url.clone(),
        client_id: Portal::CLIENT_ID.to_owned(),
        client_secret: secret(),
        base_url: portal.url,
        scopes: scopes.map(str::to_owned).to_vec(),
    };
    let serving = nation::portal::serve(listener, settings, server::told(stop));
    beside.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the demo portal does not run");
        }
    });
    Ok(())
}

/// The devices of the sandbox's counters: cards and fingers of whoever is asked for.
fn serve_devices(
    parts: &Parts,
    ground: &Ground,
    listener: TcpListener,
    stop: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + use<> {
    let agent = Agent {
        origin: parts.config.origin().into(),
        readers: Readers::Simulated(ground.nation.clone(), ground.issuer.clone()),
        clock: parts.clock.clone(),
        chance: parts.chance.clone(),
        workshop: Workshop::new(1),
    };
    async move {
        if let Err(error) = agent::serve(agent, listener, stop).await {
            tracing::error!(%error, "the devices of the counters do not answer");
        }
    }
}

fn welcome(sandbox: &Sandbox, took: Duration) -> Result<String, std::fmt::Error> {
    let app = &sandbox.app;
    let (Some(ground), home) = (&app.sandbox, &app.config.public_url) else {
        return Ok(String::new());
    };
    let mut text = String::from("\n  VNeID sandbox · everybody and everything here is synthetic\n\n");
    writeln!(text, "  Open          {home}")?;
    writeln!(text, "  Guided tour   {home}/sandbox")?;
    if let Some(portal) = &ground.portal {
        writeln!(text, "  Demo portal   {}", portal.url)?;
    }
    if let Some(citizen) = people::suggested(app, &ground.nation, 0).next() {
        let number = citizen.number.as_str();
        let phone = citizen.phone.as_ref().map(civil::Phone::national).unwrap_or_default();
        writeln!(text, "\n  A citizen     {}", citizen.full_name)?;
        writeln!(text, "                number {number}, phone {phone}")?;
        writeln!(text, "                card   {home}/sandbox/people/{number}/card.png")?;
    }
    writeln!(text, "\n  Officers      {home}/officers/signin")?;
    for officer in &OFFICERS {
        let role = officer.role.word();
        writeln!(
            text,
            "                {role:<14} {:<10} {OFFICERS_PASSWORD}",
            officer.login
        )?;
    }
    writeln!(text, "\n  Data          {}", sandbox.folder.path().display())?;
    writeln!(text, "  Begin anew    vneid sandbox --reset")?;
    write!(text, "\n  Ready in {:.1} s. Stop with Ctrl-C.\n", took.as_secs_f64())?;
    Ok(text)
}
