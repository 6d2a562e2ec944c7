//! Procedures that are found by what they are called, beside everything else that the search of the first page finds.

use serde::Serialize;

use crate::app::App;
use crate::shell::finding::{Findable, Wanted};
use crate::shell::texts::Lang;

/// A procedure as a list tells it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Titled {
    /// The word for it in addresses.
    pub(crate) code: String,
    /// The title, in Vietnamese.
    pub(crate) title: String,
    /// The title, in English.
    pub(crate) title_en: String,
}

/// The procedures in force that answer a search, the best first.
pub(crate) fn found(app: &App, wanted: &Wanted) -> Vec<Titled> {
    let today = app.clock.today();
    let say = |code: &str, what: &str, lang| app.texts.say(lang, &format!("procedure-{code}-{what}"), &[]);
    let in_force = app.procedures.all().filter(|procedure| procedure.on(today).is_some());
    let titled: Vec<(Titled, Findable)> = in_force
        .map(|procedure| {
            let code = procedure.code.as_str();
            let [title, title_en] = [Lang::Vi, Lang::En].map(|lang| say(code, "title", lang));
            let leads = [Lang::Vi, Lang::En].map(|lang| say(code, "lead", lang)).join(" ");
            let words = Findable::new([&title, &title_en], &leads);
            let code = code.to_owned();
            (Titled { code, title, title_en }, words)
        })
        .collect();
    wanted.among(titled.iter().map(|(titled, words)| (titled.clone(), words)))
}
