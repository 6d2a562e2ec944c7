use askama::Template;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::super::{Officer, unit};
use super::{Action, Asker, CaseNumber, Dossier, Occasion, On, Rule, SecondFactor, Sphere};
use crate::app::App;
use crate::officers::Role;
use crate::officers::rules::is_unit;
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};

/// The rules in plain words, and what each role may do.
#[derive(Clone, Template, Serialize)]
#[template(path = "officers/policy/pages/policies.html")]
pub(in super::super) struct PoliciesPage {
    roles: &'static [Role],
    rules: Vec<Rule>,
    rows: Vec<ActionRow>,
    question: Question,
}

/// What the roles may do of one action, each in the own unit.
#[derive(Clone, Serialize)]
struct ActionRow {
    action: Action,
    may: Vec<bool>,
}

impl PoliciesPage {
    fn of(app: &App, officer: &Officer, question: Question) -> Self {
        let row = |action: &Action| ActionRow {
            action: *action,
            may: Role::ALL.iter().map(|role| may(app, officer, *role, *action)).collect(),
        };
        Self {
            roles: Role::ALL,
            rules: app.policies.rules().to_vec(),
            rows: Action::ALL.iter().map(row).collect(),
            question,
        }
    }
}

/// Whether a role may do something in the best case: in the own unit, with a purpose and a case, and holding the application.
fn may(app: &App, officer: &Officer, role: Role, action: Action) -> bool {
    let unit = match role {
        Role::Counter => "00004",
        Role::Ministry => super::super::MINISTRY,
        _ => officer.unit_code.as_str(),
    };
    let asker = Asker {
        role,
        unit,
        second_factor: SecondFactor::Given,
    };
    let occasion = Occasion {
        purpose: "policies",
        case_number: CaseNumber::parse("1/2026"),
    };
    let own = |taken, held, awaits_second| {
        On::Dossier(Dossier {
            unit,
            level: 2,
            taken_by_me: taken,
            held_by_me: held,
            proposed_by_me: false,
            awaits_second,
        })
    };
    let things = match action.sphere() {
        Sphere::Platform => vec![On::Platform],
        Sphere::Person => vec![On::Person],
        Sphere::Unit => vec![On::Unit(unit)],
        Sphere::Dossier => vec![
            own(true, false, false),
            own(false, true, false),
            own(false, false, true),
            own(false, false, false),
        ],
    };
    things
        .iter()
        .any(|on| app.policies.decide(&asker, (action, on), &occasion).denied.is_none())
}

/// Shows the rules.
pub(in super::super) async fn show(State(app): State<App>, officer: Officer) -> Result<Page<PoliciesPage>, Problem> {
    officer.must(&app, Action::SeePolicies, &On::Platform)?;
    let question = Question {
        unit: officer.unit_code.clone(),
        role: officer.role.word().to_owned(),
        ..Question::default()
    };
    Ok(Page(PoliciesPage::of(&app, &officer, question)))
}

/// Who would do what to what.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in super::super) struct Question {
    role: String,
    unit: String,
    action: String,
    /// The unit that is competent for the application, or whose queue it is; the own one when empty.
    on_unit: String,
    taken: String,
    held: String,
    proposed: String,
    purpose: String,
    case_number: String,
}

/// A decision with the rules that made it.
#[derive(Template, Serialize)]
#[template(path = "officers/policy/pages/decision.html")]
pub(in super::super) struct DecisionPage {
    role: Role,
    unit: String,
    action: Action,
    allowed: bool,
    rules: Vec<Rule>,
}

/// Explains a decision.
pub(in super::super) async fn explain(
    State(app): State<App>,
    officer: Officer,
    Query(question): Query<Question>,
) -> Result<Page<DecisionPage>, Problem> {
    officer.must(&app, Action::SeePolicies, &On::Platform)?;
    let asked = (Role::of_word(&question.role), Action::of_word(&question.action));
    let mut faults = Vec::new();
    if asked.0.is_none() {
        faults.push(Fault::new("role", "officers-policies-fault-role"));
    }
    if asked.1.is_none() {
        faults.push(Fault::new("action", "officers-policies-fault-action"));
    }
    if !is_unit(&question.unit) {
        faults.push(Fault::new("unit", "officers-policies-fault-unit"));
    }
    let ((Some(role), Some(action)), true) = (asked, faults.is_empty()) else {
        return Err(Problem::invalid(faults).on(PoliciesPage::of(&app, &officer, question)));
    };

    let verdict = question.put(&app, role, action);

    let decided = |rule: &&Rule| verdict.rules.contains(&rule.id);
    Ok(Page(DecisionPage {
        role,
        unit: unit(&question.unit),
        action,
        allowed: verdict.denied.is_none(),
        rules: app.policies.rules().iter().filter(decided).cloned().collect(),
    }))
}

impl Question {
    fn put(&self, app: &App, role: Role, action: Action) -> super::Verdict {
        let asker = Asker {
            role,
            unit: &self.unit,
            second_factor: SecondFactor::Given,
        };
        let place = if self.on_unit.is_empty() {
            &self.unit
        } else {
            &self.on_unit
        };
        let on = match action.sphere() {
            Sphere::Platform => On::Platform,
            Sphere::Person => On::Person,
            Sphere::Unit => On::Unit(place),
            Sphere::Dossier => On::Dossier(Dossier {
                unit: place,
                level: 2,
                taken_by_me: !self.taken.is_empty(),
                held_by_me: !self.held.is_empty(),
                proposed_by_me: !self.proposed.is_empty(),
                awaits_second: action == Action::ConfirmOverride,
            }),
        };
        let occasion = Occasion {
            purpose: if self.purpose.is_empty() { "" } else { "stated" },
            case_number: CaseNumber::parse(&self.case_number),
        };
        app.policies.decide(&asker, (action, &on), &occasion)
    }
}
