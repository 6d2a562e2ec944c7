//! Which addresses are ours, and which only look like it.

use serde::Serialize;
use url::{Host, Url};

/// The longest address that is judged, in bytes.
const LONGEST: usize = 2000;

/// Words of our names that a foreign host borrows to look like ours.
const OUR_WORDS: [&str; 4] = ["vneid", "dinhdanhdientu", "dinhdanhdlentu", "cancuocdientu"];

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// One of ours, by TLS.
    Ours,
    /// The host is ours, but anybody on the way could change what it sends: it is not reached by TLS.
    Insecure,
    /// It looks like ours, and is not.
    Imitation,
    /// Nobody of ours.
    Foreign,
    /// No address that can be read.
    Unreadable,
}

impl Verdict {
    /// The last part of its sentences.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Verdict::Ours => "ours",
            Verdict::Insecure => "insecure",
            Verdict::Imitation => "imitation",
            Verdict::Foreign => "foreign",
            Verdict::Unreadable => "unreadable",
        }
    }

    /// How its box looks; words and a sign say the same.
    pub(super) fn tone(self) -> &'static str {
        match self {
            Verdict::Ours => "good",
            Verdict::Foreign | Verdict::Unreadable => "warn",
            Verdict::Insecure | Verdict::Imitation => "bad",
        }
    }
}

/// Judges an address as somebody copied it, against the hosts that are ours.
///
/// `own` is the origin of this platform, which is ours whatever its scheme: the asker is on it.
pub(super) fn judge(address: &str, hosts: &[String], own: &str) -> Verdict {
    let address = address.trim();
    if address.is_empty() || address.len() > LONGEST {
        return Verdict::Unreadable;
    }
    let whole = if address.contains("://") {
        address.to_owned()
    } else {
        format!("https://{address}")
    };
    let Ok(url) = Url::parse(&whole) else {
        return Verdict::Unreadable;
    };
    let Some(Host::Domain(host)) = url.host() else {
        return if url.host().is_some() {
            Verdict::Foreign
        } else {
            Verdict::Unreadable
        };
    };
    let host = host.trim_end_matches('.');
    // `https://ours@elsewhere` shows our name and leads elsewhere.
    let disguised = !url.username().is_empty() || url.password().is_some();
    let ours = hosts.iter().any(|known| belongs(host, known));
    match (disguised, ours, url.scheme()) {
        (true, ..) => Verdict::Imitation,
        (false, _, _) if url.origin().ascii_serialization() == own => Verdict::Ours,
        (false, true, "https") => Verdict::Ours,
        (false, true, _) => Verdict::Insecure,
        (false, false, _) if looks_like_ours(host, hosts) => Verdict::Imitation,
        (false, false, _) => Verdict::Foreign,
    }
}

/// Whether a host is the known one or below it.
fn belongs(host: &str, known: &str) -> bool {
    host.strip_suffix(known)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Whether a foreign host borrows our names: as they are, with letters exchanged for ones that look alike, or in letters of other scripts.
fn looks_like_ours(host: &str, hosts: &[String]) -> bool {
    let seen = skeleton(host);
    let other_script = host.split('.').any(|label| label.starts_with("xn--"));
    other_script
        || OUR_WORDS.iter().any(|word| seen.contains(word))
        || hosts.iter().any(|known| seen.contains(&skeleton(known)))
}

/// A host as a hasty eye sees it.
fn skeleton(host: &str) -> String {
    host.to_ascii_lowercase()
        .replace("rn", "m")
        .replace("vv", "w")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c {
            '0' => 'o',
            '1' | 'l' => 'i',
            '3' => 'e',
            '5' => 's',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWN: &str = "http://localhost:8080";

    fn hosts() -> Vec<String> {
        ["vneid.gov.vn", "dinhdanhdientu.gov.vn"].map(str::to_owned).to_vec()
    }

    #[test]
    fn each_address_is_called_what_it_is() {
        for (address, verdict) in [
            ("https://vneid.gov.vn/tai-ung-dung", Verdict::Ours),
            ("vneid.gov.vn", Verdict::Ours),
            ("https://tai.VNeID.gov.vn./", Verdict::Ours),
            ("http://localhost:8080/signin", Verdict::Ours),
            ("http://vneid.gov.vn", Verdict::Insecure),
            ("https://vneid-gov.vn", Verdict::Imitation),
            ("https://vneid.gov.vn.example.com", Verdict::Imitation),
            ("https://vneld.gov-vn.top", Verdict::Imitation),
            ("https://vneid.gov.vn@example.com/", Verdict::Imitation),
            ("https://vnеid.gov.vn", Verdict::Imitation),
            ("https://dinhdanhdlentu.com", Verdict::Imitation),
            ("https://example.com", Verdict::Foreign),
            ("https://203.0.113.7/", Verdict::Foreign),
            ("", Verdict::Unreadable),
            ("tel:19000368", Verdict::Unreadable),
            ("https://", Verdict::Unreadable),
        ] {
            assert_eq!(judge(address, &hosts(), OWN), verdict, "{address}");
        }
    }

    proptest! {
        #[test]
        fn nothing_foreign_is_ever_called_ours(address in "\\PC{0,80}") {
            let verdict = judge(&address, &hosts(), OWN);

            let named = address.to_lowercase();
            prop_assert!(verdict != Verdict::Ours || named.contains("gov.vn") || named.contains("localhost"));
        }

        #[test]
        fn what_stands_before_another_host_does_not_make_it_ours(before in "[a-z.@/-]{0,20}", host in "[a-z]{3,10}\\.(com|vn|top)") {
            prop_assume!(!host.ends_with("gov.vn"));

            prop_assert_ne!(judge(&format!("https://{before}vneid.gov.vn.{host}"), &hosts(), OWN), Verdict::Ours);
        }
    }
}
