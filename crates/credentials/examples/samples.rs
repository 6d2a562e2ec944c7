//! Writes one of everything, for trying foreign software on it: `cargo run -p credentials --example samples -- FOLDER`

mod state;

use std::path::PathBuf;
use std::{env, fs};

use credentials::identity_qr::{Level, Size};
use credentials::mdoc::{DRIVING_LICENCE, DRIVING_LICENCE_NAMESPACE, IssuerSigned, transcript};
use credentials::sdjwt::{ClaimPath, KeyBinding, SdJwt, bind};
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use state::{Anything, NOW, State};

fn main() -> Result<(), Anything> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("FOLDER")?);
    let state = State::new()?;
    let list_key = SoftKey::from_seed(Algorithm::Es256, &[9; 32])?;
    let mut next = 0_u8;
    let mut random = move || {
        next = next.wrapping_add(1);
        [next; 16]
    };

    let issued = state.sd_jwt(&mut random)?;
    let shown = SdJwt::parse(&issued)?.present(&[ClaimPath::of(["age_over_18"])])?;
    let binding = KeyBinding {
        audience: "https://verifier.example",
        nonce: "n-0S6_WzA2Mj",
        at: NOW,
    };
    let presented = bind(&shown, &state.device, binding)?;
    let licence = state.licence(&mut random)?;
    let transcript = transcript::openid4vp("x509_hash:v", "n", None, "https://verifier.example/post");
    let asked = [
        (DRIVING_LICENCE_NAMESPACE, "age_over_18"),
        (DRIVING_LICENCE_NAMESPACE, "portrait"),
    ];
    let response = IssuerSigned::parse(&licence)?.present(DRIVING_LICENCE, &asked, &state.device, &transcript)?;
    let qr = state.pass()?.show(&state.device, NOW, None)?;
    let statuses = state.status_list();

    fs::create_dir_all(&folder)?;
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes);
    put("eid.sd-jwt", issued.as_bytes())?;
    put("eid-over-18.sd-jwt", presented.as_bytes())?;
    put("licence.cbor", &licence)?;
    put("licence-response.cbor", &response)?;
    put("transcript.cbor", &transcript)?;
    put("identity-qr.txt", qr.as_bytes())?;
    put("status.jwt", statuses.sign_jwt(&state.signer, &state.chain)?.as_bytes())?;
    put("status.cwt", &statuses.sign_cwt(&state.signer, &state.chain)?)?;
    put("trust-list.jwt", state.trust_list().sign(&list_key)?.as_bytes())?;
    put("root.der", &state.root)?;
    for (name, key) in [
        ("trust-list-key", &list_key),
        ("signer", &state.signer),
        ("device", &state.device),
    ] {
        put(&format!("{name}.jwk"), &serde_json::to_vec(key.public())?)?;
    }
    let sizes = serde_json::json!({
        "identity_qr": { "characters": qr.len(), "sizes": [Size::of(&qr, Level::L), Size::of(&qr, Level::M)] },
        "sd_jwt": issued.len(), "sd_jwt_over_18": presented.len(), "licence": licence.len(), "licence_response": response.len(),
    });
    put("sizes.json", sizes.to_string().as_bytes())?;
    Ok(())
}
