"""What Python libraries that are not ours say of credentials of ours: pymdoccbor reads and verifies the mobile documents, sd-jwt the SD-JWT VC,
claim169 the identity QR.

documents.py FOLDER     FOLDER/held.json (of wallet.mjs), FOLDER/qr.json = {"text", "public_key": PEM, "full_name", "number"}
"""

import base64
import json
import sys
from pathlib import Path

folder = Path(sys.argv[1])
held = json.loads((folder / "held.json").read_text())


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def mobile_document(one):
    import cbor2
    from pymdoccbor.mdoc.verifier import MdocCbor

    issued = cbor2.loads(unpadded(one["credential"]))
    document_type = "org.iso.18013.5.1.mDL" if "driving" in one["id"] else "vn.gov.vneid.eid.1"
    response = {
        "version": "1.0",
        "status": 0,
        "documents": [
            {
                "docType": document_type,
                "issuerSigned": issued,
                "deviceSigned": {"nameSpaces": cbor2.CBORTag(24, b"\xa0"), "deviceAuth": {"deviceSignature": []}},
            }
        ],
    }
    reader = MdocCbor()
    reader.loads(cbor2.dumps(response))
    assert reader.verify(), f"{one['id']}: pymdoccbor does not verify the signature and the digests"
    print(f"pymdoccbor verified {one['id']}")


def sd_jwt(one):
    from cryptography import x509
    from jwcrypto.jwk import JWK
    from sd_jwt.verifier import SDJWTVerifier

    header = json.loads(unpadded(one["credential"].split(".")[0]))
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    key = JWK.from_pyca(certificate.public_key())
    payload = SDJWTVerifier(one["credential"], lambda issuer, header_parameters=None: key).get_verified_payload()
    assert payload["iss"] == held["url"], payload["iss"]
    assert payload["age_over_18"] in (True, False)
    print(f"sd-jwt verified {one['id']}")


def identity_qr(qr):
    import claim169

    result = claim169.decode(qr["text"], verify_with_ecdsa_p256_pem=qr["public_key"])
    assert result.claim169.full_name == qr["full_name"], result.claim169.full_name
    assert result.claim169.id == qr["number"]
    print("claim169 read and verified the identity QR")


for one in held["held"]:
    if one["format"] == "mso_mdoc":
        mobile_document(one)
    else:
        sd_jwt(one)
identity_qr(json.loads((folder / "qr.json").read_text()))
