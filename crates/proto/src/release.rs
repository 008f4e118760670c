//! Releases, both ways.

use regtrade_model::{Finding, Instant, Release, Slice, SliceObservations, SourceFile, Withdrawal};

use crate::{InvalidField, instant, parse, timestamp, v1};

impl v1::Release {
    /// The record of a release as it is shown at `now` to those who may not see confidential observations. Where it has
    /// any, a digest would tell whoever guesses them that the guess is right, and what the audit found may quote them:
    /// neither is shown.
    #[must_use]
    pub fn shown(release: &Release, now: Instant) -> Self {
        let mut shown = Self::whole(release, now);
        let is_confidential =
            |slice: &Slice| slice.observations.is_some_and(|held| held.confidential > 0);
        for (wire, _) in shown
            .slices
            .iter_mut()
            .zip(&release.slices)
            .filter(|(_, slice)| is_confidential(slice))
        {
            wire.digest.clear();
        }
        if release.slices.iter().any(is_confidential) {
            shown.findings.clear();
        }
        shown
    }

    /// The record of a release as it is shown at `now` to those who may see all of it.
    #[must_use]
    pub fn whole(release: &Release, now: Instant) -> Self {
        let state = if release.withdrawn.is_some() {
            v1::ReleaseState::Withdrawn
        } else if release.published_at <= now {
            v1::ReleaseState::Published
        } else {
            v1::ReleaseState::Embargoed
        };
        let slice = |slice: &Slice| v1::Slice {
            period: slice.period.to_string(),
            kind: v1::RevisionKind::from(slice.kind).into(),
            observations: slice.observations.map_or(0, |held| held.rows),
            digest: slice
                .observations
                .map(|held| held.digest.to_string())
                .unwrap_or_default(),
        };
        let withdrawn = release.withdrawn.as_ref();
        Self {
            release: release.id.to_string(),
            dataflow: v1::Dataflow::from(release.dataflow).into(),
            edition: release.edition.to_string(),
            published_at: Some(timestamp(release.published_at)),
            loaded_at: Some(timestamp(release.loaded_at)),
            state: state.into(),
            digest: release.digest.to_string(),
            files: release
                .files
                .iter()
                .map(|file| v1::SourceFile {
                    name: file.name.clone(),
                    digest: file.digest.to_string(),
                    bytes: file.bytes,
                })
                .collect(),
            periods: release.periods().map(|period| period.to_string()).collect(),
            notes: release.notes.clone(),
            findings: release.findings.iter().map(v1::Finding::from).collect(),
            accepted_because: release.accepted_because.clone().unwrap_or_default(),
            published_precision: v1::DatePrecision::from(release.published_precision).into(),
            slices: release.slices.iter().map(slice).collect(),
            builds_on: release
                .builds_on
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            withdrawn_at: withdrawn.map(|withdrawal| timestamp(withdrawal.at)),
            withdrawn_because: withdrawn
                .map(|withdrawal| withdrawal.because.clone())
                .unwrap_or_default(),
            synthetic: release.synthetic,
        }
    }
}

impl TryFrom<v1::Release> for Release {
    type Error = InvalidField;

    fn try_from(wire: v1::Release) -> Result<Self, InvalidField> {
        let required = |field: &str| InvalidField::new(field, "is missing");
        let at = |field: &str, value: &Option<prost_types::Timestamp>| {
            instant(field, value.as_ref().ok_or_else(|| required(field))?)
        };
        Ok(Self {
            id: parse("release", &wire.release)?,
            dataflow: v1::Dataflow::read("dataflow", wire.dataflow)?
                .ok_or_else(|| required("dataflow"))?,
            edition: parse("edition", &wire.edition)?,
            published_at: at("published_at", &wire.published_at)?,
            loaded_at: at("loaded_at", &wire.loaded_at)?,
            digest: parse("digest", &wire.digest)?,
            files: wire
                .files
                .into_iter()
                .map(|file| {
                    let digest = parse("files.digest", &file.digest)?;
                    Ok(SourceFile {
                        name: file.name,
                        digest,
                        bytes: file.bytes,
                    })
                })
                .collect::<Result<_, _>>()?,
            slices: wire
                .slices
                .into_iter()
                .map(Slice::try_from)
                .collect::<Result<_, _>>()?,
            revision: None,
            synthetic: wire.synthetic,
            builds_on: (!wire.builds_on.is_empty())
                .then(|| parse("builds_on", &wire.builds_on))
                .transpose()?,
            withdrawn: wire
                .withdrawn_at
                .as_ref()
                .map(|at| instant("withdrawn_at", at))
                .transpose()?
                .map(|at| Withdrawal {
                    at,
                    because: wire.withdrawn_because,
                }),
            published_precision: v1::DatePrecision::read(
                "published_precision",
                wire.published_precision,
            )?
            .unwrap_or_default(),
            notes: wire.notes,
            findings: wire.findings.into_iter().map(Finding::from).collect(),
            accepted_because: Some(wire.accepted_because).filter(|reason| !reason.is_empty()),
        })
    }
}

impl TryFrom<v1::Slice> for Slice {
    type Error = InvalidField;

    fn try_from(wire: v1::Slice) -> Result<Self, InvalidField> {
        let observations = (!wire.digest.is_empty())
            .then(|| parse("slices.digest", &wire.digest))
            .transpose()?;
        Ok(Self {
            period: parse("slices.period", &wire.period)?,
            kind: v1::RevisionKind::read("slices.kind", wire.kind)?
                .ok_or_else(|| InvalidField::new("slices.kind", "is missing"))?,
            observations: observations.map(|digest| SliceObservations {
                rows: wire.observations,
                digest,
                // How many are confidential is not told to callers.
                confidential: 0,
            }),
        })
    }
}

impl From<&Finding> for v1::Finding {
    fn from(finding: &Finding) -> Self {
        let Finding {
            rule,
            verdict,
            cells,
            expected,
            found,
            explanation,
        } = finding.clone();
        Self {
            rule,
            verdict,
            cells,
            expected,
            found,
            explanation,
        }
    }
}

impl From<v1::Finding> for Finding {
    fn from(wire: v1::Finding) -> Self {
        let v1::Finding {
            rule,
            verdict,
            cells,
            expected,
            found,
            explanation,
        } = wire;
        Self {
            rule,
            verdict,
            cells,
            expected,
            found,
            explanation,
        }
    }
}
