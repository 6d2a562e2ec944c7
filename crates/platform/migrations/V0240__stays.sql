-- Places that tell the police of their guests, registered by a unit (Luật Cư trú 68/2020/QH14, article 30).
CREATE TABLE stay_facility (
    facility BYTEA PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    commune TEXT NOT NULL,
    phone TEXT NOT NULL,
    registered_at BIGINT NOT NULL,
    registered_by BYTEA NOT NULL,
    closed_at BIGINT,
    UNIQUE (commune, name)
);

-- Who may tell for a facility.
CREATE TABLE stay_clerk (
    person BYTEA NOT NULL,
    facility BYTEA NOT NULL REFERENCES stay_facility (facility),
    since_at BIGINT NOT NULL,
    named_by BYTEA NOT NULL,
    PRIMARY KEY (person, facility)
);
CREATE INDEX stay_clerk_of_facility ON stay_clerk (facility);

-- The phone by which a unit of the police is reached about stays.
CREATE TABLE stay_unit (
    unit TEXT PRIMARY KEY NOT NULL,
    phone TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    set_by BYTEA NOT NULL
);

-- Notifications that are being written, as typed.
CREATE TABLE stay_draft (
    person BYTEA NOT NULL,
    draft BYTEA NOT NULL,
    content_sealed BYTEA NOT NULL,
    opened_at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    PRIMARY KEY (person, draft)
);

-- Notifications that were received; `person` is who told. `late_since` is the deadline that had passed, `unchecked_at` says that the card of
-- who told could not be asked for, `alone_at` that guests under age came without anybody of age.
CREATE TABLE stay_notification (
    person BYTEA NOT NULL,
    notification BYTEA NOT NULL,
    number TEXT NOT NULL UNIQUE,
    facility BYTEA,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    commune TEXT NOT NULL,
    province TEXT NOT NULL,
    place_digest BYTEA NOT NULL,
    content_sealed BYTEA NOT NULL,
    guests BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    late_since BIGINT,
    alone_at BIGINT,
    unchecked_at BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (person, notification)
);
CREATE INDEX stay_notification_of_id ON stay_notification (notification);
CREATE INDEX stay_notification_of_commune ON stay_notification (commune, from_at);
CREATE INDEX stay_notification_of_province ON stay_notification (province, from_at);
CREATE INDEX stay_notification_of_facility ON stay_notification (facility, told_at);

-- The guests of a notification; `guest` is the guest's person where there was an account.
CREATE TABLE stay_guest (
    person BYTEA NOT NULL,
    notification BYTEA NOT NULL,
    line BIGINT NOT NULL,
    stay BYTEA NOT NULL,
    guest BYTEA,
    guest_digest BYTEA NOT NULL,
    content_sealed BYTEA NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    left_at BIGINT,
    PRIMARY KEY (person, notification, line)
);
CREATE INDEX stay_guest_of_digest ON stay_guest (guest_digest, from_at);
CREATE INDEX stay_guest_of_guest ON stay_guest (guest, from_at);
