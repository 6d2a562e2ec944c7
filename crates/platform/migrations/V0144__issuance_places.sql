-- Whose credential a verifier was shown is found by its place in the status lists.
CREATE INDEX issuance_credential_by_place ON issuance_credential (list, place);
