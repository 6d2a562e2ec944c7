use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::testing::{NOW, key};
use crate::trust::make::{Role, Subject, authority, signer};
use crate::trust::{Authority, TrustList};
use crypto::sign::SoftKey;
use jiff::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A paper of one empty sheet.
fn paper() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ];
    let mut file = "%PDF-1.7\n%\u{e9}\u{e9}\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (at, body) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        writeln!(file, "{} 0 obj\n{body}\nendobj", at + 1).unwrap();
    }
    let start = file.len();
    write!(
        file,
        "xref\n0 4\n{table}trailer\n<</Size 4/Root 1 0 R/ID[<00><01>]>>\nstartxref\n{start}\n%%EOF"
    )
    .unwrap();
    file.into_bytes()
}

struct State {
    key: SoftKey,
    chain: Vec<Vec<u8>>,
    trust: Trust,
}

fn subject(name: &'static str) -> Subject<'static> {
    Subject {
        name,
        site: "https://id.example",
        not_before: NOW - DAY,
        not_after: NOW + DAY,
    }
}

fn state(seed: u8) -> State {
    let (root, own) = (key(seed), key(seed + 1));
    let made = signer(&root, "root", own.public().key(), Role::Sealer, &subject("sealer")).unwrap();
    let authority = Authority {
        name: "Bộ Công an".into(),
        certificate: authority(&root, &subject("root")).unwrap(),
        documents: vec![PAPER.to_owned()],
    };
    State {
        key: own,
        chain: vec![made],
        trust: Trust::new(TrustList::new(1, NOW, NOW + DAY, vec![authority])).unwrap(),
    }
}

fn draft(pdf: &[u8]) -> Draft<'_> {
    Draft {
        pdf,
        name: "Công an thành phố Hà Nội",
        reason: "Cấp phiếu lý lịch tư pháp",
        signed_at: NOW,
        stamped: false,
    }
}

fn signed(state: &State) -> Vec<u8> {
    let paper = paper();
    draft(&paper)
        .prepare(&state.key, &state.chain)
        .unwrap()
        .finish(None)
        .unwrap()
}

#[test]
fn a_signed_paper_is_verified_with_its_signer_and_time() {
    let state = state(1);

    let seal = verify(&signed(&state), &state.trust).unwrap();

    assert_eq!(seal.signed_at, NOW);
    assert_eq!(seal.issuer.authority, "Bộ Công an");
    assert_eq!(seal.issuer.name, "CN=sealer,C=VN");
}

#[test]
fn a_paper_is_kept_whole_and_the_signature_is_appended() {
    let file = signed(&state(1));

    assert!(file.starts_with(&paper()));
    assert!(file.ends_with(b"%%EOF\n"));
    let text = String::from_utf8_lossy(&file);
    assert!(text.contains("/SubFilter/ETSI.CAdES.detached"));
    assert!(text.contains("/AcroForm<</Fields[5 0 R]/SigFlags 3>>"));
}

#[test]
fn what_was_added_after_the_signature_is_found() {
    let state = state(1);
    let mut file = signed(&state);
    file.extend_from_slice(b"1 0 obj\n<</Type/Catalog/Pages 9 0 R>>\nendobj\n");

    assert_eq!(verify(&file, &state.trust), Err(PaperRefusal::NotWhole));
}

#[test]
fn a_stranger_and_a_certificate_that_was_over_are_refused() {
    let (ours, other) = (state(1), state(7));
    let paper = paper();
    let late = Draft {
        signed_at: NOW + DAY + DAY,
        ..draft(&paper)
    };
    let late = late.prepare(&ours.key, &ours.chain).unwrap().finish(None).unwrap();

    assert_eq!(
        verify(&signed(&other), &ours.trust),
        Err(PaperRefusal::Trust(TrustRefusal::UnknownAuthority))
    );
    assert_eq!(
        verify(&late, &ours.trust),
        Err(PaperRefusal::Trust(TrustRefusal::Expired))
    );
}

