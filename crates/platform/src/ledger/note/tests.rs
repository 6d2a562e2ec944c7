use crypto::sign::{Algorithm, SoftKey};
use proptest::prelude::*;

use super::*;

/// The key and the note of the reference implementation (golang.org/x/mod/sumdb/note).
const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

/// The example of C2SP tlog-cosignature.
const COSIGNED: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

/// A checkpoint of a sandbox with the cosignature of a witness that is not ours (the Python package aics-witness 0.1.0), and the keys of both.
const WITNESSED: &str = "localhost:18470/ledger\n305\nNSfIqFtN262njhWvzgG/p+c/CQAZ2tek8nggm7hei3U=\n\n— localhost:18470/ledger /xm/BJGu+XBHoDPzhshmZD1UIx8SXzQTnk99rq9GKdJ/D8TOzdGU7KmIPSsizGJsSECPgzPTr21Hv94Gvm3qzu4sKg4=\n— witness.example/w1 yI5AVQAAAABrDGdKvL+mge9POAhKaQyreSzkgGujY7LtMG1QhmKhAuMhbHRauXk7x1128klVMA8MtVCPIfKTQF+Jc0KHb3wT4/6oAQ==\n";
const LOG: &str = "localhost:18470/ledger+ff19bf04+ActFAE5XBWMs1MSwN712nK50pOr2SfbxQECKTkECZOd5";
const WITNESS: &str = "witness.example/w1+c88e4055+BG33AlFPm42IDqpKYGWLQn6UGuaE901dF/AC08twaRHo";

fn key(seed: u8) -> SoftKey {
    SoftKey::from_seed(Algorithm::EdDsa, &[seed; 32]).unwrap()
}

#[test]
fn the_reference_note_is_signed_and_verified_byte_for_byte() {
    let seed: [u8; 32] = BASE64.decode(SECRET).unwrap()[1..].try_into().unwrap();
    let signer = SoftKey::from_seed(Algorithm::EdDsa, &seed).unwrap();
    let verifier: Verifier = VERIFIER.parse().unwrap();
    assert_eq!(
        Verifier::new("PeterNeumann", Use::Note, signer.public().key()),
        verifier
    );

    let line = verifier.sign(&signer, TEXT).unwrap();

    assert_eq!(line, LINE);
    let note: Note = format!("{TEXT}\n{LINE}\n").parse().unwrap();
    assert_eq!(verifier.verify(&note), Ok(None));
    let forged: Note = format!("{TEXT}\n{LINE}\n").replace("answer", "Answer").parse().unwrap();
    assert_eq!(
        verifier.verify(&forged),
        Err(NoteError::Wrong("PeterNeumann".to_owned()))
    );
}

#[test]
fn no_piece_and_no_change_of_a_verifier_key_is_one() {
    for start in 0..=VERIFIER.len() {
        for end in start..=VERIFIER.len() {
            let whole = (start, end) == (0, VERIFIER.len());
            assert_eq!(VERIFIER[start..end].parse::<Verifier>().is_ok(), whole);
        }
    }
    for at in 0..VERIFIER.len() {
        let mut changed = VERIFIER.as_bytes().to_vec();
        changed[at] += 1;
        assert!(String::from_utf8(changed).unwrap().parse::<Verifier>().is_err());
    }
}

#[test]
fn the_checkpoint_of_the_specification_is_read() {
    let note: Note = COSIGNED.parse().unwrap();

    let head: Head = note.text.parse().unwrap();

    assert_eq!(
        (head.origin.as_str(), head.size),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    assert_eq!(head.to_string(), note.text);
    let witness = note
        .lines
        .iter()
        .find(|line| line.name == "witness.example.com/w1")
        .unwrap();
    assert_eq!(witness.signature.len(), 8 + 64);
    assert_eq!(
        witness.signature.first_chunk::<8>(),
        Some(&1_679_315_147_u64.to_be_bytes())
    );
}

#[test]
fn a_witness_signs_the_time_with_the_checkpoint() {
    let head = Head {
        origin: "example.vn/ledger".to_owned(),
        size: 7,
        root: [7; 32],
    };
    let witness = Verifier::new("witness.example", Use::Cosignature, key(1).public().key());
    let signature = key(1)
        .sign(format!("cosignature/v1\ntime 12\n{head}").as_bytes())
        .unwrap();
    let line = witness.line(&[12_u64.to_be_bytes().as_slice(), &signature].concat());
    let note: Note = format!("{head}\n{line}\n").parse().unwrap();

    assert_eq!(witness.verify(&note), Ok(Some(12)));

    let other: Note = format!("{}\n{line}\n", Head { size: 8, ..head }).parse().unwrap();
    assert_eq!(
        witness.verify(&other),
        Err(NoteError::Wrong("witness.example".to_owned()))
    );
    let stranger = Verifier::new("witness.example", Use::Cosignature, key(2).public().key());
    assert_eq!(
        stranger.verify(&note),
        Err(NoteError::Unsigned("witness.example".to_owned()))
    );
}

#[test]
fn what_is_not_a_checkpoint_is_refused() {
    for wrong in [
        "",
        "\n",
        "a\n1\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nb\n",
    ] {
        assert_eq!(wrong.parse::<Head>(), Err(NoteError::Checkpoint), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text: String) {
        let _ = (text.parse::<Note>(), text.parse::<Head>(), text.parse::<Verifier>());
    }

    #[test]
    fn a_head_is_read_as_it_was_written(origin in "[a-z./]{1,40}", size: u64, root: [u8; 32]) {
        let head = Head { origin, size, root };

        prop_assert_eq!(head.to_string().parse(), Ok(head));
    }
}

#[test]
fn what_an_independent_witness_signed_verifies_beside_our_own_signature() {
    let note: Note = WITNESSED.parse().unwrap();
    let (log, witness): (Verifier, Verifier) = (LOG.parse().unwrap(), WITNESS.parse().unwrap());

    assert_eq!(log.verify(&note), Ok(None));
    assert!(matches!(witness.verify(&note), Ok(Some(_))));
    let forged: Note = WITNESSED.replacen("\n305\n", "\n304\n", 1).parse().unwrap();
    assert!(log.verify(&forged).is_err() && witness.verify(&forged).is_err());
}
