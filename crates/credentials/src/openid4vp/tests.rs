//! From request to judged answer, and everything that can be wrong between them. Names that begin with `oid4vp` are those of the modules of
//! the public test plans for verifiers.

use crypto::jwe::{self, DecryptionKey, Dice, Encryption, Recipient};
use crypto::jws::Compact;
use crypto::sign::{Algorithm, Signer as _};
use crypto::{base64url, jws};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::dcql::Query;
use super::*;
use crate::cbor::Value as Cbor;
use crate::mdoc::{self, Elements, IssuerSigned};
use crate::sdjwt::{self, ClaimPath, KeyBinding, SdJwt, bind};
use crate::testing::{Holder, NOW, authority, dice, key, list, signer};
use crate::trust::Trust;
use crate::verify::Verifier;

const VCT: &str = "urn:vneid:eid:1";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

struct State {
    root: Holder,
    signer: Holder,
}

impl State {
    fn new() -> Self {
        let root = authority("Root", 1);
        let signer = signer(&root, 2);
        Self { root, signer }
    }

    fn verifier(&self) -> Verifier {
        Verifier::new(Trust::new(list(&self.root, &[VCT, mdoc::EID])).unwrap())
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        vec![self.signer.certificate.clone()]
    }

    fn credential(&self) -> String {
        let device = key(5);
        let hidden = [ClaimPath::of(["age_over_18"]), ClaimPath::of(["full_name"])];
        let claims = json!({"age_over_18": true, "full_name": "Nguyễn Văn An"});
        let draft = sdjwt::Draft {
            vct: VCT,
            issuer: "https://id.example",
            issued_at: NOW,
            valid_from: None,
            expires_at: NOW + HOUR * 48,
            holder: Some(device.public()),
            status: None,
            claims: claims.as_object().unwrap(),
            hidden: &hidden,
            fill: 0,
        };
        draft.issue(&self.signer.key, &self.chain(), &mut dice()).unwrap()
    }

    fn chosen(&self) -> String {
        let issued = self.credential();
        SdJwt::parse(&issued)
            .unwrap()
            .present(&[ClaimPath::of(["age_over_18"])])
            .unwrap()
    }

    fn document(&self) -> IssuerSigned {
        let device = key(5);
        let own = [("age_over_18".to_owned(), Cbor::from(true))].into();
        let draft = mdoc::Draft {
            document_type: mdoc::EID,
            elements: &Elements::from([(mdoc::EID.to_owned(), own)]),
            device: device.public().key(),
            signed_at: NOW,
            valid_from: NOW,
            valid_until: NOW + HOUR * 48,
            status: None,
        };
        let issued = draft.issue(&self.signer.key, &self.chain(), &mut dice()).unwrap();
        IssuerSigned::parse(&issued).unwrap()
    }
}

fn query(format: &str) -> Query {
    let (meta, path) = match format {
        "dc+sd-jwt" => (json!({"vct_values": [VCT]}), json!(["age_over_18"])),
        _ => (json!({"doctype_value": mdoc::EID}), json!([mdoc::EID, "age_over_18"])),
    };
    Query::parse(&json!({"credentials": [{"id": "eid", "format": format, "meta": meta, "claims": [{"path": path, "values": [true]}]}]}))
        .unwrap()
}

fn encryption() -> DecryptionKey {
    DecryptionKey::from_number(&[7; 32]).unwrap()
}

fn request(mode: Mode, format: &str) -> Request {
    Request {
        client_id: ClientId::SanDns("verifier.example".into()),
        mode,
        response_uri: if mode.is_dc_api() {
            "https://verifier.example"
        } else {
            "https://verifier.example/answers/1"
        }
        .into(),
        nonce: "n-0S6_WzA2Mj".into(),
        state: "s-1".into(),
        query: query(format),
        encryption: mode.is_encrypted().then(|| encryption().jwk()),
        transaction_data: Vec::new(),
        client_name: "Quán".into(),
        purpose: "Đủ 18 tuổi".into(),
    }
}

