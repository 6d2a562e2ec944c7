use cms::signed_data::SignedData;
use der::{Any, Encode};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
};

use super::*;
use crate::chip::passive_authentication;
use crate::chip::sod::SodDraft;
use crate::chip::testing::*;
use crate::chip::{identifiers as id, tlv};

fn authentic(store: &TrustStore, signer: &Holder) -> Result<(), ChipRefusal> {
    passive_authentication(&files(&signed(signer, ES256)), store, now()).map(|_authentic| ())
}

fn new_key(years: std::ops::Range<i32>) -> Holder {
    authority("CSCA Test", &PKCS_ECDSA_P384_SHA384, years)
}

/// The certificate that an old key gives to the new key of an authority.
fn link(old: &Holder, new: &Holder, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = new.params.clone();
    change(&mut params);
    let issuer = rcgen::Issuer::from_params(&old.params, &old.key);
    params.signed_by(&new.key, &issuer).unwrap().der().to_vec()
}

#[test]
fn only_authorities_are_taken_into_the_store() {
    let mut store = TrustStore::new();

    assert_eq!(store.add_der(&SIGNER.certificate), Err(TrustError::NotAnAuthority));
    assert_eq!(store.add_der(b"no certificate"), Err(TrustError::Unreadable));
    assert_eq!(store.add_pem("-----BEGIN"), Err(TrustError::Unreadable));
    assert!(store.is_empty());
    let pem = NATION.params.self_signed(&NATION.key).unwrap().pem();
    assert_eq!(store.add_pem(&pem), Ok(()));
    assert_eq!(store.add_pem(&pem), Ok(()));
    assert_eq!(store.len(), 1);
}

#[test]
fn a_new_key_under_the_old_name_is_trusted_beside_the_old_one() {
    let mut store = trusting(&new_key(2020..2040));
    store.add_der(&NATION.certificate).unwrap();

    assert_eq!(store.len(), 2);
    assert_eq!(authentic(&store, &SIGNER), Ok(()));
}

#[test]
fn a_link_hands_trust_on_to_a_new_key() {
    let new = new_key(2024..2040);
    let signer = signer(&new, &PKCS_ECDSA_P256_SHA256);
    let mut store = trusting(&NATION);
    let before = authentic(&store, &signer);

    store.add_der(&link(&NATION, &new, |_| {})).unwrap();

    assert_eq!(before, Err(ChipRefusal::IssuerSignature));
    assert_eq!(authentic(&store, &signer), Ok(()));
    assert_eq!(authentic(&store, &SIGNER), Ok(()));
}

#[test]
fn a_link_may_lead_to_a_new_name() {
    let new = authority("CSCA Test 2", &PKCS_ECDSA_P384_SHA384, 2024..2040);
    let mut store = trusting(&NATION);

    store.add_der(&link(&NATION, &new, |_| {})).unwrap();

    assert_eq!(authentic(&store, &signer(&new, &PKCS_ECDSA_P256_SHA256)), Ok(()));
}

