-- A client's assertions that are over are found without passing those that are not: a busy client has thousands of them.
CREATE INDEX sso_assertion_expires_at ON sso_assertion (client_id, expires_at);