#[test]
fn the_signature_of_another_paper_and_of_another_key_does_not_pass() {
    let state = state(1);
    let paper = paper();
    let other = Draft {
        reason: "Khác",
        ..draft(&paper)
    };
    let mut prepared = draft(&paper).prepare(&state.key, &state.chain).unwrap();
    prepared.signed = other.prepare(&state.key, &state.chain).unwrap().signed;
    let foreign = draft(&paper).prepare(&key(9), &state.chain).unwrap();

    assert_eq!(
        verify(&prepared.finish(None).unwrap(), &state.trust),
        Err(PaperRefusal::Changed)
    );
    assert_eq!(
        verify(&foreign.finish(None).unwrap(), &state.trust),
        Err(PaperRefusal::Signature)
    );
}

#[test]
fn a_time_stamp_has_its_room_and_changes_nothing_of_what_is_signed() {
    let state = state(1);
    let paper = paper();
    // Any structure in DER stands for a token here: what a token says is for who relies upon its time.
    let token = [&[0x30, 0x82, 0x20, 0x00][..], &[0x05, 0x00].repeat(0x1000)].concat();
    let stamped = Draft {
        stamped: true,
        ..draft(&paper)
    };

    let prepared = stamped.prepare(&state.key, &state.chain).unwrap();
    assert_ne!(prepared.imprint(), [0; 32]);
    let file = prepared.finish(Some(&token)).unwrap();
    assert!(verify(&file, &state.trust).is_ok());
    let plain = draft(&paper).prepare(&state.key, &state.chain).unwrap();
    assert!(matches!(plain.finish(Some(&token)), Err(SealError::Room)));
}

#[test]
fn what_is_no_paper_is_refused_by_name() {
    let state = state(1);
    let refused = |bytes: &[u8]| verify(bytes, &state.trust).unwrap_err();

    assert_eq!(refused(b"hello"), PaperRefusal::NotAPdf);
    assert_eq!(refused(&paper()), PaperRefusal::NotSigned);
    assert_eq!(refused(&vec![b'x'; MAX_PAPER + 1]), PaperRefusal::TooLarge);
    assert_eq!(refused(b"%PDF-1.7 /ByteRange[0 1 2 3"), PaperRefusal::Unreadable);
    let range = format!("%PDF-1.7 /ByteRange[{:44}]", "0 9999999999999 18446744073709551615 5");
    assert_eq!(refused(range.as_bytes()), PaperRefusal::NotWhole);
    assert!(matches!(
        draft(b"%PDF-1.7").prepare(&state.key, &state.chain),
        Err(SealError::File)
    ));
    assert!(matches!(
        draft(&signed(&state)).prepare(&state.key, &state.chain),
        Err(SealError::File)
    ));
}

proptest! {
    #[test]
    fn a_paper_that_was_changed_anywhere_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let state = state(1);
        let mut file = signed(&state);
        let at = at.index(file.len());
        file[at] ^= 1 << bit;

        prop_assert!(verify(&file, &state.trust).is_err());
    }

    #[test]
    fn a_paper_that_was_cut_anywhere_is_refused(at in any::<prop::sample::Index>()) {
        let state = state(1);
        let file = signed(&state);

        prop_assert!(verify(&file[..at.index(file.len())], &state.trust).is_err());
    }

    #[test]
    fn any_bytes_are_answered(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), numbers in "[0-9 ]{0,44}") {
        let state = state(1);
        let mut file = b"%PDF-1.7".to_vec();
        file.append(&mut bytes);
        file.extend_from_slice(format!("/M(D:20270115150000+07'00')/ByteRange[{numbers}]<3000>").as_bytes());

        prop_assert!(verify(&file, &state.trust).is_err());
        prop_assert!(Skeleton::read(&file).is_none());
    }
}

#[test]
fn an_answer_without_a_time_stamp_is_refused_by_name() {
    let refused = |answer: &[u8]| stamp::token(answer, &[7; 32], NOW).unwrap_err();

    assert_eq!(refused(b"<html>"), stamp::StampRefusal::Unreadable);
    // PKIStatus 2: rejection.
    assert_eq!(
        refused(&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02]),
        stamp::StampRefusal::NotGranted
    );
    // Granted, but there is no token.
    assert_eq!(
        refused(&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00]),
        stamp::StampRefusal::Unreadable
    );
}