#[test]
fn a_link_that_nobody_trusted_made_is_refused() {
    let (new, stranger) = (new_key(2024..2040), new_key(2020..2040));
    let other = authority("CSCA Other", &PKCS_ECDSA_P384_SHA384, 2020..2040);
    let add = |certificate: &[u8]| trusting(&NATION).add_der(certificate);
    let country = |params: &mut CertificateParams| params.distinguished_name.push(DnType::CountryName, "LA");
    let late = |params: &mut CertificateParams| params.not_before = rcgen::date_time_ymd(2041, 1, 1);

    assert_eq!(add(&link(&stranger, &new, |_| {})), Err(TrustError::Signature));
    assert_eq!(add(&link(&other, &new, |_| {})), Err(TrustError::UnknownIssuer));
    assert_eq!(add(&link(&NATION, &new, country)), Err(TrustError::LinkCountry));
    assert_eq!(add(&link(&NATION, &new, late)), Err(TrustError::LinkOutOfValidity));
    let not_for_it = link(&NATION, &new, |params| params.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(add(&not_for_it), Err(TrustError::NotAnAuthority));
}

#[test]
fn the_files_of_a_folder_are_taken_in_any_order() {
    let (second, third) = (new_key(2024..2042), new_key(2025..2043));
    let pem = |der: &[u8], label: &str| der::pem::encode_string(label, der::pem::LineEnding::LF, der).unwrap();
    let links = [
        pem(&link(&second, &third, |_| {}), "CERTIFICATE"),
        pem(&link(&NATION, &second, |_| {}), "CERTIFICATE"),
    ];
    let list = pem(&revoking(&third, &[7], 2027), "X509 CRL");
    let files = [
        ("a.crl".to_owned(), list.into_bytes()),
        (
            "b.pem".to_owned(),
            format!("Two links\n{}", links.concat()).into_bytes(),
        ),
        ("c.der".to_owned(), NATION.certificate.clone()),
    ];

    let store = TrustStore::from_files(files).unwrap();

    assert_eq!(store.len(), 3);
    let signed = files_of(&signer(&third, &PKCS_ECDSA_P256_SHA256));
    let authentic = passive_authentication(&signed, &store, now()).unwrap();
    assert_eq!(authentic.revocation, Revocation::NotRevoked);
}

fn files_of(signer: &Holder) -> crate::chip::ChipFiles {
    files(&signed(signer, ES256))
}

#[test]
fn a_file_that_is_refused_is_named() {
    let refused = |name: &str, bytes: &[u8]| {
        let files = [
            ("csca.der".to_owned(), NATION.certificate.clone()),
            (name.to_owned(), bytes.to_vec()),
        ];
        TrustStore::from_files(files).unwrap_err().to_string()
    };

    assert_eq!(
        refused("ds.der", &SIGNER.certificate),
        "ds.der: the certificate is not one of an authority"
    );
    assert_eq!(
        refused("notes.txt", b"to do"),
        "notes.txt: neither a certificate nor a revocation list can be read"
    );
    let key = refused(
        "key.pem",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    );
    assert_eq!(key, "key.pem: neither a certificate nor a revocation list can be read");
    let list = refused("other.crl", &revoking(&new_key(2020..2040), &[7], 2027));
    assert_eq!(list, "other.crl: the authority that it names did not sign it");
    assert!(TrustStore::from_files([]).unwrap().is_empty());
}

#[test]
fn a_revocation_list_is_believed_only_from_its_authority() {
    let list = revoking(&NATION, &[7], 2027);
    let other = authority("CSCA Other", &PKCS_ECDSA_P384_SHA384, 2020..2040);
    let mut changed = list.clone();
    *changed.last_mut().unwrap() ^= 1;

    assert_eq!(trusting(&NATION).add_revocation_list(&list), Ok(()));
    assert_eq!(
        trusting(&other).add_revocation_list(&list),
        Err(TrustError::UnknownIssuer)
    );
    assert_eq!(
        trusting(&NATION).add_revocation_list(&changed),
        Err(TrustError::Signature)
    );
    assert_eq!(trusting(&NATION).add_revocation_list(&[]), Err(TrustError::Unreadable));
}

#[test]
fn of_two_revocation_lists_the_latest_counts() {
    let (empty, full) = (revoking(&NATION, &[], 2027), revoking(&NATION, &[42], 2027));
    let signer = || {
        let mut params = params("DS 2", 2024..2035, vec![KeyUsagePurpose::DigitalSignature]);
        params.serial_number = Some(42.into());
        signer_with(&NATION, key(&PKCS_ECDSA_P256_SHA256), params)
    };
    let mut store = trusting(&NATION);

    store.add_revocation_list(&empty).unwrap();
    let before = authentic(&store, &signer());
    store.add_revocation_list(&full).unwrap();

    assert_eq!(before, Ok(()));
    assert_eq!(authentic(&store, &signer()), Err(ChipRefusal::SignerRevoked));
}

#[test]
fn an_authority_is_found_however_its_name_is_written() {
    let mut params = NATION.params.clone();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let printable = |text: &str| DnValue::PrintableString(text.try_into().unwrap());
    params.distinguished_name.push(DnType::CountryName, printable("vn"));
    params
        .distinguished_name
        .push(DnType::CommonName, printable(" CSCA  TEST"));
    let certificate = params.self_signed(&NATION.key).unwrap();
    let mut store = TrustStore::new();

    store.add_der(certificate.der()).unwrap();

    assert_eq!(authentic(&store, &SIGNER), Ok(()));
}

// Master lists.

/// A publisher of master lists, and one who signs them for it.
fn publisher() -> (Holder, Holder) {
    let publisher = authority("CSCA Publisher", &PKCS_ECDSA_P384_SHA384, 2020..2040);
    let mut params = params(
        "Master list signer",
        2024..2035,
        vec![KeyUsagePurpose::DigitalSignature],
    );
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![2, 23, 136, 1, 1, 3])];
    let signer = signer_with(&publisher, key(&PKCS_ECDSA_P256_SHA256), params);
    (publisher, signer)
}

