//! On what it was measured.

use std::{env, fs, thread};

use crate::report::Report;

/// Says the command, the machine and the versions.
pub fn describe(report: &mut Report, versions: &[String]) {
    let profile = if cfg!(debug_assertions) {
        "the dev profile, which is not for timing"
    } else {
        "the release profile"
    };
    report.say(format!(
        "    cargo run --release -p regtrade-bench -- {}",
        command(env::args().skip(1)).join(" ")
    ));
    report.say(format!(
        "regtrade {} in {profile}; {}. {}.",
        env!("CARGO_PKG_VERSION"),
        versions.join("; "),
        machine()
    ));
}

/// The arguments without the places of this machine, which are nothing to others.
fn command(arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut shown = vec![];
    let mut is_place = false;
    for argument in arguments {
        let names_place = ["--keep", "--python"]
            .iter()
            .any(|flag| argument.starts_with(flag));
        if !is_place && !names_place {
            shown.push(argument.clone());
        }
        is_place = names_place && !argument.contains('=');
    }
    shown
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_no_place_of_this_machine() {
        let asked = "detail --keep /data --rows 10000 --python=/venv/python --python p --smoke";
        let shown = command(asked.split(' ').map(str::to_owned));
        assert_eq!(shown.join(" "), "detail --rows 10000 --smoke");
    }
}
