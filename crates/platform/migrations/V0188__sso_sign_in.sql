-- How the person of an access token signed in, for resources that tell it on.
ALTER TABLE sso_token ADD COLUMN signed_in_at BIGINT;
ALTER TABLE sso_token ADD COLUMN assurance BIGINT;
ALTER TABLE sso_token ADD COLUMN methods TEXT;
