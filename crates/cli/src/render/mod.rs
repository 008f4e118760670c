//! What answers look like: as a table for people, as csv and json for programs.

mod analysis_words;
pub mod codelists;
pub mod contributions;
pub mod csv;
pub mod json;
pub mod key_table;
pub mod numbers;
pub mod reconcile;
pub mod revision_rows;
pub mod revisions;
pub mod structure;
pub mod table;
pub mod words;

use regtrade_model::{DatePrecision, Figure, Finding, Instant, Language, Release};
use regtrade_proto::v1::ReleaseState;

/// An answer that is given from one release.
pub struct Answer {
    /// The release.
    pub release: Release,
    /// Whether it is published.
    pub state: ReleaseState,
    /// The figures.
    pub figures: Vec<Figure>,
    /// The caveats: id and text.
    pub caveats: Vec<(String, String)>,
    /// Releases that may have been public at the instant asked for: their date is not known well enough.
    pub uncertain: Vec<(Release, ReleaseState)>,
}

impl Answer {
    /// What to say beside figures of a release that was taken in although its figures contradict each other.
    pub fn accepted(&self) -> Option<String> {
        let reason = self.release.accepted_because.as_ref()?;
        Some(format!(
            "note: the figures of {} contradict each other; it was taken in all the same: {reason}",
            self.release.id
        ))
    }

    /// What to say beside an answer that nobody can be sure of, and beside a release that counts no more.
    pub fn doubts(&self) -> Vec<String> {
        let uncertain = self.uncertain.iter().map(|(release, _)| {
            format!(
                "note: {} of edition {} may have been public by then: of its date only the {} is known",
                release.id,
                release.edition,
                release.published_precision.as_str().to_lowercase()
            )
        });
        let withdrawn = self.release.withdrawn.iter().map(|withdrawal| {
            format!(
                "note: {} was withdrawn at {}: {}",
                self.release.id,
                instant(withdrawal.at),
                withdrawal.because
            )
        });
        uncertain.chain(withdrawn).collect()
    }
}

/// What stands below the figures of an answer: the release, what it was taken in with, its notes and the caveats.
pub fn footer(answer: &Answer, language: Language) -> String {
    let words = words::Words::of(language);
    let mut text = String::new();
    let release = &answer.release;
    let mut line = format!(
        "{}: {} · {} {} · {} {}",
        words.release,
        release.id,
        words.published,
        published(release),
        words.loaded,
        instant(release.loaded_at)
    );
    if answer.state == ReleaseState::Embargoed {
        line.push_str(&format!(" · {}", words.embargoed));
    }
    text.push_str(&line);
    text.push('\n');
    if let Some(reason) = &release.accepted_because {
        let wrong = |finding: &&Finding| finding.verdict == "provably_inconsistent";
        for finding in release.findings.iter().filter(wrong) {
            text.push_str(&format!("! {} [{}]\n", finding.explanation, finding.rule));
        }
        text.push_str(&format!("! {}: {reason}\n", words.accepted));
    }
    for note in &release.notes {
        text.push_str(&format!("- {note}\n"));
    }
    for (_, caveat) in &answer.caveats {
        text.push_str(&format!("- {caveat}\n"));
    }
    text
}

/// The day, month or year of a publication, or its instant: as precisely as it is known.
pub fn published(release: &Release) -> String {
    let day = release.published_at.date_naive().to_string();
    match release.published_precision {
        DatePrecision::Instant => instant(release.published_at),
        DatePrecision::Day => day,
        DatePrecision::Month => day[..7].to_owned(),
        DatePrecision::Year => day[..4].to_owned(),
    }
}

/// An instant in RFC 3339, UTC.
pub fn instant(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// The word for the state of a release.
pub fn state(state: ReleaseState) -> &'static str {
    match state {
        ReleaseState::Embargoed => "EMBARGOED",
        ReleaseState::Withdrawn => "WITHDRAWN",
        ReleaseState::Published | ReleaseState::Unspecified => "PUBLISHED",
    }
}
