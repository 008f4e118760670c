//! The benchmark without its times: lakes of many vintages and of one answer alike, and bytes stay below their bar.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

#[test]
fn many_vintages_answer_as_one_and_a_release_of_three_years_adds_its_share_of_bytes() {
    let output = Command::new(env!("CARGO_BIN_EXE_regtrade-bench"))
        .args(["vintages", "--smoke", "--check", "--format", "csv"])
        .args(["--vintages", "12"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), 2, "{text}");
    for line in lines {
        assert!(
            line.starts_with("bytes,") && line.ends_with(",kept"),
            "{line}"
        );
    }
}

#[test]
fn an_answer_that_is_kept_is_the_one_that_is_worked_out() {
    let output = Command::new(env!("CARGO_BIN_EXE_regtrade-bench"))
        .args(["hot", "--smoke"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(output.stdout.is_empty(), "nothing is timed");
}
