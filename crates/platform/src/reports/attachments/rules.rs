//! What a file is, by its content, and what is left of it.

use super::{film, paper};
use crate::shell::picture;

/// The longest side of a picture that is kept, in pixels.
const LONGEST_SIDE: u32 = 4096;

/// The test pattern of EICAR, in two parts so that this program is not taken for a virus itself.
const PATTERN: [&[u8]; 2] = [
    b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-",
    b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
];

/// How programs begin: Windows, ELF, Mach-O, Java, WebAssembly, scripts.
const PROGRAMS: [&[u8]; 9] = [
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"#!",
    b"L\0\0\0\x01\x14\x02\0",
];
/// What scripts hold, in small letters, near their beginning.
const SCRIPTS: [&[u8]; 7] = [
    b"<script",
    b"<?php",
    b"<html",
    b"<svg",
    b"powershell",
    b"wscript.",
    b"@echo off",
];
/// How far from the beginning a script is looked for.
const NEAR: usize = 4096;
/// How documents of office programs begin, which can hold macros: the old form, and archives.
const OFFICE: [&[u8]; 2] = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"];

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reports) enum Refused {
    /// It holds the pattern of a virus.
    Virus,
    /// It is a program or a script.
    Program,
    /// An office document or an archive, which can hold macros and programs.
    Macros,
    /// Some other kind.
    Unknown,
    /// A picture, film or paper that is damaged.
    Unreadable,
    /// A film with tracks beside picture and sound, such as places.
    Telemetry,
    /// A paper that does something when it is opened, or that cannot be looked into.
    Active,
    /// A paper, which cannot be made clean, with an anonymous report.
    NotAnonymous,
}

/// A file as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::reports) struct Clean {
    pub(in crate::reports) media_type: &'static str,
    pub(in crate::reports) bytes: Vec<u8>,
}

/// Judges a file and makes it clean. Takes time: call it in the workshop.
///
/// # Errors
/// [`Refused`].
pub(in crate::reports) fn examine(file: Vec<u8>, anonymous: bool) -> Result<Clean, Refused> {
    if holds_pattern(&file) {
        return Err(Refused::Virus);
    }
    if is_program(&file) {
        return Err(Refused::Program);
    }
    if OFFICE.iter().any(|mark| file.starts_with(mark)) {
        return Err(Refused::Macros);
    }
    if file.starts_with(b"\xff\xd8\xff") || file.starts_with(b"\x89PNG\r\n\x1a\n") {
        let (bytes, media_type) = picture::bare(&file, LONGEST_SIDE).map_err(|_why| Refused::Unreadable)?;
        return Ok(Clean { media_type, bytes });
    }
    if file.get(4..8) == Some(b"ftyp".as_slice()) {
        let media_type = "video/mp4";
        return film::blanked(file).map(|bytes| Clean { media_type, bytes });
    }
    if file.starts_with(b"%PDF-") {
        if anonymous {
            return Err(Refused::NotAnonymous);
        }
        paper::must_be_still(&file)?;
        let media_type = "application/pdf";
        return Ok(Clean {
            media_type,
            bytes: file,
        });
    }
    Err(Refused::Unknown)
}

fn holds_pattern(file: &[u8]) -> bool {
    let pattern = PATTERN.concat();
    file.windows(pattern.len()).any(|window| window == pattern)
}

fn is_program(file: &[u8]) -> bool {
    let near = file.get(..NEAR).unwrap_or(file).to_ascii_lowercase();
    let is_binary = [&b"\xff\xd8\xff"[..], b"\x89PNG"]
        .iter()
        .any(|mark| file.starts_with(mark));
    let is_script = || {
        SCRIPTS
            .iter()
            .any(|mark| near.windows(mark.len()).any(|window| window == *mark))
    };
    PROGRAMS.iter().any(|mark| file.starts_with(mark)) || (!is_binary && is_script())
}
