//! Sentences, in Vietnamese and English.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::{Deserialize, Serialize};
use unic_langid::langid;

/// A language the platform speaks. Vietnamese comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }

    /// The language of a BCP 47 tag, where we speak it.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
            "vi" => Some(Lang::Vi),
            "en" => Some(Lang::En),
            _ => None,
        }
    }
}

/// The sentences of one folder.
#[derive(Clone, Copy)]
pub struct Source {
    /// Vietnamese, in Fluent's format.
    pub vi: &'static str,
    /// English, in Fluent's format.
    pub en: &'static str,
}

/// The sentences of the folder it is called in: its `vi.ftl` and `en.ftl`.
macro_rules! source {
    () => {
        $crate::shell::texts::Source {
            vi: include_str!("vi.ftl"),
            en: include_str!("en.ftl"),
        }
    };
}
pub(crate) use source;

/// All sentences of the platform.
pub struct Texts {
    vi: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

/// A value in a sentence.
pub type Arg<'a> = (&'a str, std::borrow::Cow<'a, str>);

impl Texts {
    /// Reads the sentences of all folders.
    ///
    /// # Errors
    /// Names the first sentence that is ill-formed or told twice.
    pub fn new(sources: impl IntoIterator<Item = Source>) -> Result<Self, IllFormed> {
        let mut vi = FluentBundle::new_concurrent(vec![langid!("vi")]);
        let mut en = FluentBundle::new_concurrent(vec![langid!("en")]);
        for source in sources {
            add(&mut vi, source.vi)?;
            add(&mut en, source.en)?;
        }
        Ok(Self { vi, en })
    }

    /// The sentence `id` in a language; the id itself where there is none, so that a page is never lost.
    pub fn say(&self, lang: Lang, id: &str, args: &[Arg<'_>]) -> String {
        self.find(lang, id, args).unwrap_or_else(|| {
            tracing::error!(id, "a sentence is missing");
            id.to_owned()
        })
    }

    /// The sentence `id` in a language, if it exists.
    pub fn find(&self, lang: Lang, id: &str, args: &[Arg<'_>]) -> Option<String> {
        let bundle = match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        };
        let pattern = bundle.get_message(id)?.value()?;
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(id, "a sentence lacks a value");
        }
        Some(said)
    }
}

/// A sentence of the platform cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the texts are ill-formed: {0}")]
pub struct IllFormed(String);

fn add(bundle: &mut FluentBundle<FluentResource>, source: &str) -> Result<(), IllFormed> {
    bundle.set_use_isolating(false);
    let resource =
        FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| IllFormed(format!("{errors:?}")))?;
    bundle
        .add_resource(resource)
        .map_err(|errors| IllFormed(format!("{errors:?}")))
}
