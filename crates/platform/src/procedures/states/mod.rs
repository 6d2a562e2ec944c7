//! The life of a dossier as a table: the ten national status codes, what may happen in which, who lets it happen, and what follows.
//!
//! The codes are those that portals exchange (*trạng thái hồ sơ*); the clock of the legal limit stands still in 5, 6 and 8.
//!
//! **Invariant:** the status of a dossier changes along a row of this table and in no other way.

use db::{Cell, Column};

use crate::shell::words::words;

#[cfg(test)]
mod tests;

words! {
    /// Where a dossier stands.
    Status {
        /// 1, *Mới đăng ký*: sent in; the legal time runs.
        New = "new",
        /// 2, *Được tiếp nhận*.
        Received = "received",
        /// 3, *Không được tiếp nhận*, with reasons.
        Rejected = "rejected",
        /// 4, *Đang xử lý*.
        Processing = "processing",
        /// 5, *Yêu cầu bổ sung giấy tờ*.
        Supplement = "supplement",
        /// 6, *Yêu cầu thực hiện nghĩa vụ tài chính*.
        Payment = "payment",
        /// 7, *Công dân yêu cầu rút hồ sơ*.
        Withdrawn = "withdrawn",
        /// 8, *Dừng xử lý*.
        Stopped = "stopped",
        /// 9, *Đã xử lý xong*.
        Done = "done",
        /// 10, *Đã trả kết quả*.
        Returned = "returned",
    }
}

words! {
    /// What happens to a dossier.
    Event {
        /// Sent in.
        Submit = "submitted",
        /// Sent in; the fee is due first.
        SubmitUnpaid = "submitted-unpaid",
        /// The fee was paid: now it is sent in.
        Pay = "paid",
        /// The receiving body has it.
        Receive = "received",
        /// Not accepted.
        Reject = "rejected",
        /// Somebody works on it.
        Begin = "begun",
        /// More is asked for.
        Ask = "more-asked",
        /// What was missing has come.
        Supply = "supplied",
        /// A fee is asked for in the course of the work.
        Charge = "charged",
        /// That fee was paid.
        Settle = "settled",
        /// Taken back by the applicant.
        Withdraw = "withdrawn",
        /// Stopped, with reasons.
        Stop = "stopped",
        /// Taken up again.
        Resume = "resumed",
        /// Decided in favour, with a result.
        Grant = "granted",
        /// Decided against, with reasons.
        Refuse = "refused",
        /// The result is in the applicant's hands.
        Return = "returned",
        /// The body did not say in time that it has it.
        Unacknowledged = "unacknowledged",
        /// The limit has passed: an apology, and a new date.
        Late = "late",
        /// The body has to verify what was said, which the law gives more time for.
        Verify = "verifying",
        /// A relative was asked whether it is so.
        AskRelative = "relative-asked",
        /// The relative confirmed it.
        Confirm = "relative-confirmed",
        /// The relative disputes it.
        Dispute = "relative-disputed",
        /// The relative did not answer in time.
        Unanswered = "relative-silent",
    }
}

/// Who lets something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The applicant.
    Applicant,
    /// Who receives and decides: an officer of the unit, or another body.
    Body,
    /// The platform.
    Platform,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The status before.
    pub from: Status,
    /// What happens.
    pub event: Event,
    /// The status after.
    pub to: Status,
    /// Who lets it happen.
    pub by: By,
}

const fn row(from: Status, event: Event, to: Status, by: By) -> Transition {
    Transition { from, event, to, by }
}

/// Everything that can happen to a dossier. It begins in 1, or in 6 where a fee is due first.
pub const TRANSITIONS: &[Transition] = &[
    row(Status::Payment, Event::Pay, Status::New, By::Platform),
    row(Status::New, Event::Receive, Status::Received, By::Body),
    row(Status::New, Event::Reject, Status::Rejected, By::Body),
    row(Status::Received, Event::Begin, Status::Processing, By::Body),
    row(Status::Processing, Event::Ask, Status::Supplement, By::Body),
    row(Status::Supplement, Event::Supply, Status::Processing, By::Applicant),
    row(Status::Processing, Event::Charge, Status::Payment, By::Body),
    row(Status::Payment, Event::Settle, Status::Processing, By::Platform),
    row(Status::New, Event::Withdraw, Status::Withdrawn, By::Applicant),
    row(Status::Received, Event::Withdraw, Status::Withdrawn, By::Applicant),
    row(Status::Processing, Event::Withdraw, Status::Withdrawn, By::Applicant),
    row(Status::Supplement, Event::Withdraw, Status::Withdrawn, By::Applicant),
    row(Status::Payment, Event::Withdraw, Status::Withdrawn, By::Applicant),
    row(Status::Stopped, Event::Withdraw, Status::Withdrawn, By::Applicant),
    row(Status::Processing, Event::Stop, Status::Stopped, By::Body),
    row(Status::Stopped, Event::Resume, Status::Processing, By::Body),
    row(Status::Processing, Event::Grant, Status::Done, By::Body),
    row(Status::Processing, Event::Refuse, Status::Done, By::Body),
    row(Status::Done, Event::Return, Status::Returned, By::Platform),
    row(Status::New, Event::Unacknowledged, Status::New, By::Platform),
    row(Status::New, Event::Late, Status::New, By::Platform),
    row(Status::Received, Event::Late, Status::Received, By::Platform),
    row(Status::Processing, Event::Late, Status::Processing, By::Platform),
    row(Status::Processing, Event::Verify, Status::Processing, By::Body),
    row(Status::New, Event::AskRelative, Status::Stopped, By::Platform),
    row(Status::Stopped, Event::Confirm, Status::New, By::Platform),
    row(Status::Stopped, Event::Dispute, Status::New, By::Platform),
    row(Status::Stopped, Event::Unanswered, Status::New, By::Platform),
];

impl Status {
    /// The national code, 1 to 10.
    pub fn code(self) -> i64 {
        Self::ALL
            .iter()
            .zip(1..)
            .find(|(status, _)| **status == self)
            .map_or(0, |(_, code)| code)
    }

    /// The one of a code.
    pub fn of_code(code: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }

    /// The status after an event; `None` where the event cannot happen.
    pub fn after(self, event: Event) -> Option<Self> {
        let fits = |row: &&Transition| row.from == self && row.event == event;
        TRANSITIONS.iter().find(fits).map(|row| row.to)
    }

    /// Whether the legal time stands still.
    pub fn is_paused(self) -> bool {
        matches!(self, Self::Supplement | Self::Payment | Self::Stopped)
    }

    /// Whether anything is still to be done by a body.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Rejected | Self::Withdrawn | Self::Done | Self::Returned)
    }

    /// The class of its badge.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Done | Self::Returned => "good",
            Self::Supplement | Self::Payment | Self::Stopped => "warn",
            Self::Rejected | Self::Withdrawn => "bad",
            Self::New | Self::Received | Self::Processing => "info",
        }
    }
}

impl Column for Status {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        Self::of_code(i64::read(cell)?).ok_or_else(|| db::Error::Column {
            column: "status".to_owned(),
            why: "no such status".to_owned(),
        })
    }
}
