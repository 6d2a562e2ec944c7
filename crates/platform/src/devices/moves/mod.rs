//! A new device takes the place of the old one, or is the first.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /account/security/device/moves` | asks for it, with the `proof` of the new key |
//! | `GET /account/security/device/moves/{ask}` | the ways |
//! | `POST /account/security/device/moves/{ask}/code` | sends a code to the phone |
//! | `POST /account/security/device/moves/{ask}/card` | invites a reader to bring the chip of the card |
//! | `POST /account/security/device/moves/{ask}` | does it: `passcode`, and `shown` (by the old device) or `code` (to the phone) |

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/security/device/moves", post(http::begin))
        .route(
            "/account/security/device/moves/{ask}",
            get(http::show).post(http::carry_out),
        )
        .route("/account/security/device/moves/{ask}/code", post(http::send_code))
        .route("/account/security/device/moves/{ask}/card", post(http::invite))
}
