use askama::Template;
use axum::extract::State as Of;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::accounts::Account;
use crate::app::App;
use crate::declarations::http::{Known, SlipPage, account, declare, known};
use crate::declarations::rules::{self, Means, MovementForm, Reason};
use crate::shell::filters;
use crate::shell::input::{Query, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// The form for a movement.
#[derive(Clone, Template, Serialize)]
#[template(path = "declarations/movement/pages/movement.html")]
pub(in crate::declarations) struct MovementPage {
    known: Known,
    hours: i64,
    today: Date,
    provinces: Vec<Choice>,
    from: Vec<Choice>,
    to: Vec<Choice>,
    wanted: Provinces,
    typed: MovementForm,
}

impl MovementPage {
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn all_means(&self) -> &'static [Means] {
        Means::ALL
    }

    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn reasons(&self) -> &'static [Reason] {
        Reason::ALL
    }
}

#[derive(Clone, Serialize)]
struct Choice {
    code: &'static str,
    name: String,
}

/// From which province to which.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(in crate::declarations) struct Provinces {
    #[serde(default)]
    from_province: String,
    #[serde(default)]
    to_province: String,
}

fn communes(province: &str) -> Vec<Choice> {
    let commune = |commune: &'static civil::units::Commune| Choice {
        code: commune.code,
        name: commune.full_name(),
    };
    let mut communes: Vec<Choice> = civil::units::communes_of(province).map(commune).collect();
    communes.sort_by_key(|commune| civil::names::fold(&commune.name));
    communes
}

async fn movement_page(
    app: &App,
    account: &Account,
    mut wanted: Provinces,
    mut typed: MovementForm,
) -> Result<MovementPage, Problem> {
    let (known, today) = (known(app, account).await?, app.clock.today());
    if wanted.from_province.is_empty() {
        let home = civil::units::commune(&known.commune);
        wanted.from_province = home.map(|home| home.province.to_owned()).unwrap_or_default();
    }
    if typed.from.is_empty() {
        typed.from.clone_from(&known.commune);
    }
    let province = |province: &'static civil::units::Province| Choice {
        code: province.code,
        name: province.full_name(),
    };
    let mut provinces: Vec<Choice> = civil::units::on(today).map(province).collect();
    provinces.sort_by_key(|province| province.code);
    Ok(MovementPage {
        from: communes(&wanted.from_province),
        to: communes(&wanted.to_province),
        hours: app.config.declarations.movement_hours,
        known,
        today,
        provinces,
        wanted,
        typed,
    })
}

/// Shows the form for a movement.
pub(in crate::declarations) async fn ask(
    Of(app): Of<App>,
    citizen: Citizen,
    Query(wanted): Query<Provinces>,
) -> Result<Page<MovementPage>, Problem> {
    let account = account(&app, &citizen).await?;
    let typed = MovementForm {
        on: app.clock.today().to_string(),
        people: "1".to_owned(),
        ..MovementForm::default()
    };
    Ok(Page(movement_page(&app, &account, wanted, typed).await?))
}

/// Declares a movement.
pub(in crate::declarations) async fn say(
    Of(app): Of<App>,
    citizen: Citizen,
    upload: Upload,
) -> Result<Next<SlipPage>, Problem> {
    let account = account(&app, &citizen).await?;
    let field = |name: &str| upload.field(name).to_owned();
    let typed = MovementForm {
        from: field("from"),
        to: field("to"),
        on: field("on"),
        means: field("means"),
        plate: field("plate"),
        people: field("people"),
        reason: field("reason"),
        note: field("note"),
        pledge: !upload.field("pledge").is_empty(),
    };
    match rules::movement(&typed, app.clock.today()) {
        Ok(content) => declare(&app, &account, content).await,
        Err(faults) => {
            let province = |code: &str| civil::units::commune(code).map(|commune| commune.province.to_owned());
            let wanted = Provinces {
                from_province: province(&typed.from).unwrap_or_else(|| field("from_province")),
                to_province: province(&typed.to).unwrap_or_else(|| field("to_province")),
            };
            Err(Problem::invalid(faults).on(movement_page(&app, &account, wanted, typed).await?))
        }
    }
}
