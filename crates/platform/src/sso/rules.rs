//! What is decided without looking anything up: tickets, lifetimes, which data a scope stands for.

use crypto::base64url;
use jiff::Timestamp;
use oidc::assurance::Assurance;
use oidc::authorize::{self, Request};
use oidc::claims::{Scope, Scopes};
use oidc::client::Client;
use oidc::error::{Error, ErrorCode};
use oidc::wanted::Wanted;

use crate::shell::chance::Chance;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

/// How long a code lives, in seconds.
pub(super) const CODE_LIFE: i64 = 60;
/// How long an access token and an ID token live, in seconds.
pub(super) const TOKEN_LIFE: u32 = 30 * 60;
/// How long a signed access token lives, in seconds: it cannot be taken back.
pub(super) const SIGNED_TOKEN_LIFE: u32 = 5 * 60;
/// How long a person may take to sign in and agree, in seconds.
pub(super) const REQUEST_LIFE: i64 = 60 * 60;

/// What a ticket is good for.
#[derive(Clone, Copy)]
pub(super) enum Use {
    /// An access token.
    Token,
    /// A refresh token.
    Refresh,
    /// A pre-authorized code.
    Offer,
    /// The name of a request to a person on another device.
    Asked,
}

impl Use {
    fn column(self) -> &'static str {
        match self {
            Use::Token => "sso-token",
            Use::Refresh => "sso-refresh",
            Use::Offer => "sso-offer",
            Use::Asked => "sso-asked",
        }
    }

    /// The keyed digest of a ticket: of its name where two may have the same, of its text for all others.
    fn digest(self, vault: &Vault, text: &str, plain: &[u8]) -> [u8; 32] {
        let told = match self {
            Use::Token => plain,
            Use::Refresh | Use::Offer | Use::Asked => text.as_bytes(),
        };
        vault.digest(self.column(), told)
    }
}

/// A token: whom it is about and until when it is good, sealed, and a secret. Whoever holds it cannot read whom it is about, nor see
/// that two are about the same person.
#[derive(Clone)]
pub(super) struct Ticket {
    /// The person it is about.
    pub(super) person: PersonId,
    /// The end of its life: known before the database is asked, and part of the key there, so that what is over lies together.
    pub(super) expires_at: Timestamp,
    /// The keyed digest by which it is found again.
    pub(super) digest: [u8; 32],
}

impl Ticket {
    /// Draws a new ticket; answers it with its text, which is kept nowhere.
    pub(super) fn draw(
        vault: &Vault,
        chance: &Chance,
        purpose: Use,
        person: PersonId,
        expires_at: Timestamp,
    ) -> (Self, String) {
        Self::named(vault, purpose, person, expires_at, &chance.bytes())
    }

    /// The ticket of a name: another access token of the same name has the same digest, but another text.
    pub(super) fn named(
        vault: &Vault,
        purpose: Use,
        person: PersonId,
        expires_at: Timestamp,
        name: &[u8; 16],
    ) -> (Self, String) {
        let mut plain = person.bytes().to_vec();
        plain.extend_from_slice(&expires_at.as_microsecond().to_be_bytes());
        plain.extend_from_slice(name);
        let text = base64url::encode(vault.seal("sso", purpose.column(), b"", &plain));
        let digest = purpose.digest(vault, &text, &plain);
        let ticket = Self {
            person,
            expires_at,
            digest,
        };
        (ticket, text)
    }

    /// Reads a ticket's text; nothing if we did not write it for this use.
    pub(super) fn read(vault: &Vault, purpose: Use, text: &str) -> Option<Self> {
        let sealed = base64url::decode(text).ok()?;
        let plain = vault.open("sso", purpose.column(), b"", &sealed).ok()?;
        let (person, rest) = plain.split_first_chunk::<16>()?;
        let (expires_at, _) = rest.split_first_chunk::<8>()?;
        Some(Self {
            person: PersonId::from(*person),
            expires_at: Timestamp::from_microsecond(i64::from_be_bytes(*expires_at)).ok()?,
            digest: purpose.digest(vault, text, &plain),
        })
    }
}

