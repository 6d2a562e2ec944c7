use std::collections::BTreeMap;

use super::accepted;
use crate::registries::{Standing, StandingState};
use crate::shell::jobs::Failure;

fn standing(state: StandingState) -> Standing {
    Standing {
        dossier: "1".to_owned(),
        state,
        reason: Some("Trùng nơi tạm trú".to_owned()),
        result: BTreeMap::new(),
    }
}

#[test]
fn what_the_database_refuses_to_record_is_not_told_again_but_shown_to_operators() {
    assert!(accepted(standing(StandingState::Done)).is_ok());
    assert!(accepted(standing(StandingState::Received)).is_ok());
    let refused = accepted(standing(StandingState::Refused));
    assert!(matches!(refused, Err(Failure::Never(why)) if why == "Trùng nơi tạm trú"));
}
