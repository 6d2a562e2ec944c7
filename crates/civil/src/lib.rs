//! Civil identity of Viet Nam as pure rules: no I/O, no clock, no dice.
//!
//! In reading order:
//!
//! - [`personal_number`]: the twelve-digit *số định danh cá nhân*, and what it says of its holder;
//! - [`sex`]: male or female, as the law and the machine-readable zone write it;
//! - [`names`]: Vietnamese names, compared and transliterated;
//! - [`phone`]: Vietnamese mobile numbers;
//! - [`card_qr`]: the text in the QR code of a chip card;
//! - [`mrz`]: the machine-readable zone of a card (ICAO 9303 TD1);
//! - [`units`]: provinces and communes, each with the days on which it was one;
//! - [`calendar`]: working days and legal deadlines;
//! - [`chip`]: the files of the chip, and the proof that they are the state's;
//! - [`finger`]: a finger image record, as it travels to whoever compares fingers.
//!
//! Every parser here reads bytes or text of strangers: each is bounded, never panics, and names what is wrong.

pub mod calendar;
pub mod card_qr;
pub mod chip;
mod dates;
pub mod finger;
pub mod mrz;
pub mod names;
pub mod personal_number;
pub mod phone;
pub mod sex;
pub mod units;

pub use calendar::Calendar;
pub use card_qr::CardQr;
pub use personal_number::PersonalNumber;
pub use phone::Phone;
pub use sex::Sex;
