//! Verdicts, with and without a network.

use crypto::sign::Signer as _;
use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::cbor::Value as Cbor;
use crate::identity_qr::{self, Identity};
use crate::mdoc::{self, Elements, IssuerSigned};
use crate::sdjwt::{self, ClaimPath, KeyBinding, SdJwt, bind};
use crate::status::{StatusList, StatusRef};
use crate::testing::{Holder, NOW, authority, dice, key, list, signer};
use crate::trust::{IDENTITY_QR, STATUS_LIST, fingerprint};

const VCT: &str = "urn:vneid:eid:1";
const URI: &str = "https://id.example/status/1";
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
        let documents = [VCT, mdoc::EID, IDENTITY_QR, STATUS_LIST];
        let list = list(&self.root, &documents).with_signer(self.signer.certificate.clone());
        Verifier::new(Trust::new(list).unwrap())
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        vec![self.signer.certificate.clone()]
    }

    fn sd_jwt(&self) -> String {
        let (device, status) = (key(5), reference());
        let hidden = [ClaimPath::of(["age_over_18"]), ClaimPath::of(["family_name"])];
        let claims = json!({"age_over_18": true, "family_name": "Nguyễn"});
        let draft = sdjwt::Draft {
            vct: VCT,
            issuer: "https://id.example",
            issued_at: NOW,
            valid_from: None,
            expires_at: NOW + HOUR * 48,
            holder: Some(device.public()),
            status: Some(&status),
            claims: claims.as_object().unwrap(),
            hidden: &hidden,
            fill: 0,
        };
        let issued = draft.issue(&self.signer.key, &self.chain(), &mut dice()).unwrap();
        SdJwt::parse(&issued).unwrap().present(&hidden[..1]).unwrap()
    }

    fn document(&self) -> Vec<u8> {
        let (device, status) = (key(5), reference());
        let own = [
            ("age_over_18", Cbor::from(true)),
            ("portrait", Cbor::Bytes(vec![1, 2, 3])),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value)).into();
        let draft = mdoc::Draft {
            document_type: mdoc::EID,
            elements: &Elements::from([(mdoc::EID.to_owned(), own)]),
            device: device.public().key(),
            signed_at: NOW,
            valid_from: NOW,
            valid_until: NOW + HOUR * 48,
            status: Some(&status),
        };
        draft.issue(&self.signer.key, &self.chain(), &mut dice()).unwrap()
    }

    fn shown(&self, status: Status, at: Timestamp) -> String {
        let (device, reference) = (key(5), reference());
        let identity = Identity {
            number: "001098000001".into(),
            full_name: "Nguyễn Văn An".into(),
            date_of_birth: Some(date(1998, 3, 12)),
            sex: None,
            address: None,
            nationality: None,
            photo: None,
        };
        let draft = identity_qr::Draft {
            issuer: "https://id.example",
            identity: &identity,
            device: device.public().key(),
            issued_at: NOW,
            expires_at: NOW + HOUR * 48,
            status,
            status_at: Some(&reference),
        };
        draft.issue(&self.signer.key).unwrap().show(&device, at, None).unwrap()
    }

    fn list(status: Status, at: Timestamp) -> StatusToken {
        let mut list = StatusList::new(100);
        list.set(7, status).unwrap();
        StatusToken {
            uri: URI.into(),
            issued_at: at,
            expires_at: Some(at + HOUR * 12),
            time_to_live: None,
            list,
        }
    }

    fn signed_list(&self, status: Status, at: Timestamp) -> String {
        Self::list(status, at)
            .sign_jwt(&self.signer.key, &self.chain())
            .unwrap()
    }
}