fn bound(chosen: &str, audience: &str, nonce: &str, at: Timestamp) -> String {
    bind(chosen, &key(5), KeyBinding { audience, nonce, at }).unwrap()
}

fn judged(state: &State, request: &Request, presentation: &str) -> Result<Vec<Judged>, Refusal> {
    let answer = Answer::parse(&json!({"eid": [presentation]}), Some("s-1"))?;
    answer.judge(request, &state.verifier(), NOW)
}

fn answered(state: &State, request: &Request) -> Result<Vec<Judged>, Refusal> {
    judged(
        state,
        request,
        &bound(&state.chosen(), &request.audience(), &request.nonce, NOW),
    )
}

fn code(refusal: Result<Vec<Judged>, Refusal>) -> String {
    match refusal {
        Err(Refusal::Presentation(codes)) => codes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn oid4vp_1final_verifier_happy_flow() {
    let state = State::new();
    for mode in [Mode::DirectPost, Mode::DirectPostJwt, Mode::DcApi, Mode::DcApiJwt] {
        let asked = request(mode, "dc+sd-jwt");

        let shown = answered(&state, &asked).unwrap();

        assert_eq!(shown[0].verdict.claims["age_over_18"], true);
        assert_eq!(shown[0].verdict.claims.get("full_name"), None, "nothing else was shown");
        let asked = request(mode, "mso_mdoc");
        let response = state
            .document()
            .present(mdoc::EID, &[(mdoc::EID, "age_over_18")], &key(5), &asked.transcript());
        let shown = judged(&state, &asked, &base64url::encode(response.unwrap())).unwrap();
        assert_eq!(shown[0].verdict.claims[mdoc::EID]["age_over_18"], true);
    }
}

#[test]
fn oid4vp_1final_verifier_minimal_cnf_jwk() {
    let state = State::new();
    let issued = state.credential();
    let payload = Compact::parse(issued.split('~').next().unwrap())
        .unwrap()
        .unverified_claims()
        .unwrap();

    let jwk = payload["cnf"]["jwk"].as_object().unwrap();

    assert!(jwk.contains_key("x") && jwk.contains_key("y"), "{jwk:?}");
    assert!(answered(&state, &request(Mode::DirectPostJwt, "dc+sd-jwt")).is_ok());
}

#[test]
fn oid4vp_1final_verifier_invalid_session_transcript() {
    let state = State::new();
    let asked = request(Mode::DirectPostJwt, "mso_mdoc");
    let mut other = asked.clone();
    let shown = [(mdoc::EID, "age_over_18")];
    for change in [
        (|other: &mut Request| other.nonce = "another".into()) as fn(&mut Request),
        |other| other.response_uri = "https://verifier.example/answers/2".into(),
        |other| other.client_id = ClientId::SanDns("other.example".into()),
        |other| other.mode = Mode::DirectPost,
    ] {
        other.clone_from(&asked);
        change(&mut other);
        let response = state
            .document()
            .present(mdoc::EID, &shown, &key(5), &other.transcript())
            .unwrap();
        let refused = code(judged(&state, &asked, &base64url::encode(response)));
        assert_eq!(refused, "credential/device-signature");
    }
}

#[test]
fn oid4vp_1final_verifier_invalid_kb_jwt_signature() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let binding = KeyBinding {
        audience: &asked.audience(),
        nonce: &asked.nonce,
        at: NOW,
    };
    let stolen = bind(&state.chosen(), &key(6), binding).unwrap();

    assert_eq!(code(judged(&state, &asked, &stolen)), "credential/binding-signature");
    assert_eq!(
        code(judged(&state, &asked, &state.chosen())),
        "credential/binding-missing"
    );
}

#[test]
fn oid4vp_1final_verifier_invalid_credential_signature() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let (jwt, rest) = state
        .chosen()
        .split_once('~')
        .map(|(jwt, rest)| (jwt.to_owned(), rest.to_owned()))
        .unwrap();
    let other = State::new();
    // Not the last letter: of that one, bits are not used.
    let at = jwt.len() - 20;
    let letter = if jwt[at..].starts_with('A') { "B" } else { "A" };
    let changed = format!("{}{letter}{}~{rest}", &jwt[..at], &jwt[at + 1..]);
    let bent = bound(&changed, &asked.audience(), &asked.nonce, NOW);

    let refused = judged(&state, &asked, &bent);

    assert!(refused.is_err(), "{refused:?}");
    assert!(answered(&other, &asked).is_ok());
}

