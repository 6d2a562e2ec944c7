use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rules::{Quiet, Wishes, pairs, word};
use super::{find, store};
use crate::app::App;
use crate::notices::{Kind, Way};
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::shell::texts::Lang;

/// The wishes of the citizen.
#[derive(Template, Serialize)]
#[template(path = "notices/choices/pages/choices.html")]
pub(super) struct Choices {
    kinds: Vec<Row>,
    lang: Lang,
    quiet_from: i8,
    quiet_to: i8,
    #[serde(skip)]
    ways: &'static [Way],
}

/// One kind and the ways that it travels.
#[derive(Serialize)]
struct Row {
    kind: &'static str,
    ways: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    /// As the form says it: `progress.sms`.
    name: String,
    way: &'static str,
    chosen: bool,
    /// The law, or the safety of the account, leaves no choice.
    fixed: bool,
}

impl Choices {
    fn of(wishes: &Wishes) -> Self {
        let cell = |kind: Kind, way: Way| Cell {
            name: word((kind, way)),
            way: way.word(),
            chosen: wishes.wants(kind, way),
            fixed: kind.must(way),
        };
        let row = |kind: &Kind| Row {
            kind: kind.word(),
            ways: Way::ALL.iter().map(|way| cell(*kind, *way)).collect(),
        };
        Self {
            kinds: Kind::ALL.iter().map(row).collect(),
            lang: wishes.lang,
            quiet_from: wishes.quiet.from,
            quiet_to: wishes.quiet.to,
            ways: Way::ALL,
        }
    }
}

/// Shows the wishes of the citizen.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Choices>, Problem> {
    let wishes = app.db.read(move |conn| find(conn, &citizen.person)).await?;
    Ok(Page(Choices::of(&wishes)))
}

/// Other wishes: each pair that is ticked, as `progress.sms=on`; `lang`; `quiet_from` and `quiet_to`.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct ChoicesForm(BTreeMap<String, Value>);

impl ChoicesForm {
    fn said(&self, field: &str) -> String {
        match self.0.get(field) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }
    }

    fn hour(&self, field: &'static str) -> Result<i8, Fault> {
        let hour = self.said(field).parse().ok().filter(|hour| (0..24).contains(hour));
        hour.ok_or_else(|| Fault::new(field, "notices-choices-hour-fault"))
    }

    fn check(&self) -> Result<Wishes, Vec<Fault>> {
        let lang = Lang::from_tag(&self.said("lang")).ok_or_else(|| Fault::new("lang", "notices-choices-lang-fault"));
        let ticked = self
            .0
            .iter()
            .filter(|(_, value)| !matches!(value, Value::Bool(false) | Value::Null));
        let chosen = pairs(ticked.map(|(name, _)| name.as_str()));
        match (self.hour("quiet_from"), self.hour("quiet_to"), lang) {
            (Ok(from), Ok(to), Ok(lang)) => Ok(Wishes {
                lang,
                chosen,
                quiet: Quiet { from, to },
            }),
            (from, to, lang) => Err([from.err(), to.err(), lang.err()].into_iter().flatten().collect()),
        }
    }
}

/// Writes other wishes down.
pub(super) async fn choose(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<ChoicesForm>,
) -> Result<Next<Choices>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let wishes = match form.check() {
        Ok(wishes) => wishes,
        Err(faults) => {
            let stand = app.db.read(move |conn| find(conn, &person)).await?;
            return Err(Problem::invalid(faults).on(Choices::of(&stand)));
        }
    };
    let view = Choices::of(&wishes);
    app.db.write(move |tx| store::put(tx, &person, &wishes, now)).await?;
    Ok(Next {
        to: "/notices/choices?saved=1".to_owned(),
        view,
    })
}