fn master_list(signer: &Holder, certificates: &[Vec<u8>]) -> Vec<u8> {
    let set = tlv::write(0x31, &certificates.concat());
    let content = tlv::write(0x30, &[&[2, 1, 0], &set[..]].concat());
    let draft = SodDraft::of_content(content, &signer.certificate, ES256).unwrap();
    let unsigned = draft.finish(&[0]).unwrap();
    let sod = alter_signer(&altered(&unsigned, of_master_list), |info| {
        let attributes = info.signed_attrs.take().unwrap().into_vec();
        let named = attributes.into_iter().map(|mut attribute| {
            if attribute.oid == id::CONTENT_TYPE {
                attribute.values = vec![Any::from(id::MASTER_LIST)].try_into().unwrap();
            }
            attribute
        });
        let attributes: x509_cert::attr::Attributes = named.collect::<Vec<_>>().try_into().unwrap();
        let signature = sign(signer, ES256, &attributes.to_der().unwrap());
        info.signature = der::asn1::OctetString::new(signature).unwrap();
        info.signed_attrs = Some(attributes);
    });
    tlv::only(0x77, &sod).unwrap().to_vec()
}

fn of_master_list(data: &mut SignedData) {
    data.encap_content_info.econtent_type = id::MASTER_LIST;
}

fn of_country(country: &str) -> Vec<u8> {
    let holder = authority("CSCA Abroad", &PKCS_ECDSA_P256_SHA256, 2020..2040);
    let mut params = holder.params;
    params.distinguished_name.push(DnType::CountryName, country);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.self_signed(&holder.key).unwrap().der().to_vec()
}

#[test]
fn a_master_list_brings_the_authorities_of_one_country() {
    let (publisher, list_signer) = publisher();
    let new = new_key(2024..2040);
    let list = master_list(
        &list_signer,
        &[
            link(&NATION, &new, |_| {}),
            of_country("LA"),
            NATION.certificate.clone(),
            of_country("KH"),
            link(&publisher, &new, |_| {}),
            vec![0x30, 0],
        ],
    );
    let mut store = TrustStore::new();

    let imported = store
        .add_master_list(&list, &trusting(&publisher), "VN", now())
        .unwrap();

    let expected = Imported {
        taken: 2,
        of_others: 2,
        refused: 2,
    };
    assert_eq!(imported, expected);
    assert_eq!(authentic(&store, &SIGNER), Ok(()));
    assert_eq!(authentic(&store, &signer(&new, &PKCS_ECDSA_P256_SHA256)), Ok(()));
}

#[test]
fn a_master_list_is_believed_only_from_a_trusted_publisher() {
    let (publisher, list_signer) = publisher();
    let certificates = [NATION.certificate.clone()];
    let list = master_list(&list_signer, &certificates);
    let import = |list: &[u8], publisher: &TrustStore| {
        let mut store = TrustStore::new();
        let refused = store.add_master_list(list, publisher, "VN", now()).unwrap_err();
        assert!(store.is_empty());
        refused
    };
    let documents = signer(&publisher, &PKCS_ECDSA_P256_SHA256);
    let mut changed = list.clone();
    *changed.last_mut().unwrap() ^= 1;

    let untrusted = MasterListRefusal::Signer(ChipRefusal::UnknownIssuer);
    assert_eq!(import(&list, &trusting(&NATION)), untrusted);
    let wrong_usage = MasterListRefusal::Signer(ChipRefusal::SignerMayNotSign);
    let of_documents = master_list(&documents, &certificates);
    assert_eq!(import(&of_documents, &trusting(&publisher)), wrong_usage);
    let wrong = MasterListRefusal::Signature(crate::chip::SignedRefusal::Signature);
    assert_eq!(import(&changed, &trusting(&publisher)), wrong);
    let sod = tlv::only(0x77, &SOD).unwrap();
    assert_eq!(import(sod, &trusting(&publisher)), MasterListRefusal::Unreadable);
    assert_eq!(import(&[], &trusting(&publisher)), MasterListRefusal::Unreadable);
    let cut = &list[..list.len() / 2];
    assert_eq!(import(cut, &trusting(&publisher)), MasterListRefusal::Unreadable);
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut store = TrustStore::new();

        prop_assert!(store.add_der(&bytes).is_err());
        prop_assert!(store.add_revocation_list(&bytes).is_err());
        prop_assert!(store.add_master_list(&bytes, &trusting(&NATION), "VN", now()).is_err());
        prop_assert!(TrustStore::from_files([(String::new(), bytes)]).is_err());
    }

    #[test]
    fn near_neighbours_of_a_list_are_read_or_refused(at in 0_usize..400, byte: u8) {
        let mut list = revoking(&NATION, &[7], 2027);
        let at = at % list.len();
        list[at] = byte;

        let _ = trusting(&NATION).add_revocation_list(&list);
    }
}