fn reference() -> StatusRef {
    StatusRef {
        uri: URI.into(),
        index: 7,
    }
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

#[test]
fn a_code_on_a_screen_is_judged_with_no_network_at_all() {
    let state = State::new();

    let verdict = state
        .verifier()
        .text(&state.shown(Status::Valid, NOW + HOUR), &Session::at(NOW + HOUR));

    assert_eq!(verdict.outcome, Outcome::Accept);
    assert_eq!(verdict.claims["full_name"], "Nguyễn Văn An");
    assert_eq!(
        verdict.checked,
        [
            Check::IssuerTrusted,
            Check::Genuine,
            Check::InForce,
            Check::Possession,
            Check::Status
        ]
    );
    let known = verdict.status.unwrap();
    assert_eq!((known.source, known.age_seconds), (Source::Stapled, 3600));
    assert_eq!(verdict.authority.as_deref(), Some("Ministry"));
}

#[test]
fn a_lock_turns_the_verdict_amber_and_an_unlock_green_again() {
    let state = State::new();
    let mut verifier = state.verifier();
    let judge = |verifier: &Verifier, at| verifier.text(&state.shown(Status::Valid, at), &Session::at(at));

    verifier
        .keep_status_list(&state.signed_list(Status::Suspended, NOW + HOUR), NOW + HOUR)
        .unwrap();
    let locked = judge(&verifier, NOW + HOUR);
    verifier
        .keep_status_list(&state.signed_list(Status::Valid, NOW + HOUR * 2), NOW + HOUR * 2)
        .unwrap();
    let unlocked = judge(&verifier, NOW + HOUR * 2);
    verifier
        .keep_status_list(&state.signed_list(Status::Suspended, NOW + HOUR), NOW + HOUR)
        .unwrap();
    let replayed = judge(&verifier, NOW + HOUR * 2);

    assert_eq!(
        (locked.outcome, codes(&locked)),
        (Outcome::Caution, vec!["status/locked"])
    );
    assert_eq!(locked.status.unwrap().source, Source::List);
    assert_eq!((unlocked.outcome, codes(&unlocked)), (Outcome::Accept, vec![]));
    assert_eq!(
        replayed.outcome,
        Outcome::Accept,
        "an older list does not replace a newer one"
    );
}

#[test]
fn what_is_refused_tells_nothing() {
    let state = State::new();
    let mut verifier = state.verifier();
    verifier
        .keep_status_list(&state.signed_list(Status::Invalid, NOW), NOW)
        .unwrap();
    let at = Session::at(NOW + SignedDuration::from_mins(2));
    let revoked = verifier.text(&state.shown(Status::Valid, at.at), &at);
    let screenshot = verifier.text(&state.shown(Status::Valid, NOW), &at);
    let unknown = verifier.text("HELLO", &at);

    assert_eq!(
        (revoked.outcome, codes(&revoked)),
        (Outcome::Reject, vec!["status/revoked"])
    );
    assert_eq!(codes(&screenshot), ["credential/proof-too-old"]);
    assert_eq!(unknown.outcome, Outcome::Reject);
    for verdict in [revoked, screenshot, unknown] {
        assert_eq!(verdict.claims, Value::Null);
    }
}

#[test]
fn what_was_revoked_stays_revoked_whatever_is_newer() {
    let state = State::new();
    let mut verifier = state.verifier();
    verifier
        .keep_status_list(&state.signed_list(Status::Valid, NOW + HOUR), NOW + HOUR)
        .unwrap();

    let verdict = verifier.text(&state.shown(Status::Invalid, NOW + HOUR), &Session::at(NOW + HOUR));

    assert_eq!(codes(&verdict), ["status/revoked"]);
}

#[test]
fn what_is_known_of_a_status_gets_old() {
    let state = State::new();
    let late = NOW + HOUR * 25;

    let verdict = state
        .verifier()
        .text(&state.shown(Status::Valid, late), &Session::at(late));

    assert_eq!(
        (verdict.outcome, codes(&verdict)),
        (Outcome::Caution, vec!["status/status-old"])
    );
    assert_eq!(verdict.status.unwrap().age_seconds, 25 * 3600);
}

#[test]
fn a_credential_is_judged_with_its_key_binding_and_a_kept_list() {
    let state = State::new();
    let mut verifier = state.verifier();
    let binding = KeyBinding {
        audience: "x509_hash:v",
        nonce: "n",
        at: NOW,
    };
    let bound = bind(&state.sd_jwt(), &key(5), binding).unwrap();
    let session = Session {
        binding: Some(("x509_hash:v", "n")),
        types: &[VCT],
        ..Session::at(NOW)
    };

    let without_list = verifier.text(&bound, &session);
    let cwt = State::list(Status::Valid, NOW)
        .sign_cwt(&state.signer.key, &[])
        .unwrap();
    verifier.keep_status_list_cwt(&cwt, NOW).unwrap();
    let with_list = verifier.text(&bound, &session);

    assert_eq!(
        (without_list.outcome, codes(&without_list)),
        (Outcome::Caution, vec!["status/status-unknown"])
    );
    assert_eq!(with_list.outcome, Outcome::Accept);
    assert_eq!(with_list.claims["age_over_18"], true);
    assert_eq!(with_list.claims.get("family_name"), None);
    let copied = verifier.text(&state.sd_jwt(), &Session::at(NOW));
    assert_eq!(
        (copied.outcome, codes(&copied)),
        (Outcome::Caution, vec!["credential/possession-not-proved"])
    );
    let stolen = verifier.text(&bind(&state.sd_jwt(), &key(6), binding).unwrap(), &session);
    assert_eq!(codes(&stolen), ["credential/binding-signature"]);
}

#[test]
fn a_document_is_judged_with_its_session() {
    let state = State::new();
    let mut verifier = state.verifier();
    verifier
        .keep_status_list(&state.signed_list(Status::Valid, NOW), NOW)
        .unwrap();
    let transcript = mdoc::transcript::openid4vp("v", "n", None, "https://v.example");
    let held = IssuerSigned::parse(&state.document()).unwrap();
    let response = held
        .present(mdoc::EID, &[(mdoc::EID, "portrait")], &key(5), &transcript)
        .unwrap();
    let session = Session {
        transcript: Some(&transcript),
        types: &[mdoc::EID],
        ..Session::at(NOW)
    };

    let presented = &verifier.bytes(&response, &session)[0];
    let unbound = &verifier.bytes(&response, &Session::at(NOW))[0];
    let issued = &verifier.bytes(&state.document(), &session)[0];
    let other = Session {
        types: &[mdoc::DRIVING_LICENCE],
        ..Session::at(NOW)
    };

    assert_eq!((presented.outcome, codes(presented)), (Outcome::Accept, vec![]));
    assert_eq!(presented.claims, json!({mdoc::EID: {"portrait": "AQID"}}));
    assert_eq!(codes(unbound), ["credential/possession-not-proved"]);
    assert_eq!(codes(issued), ["credential/possession-not-proved"]);
    assert_eq!(codes(&verifier.bytes(&response, &other)[0]), ["credential/other-type"]);
    assert_eq!(
        codes(&verifier.bytes(&state.document(), &other)[0]),
        ["credential/other-type"]
    );
    assert_eq!(codes(&verifier.bytes(b"?", &session)[0]), ["credential/malformed"]);
    let none = crate::cbor::encode(&crate::cbor::map([("version", "1.0".into()), ("status", 0.into())]));
    assert_eq!(codes(&verifier.bytes(&none, &session)[0]), ["credential/no-document"]);
}

#[test]
fn an_issuer_that_is_not_trusted_any_more_is_named_as_the_reason() {
    let state = State::new();
    let mut withdrawing =
        list(&state.root, &[VCT, mdoc::EID, IDENTITY_QR]).with_signer(state.signer.certificate.clone());
    withdrawing.withdrawn.push(fingerprint(&state.signer.certificate));
    let mut verifier = state.verifier();

    verifier.trust(Trust::new(withdrawing).unwrap());

    let session = Session::at(NOW);
    assert_eq!(codes(&verifier.text(&state.sd_jwt(), &session)), ["issuer/withdrawn"]);
    assert_eq!(
        codes(&verifier.text(&state.shown(Status::Valid, NOW), &session)),
        ["issuer/withdrawn"]
    );
    assert_eq!(
        codes(&verifier.bytes(&state.document(), &session)[0]),
        ["issuer/withdrawn"]
    );
    let retired = Verifier::new(Trust::new(list(&state.root, &[IDENTITY_QR])).unwrap());
    assert_eq!(
        codes(&retired.text(&state.shown(Status::Valid, NOW), &session)),
        ["issuer/unknown-signer"]
    );
}

#[test]
fn a_status_list_of_a_stranger_or_past_its_end_is_not_kept() {
    let state = State::new();
    let mut verifier = state.verifier();
    let stranger = State {
        root: authority("Root", 8),
        signer: signer(&authority("Root", 8), 9),
    };

    let foreign = verifier.keep_status_list(&stranger.signed_list(Status::Valid, NOW), NOW);
    let ended = verifier.keep_status_list(&state.signed_list(Status::Valid, NOW), NOW + HOUR * 13);
    let broken = verifier.keep_status_list("x", NOW);
    let broken_cwt = verifier.keep_status_list_cwt(b"x", NOW);

    assert_eq!(foreign, Err(KeepError::Trust(TrustRefusal::UnknownAuthority)));
    assert_eq!(ended, Err(KeepError::Status(StatusRefusal::Expired)));
    assert!(matches!(broken, Err(KeepError::Status(StatusRefusal::Jwt(_)))));
    assert!(matches!(broken_cwt, Err(KeepError::Status(StatusRefusal::Cwt(_)))));
    assert!(verifier.lists.is_empty());
}

#[test]
fn a_verdict_is_json_for_programs() {
    let state = State::new();

    let verdict = state
        .verifier()
        .text(&state.shown(Status::Suspended, NOW), &Session::at(NOW));

    let json = serde_json::to_value(&verdict).unwrap();
    assert_eq!(json["outcome"], "caution");
    assert_eq!(json["format"], "identity-qr");
    assert_eq!(
        json["reasons"],
        json!([{"code": "status/locked", "text": "credential is locked"}])
    );
    assert_eq!(json["status"]["status"], "suspended");
    assert_eq!(json["checked"][0], "issuer-trusted");
}
