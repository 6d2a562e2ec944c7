//! What operators have to do, on one page: extend the calendar, look after dead jobs, know the limits in force.

pub(super) mod http;
