//! The code of a receipt: who holds the receipt can have it verified, and nobody can make one up.

use crate::shell::vault::Vault;

/// Signs of the code: no letter that looks like a digit.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SIGNS_OF_A_CODE: usize = 12;

/// The code on the receipt of an application, in three groups: 60 bits that only our key gives.
pub(super) fn code(vault: &Vault, number: &str) -> String {
    let digest = vault.digest("counter receipt", number.as_bytes());
    let signs = digest.iter().take(SIGNS_OF_A_CODE);
    let text: String = signs
        .filter_map(|byte| SIGNS.get(usize::from(byte % 32)))
        .map(|sign| char::from(*sign))
        .collect();
    let (first, rest) = text.split_at(4);
    let (second, third) = rest.split_at(4);
    format!("{first}-{second}-{third}")
}

/// Whether a code, as somebody types it, is that of a receipt for an application.
pub(super) fn is_genuine(vault: &Vault, number: &str, typed: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|sign| match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                sign => sign,
            })
            .collect()
    };
    let number = number.trim().to_ascii_uppercase();
    crypto::equal(plain(&code(vault, &number)).as_bytes(), plain(typed).as_bytes())
}
