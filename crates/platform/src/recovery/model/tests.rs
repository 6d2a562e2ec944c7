//! Random interleavings of owner and attacker; the table in `docs/recovery.md` is what they find.

use std::fmt::Write as _;

use jiff::SignedDuration;

use super::{Act, Goal, Thing, Who, World};

const RUNS: u64 = 400;
const STEPS: usize = 80;
/// How long a watchful owner takes to react to an alarm.
const REACTS: SignedDuration = SignedDuration::from_hours(20);
const OPENS: &str = "<!-- attackers: written by the model, see crates/platform/src/recovery/model -->\n";
const CLOSES: &str = "<!-- /attackers -->";

/// A repeatable sequence.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// What an attacker who holds these things reaches in any run; the owner reacts to alarms, or does not.
fn reaches(held: &[Thing], watchful: bool) -> Vec<Goal> {
    let mut reached: Vec<Goal> = Vec::new();
    for run in 0..RUNS {
        let mut dice = Dice(run * 2 + u64::from(watchful));
        let mut world = World::new(held, "2026-11-23T02:00:00Z".parse().unwrap());
        for _ in 0..STEPS {
            let who = if dice.roll(3) == 0 { Who::Owner } else { Who::Attacker };
            world.act(who, Act::ALL[dice.roll(Act::ALL.len())]);
            world.now += SignedDuration::from_hours(i64::try_from(dice.roll(12)).unwrap());
            let alarmed = world
                .alarmed_at
                .is_some_and(|at| world.now.duration_since(at) >= REACTS);
            if watchful && alarmed {
                break;
            }
        }
        reached.extend(world.reached.iter().copied());
        world.counter();
        assert!(world.is_the_owners(), "{held:?}, run {run}: {world:?}");
        let before = world.reached.len();
        for _ in 0..STEPS {
            world.act(Who::Attacker, Act::ALL[dice.roll(Act::ALL.len())]);
            world.now += SignedDuration::from_hours(6);
        }
        assert_eq!(
            world.reached.len(),
            before,
            "{held:?}, run {run}: nothing stolen before helps afterwards"
        );
    }
    reached
}

/// Single things, pairs, and all.
fn attackers() -> Vec<Vec<Thing>> {
    let mut all: Vec<Vec<Thing>> = Thing::ALL.iter().map(|thing| vec![*thing]).collect();
    for (at, one) in Thing::ALL.iter().enumerate() {
        all.extend(Thing::ALL.iter().skip(at + 1).map(|other| vec![*one, *other]));
    }
    all.push(Thing::ALL.to_vec());
    all
}

fn table() -> String {
    let names: Vec<&str> = Goal::ALL.iter().map(|goal| goal.name()).collect();
    let mut text = format!(
        "| who holds | {} |\n|{}\n",
        names.join(" | "),
        " --- |".repeat(names.len() + 1)
    );
    for held in attackers() {
        let (asleep, awake) = (reaches(&held, false), reaches(&held, true));
        let cells = Goal::ALL
            .iter()
            .map(|goal| match (asleep.contains(goal), awake.contains(goal)) {
                (_, true) => "yes",
                (true, false) => "if alarms are ignored",
                (false, false) => "no",
            });
        let things: Vec<&str> = held.iter().map(|thing| thing.name()).collect();
        let things = if held.len() == Thing::ALL.len() {
            "all of these".to_owned()
        } else {
            things.join(" and ")
        };
        let _ = writeln!(text, "| {things} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    text
}

#[test]
fn the_table_of_attackers_is_what_the_model_finds() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/recovery.md");
    let written = std::fs::read_to_string(path).unwrap();
    let (_, rest) = written.split_once(OPENS).expect("the table's beginning is marked");
    let (kept, _) = rest.split_once(CLOSES).expect("the table's end is marked");

    let found = table();

    assert!(
        kept == found,
        "docs/recovery.md differs from the model; between its marks write:\n{found}"
    );
}

#[test]
fn nobody_without_the_passcode_becomes_the_device_shows_papers_or_changes_the_phone() {
    for held in attackers() {
        let reached = reaches(&held, false);
        for goal in [Goal::BecomeDevice, Goal::ShowPapers, Goal::ChangePhone] {
            assert!(!reached.contains(&goal), "{held:?} reaches {goal:?}");
        }
    }
}
