"""What Python libraries that are not ours say of the sources' answers: fhir.resources reads the health records, http-message-signatures verifies
the signatures (RFC 9421).

sources.py FOLDER     FOLDER/answers.json = [{"path", "question", "answer", "headers", "jwk", "bundle"}]
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric import ec
from fhir.resources.R4B.bundle import Bundle
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from jwcrypto.jwk import JWK

answers = json.loads((Path(sys.argv[1]) / "answers.json").read_text())


class Keys(HTTPSignatureKeyResolver):
    def __init__(self, jwk):
        self.jwk = JWK(**jwk)

    def resolve_public_key(self, key_id):
        assert key_id == self.jwk["kid"], key_id
        key = self.jwk.get_op_key("verify")
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return key


def verify(one):
    url = "https://sources.example" + one["path"]
    request = SimpleNamespace(method="POST", url=url, headers=one["request_headers"])
    response = SimpleNamespace(status_code=one["status"], url=url, headers=one["headers"], request=request)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=Keys(one["jwk"]))
    results = verifier.verify(response, max_age=None)
    assert len(results) == 1, results


kinds = set()
for one in answers:
    verify(one)
    if one["bundle"] is not None:
        bundle = Bundle.model_validate(one["bundle"])
        kinds.update(entry.resource.get_resource_type() for entry in bundle.entry)
print(f"http-message-signatures verified {len(answers)} answers; fhir.resources read {sorted(kinds)}")
expected = {"Patient", "Encounter", "Condition", "AllergyIntolerance", "Immunization", "MedicationRequest", "Observation"}
assert kinds == expected, kinds