#[test]
fn oid4vp_1final_verifier_invalid_sd_hash() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let issued = state.credential();
    let all = bound(&issued, &asked.audience(), &asked.nonce, NOW);
    let binding = all.rsplit_once('~').unwrap().1;

    let moved = format!("{}{binding}", state.chosen());

    assert_eq!(code(judged(&state, &asked, &moved)), "credential/binding-digest");
}

#[test]
fn oid4vp_1final_verifier_invalid_kb_jwt_nonce() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let other = bound(&state.chosen(), &asked.audience(), "another", NOW);

    assert_eq!(code(judged(&state, &asked, &other)), "credential/binding-nonce");
}

#[test]
fn oid4vp_1final_verifier_invalid_kb_jwt_aud() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let other = bound(&state.chosen(), "x509_san_dns:other.example", &asked.nonce, NOW);

    assert_eq!(code(judged(&state, &asked, &other)), "credential/binding-audience");
}

#[test]
fn oid4vp_1final_verifier_kb_jwt_iat_in_past() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let old = bound(&state.chosen(), &asked.audience(), &asked.nonce, NOW - HOUR);

    assert_eq!(code(judged(&state, &asked, &old)), "credential/binding-too-old");
}

#[test]
fn oid4vp_1final_verifier_kb_jwt_iat_in_future() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let early = bound(&state.chosen(), &asked.audience(), &asked.nonce, NOW + HOUR);

    assert_eq!(code(judged(&state, &asked, &early)), "credential/binding-from-future");
}

#[test]
fn a_presentation_for_another_session_is_refused() {
    let state = State::new();
    let asked = request(Mode::DirectPost, "dc+sd-jwt");
    let presentation = bound(&state.chosen(), &asked.audience(), &asked.nonce, NOW);
    let judge = |token: &Value, told: Option<&str>| {
        Answer::parse(token, told)
            .and_then(|answer| answer.judge(&asked, &state.verifier(), NOW))
            .err()
    };
    let good = json!({"eid": [presentation]});

    assert_eq!(judge(&good, Some("s-1")), None);
    assert_eq!(
        judge(&json!(good.to_string()), Some("s-1")),
        None,
        "as a form brings it"
    );
    assert_eq!(judge(&good, Some("s-2")), Some(Refusal::OtherSession));
    assert_eq!(judge(&good, None), Some(Refusal::OtherSession));
    assert_eq!(
        judge(&json!({"other": [presentation]}), Some("s-1")),
        Some(Refusal::NotAsked)
    );
    for malformed in [
        json!([]),
        json!({}),
        json!({"eid": presentation}),
        json!({"eid": [1]}),
        json!("{"),
        json!({"eid": []}),
    ] {
        assert_eq!(judge(&malformed, Some("s-1")), Some(Refusal::Malformed), "{malformed}");
    }
    let more = json!({"eid": vec![presentation; 17]});
    assert_eq!(judge(&more, Some("s-1")), Some(Refusal::Malformed));
}

#[test]
fn an_answer_that_does_not_answer_the_query_is_refused() {
    let state = State::new();
    let mut asked = request(Mode::DirectPost, "dc+sd-jwt");
    asked.query.credentials[0].claims[0].values = vec![false.into()];

    assert_eq!(answered(&state, &asked).err(), Some(Refusal::Unanswered));
}

