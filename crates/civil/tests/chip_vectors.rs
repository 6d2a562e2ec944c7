//! Files that another implementation signed (`chip/make.sh`, OpenSSL 3): explicit brainpool parameters, P-521 with a key
//! identifier, BER as it is streamed, PSS with salts of other lengths than the hash.

use civil::chip::{
    Authentic, Challenge, ChipFile, ChipFiles, ChipRefusal, CloneRefusal, DataGroup, SchemeRefusal, TrustStore,
    active_authentication, passive_authentication,
};
use crypto::x509::Hash;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("chip/", $name)).as_slice()
    };
}

fn files(sod: &[u8]) -> ChipFiles {
    let file = |bytes: &[u8]| ChipFile::from(bytes.to_vec());
    ChipFiles {
        com: file(&[]),
        dg1: file(&[0x61, 1, 1]),
        dg2: file(&[0x75, 1, 2]),
        dg13: Some(file(&[0x6d, 1, 3])),
        dg14: None,
        dg15: None,
        sod: file(sod),
    }
}

fn judged(files: &ChipFiles, authority: &[u8]) -> Result<Authentic, ChipRefusal> {
    passive_authentication(files, &trusting(authority), at())
}

#[expect(clippy::unwrap_used, reason = "a vector that cannot be read fails the test")]
fn trusting(authority: &[u8]) -> TrustStore {
    TrustStore::from_files([("csca.der".to_owned(), authority.to_vec())]).unwrap()
}

#[expect(clippy::unwrap_used, reason = "a vector that cannot be read fails the test")]
fn at() -> jiff::Timestamp {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

#[test]
fn what_another_implementation_signed_is_authentic() {
    let cases = [
        (
            vector!("ordinary.sod.der"),
            vector!("ordinary.csca.der"),
            "ordinary",
            Hash::Sha256,
        ),
        (
            vector!("brainpool.sod.der"),
            vector!("brainpool.csca.der"),
            "brainpool",
            Hash::Sha256,
        ),
        (vector!("nist.sod.der"), vector!("nist.csca.der"), "nist", Hash::Sha384),
        (
            vector!("streamed.sod.der"),
            vector!("nist.csca.der"),
            "nist",
            Hash::Sha512,
        ),
        (vector!("pss.sod.der"), vector!("pss.csca.der"), "pss", Hash::Sha256),
    ];

    for (sod, authority, name, hash) in cases {
        let authentic = judged(&files(sod), authority).unwrap();

        assert_eq!(authentic.signer, format!("CN=DS {name},O=VNeID test vectors,C=VN"));
        assert_eq!(authentic.authority, format!("CN=CSCA {name},O=VNeID test vectors,C=VN"));
        assert_eq!(authentic.hash, hash);
        assert!(authentic.signed_at.is_some());
        assert_eq!(authentic.groups, [DataGroup::DG1, DataGroup::DG2, DataGroup::DG13]);
    }
}

#[test]
fn a_changed_group_is_found_under_every_scheme() {
    let cases = [
        (vector!("brainpool.sod.der"), vector!("brainpool.csca.der")),
        (vector!("nist.sod.der"), vector!("nist.csca.der")),
        (vector!("streamed.sod.der"), vector!("nist.csca.der")),
        (vector!("pss.sod.der"), vector!("pss.csca.der")),
    ];

    for (sod, authority) in cases {
        let mut files = files(sod);
        files.dg2 = vec![0x75, 1, 9].into();

        assert_eq!(
            judged(&files, authority),
            Err(ChipRefusal::GroupChanged(DataGroup::DG2))
        );
    }
}

#[test]
fn no_flipped_bit_makes_another_signature() {
    let (sod, store) = (vector!("streamed.sod.der"), trusting(vector!("nist.csca.der")));
    let original = passive_authentication(&files(sod), &store, at()).unwrap();

    for place in 0..sod.len() {
        let mut changed = sod.to_vec();
        changed[place] ^= 1;
        if let Ok(authentic) = passive_authentication(&files(&changed), &store, at()) {
            assert_eq!(authentic, original, "byte {place} is not of what is signed");
        }
    }
}

#[test]
fn an_rsa_chip_answers_for_itself() {
    let mut files = files(vector!("active.sod.der"));
    files.dg13 = None;
    files.dg15 = Some(vector!("active.dg15.der").to_vec().into());
    let authentic = judged(&files, vector!("nist.csca.der")).unwrap();
    let answer = |challenge, response| active_authentication(&files, &authentic, Challenge(challenge), response);
    let ours = [1, 2, 3, 4, 5, 6, 7, 8];

    assert_eq!(answer(ours, vector!("active.sha256.bin")), Ok(Hash::Sha256));
    assert_eq!(answer(ours, vector!("active.sha512.bin")), Ok(Hash::Sha512));
    assert_eq!(answer([9; 8], vector!("active.sha256.bin")), Err(CloneRefusal::Answer));
    assert_eq!(answer(ours, &[1; 256]), Err(CloneRefusal::Answer));
    let sha_1 = Err(CloneRefusal::Scheme(SchemeRefusal::Sha1));
    assert_eq!(answer(ours, vector!("active.sha1.bin")), sha_1);
}
