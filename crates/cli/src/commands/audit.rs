//! `audit`: what a press table proves of itself, and of what a text says of it.

use std::path::Path;

use regtrade_audit::claims::{self, ClaimOutcome, ClaimVerdict, LevelBound};
use regtrade_audit::{Audit, Verdict};
use regtrade_model::{Indicator, PrintedCell, TableDescription};
use serde_json::json;

use super::bounds;
use crate::args::{AuditArgs, Format};
use crate::exit::Exit;
use crate::output::print;
use crate::render::{csv, json};

/// The columns of the contract.
const COLUMNS: [&str; 6] = [
    "rule",
    "verdict",
    "cells",
    "expected",
    "found",
    "explanation",
];

/// The largest text that is read.
const TEXT_BYTES: usize = 4 << 20;

/// Audits a press table, and the claims of a text.
///
/// # Errors
/// Code 1 where a file cannot be read, the table is provably wrong, or a claim is false.
pub fn run(args: &AuditArgs) -> Result<(), Exit> {
    let (cells, description) = bounds::read(&args.table)?;
    let audit = regtrade_audit::audit(&cells, &description);
    let claims = match &args.text {
        None => vec![],
        Some(path) => check(path, &cells, &description)?,
    };
    let mut rows = rows(&audit);
    if let Some(path) = &args.text {
        rows.extend(claims.iter().map(|claim| claim_row(path, claim)));
    }
    print(&match args.table.output.format {
        Format::Table => told(&audit, &rows),
        Format::Csv => csv::write(Some(&COLUMNS), &rows)?,
        Format::Json => json::text(&json!({
            "verdict": audit.verdict.as_str(),
            "findings": rows.iter().map(|[rule, verdict, cells, expected, found, explanation]| json!({
                "rule": rule,
                "verdict": verdict,
                "cells": cells,
                "expected": expected,
                "found": found,
                "explanation": explanation,
            })).collect::<Vec<_>>(),
        })),
    })?;
    let is_false = |claim: &ClaimVerdict| claim.verdict == ClaimOutcome::False;
    if audit.verdict == Verdict::ProvablyInconsistent || claims.iter().any(is_false) {
        return Err(Exit::No(None));
    }
    Ok(())
}

fn check(
    path: &Path,
    cells: &[PrintedCell],
    description: &TableDescription,
) -> Result<Vec<ClaimVerdict>, Exit> {
    let bytes = bounds::bytes(path, TEXT_BYTES)?;
    let refused = |what: &str| Exit::no(format!("{}:1:1: {what} [text]", path.display()));
    if bytes.len() > TEXT_BYTES {
        return Err(refused("the text is larger than 4 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| refused("the text is not encoded in UTF-8"))?;
    // Of a table that contradicts itself nothing follows; its printed figures still say what they say.
    let levels: Vec<LevelBound> = regtrade_audit::bounds(cells, description)
        .unwrap_or_default()
        .into_iter()
        .filter(|bound| bound.indicator == Indicator::Level)
        .map(|bound| LevelBound {
            item: bound.item,
            area: bound.area,
            period: bound.period.last(),
            lower: bound.lower,
            upper: bound.upper,
        })
        .collect();
    Ok(claims::check(&text, cells, description, &levels))
}

fn rows(audit: &Audit) -> Vec<[String; 6]> {
    let findings = audit.findings.iter();
    findings
        .map(|finding| {
            let cells: Vec<_> = finding.cells.iter().map(ToString::to_string).collect();
            [
                finding.rule.to_string(),
                finding.verdict.to_string(),
                cells.join(" "),
                finding.expected.clone(),
                finding.found.clone(),
                finding.explanation.clone(),
            ]
        })
        .collect()
}

fn claim_row(path: &Path, claim: &ClaimVerdict) -> [String; 6] {
    let keys: Vec<_> = claim
        .figures
        .iter()
        .map(|figure| figure.key.as_str())
        .collect();
    let found: Vec<_> = claim
        .figures
        .iter()
        .map(|figure| format!("{} = {}", figure.key, figure.value))
        .collect();
    let mut explanation = format!("{}:{}:1: “{}”", path.display(), claim.line, claim.sentence);
    // The explanation tells every reading; only where there is none are the readings told one by one.
    if claim.explanation.is_empty() {
        for reading in &claim.readings {
            explanation.push_str(&format!(
                "; if {}: {}, {}",
                reading.words,
                outcome(reading.outcome),
                reading.explanation
            ));
        }
    } else {
        explanation.push_str(&format!(": {}", claim.explanation));
    }
    [
        "claim".to_owned(),
        outcome(claim.verdict).to_owned(),
        keys.join("; "),
        claim.claim.clone(),
        found.join("; "),
        explanation,
    ]
}

const fn outcome(outcome: ClaimOutcome) -> &'static str {
    match outcome {
        ClaimOutcome::True => "true",
        ClaimOutcome::False => "false",
        ClaimOutcome::DependsOnReading => "depends_on_reading",
        ClaimOutcome::NotDecidable => "not_decidable",
        ClaimOutcome::NotUnderstood => "not_understood",
    }
}

/// The findings for people: the gravest first, each with its arithmetic.
fn told(audit: &Audit, rows: &[[String; 6]]) -> String {
    let counts = &audit.counts;
    let mut text = format!(
        "\x1b[1m{}\x1b[0m: {} figures; {} of {} sums and differences hold without residual; {} of {} shares are attainable\n",
        audit.verdict.as_str().replace('_', " "),
        counts.figures,
        counts.additive_without_residual,
        counts.additive,
        counts.shares_attainable,
        counts.shares
    );
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|[_, verdict, ..]| match verdict.as_str() {
        "provably_inconsistent" => 0,
        "false" => 1,
        "depends_on_reading" => 2,
        "not_decided" | "not_decidable" => 3,
        "not_understood" => 4,
        "explained_by_rounding" => 5,
        _ => 6,
    });
    rows.dedup();
    for [rule, verdict, cells, expected, found, explanation] in rows {
        let is_claim = rule == "claim";
        if is_claim && verdict == "true" {
            let place = explanation.split(" “").next().unwrap_or_default();
            text.push_str(&format!("\ntrue [claim] {expected}\n  {place}\n"));
            continue;
        }
        text.push_str(&format!("\n{} [{rule}]\n", verdict.replace('_', " ")));
        // What is found of a claim names the cells already.
        let cells = if is_claim { "" } else { cells.as_str() };
        let found = shortened(found);
        for (name, value) in [
            ("cells", cells),
            ("expected", expected),
            ("found", &found),
            ("", explanation),
        ] {
            if !value.is_empty() {
                text.push_str(&format!("  {name:<9}{value}\n"));
            }
        }
    }
    text
}

/// The first figures of a long list; csv and json have all of them.
fn shortened(found: &str) -> String {
    const MOST: usize = 6;
    let figures: Vec<&str> = found.split("; ").collect();
    if figures.len() <= MOST {
        return found.to_owned();
    }
    format!(
        "{}; and {} more",
        figures[..MOST].join("; "),
        figures.len() - MOST
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_says_how_much_is_left_out() {
        assert_eq!(shortened("a = 1; b = 2"), "a = 1; b = 2");
        assert_eq!(
            shortened("a; b; c; d; e; f; g; h"),
            "a; b; c; d; e; f; and 2 more"
        );
    }
}
