//! Settings: read, overlaid, refused.

use super::*;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_parts(
        text,
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

#[test]
fn the_environment_goes_over_the_file() {
    let config = load(
        "listen = '127.0.0.1:1'\n[password]\npasses = 2",
        &[("VNEID_PASSWORD__PASSES", "3"), ("HOME", "/")],
    )
    .unwrap();

    assert_eq!(config.password.passes, 3);
    assert_eq!(config.listen.port(), 1);
}

#[test]
fn an_unknown_key_is_refused_by_name() {
    let of_file = load("listne = '127.0.0.1:1'", &[]).unwrap_err().to_string();
    let of_environment = load("", &[("VNEID_PASSWORD__PASES", "3")]).unwrap_err().to_string();

    assert!(of_file.contains("listne"), "{of_file}");
    assert!(of_environment.contains("pases"), "{of_environment}");
}

#[test]
fn the_example_for_operators_names_every_setting() {
    const EXAMPLE: &str = include_str!("../../../../../docs/vneid.example.toml");
    let written: toml::Table = EXAMPLE.parse().unwrap();

    let read = load(EXAMPLE, &[]).unwrap();

    let all = toml::Table::try_from(&read).unwrap();
    for (name, value) in &all {
        let here = written.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        let (Some(all), Some(here)) = (value.as_table(), here.as_table()) else {
            continue;
        };
        assert!(all.keys().eq(here.keys()), "{name}: {all:?}");
    }
}

#[test]
fn production_refuses_every_unsafe_setting_at_once() {
    let refused = load("[password]\nmemory_kib = 8", &[])
        .unwrap()
        .check_production()
        .unwrap_err()
        .to_string();

    for reason in ["https://", "memory_kib", "registries.population", "notices.spool"] {
        assert!(refused.contains(reason), "{reason} is missing in: {refused}");
    }
}

#[test]
fn the_origin_is_the_public_address_without_its_path() {
    let config = Config {
        public_url: "https://id.example.vn:8443/x".to_owned(),
        ..Config::default()
    };

    assert_eq!(config.origin(), "https://id.example.vn:8443");
}
