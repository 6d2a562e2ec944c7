//! Who may be connected, and what has to be said for it.

use oidc::claims::{Scope, Scopes};
use oidc::client::Terms;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::shell::input::Upload;
use crate::shell::problem::Fault;
use crate::shell::words::words;

/// How many purposes the form takes.
pub(super) const MOST_PURPOSES: usize = 3;
/// The lowest approved security level of a system that may be connected (Decree 69/2024, article 18).
const LEAST_SECURITY: u8 = 3;
/// For how many days at most a consent may be remembered.
const MOST_DAYS: u16 = 365;
/// What evidence calls a letter.
pub(super) const LETTER: &str = "connection-letter";
/// The largest letter, in bytes.
pub(super) const LARGEST_LETTER: usize = 5 * 1024 * 1024;
/// How many calendar days the ministry has to answer (Decree 69/2024, article 18).
pub(super) const ANSWER_DAYS: i64 = 30;
/// What that limit rests on.
pub(super) const LAW: &str = "Nghị định 69/2024/NĐ-CP, Điều 18";

words! {
    /// What kind of organisation asks: the first three connect directly, others through a licensed provider (Decree 69/2024, article 19).
    Kind {
        /// *Cơ quan nhà nước*.
        State = "state",
        /// *Tổ chức chính trị, chính trị - xã hội*.
        Political = "political",
        /// *Tổ chức cung cấp dịch vụ công*.
        PublicService = "public-service",
        /// *Tổ chức cung cấp dịch vụ xác thực điện tử*, with the ministry's certificate.
        Provider = "provider",
    }
}

words! {
    /// What a person may do at a connection; each may what the next may.
    Role {
        /// All, and who else may do something.
        Owner = "owner",
        /// Credentials, keys, the automatic check.
        Developer = "developer",
        /// Looking.
        Reader = "reader",
    }
}

impl Role {
    /// Whether this role may do what needs that one.
    pub(super) fn may(self, needed: Self) -> bool {
        self <= needed
    }
}

words! {
    /// Where a connection stands.
    State {
        /// The ministry has not answered.
        Asked = "asked",
        /// Granted.
        Granted = "granted",
        /// Refused.
        Refused = "refused",
    }
}

/// What an organisation asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) organisation: String,
    pub(super) code: String,
    pub(super) kind: Kind,
    /// The number of the certificate of a provider.
    pub(super) certificate: String,
    pub(super) system: String,
    pub(super) security_level: u8,
    /// The decision that approved the level.
    pub(super) security_decision: String,
    pub(super) email: String,
    pub(super) redirect_uris: Vec<String>,
    /// Where people begin to use the system with this account; empty where they cannot from here.
    #[serde(default)]
    pub(super) start: String,
    pub(super) purposes: Vec<Terms>,
}

impl Asked {
    /// All data of all purposes.
    pub(super) fn scope(terms: &[Terms]) -> Scopes {
        let all = terms.iter().flat_map(|terms| terms.scope.iter());
        all.chain([Scope::OpenId]).collect()
    }
}

/// The data that an organisation can ask for.
pub(super) fn can_be_asked() -> Vec<Scope> {
    let asked = |scope: &Scope| !scope.is_credential() && *scope != Scope::OpenId;
    Scope::ALL.iter().copied().filter(asked).collect()
}

/// Reads the form; every fault at once.
pub(super) fn read(form: &Upload) -> Result<Asked, Vec<Fault>> {
    let mut reader = Reader {
        form,
        faults: Vec::new(),
    };
    let organisation = reader.text("organisation", 3, 150);
    let code = reader.text("code", 3, 30);
    let system = reader.text("system", 3, 100);
    let security_decision = reader.text("security_decision", 3, 120);
    let (kind, certificate) = reader.kind();
    let security_level = reader.security_level();
    let email = reader.email();
    let redirect_uris = reader.redirect_uris();
    let start = reader.start();
    let purposes = reader.purposes();
    match kind {
        Some(kind) if reader.faults.is_empty() => Ok(Asked {
            organisation,
            code,
            kind,
            certificate,
            system,
            security_level,
            security_decision,
            email,
            redirect_uris,
            start,
            purposes,
        }),
        _ => Err(reader.faults),
    }
}

