//! What the kernel knows of a process (`proc(5)`).

use std::fs;

/// The kernel counts in hundredths of a second on every Linux that there is (`USER_HZ`).
const TICKS: f64 = 100.0;

/// The processor time that a process has used, in seconds.
pub fn cpu_seconds(process: u32) -> f64 {
    stat(process).map_or(0.0, |stat| stat.own)
}

/// The processor time of a process and of all that it started, in seconds.
pub fn cpu_seconds_of_family(first: u32) -> f64 {
    let Some(parent) = stat(first) else { return 0.0 };
    let children = fs::read_dir("/proc").unwrap().flatten();
    let children = children
        .filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
        .filter(|child| child.parent == first);
    parent.own + parent.of_ended_children + children.map(|child| child.own).sum::<f64>()
}

/// The process that started another one.
pub fn parent(process: u32) -> u32 {
    stat(process).unwrap().parent
}

/// The memory that a process has in use, in MiB.
pub fn resident_mib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
    kib / 1024.0
}

struct Stat {
    parent: u32,
    own: f64,
    of_ended_children: f64,
}

fn stat(process: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything; what follows it begins with the third field.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: (ticks(14)? + ticks(15)?) / TICKS,
        of_ended_children: (ticks(16)? + ticks(17)?) / TICKS,
    })
}
