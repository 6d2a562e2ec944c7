//! The holder's lock, and its end.

use std::time::Duration;

use serde_json::json;

use super::{citizen, signed_in};
use crate::house::House;

/// A lock is one unit of work over grounds, sessions, tokens, credentials, signals and the ledger: the old session tells whether it was.
#[test]
fn a_lock_that_is_killed_is_there_wholly_or_not_at_all() {
    let mut house = House::start();
    let (made, _) = citizen(&house, 2);
    let (mut locked, mut unlocked) = (0, 0);
    for after in [0, 4, 8, 12, 16, 20, 25, 30, 40, 60] {
        let before = signed_in(&house, &made);
        let lock = json!({ "reason": "Mất điện thoại", "confirm": "yes" });
        house.strike(
            &mut before.clone(),
            "/account/locks",
            &lock,
            Duration::from_millis(after),
        );

        let mut now = signed_in(&house, &made);
        let state = house.get(&mut now, "/account/locks").json();
        let stands = state["account_locked"] == true || state["eid_locked"] == true;
        let old_session = house.get(&mut before.clone(), "/account").status;
        assert_eq!(stands, !state["grounds"].as_array().unwrap().is_empty(), "{state}");
        assert_eq!(stands, old_session == 401, "{old_session}: {state}");
        if stands {
            locked += 1;
            let unlock = json!({ "reason": "Đã tìm thấy", "passcode": made["passcode"] });
            house.strike(&mut now, "/account/locks/unlock", &unlock, Duration::from_millis(after));
            let mut again = signed_in(&house, &made);
            if !house.get(&mut again, "/account/locks").json()["grounds"]
                .as_array()
                .unwrap()
                .is_empty()
            {
                let answer = house.post(&mut again, "/account/locks/unlock", &unlock);
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
        } else {
            unlocked += 1;
        }
    }
    assert!(locked > 0 && unlocked > 0, "{locked} locked, {unlocked} not");
    house.is_sound();
}
