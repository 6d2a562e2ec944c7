use super::Catalogue;

fn with(text: &str) -> Result<Catalogue, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ct07.toml"), text).unwrap();
    Catalogue::open(Some(folder.path())).map_err(|error| error.to_string())
}

const OURS: &str = include_str!("../catalogue/ct07/procedure.toml");

#[test]
fn the_descriptions_that_come_with_the_program_are_sound() {
    let catalogue = Catalogue::open(None).unwrap();

    for procedure in catalogue.all() {
        let today = jiff::civil::date(2026, 11, 23);
        assert!(procedure.on(today).is_some(), "{}", procedure.code);
    }
}

#[test]
fn a_newer_version_ends_the_one_before_the_day_before() {
    let catalogue = with(&OURS.replace("2025-07-01", "2027-01-01")).unwrap();
    let ct07 = catalogue.find("ct07").unwrap();
    let on = |year, month, day| {
        ct07.on(jiff::civil::date(year, month, day))
            .map(|version| version.from.year())
    };

    assert_eq!((on(2026, 12, 31), on(2027, 1, 1)), (Some(2025), Some(2027)));
    assert_eq!(on(2025, 6, 30), None);
}

#[test]
fn an_unsound_description_keeps_the_platform_from_starting() {
    for (old, new) in [
        ("level = 1", "level = 3"),
        ("kind = \"long\"", "kind = \"poem\""),
        ("from = \"subject.full_name\"", "from = \"subject.secret\""),
        ("options = [", "options = []\ncolumns = ["),
        ("working_days = 3", "working_days = 3\nplace = \"nowhere\""),
        (
            "name = \"purpose\"",
            "name = \"purpose\"\nwhen = { field = \"nothing\", is = [\"on\"] }",
        ),
        ("name = \"purpose\"", "name = \"Purpose!\""),
        ("consents = [\"share\"]", "consent = [\"share\"]"),
    ] {
        let changed = OURS.replace(old, new);
        assert_ne!(changed, OURS, "{old}");
        assert!(with(&changed).is_err(), "{new}");
    }
}
