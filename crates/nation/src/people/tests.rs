use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::card::{CardState, Layout};

const TODAY: Date = Date::constant(2026, 11, 22);

static NATION: LazyLock<Nation> = LazyLock::new(|| Nation::new(7, 100_000_000));

fn nation() -> Nation {
    NATION.clone()
}

/// Everybody of some families from all over the nation.
fn sample(families: u64) -> impl Iterator<Item = Person> {
    let nation = nation();
    let step = nation.people() / 14 / families;
    (0..families * 14).map(move |at| nation.person(at / 14 * step * 14 + at % 14).unwrap())
}

fn kin(nation: &Nation, person: &Person, kind: Kinship) -> Vec<Person> {
    person
        .related(kind)
        .map(|index| nation.person(index).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn a_person_is_found_by_their_number(index in 0_u64..100_000_000, seed in 0_u64..5) {
        let nation = Nation::new(seed, 100_000_000);

        let person = nation.person(index).unwrap();

        prop_assert_eq!(nation.find(&person.number), Some(index));
    }

    #[test]
    fn a_person_is_the_same_each_time(index in 0_u64..100_000_000) {
        prop_assert_eq!(nation().person(index), nation().person(index));
    }

    #[test]
    fn a_number_is_of_nobody_or_of_the_one_it_finds(
        place in prop::sample::select(civil::personal_number::PROVINCES.to_vec()),
        digits in 0_u32..1_000_000,
        year in 1900_i16..2100,
    ) {
        let place = civil::personal_number::BirthPlaceCode::new(place.0).unwrap();
        let number = PersonalNumber::compose(place, civil::Sex::Female, year, digits).unwrap();

        let found = nation().find(&number);

        prop_assert!(found.is_none_or(|index| nation().person(index).unwrap().number == number));
    }
}

#[test]
fn the_last_person_of_the_largest_nation_has_a_number_too() {
    let nation = Nation::new(1, u64::MAX);

    let last = nation.person(nation.people() - 1).unwrap();

    assert_eq!(nation.people(), 104_328_000);
    assert_eq!(nation.find(&last.number), Some(nation.people() - 1));
    assert_eq!(nation.name(nation.people() - 1), Some(last.full_name));
    assert_eq!(nation.person(nation.people()), None);
    assert_eq!(nation.name(nation.people()), None);
    assert_eq!(nation.household(u64::MAX), None);
}

#[test]
fn a_person_does_not_depend_on_the_size_of_the_nation() {
    let (small, large) = (Nation::new(3, 20), Nation::new(3, 100_000_000));

    assert_eq!(small.people(), 28);
    assert_eq!(small.person(27), large.person(27));
    assert_eq!(small.find(&large.person(28).unwrap().number), None);
}

#[test]
fn numbers_are_unique_and_agree_with_their_holders() {
    let mut seen = HashSet::new();

    for person in sample(2000) {
        let number = &person.number;
        assert_eq!(number.contradiction(person.sex, person.date_of_birth), None);
        assert_eq!(number.as_str().as_bytes()[6], b'9');
        assert!(seen.insert(number.as_str().to_owned()));
    }
}

#[test]
fn phones_and_old_numbers_are_unique() {
    let (mut phones, mut old) = (HashSet::new(), HashSet::new());

    for person in (0..28_000).map(|index| nation().person(index).unwrap()) {
        assert!(person.phone.is_none_or(|phone| phones.insert(phone)));
        assert!(
            person
                .old_number
                .is_none_or(|number| number.starts_with('9') && old.insert(number))
        );
    }
}

#[test]
fn parents_are_of_an_age_to_be_parents_and_give_the_surname() {
    let nation = nation();

    for person in sample(300) {
        for parent in kin(&nation, &person, Kinship::Father)
            .iter()
            .chain(&kin(&nation, &person, Kinship::Mother))
        {
            let years = parent.age(person.date_of_birth);
            assert!((18..=48).contains(&years), "{years}");
            assert!(parent.died_on.is_none_or(|day| day >= person.date_of_birth));
            assert!(parent.related(Kinship::Child).any(|child| child == person.index));
        }
        for father in kin(&nation, &person, Kinship::Father) {
            let surname = |name: &str| name.split(' ').next().map(str::to_owned);
            assert_eq!(surname(&father.full_name), surname(&person.full_name));
            assert_eq!(father.origin, person.origin);
        }
    }
}

#[test]
fn spouses_name_each_other() {
    let nation = nation();

    for person in sample(300) {
        for spouse in kin(&nation, &person, Kinship::Spouse) {
            assert_ne!(spouse.sex, person.sex);
            assert_eq!(spouse.related(Kinship::Spouse).next(), Some(person.index));
        }
    }
}

#[test]
fn a_household_shares_its_residence_and_has_one_head() {
    let nation = nation();

    for person in sample(300) {
        let household = nation.household(person.household).unwrap();
        let present = person.life(REFERENCE_DAY) == Life::Alive;
        assert_eq!(
            household.members.iter().any(|member| member.index == person.index),
            present
        );
        assert_eq!(household.members.first().map(|member| member.index), household.head);
        for member in &household.members {
            let other = nation.person(member.index).unwrap();
            assert_eq!(other.permanent_residence, person.permanent_residence);
            assert_eq!(member.relation == "Chủ hộ", Some(member.index) == household.head);
        }
    }
}

#[test]
fn minors_and_people_who_cannot_act_have_somebody_who_acts_for_them() {
    let nation = nation();
    let mut wards = 0;

    for person in sample(1500).filter(|person| person.life(REFERENCE_DAY) == Life::Alive) {
        let acting = kin(&nation, &person, Kinship::LegalRepresentative);
        let needy = person.age(REFERENCE_DAY) < 18 || person.incapable;
        assert!(acting.is_empty() || needy);
        assert!(acting.iter().all(|one| one.age(REFERENCE_DAY) >= 18 && !one.incapable));
        assert!(
            acting
                .iter()
                .all(|one| one.related(Kinship::Represented).any(|ward| ward == person.index))
        );
        wards += u32::from(needy && !acting.is_empty() && person.age(REFERENCE_DAY) >= 18);
    }

    assert!(wards > 20, "{wards}");
}

#[test]
fn the_nation_looks_like_a_nation() {
    let people: Vec<Person> = sample(3000).collect();
    let per_mille = |count: usize| count * 1000 / people.len();
    let count = |test: &dyn Fn(&Person) -> bool| per_mille(people.iter().filter(|person| test(person)).count());
    let card = |person: &Person| person.newest_card(TODAY).map(|card| (card.layout, card.state(TODAY)));
    let state = |wanted| count(&|person| card(person).is_some_and(|(_, state)| state == wanted));

    let shares = HashMap::from([
        ("Nguyễn", count(&|person| person.full_name.starts_with("Nguyễn "))),
        ("women", count(&|person| person.sex == civil::Sex::Female)),
        ("dead", count(&|person| person.died_on.is_some())),
        ("abroad", count(&|person| person.emigrated_on.is_some())),
        ("under 14", count(&|person| person.age(TODAY) < 14)),
        (
            "over 60",
            count(&|person| person.age(TODAY) >= 60 && person.died_on.is_none()),
        ),
        ("valid card", state(CardState::Valid)),
        ("expired", state(CardState::Expired)),
        ("lost", state(CardState::Lost)),
        ("held", state(CardState::Held)),
        ("no card", count(&|person| card(person).is_none())),
        (
            "2021",
            count(&|person| card(person).is_some_and(|(layout, _)| layout == Layout::Cccd2021)),
        ),
        (
            "2024",
            count(&|person| card(person).is_some_and(|(layout, _)| layout == Layout::CanCuoc2024)),
        ),
    ]);

    let expected = [
        ("Nguyễn", 340..430),
        ("women", 490..510),
        ("dead", 30..130),
        ("abroad", 2..15),
        ("under 14", 100..260),
        ("over 60", 80..220),
        ("valid card", 600..850),
        ("expired", 10..120),
        ("lost", 3..30),
        ("held", 1..10),
        ("no card", 60..240),
        ("2021", 400..750),
        ("2024", 100..400),
    ];
    for (what, range) in expected {
        assert!(
            range.contains(&shares[what]),
            "{what}: {} per mille of {shares:?}",
            shares[what]
        );
    }
}

#[test]
fn cards_follow_one_another_and_end_with_their_holder() {
    for person in sample(1000) {
        let mut before = person.date_of_birth;
        for card in &person.cards {
            assert!(card.issued_on > before);
            assert!(card.expires_on.is_none_or(|last| last > card.issued_on));
            before = card.issued_on;
        }
        let valid = person
            .cards
            .iter()
            .filter(|card| card.issued_on <= TODAY && card.state(TODAY) == CardState::Valid);
        assert!(valid.count() <= usize::from(person.died_on.is_none()));
    }
}

#[test]
fn a_card_holds_until_the_next_of_the_ages_of_the_law() {
    let born = Date::constant(1990, 5, 20);
    let day = |year, month, day| Date::new(year, month, day).unwrap();

    assert_eq!(card::expiry(born, day(2010, 1, 1)), Some(day(2015, 5, 20)));
    assert_eq!(card::expiry(born, day(2013, 5, 19)), Some(day(2015, 5, 20)));
    assert_eq!(card::expiry(born, day(2013, 5, 20)), Some(day(2030, 5, 20)));
    assert_eq!(card::expiry(born, day(2047, 1, 1)), Some(day(2050, 5, 20)));
    assert_eq!(card::expiry(born, day(2048, 5, 20)), None);
    assert_eq!(
        card::expiry(Date::constant(2020, 2, 29), day(2024, 8, 1)),
        Some(day(2034, 2, 28))
    );
}

#[test]
fn the_text_of_a_cards_code_is_read_back() {
    for person in sample(200) {
        for qr in person.cards.iter().filter_map(|card| card.qr(&person)) {
            let read = civil::CardQr::parse(&qr.to_text()).unwrap();
            assert_eq!(read.to_text(), qr.to_text());
        }
    }
}
