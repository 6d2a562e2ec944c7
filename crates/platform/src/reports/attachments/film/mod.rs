//! MP4 films (ISO/IEC 14496-12), made clean in place: every part keeps its size, so that picture and sound stay where the tables say.

use super::rules::Refused;

/// What a film is made of: at the top, in `moov`, in a track, in its media, in the media's information.
const TOP: [&[u8; 4]; 8] = [b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"free"];
const MOVIE: [&[u8; 4]; 4] = [b"mvhd", b"trak", b"mvex", b"iods"];
const TRACK: [&[u8; 4]; 4] = [b"tkhd", b"edts", b"mdia", b"tref"];
const MEDIA: [&[u8; 4]; 3] = [b"mdhd", b"hdlr", b"minf"];
const INFORMATION: [&[u8; 4]; 4] = [b"vmhd", b"smhd", b"dinf", b"stbl"];
/// What a film also brings and does not need: free space, notes on its maker, where and by what it was taken.
const BLANKED: [&[u8; 4]; 10] = [
    b"free", b"skip", b"wide", b"udta", b"meta", b"uuid", b"pdin", b"hdlr", b"prft", b"emsg",
];

/// A part: its name, and where its content begins and ends.
struct Part {
    name: [u8; 4],
    begin: usize,
    content: usize,
    end: usize,
}

/// The film without anything but picture and sound.
///
/// # Errors
/// [`Refused::Unreadable`] for what is not built as a film is, [`Refused::Telemetry`] for one with tracks of something else.
pub(super) fn blanked(mut film: Vec<u8>) -> Result<Vec<u8>, Refused> {
    let length = film.len();
    let mut tracks = 0;
    for part in parts(&film, 0, length)? {
        if &part.name == b"moov" {
            tracks += movie(&mut film, &part)?;
        } else if &part.name == b"free" || !TOP.contains(&&part.name) {
            blank(&mut film, &part)?;
        }
    }
    if tracks == 0 {
        return Err(Refused::Unreadable);
    }
    Ok(film)
}

fn movie(film: &mut [u8], movie: &Part) -> Result<usize, Refused> {
    let mut tracks = 0;
    for part in parts(film, movie.content, movie.end)? {
        match &part.name {
            b"mvhd" => undate(film, &part)?,
            b"trak" => {
                track(film, &part)?;
                tracks += 1;
            }
            name if MOVIE.contains(&name) => {}
            _ => blank(film, &part)?,
        }
    }
    Ok(tracks)
}

fn track(film: &mut [u8], track: &Part) -> Result<(), Refused> {
    for part in parts(film, track.content, track.end)? {
        match &part.name {
            b"tkhd" => undate(film, &part)?,
            b"mdia" => media(film, &part)?,
            name if TRACK.contains(&name) => {}
            _ => blank(film, &part)?,
        }
    }
    Ok(())
}

fn media(film: &mut [u8], media: &Part) -> Result<(), Refused> {
    let mut is_seen_or_heard = false;
    for part in parts(film, media.content, media.end)? {
        match &part.name {
            b"mdhd" => undate(film, &part)?,
            b"hdlr" => {
                // Version and flags, a reserved word, then what kind of track it is; after three more, a name in words of the maker's.
                let kind = film.get(part.content + 8..part.content + 12);
                is_seen_or_heard = matches!(kind, Some(b"vide" | b"soun"));
                let name = film.get_mut(part.content + 24..part.end).ok_or(Refused::Unreadable)?;
                name.fill(0);
            }
            b"minf" => {
                for inner in parts(film, part.content, part.end)? {
                    if !INFORMATION.contains(&&inner.name) {
                        blank(film, &inner)?;
                    }
                }
            }
            name if MEDIA.contains(&name) => {}
            _ => blank(film, &part)?,
        }
    }
    if is_seen_or_heard {
        Ok(())
    } else {
        Err(Refused::Telemetry)
    }
}

/// The parts between two places, one after the other without a gap.
fn parts(film: &[u8], from: usize, to: usize) -> Result<Vec<Part>, Refused> {
    let (mut parts, mut at) = (Vec::new(), from);
    while at < to {
        let number = |at: usize, length: usize| -> Option<u64> {
            let bytes = film.get(at..at + length)?;
            Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
        };
        let name = film.get(at + 4..at + 8).and_then(|name| name.try_into().ok());
        let name: [u8; 4] = name.ok_or(Refused::Unreadable)?;
        let (head, size) = match number(at, 4).ok_or(Refused::Unreadable)? {
            0 => (8, u64::try_from(to - at).unwrap_or(0)),
            1 => (16, number(at + 8, 8).ok_or(Refused::Unreadable)?),
            size => (8, size),
        };
        let size = usize::try_from(size).map_err(|_too_large| Refused::Unreadable)?;
        let end = at.checked_add(size).filter(|end| size >= head && *end <= to);
        let end = end.ok_or(Refused::Unreadable)?;
        parts.push(Part {
            name,
            begin: at,
            content: at + head,
            end,
        });
        at = end;
    }
    Ok(parts)
}

/// Makes free space of a part that may be there and is not needed; refuses one that nobody knows.
fn blank(film: &mut [u8], part: &Part) -> Result<(), Refused> {
    if !BLANKED.contains(&&part.name) {
        return Err(Refused::Unreadable);
    }
    let name = film
        .get_mut(part.begin + 4..part.begin + 8)
        .ok_or(Refused::Unreadable)?;
    name.copy_from_slice(b"free");
    film.get_mut(part.content..part.end).ok_or(Refused::Unreadable)?.fill(0);
    Ok(())
}

/// Takes the dates of making and of changing out of a header: after version and flags, of 4 bytes each, or 8 in version 1.
fn undate(film: &mut [u8], part: &Part) -> Result<(), Refused> {
    let content = film.get_mut(part.content..part.end).ok_or(Refused::Unreadable)?;
    let length = if content.first() == Some(&1) { 16 } else { 8 };
    content.get_mut(4..4 + length).ok_or(Refused::Unreadable)?.fill(0);
    Ok(())
}