/// Reads one part of the form after the other, and notes what is wrong.
struct Reader<'a> {
    form: &'a Upload,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn text(&mut self, field: &'static str, least: usize, most: usize) -> String {
        let said = self.form.field(field);
        if !(least..=most).contains(&said.chars().count()) || said.chars().any(char::is_control) {
            let fault = Fault::new(field, "partners-fault-text");
            self.faults.push(fault.with("least", least).with("most", most));
        }
        said.to_owned()
    }

    /// The kind, and the number of a provider's certificate.
    fn kind(&mut self) -> (Option<Kind>, String) {
        let kind = Kind::of_word(self.form.field("kind"));
        let certificate = self.form.field("certificate").to_owned();
        if kind.is_none() {
            self.faults.push(Fault::new("kind", "partners-fault-kind"));
        }
        if kind == Some(Kind::Provider) && certificate.is_empty() {
            self.faults
                .push(Fault::new("certificate", "partners-fault-certificate"));
        }
        (kind, certificate)
    }

    fn security_level(&mut self) -> u8 {
        let level = self.form.field("security_level").parse().unwrap_or(0_u8);
        if !(LEAST_SECURITY..=5).contains(&level) {
            let fault = Fault::new("security_level", "partners-fault-security");
            self.faults.push(fault.with("least", LEAST_SECURITY));
        }
        level
    }

    fn email(&mut self) -> String {
        let email = self.form.field("email").to_owned();
        let is_address = email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        let strange = email
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control());
        if !is_address || email.len() > 200 || strange {
            self.faults.push(Fault::new("email", "partners-fault-email"));
        }
        email
    }

    /// The address where people begin, which may be missing.
    fn start(&mut self) -> String {
        let start = self.form.field("start").to_owned();
        if !start.is_empty() && (start.len() > 500 || !is_address_of_site(&start)) {
            self.faults.push(Fault::new("start", "partners-fault-start"));
        }
        start
    }

    fn redirect_uris(&mut self) -> Vec<String> {
        let said = self.form.field("redirect_uris").split_whitespace();
        let uris: Vec<String> = said.map(str::to_owned).collect();
        if uris.is_empty() || uris.len() > 10 || !uris.iter().all(|uri| is_address_of_site(uri)) {
            self.faults.push(Fault::new("redirect_uris", "partners-fault-redirect"));
        }
        uris
    }

    fn purposes(&mut self) -> Vec<Terms> {
        let read = (1..=MOST_PURPOSES).filter_map(|place| purpose(self.form, place));
        let purposes = match read.collect::<Result<Vec<_>, _>>() {
            Ok(purposes) => purposes,
            Err(fault) => {
                self.faults.push(fault);
                return Vec::new();
            }
        };
        let is_twice = |(index, one): (usize, &Terms)| {
            let mut others = purposes.iter().skip(index + 1);
            others.any(|other| other.purpose == one.purpose)
        };
        if purposes.is_empty() || purposes.iter().enumerate().any(is_twice) {
            self.faults.push(Fault::new("purpose1", "partners-fault-purposes"));
        }
        purposes
    }
}

/// An address of a site: `https`, or `http` on the developer's own machine.
pub(super) fn is_address_of_site(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    (url.scheme() == "https" || url.scheme() == "http" && local)
        && url.fragment().is_none()
        && url.username().is_empty()
}

/// One purpose of the form; none where its name is empty.
fn purpose(form: &Upload, place: usize) -> Option<Result<Terms, Fault>> {
    let field = |name: &str| form.field(&format!("{name}{place}")).to_owned();
    let purpose = field("purpose");
    if purpose.is_empty() {
        return None;
    }
    let data = format!("data{place}");
    let said = form.fields.iter().filter(|(name, _)| *name == data);
    let scope: Scopes = said
        .flat_map(|(_, text)| text.split(' '))
        .filter_map(Scope::from_name)
        .filter(|scope| can_be_asked().contains(scope))
        .chain([Scope::OpenId])
        .collect();
    let terms = Terms {
        basis: field("basis"),
        reason: field("reason"),
        reason_en: field("reason_en"),
        days: field("days").parse().unwrap_or(u16::MAX),
        purpose,
        scope,
    };
    let word = terms.purpose.len() <= 40
        && terms
            .purpose
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let short = |text: &String| (5..=300).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let said = [&terms.basis, &terms.reason, &terms.reason_en].into_iter().all(short);
    Some(
        if word && said && terms.days <= MOST_DAYS && terms.scope.iter().count() > 1 {
            Ok(terms)
        } else {
            Err(Fault::new("purpose1", "partners-fault-purpose")
                .with("place", place)
                .with("days", MOST_DAYS))
        },
    )
}

/// Whether bytes are a letter that can be read: a PDF, or a picture.
pub(crate) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 3] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
    ];
    kinds
        .into_iter()
        .find(|(begin, _)| bytes.starts_with(begin))
        .map(|(_, kind)| kind)
}
