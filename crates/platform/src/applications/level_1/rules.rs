//! What an application for level 1 needs before it is sent in.

use super::super::evidence::{ChipSeen, Findings, Original};
use super::super::refusal::Refusal;

/// Whether the chip is enough: authentic, the applicant's own, and no copy.
pub(super) fn check_chip(findings: &Findings, without_chip: bool) -> Result<(), Refusal> {
    match &findings.chip {
        ChipSeen::Absent if without_chip => return Ok(()),
        ChipSeen::Absent => return Err(Refusal::ChipMissing),
        ChipSeen::Refused { reason } => return Err(Refusal::ChipNotAuthentic(reason.clone())),
        ChipSeen::Authentic { .. } => {}
    }
    let number = findings.fields.iter().find(|row| row.field == "number");
    if number.is_none_or(|row| row.chip.is_none() || row.chip != row.declared) {
        return Err(Refusal::ChipOfOther);
    }
    match findings.original {
        Original::Proven | Original::Keyless => Ok(()),
        Original::Unasked => Err(Refusal::ChipUnproven),
    }
}

/// Whether it can be sent in.
pub(super) fn check_submission(findings: &Findings, without_chip: bool, despite: bool) -> Result<(), Refusal> {
    check_chip(findings, without_chip)?;
    if findings.face_differs() && !despite {
        return Err(Refusal::FaceDiffers);
    }
    Ok(())
}
