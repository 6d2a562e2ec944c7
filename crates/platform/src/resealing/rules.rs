//! The inventory of what is sealed, and how far its sealing anew has come.

use jiff::Timestamp;
use serde::Serialize;

/// One sealed column: where it is in the database, and for which place its values are sealed.
pub(super) struct Sealed {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// The primary key.
    pub(super) key: &'static [&'static str],
    /// The column as the vault knows it.
    pub(super) word: Word,
    /// The columns of which the bytes, one after the other, are the row as the vault knows it, joined by a plus.
    pub(super) row: &'static str,
}

/// The column as the vault knows it.
#[derive(Clone, Copy)]
pub(super) enum Word {
    /// The same for each row.
    Is(&'static str),
    /// What that column of the row says.
    Of(&'static str),
}

const fn sealed(
    (table, column): (&'static str, &'static str),
    key: &'static [&'static str],
    word: &'static str,
    row: &'static str,
) -> Sealed {
    Sealed {
        table,
        column,
        key,
        word: Word::Is(word),
        row,
    }
}

/// Every sealed column of the schema. A new one is added here by whoever adds it.
pub(super) const INVENTORY: &[Sealed] = &[
    sealed(("account", "identity_sealed"), &["person"], "identity", "person"),
    sealed(("account", "contact_sealed"), &["person"], "contact", "person"),
    sealed(
        ("application", "subject_sealed"),
        &["person", "application"],
        "subject",
        "application",
    ),
    sealed(
        ("application", "findings_sealed"),
        &["person", "application"],
        "findings",
        "application",
    ),
    sealed(
        ("application", "proposal_sealed"),
        &["person", "application"],
        "proposal",
        "application",
    ),
    sealed(
        ("application", "remark_sealed"),
        &["person", "application"],
        "remark",
        "application",
    ),
    Sealed {
        table: "application_evidence",
        column: "content_sealed",
        key: &["person", "application", "kind"],
        word: Word::Of("kind"),
        row: "application",
    },
    sealed(
        ("certificate", "content_sealed"),
        &["person", "certificate"],
        "content",
        "certificate",
    ),
    sealed(
        ("certificate", "reason_sealed"),
        &["person", "certificate"],
        "reason",
        "certificate",
    ),
    sealed(
        ("chip_reading", "drawn_sealed"),
        &["person", "concerns"],
        "drawn",
        "secret_digest",
    ),
    sealed(
        ("chip_reading", "reading_sealed"),
        &["person", "concerns"],
        "reading",
        "person+concerns",
    ),
    sealed(
        ("declaration", "content_sealed"),
        &["person", "declaration"],
        "content",
        "declaration",
    ),
    sealed(
        ("declaration", "slip_sealed"),
        &["person", "declaration"],
        "slip",
        "declaration",
    ),
    sealed(
        ("document_declaration", "content_sealed"),
        &["person", "declaration"],
        "content",
        "declaration",
    ),
    sealed(
        ("document_handover", "seen_by_sealed"),
        &["person", "handover"],
        "seen_by",
        "handover",
    ),
    sealed(
        ("document_handover", "whose_sealed"),
        &["person", "handover"],
        "whose",
        "handover",
    ),
    sealed(
        ("document_report", "answer_sealed"),
        &["person", "report"],
        "answer",
        "report",
    ),
    sealed(
        ("document_report", "content_sealed"),
        &["person", "report"],
        "content",
        "report",
    ),
    sealed(
        ("procedure_draft", "content_sealed"),
        &["person", "draft"],
        "content",
        "draft",
    ),
    sealed(
        ("procedure_dossier", "content_sealed"),
        &["person", "dossier"],
        "content",
        "dossier",
    ),
    sealed(
        ("procedure_dossier", "result_sealed"),
        &["person", "dossier"],
        "result",
        "dossier",
    ),
    sealed(
        ("procedure_step", "words_sealed"),
        &["person", "dossier", "place"],
        "words",
        "step",
    ),
    sealed(("eid", "content_sealed"), &["person"], "content", "person"),
    sealed(("eid", "portrait_sealed"), &["person"], "portrait", "person"),
    sealed(
        ("history_look", "who_sealed"),
        &["person", "looked_at", "look"],
        "who",
        "look",
    ),
    sealed(
        ("history_look", "details_sealed"),
        &["person", "looked_at", "look"],
        "details",
        "look",
    ),
    sealed(("history_order", "order_sealed"), &["seal", "ends_at"], "order", "seal"),
    sealed(
        ("history_contest", "reason_sealed"),
        &["person", "contest"],
        "reason",
        "contest",
    ),
    sealed(
        ("history_contest", "answer_sealed"),
        &["person", "contest"],
        "answer",
        "contest",
    ),
    sealed(("history_alert", "remark_sealed"), &["alert"], "remark", "alert"),
    sealed(("job", "payload_sealed"), &["job"], "payload", "job"),
    sealed(("lock_act", "by_sealed"), &["person", "act"], "by", "act"),
    sealed(("lock_act", "reason_sealed"), &["person", "act"], "reason", "act"),
    sealed(("lock_request", "asked_sealed"), &["request"], "asked", "request"),
    sealed(("lock_request", "answer_sealed"), &["request"], "answer", "request"),
    sealed(("report", "content_sealed"), &["report"], "content", "report"),
    sealed(("report", "sender_sealed"), &["report"], "sender", "report"),
    sealed(("report_entry", "by_sealed"), &["report", "turn"], "by", "entry"),
    sealed(("report_entry", "text_sealed"), &["report", "turn"], "text", "entry"),
    sealed(
        ("report_link", "link_sealed"),
        &["person", "link"],
        "link",
        "person+link",
    ),
    sealed(("notice", "to_sealed"), &["notice"], "to", "notice"),
    sealed(("notice", "text_sealed"), &["notice"], "text", "notice"),
    sealed(("notice_address", "address_sealed"), &["person"], "address", "person"),
    sealed(
        ("notice_push", "browser_sealed"),
        &["person", "push"],
        "browser",
        "push",
    ),
    sealed(("notice_note", "told_sealed"), &["person", "note"], "told", "note"),
    sealed(
        ("presentation_request", "content_sealed"),
        &["request"],
        "content",
        "request",
    ),
    sealed(
        ("presentation_request", "answer_sealed"),
        &["request"],
        "answer",
        "request",
    ),
    sealed(("officer", "full_name_sealed"), &["officer"], "full_name", "officer"),
    sealed(("signin_screen", "asked_sealed"), &["screen"], "asked", "screen"),
    sealed(
        ("linking_link", "account_sealed"),
        &["person", "client_id", "linked_at"],
        "account",
        "account_digest",
    ),
    sealed(
        ("linking_proposal", "accounts_sealed"),
        &["person", "proposal"],
        "accounts",
        "proposal",
    ),
    sealed(
        ("partner_connection", "asked_sealed"),
        &["connection"],
        "asked",
        "connection",
    ),
    sealed(
        ("partner_connection", "answer_sealed"),
        &["connection"],
        "answer",
        "connection",
    ),
    sealed(
        ("partner_member", "label_sealed"),
        &["connection", "member"],
        "label",
        "member",
    ),
    sealed(("registration_draft", "asker_sealed"), &["draft"], "asker", "draft"),
    sealed(("registration_draft", "card_sealed"), &["draft"], "card", "draft"),
    sealed(
        ("registration_draft", "identity_sealed"),
        &["draft"],
        "identity",
        "draft",
    ),
    sealed(
        ("registry_copy", "answer_sealed"),
        &["number_digest", "source"],
        "answer",
        "number_digest",
    ),
    sealed(("signals_stream", "delivery_sealed"), &["stream"], "delivery", "stream"),
    sealed(("device", "label_sealed"), &["person", "device"], "label", "device"),
    sealed(("device_ask", "code_sealed"), &["person", "ask"], "code", "ask"),
    sealed(("device_ask", "whence_sealed"), &["person", "ask"], "whence", "ask"),
    sealed(
        ("passkey", "credential_sealed"),
        &["subject", "passkey"],
        "credential",
        "passkey",
    ),
    sealed(("passkey", "label_sealed"), &["subject", "passkey"], "label", "passkey"),
    sealed(
        ("recovery_case", "whence_sealed"),
        &["person", "case_id"],
        "whence",
        "case_id",
    ),
    sealed(
        ("recovery_phone", "old_sealed"),
        &["person", "change_id"],
        "old",
        "change_id",
    ),
    sealed(
        ("recovery_phone", "phone_sealed"),
        &["person", "change_id"],
        "phone",
        "change_id",
    ),
    sealed(
        ("recovery_relative", "label_sealed"),
        &["person", "relation"],
        "label",
        "relation",
    ),
    sealed(
        ("recovery_voucher", "phone_sealed"),
        &["voucher_digest"],
        "phone",
        "voucher_digest",
    ),
    sealed(("session", "whence_sealed"), &["subject", "digest"], "whence", "digest"),
    sealed(
        ("signin_event", "whence_sealed"),
        &["person", "event"],
        "whence",
        "event",
    ),
    sealed(("signin_password", "phc_sealed"), &["person"], "phc", "person"),
    sealed(("signin_passcode", "phc_sealed"), &["person"], "phc", "person"),
    sealed(
        ("issuance_deferred", "keys_sealed"),
        &["person", "digest"],
        "keys_sealed",
        "digest",
    ),
    sealed(
        ("sso_pushed", "request_sealed"),
        &["digest"],
        "request_sealed",
        "digest",
    ),
    sealed(
        ("sso_asked", "asked_sealed"),
        &["person", "expires_at", "digest"],
        "asked",
        "digest",
    ),
    sealed(
        ("sso_code", "wanted_sealed"),
        &["person", "expires_at", "digest"],
        "wanted",
        "digest",
    ),
    sealed(
        ("sso_token", "wanted_sealed"),
        &["person", "expires_at", "digest"],
        "wanted",
        "digest",
    ),
    sealed(
        ("sso_refresh", "wanted_sealed"),
        &["person", "expires_at", "digest"],
        "wanted",
        "digest",
    ),
    sealed(
        ("residence_agreement", "content_sealed"),
        &["person", "agreement"],
        "content",
        "agreement",
    ),
    sealed(
        ("stay_draft", "content_sealed"),
        &["person", "draft"],
        "content",
        "draft",
    ),
    sealed(
        ("stay_notification", "content_sealed"),
        &["person", "notification"],
        "content",
        "notification",
    ),
    sealed(
        ("stay_guest", "content_sealed"),
        &["person", "notification", "line"],
        "content",
        "stay",
    ),
];

impl Sealed {
    /// The column, as the operator is told it.
    pub(super) fn place(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

/// How far one column is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Progress {
    /// Table and column.
    pub(super) place: String,
    /// How many values there are now.
    pub(super) values: i64,
    /// How many were looked at.
    pub(super) seen: i64,
    /// How many of them were sealed anew.
    pub(super) resealed: i64,
    /// How many do not open.
    pub(super) unreadable: i64,
    /// How many are still sealed under an earlier key.
    pub(super) left: i64,
    /// When the last row was reached.
    pub(super) finished_at: Option<Timestamp>,
}
