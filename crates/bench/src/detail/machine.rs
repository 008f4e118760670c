//! On what it was measured.

use std::{env, fs, thread};

use crate::report::Report;

/// Says the command, the machine and the versions.
pub fn describe(report: &mut Report, versions: &[String]) {
    let command: Vec<String> = env::args().skip(1).collect();
    let profile = if cfg!(debug_assertions) {
        "the dev profile, which is not for timing"
    } else {
        "the release profile"
    };
    report.say(format!(
        "    cargo run --release -p regtrade-bench -- {}",
        command.join(" ")
    ));
    report.say(format!(
        "regtrade {} in {profile}; {}. {}.",
        env!("CARGO_PKG_VERSION"),
        versions.join("; "),
        machine()
    ));
}

fn machine() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| env::consts::ARCH.to_owned());
    let kilobytes = field("/proc/meminfo", "MemTotal").and_then(|text| {
        let number = text.split(' ').next()?;
        number.parse::<u64>().ok()
    });
    let memory = kilobytes.map_or_else(String::new, |kilobytes| {
        format!(", {} GiB of memory", kilobytes >> 20)
    });
    format!("{cpu}, {cores} cores{memory}, {}", env::consts::OS)
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
