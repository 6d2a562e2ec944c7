//! Keys, signatures, JOSE, sealing, digests and password hashes; no I/O but the HSM.