#[test]
fn what_the_holder_agrees_to_must_be_in_the_key_binding() {
    let state = State::new();
    let mut asked = request(Mode::DirectPost, "dc+sd-jwt");
    let more = json!({"amount": "250000", "currency": "VND"})
        .as_object()
        .cloned()
        .unwrap();
    asked.transaction_data = vec![TransactionData::new("urn:vneid:payment:1", &["eid"], more)];
    let agree = |digests: Value| {
        let chosen = state.chosen();
        let hash = bound(&chosen, &asked.audience(), &asked.nonce, NOW);
        let proof = hash.rsplit_once('~').unwrap().1;
        let mut claims = Compact::parse(proof).unwrap().unverified_claims().unwrap();
        claims.insert("transaction_data_hashes".into(), digests);
        let proof = jws::sign(&key(5), Some("kb+jwt"), Value::from(claims).to_string().as_bytes()).unwrap();
        judged(&state, &asked, &format!("{chosen}{proof}")).err()
    };

    assert_eq!(answered(&state, &asked).err(), Some(Refusal::TransactionData));
    assert_eq!(agree(json!([asked.transaction_data[0].digest()])), None);
    assert_eq!(agree(json!(["AAAA"])), Some(Refusal::TransactionData));
    assert_eq!(agree(json!([])), Some(Refusal::TransactionData));
}

#[test]
fn a_request_is_signed_with_its_certificate_and_says_all_a_wallet_needs() {
    let state = State::new();
    let mut asked = request(Mode::DirectPostJwt, "dc+sd-jwt");
    asked.client_id = ClientId::Hash(state.signer.certificate.clone());

    let signed = asked
        .sign(&state.signer.key, &state.chain(), (NOW, NOW + HOUR), Some("wn"))
        .unwrap();

    let read = Compact::parse(&signed).unwrap();
    assert_eq!(read.header().typ(), Some("oauth-authz-req+jwt"));
    assert!(read.header().get("x5c").is_some_and(Value::is_array));
    let claims: Map<String, Value> = read
        .verify(state.signer.key.public(), Algorithm::ALL)
        .unwrap()
        .claims()
        .unwrap();
    let hash = base64url::encode(crypto::digest::sha256(&state.signer.certificate));
    assert_eq!(claims["client_id"], format!("x509_hash:{hash}"));
    assert_eq!(claims["response_mode"], "direct_post.jwt");
    assert_eq!(claims["aud"], "https://self-issued.me/v2");
    assert_eq!(claims["wallet_nonce"], "wn");
    assert_eq!(claims["response_uri"], "https://verifier.example/answers/1");
    let recipient = Recipient::from_jwk(&claims["client_metadata"]["jwks"]["keys"][0]).unwrap();
    let dice = Dice {
        number: [3; 32],
        nonce: [1; 12],
    };
    let sent = jwe::encrypt(&recipient, Encryption::A128Gcm, Map::new(), b"{}", dice).unwrap();
    assert_eq!(encryption().open(&sent, 10_000).unwrap().content, b"{}");
    asked.encryption = None;
    let unsigned = asked.sign(&state.signer.key, &[], (NOW, NOW + HOUR), None);
    assert_eq!(unsigned, Err(RequestError::NoKey));
}

#[test]
fn over_the_digital_credentials_api_the_origin_is_the_audience() {
    let state = State::new();
    let asked = request(Mode::DcApi, "dc+sd-jwt");
    let signed = asked
        .sign(&state.signer.key, &state.chain(), (NOW, NOW + HOUR), None)
        .unwrap();
    let claims = Compact::parse(&signed).unwrap().unverified_claims().unwrap();

    assert_eq!(asked.audience(), "origin:https://verifier.example");
    assert_eq!(claims["expected_origins"], json!(["https://verifier.example"]));
    assert!(!claims.contains_key("response_uri"));
    let shape = Request::digital_credentials(&signed);
    assert_eq!(shape["digital"]["requests"][0]["protocol"], "openid4vp-v1-signed");
    let elsewhere = bound(&state.chosen(), "origin:https://evil.example", &asked.nonce, NOW);
    assert_eq!(code(judged(&state, &asked, &elsewhere)), "credential/binding-audience");
}
