//! Names: combinations from short lists, by sex and generation.

use civil::Sex;

use super::family;
use crate::die::Die;

/// What a die is thrown for, in this module.
mod topic {
    pub(super) const SURNAME: u64 = 21;
    pub(super) const MIDDLE: u64 = 22;
    pub(super) const GIVEN: u64 = 23;
}

/// Surnames per thousand people, by the shares that are told of the Kinh.
const SURNAMES: [(&str, u64); 26] = [
    ("Nguyễn", 384),
    ("Trần", 121),
    ("Lê", 95),
    ("Phạm", 70),
    ("Hoàng", 51),
    ("Huỳnh", 45),
    ("Phan", 42),
    ("Vũ", 39),
    ("Võ", 30),
    ("Đặng", 21),
    ("Bùi", 20),
    ("Đỗ", 14),
    ("Hồ", 13),
    ("Ngô", 13),
    ("Dương", 10),
    ("Lý", 6),
    ("Đinh", 5),
    ("Trương", 5),
    ("Mai", 4),
    ("Đoàn", 3),
    ("Lâm", 3),
    ("Trịnh", 2),
    ("Đào", 2),
    ("Cao", 1),
    ("Tạ", 1),
    ("Lương", 1),
];

const MIDDLE_MALE: [&str; 14] = [
    "Văn", "Văn", "Văn", "Văn", "Hữu", "Đức", "Công", "Quang", "Minh", "Ngọc", "Xuân", "Thanh", "Đình", "Trọng",
];
const MIDDLE_FEMALE: [&str; 12] = [
    "Thị",
    "Thị",
    "Thị",
    "Thị",
    "Thị",
    "Thị Ngọc",
    "Thị Thanh",
    "Thị Kim",
    "Thị Hồng",
    "Ngọc",
    "Thị Minh",
    "Thu",
];
const MIDDLE_YOUNG_MALE: [&str; 12] = [
    "Văn", "Minh", "Gia", "Quốc", "Hoàng", "Đức", "Anh", "Tuấn", "Thành", "Nhật", "Bảo", "Đăng",
];
const MIDDLE_YOUNG_FEMALE: [&str; 12] = [
    "Thị",
    "Thị",
    "Ngọc",
    "Bảo",
    "Khánh",
    "Minh",
    "Thanh",
    "Phương",
    "Thùy",
    "Quỳnh",
    "Hoài",
    "Thị Thu",
];

const GIVEN_OLD_MALE: [&str; 20] = [
    "Bình", "Cường", "Chiến", "Dũng", "Hải", "Hậu", "Hòa", "Hùng", "Hưng", "Khánh", "Lâm", "Lợi", "Mạnh", "Phúc",
    "Quý", "Sơn", "Tài", "Thắng", "Toàn", "Vinh",
];
const GIVEN_OLD_FEMALE: [&str; 20] = [
    "Bích",
    "Cúc",
    "Dung",
    "Đào",
    "Hạnh",
    "Hiền",
    "Hoa",
    "Huệ",
    "Lan",
    "Liên",
    "Loan",
    "Mai",
    "Nga",
    "Nhung",
    "Oanh",
    "Phượng",
    "Thơm",
    "Thúy",
    "Tuyết",
    "Xuân",
];
const GIVEN_YOUNG_MALE: [&str; 20] = [
    "An", "Bảo", "Duy", "Đạt", "Hiếu", "Hoàng", "Huy", "Khang", "Khôi", "Kiên", "Long", "Minh", "Nam", "Nhân", "Phát",
    "Phong", "Quân", "Thịnh", "Tùng", "Vũ",
];
const GIVEN_YOUNG_FEMALE: [&str; 20] = [
    "An", "Anh", "Châu", "Chi", "Diệp", "Giang", "Hà", "Hân", "Hương", "Linh", "Ly", "My", "Ngân", "Nhi", "Quyên",
    "Thảo", "Trang", "Trâm", "Vy", "Yến",
];

/// The full name of a member: surname, middle name, given name.
pub(super) fn full(seed: u64, family: u64, position: u64, sex: Sex) -> String {
    let young = position >= 8;
    let (middle, given) = match (young, sex) {
        (false, Sex::Male) => (MIDDLE_MALE.as_slice(), GIVEN_OLD_MALE),
        (false, Sex::Female) => (MIDDLE_FEMALE.as_slice(), GIVEN_OLD_FEMALE),
        (true, Sex::Male) => (MIDDLE_YOUNG_MALE.as_slice(), GIVEN_YOUNG_MALE),
        (true, Sex::Female) => (MIDDLE_YOUNG_FEMALE.as_slice(), GIVEN_YOUNG_FEMALE),
    };
    let middle = Die::new(seed, topic::MIDDLE, &[family, position]).pick(middle);
    // Steps of 3 through 20 names: fourteen members never share one.
    let first = Die::new(seed, topic::GIVEN, &[family]).below(20);
    let at = usize::try_from((first + 3 * position) % 20).unwrap_or(0);
    let given = given.get(at).copied().unwrap_or("An");
    format!("{} {middle} {given}", surname(seed, family, position))
}

/// A child bears the father's surname.
fn surname(seed: u64, family: u64, position: u64) -> &'static str {
    let from = family::parents(position).map_or(position, |[father, _]| father);
    let from = family::parents(from).map_or(from, |[father, _]| father);
    Die::new(seed, topic::SURNAME, &[family, from]).weighted(&SURNAMES)
}