/// Seals what a token was asked for beyond its scopes, for its row; nothing where nothing was.
pub(super) fn seal_wanted(
    vault: &Vault,
    table: &str,
    ticket: &Ticket,
    wanted: &Wanted,
) -> Result<Option<Vec<u8>>, Problem> {
    if wanted.is_empty() {
        return Ok(None);
    }
    Ok(Some(vault.seal_record(table, "wanted", &ticket.digest, wanted)?))
}

/// Opens it again.
pub(super) fn open_wanted(
    vault: &Vault,
    table: &str,
    digest: &[u8; 32],
    sealed: Option<&Vec<u8>>,
) -> Result<Wanted, Problem> {
    match sealed {
        Some(sealed) => Ok(vault.open_record(table, "wanted", digest, sealed)?),
        None => Ok(Wanted::default()),
    }
}

/// The assurance of a session's sign-in.
pub(super) fn assurance(level: i64) -> Option<Assurance> {
    let index = usize::try_from(level).ok()?.checked_sub(1)?;
    Assurance::ALL.get(index).copied()
}

/// The number of an assurance, as sessions keep it.
pub(super) fn level(assurance: Assurance) -> i64 {
    let place = Assurance::ALL.iter().position(|known| *known == assurance);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or(0) + 1
}

/// Whether a sign-in would do, were it stronger.
pub(super) fn is_only_too_weak(
    request: &Request,
    client: &Client,
    known: Option<authorize::Session>,
    needed: Assurance,
) -> bool {
    let strong = known.map(|known| authorize::Session {
        assurance: Some(needed),
        ..known
    });
    !matches!(request.next(client, strong.as_ref()), authorize::Next::SignIn(_))
}

/// The refusal where no way leads to the assurance that a client requires.
pub(super) fn unmet(needed: Assurance) -> Error {
    tracing::info!(needed = needed.acr(), "the sign-in is weaker than the client requires");
    Error::new(
        ErrorCode::UnmetAuthenticationRequirements,
        "the person cannot sign in as strongly as required",
    )
}

/// The kinds of data that these scopes tell, as the history names them.
pub(super) fn what(scopes: &Scopes) -> String {
    let kinds = scopes.iter().filter_map(|scope| match scope {
        Scope::OpenId | Scope::VneidPortal => None,
        Scope::Profile => Some("name birth sex"),
        Scope::Email => Some("email"),
        Scope::Phone => Some("phone"),
        Scope::Address => Some("address"),
        Scope::VneidAccount => Some("account"),
        Scope::VneidNumber => Some("number"),
        Scope::VneidCard => Some("card"),
        Scope::VneidFace => Some("portrait"),
        Scope::VneidEidSdJwt | Scope::VneidEidMdoc => Some("eid"),
        Scope::VneidDrivingLicenceSdJwt | Scope::VneidDrivingLicenceMdoc => Some("driving-licence"),
        Scope::VneidVehiclesSdJwt | Scope::VneidVehiclesMdoc => Some("vehicle"),
        Scope::VneidHealthInsuranceSdJwt | Scope::VneidHealthInsuranceMdoc => Some("health-insurance"),
    });
    let mut kinds: Vec<_> = kinds.collect();
    kinds.dedup();
    kinds.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::keys::Keys;

    fn vault() -> Vault {
        Keys::in_memory(&Chance::seeded(1), "2026-11-23T02:00:00Z".parse().unwrap())
            .unwrap()
            .vault()
            .unwrap()
    }

    #[test]
    fn a_ticket_is_read_back_for_its_use_alone_and_hides_the_person() {
        let (vault, chance) = (vault(), Chance::seeded(2));
        let (person, until) = (PersonId::draw(&chance), "2026-11-23T02:01:00Z".parse().unwrap());

        let (ticket, text) = Ticket::draw(&vault, &chance, Use::Refresh, person, until);
        let (_, another) = Ticket::draw(&vault, &chance, Use::Refresh, person, until);

        let read = Ticket::read(&vault, Use::Refresh, &text).unwrap();
        assert_eq!(
            (read.person, read.expires_at, read.digest),
            (ticket.person, until, ticket.digest)
        );
        assert!(Ticket::read(&vault, Use::Token, &text).is_none());
        let bytes = base64url::decode(&text).unwrap();
        assert!(!bytes.windows(16).any(|window| window == person.bytes()));
        assert_ne!(text, another);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            proptest::prop_assert!(Ticket::read(&vault(), Use::Token, &text).is_none());
        }
    }
}
