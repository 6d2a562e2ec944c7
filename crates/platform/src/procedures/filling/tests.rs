use super::commune;

#[test]
fn a_commune_is_found_by_its_code_and_by_its_name_with_its_province() {
    for text in [
        "00004",
        "Phường Ba Đình, Hà Nội",
        "ba dinh, ha noi",
        " Ba Đình ,  Thành phố Hà Nội",
    ] {
        assert_eq!(commune(text).map(|found| found.code), Some("00004"), "{text}");
    }
    for text in [
        "",
        "00000",
        "Ba Đình",
        "Ba Đình, Huế",
        "Phường Không Có, Hà Nội",
        "☃, ☃",
    ] {
        assert!(commune(text).is_none(), "{text}");
    }
}
