//! The same names as in csv, as JSON. Decimals are texts, so that they stay exact.

use regtrade_model::{Concept, Figure, FigureValue, Release};
use regtrade_proto::v1::ReleaseState;
use serde_json::{Value, json};

use super::{Answer, instant, state};

/// A figure.
pub fn figure(figure: &Figure) -> Value {
    let key = &figure.key;
    let (value, lower, upper) = match &figure.value {
        FigureValue::Exact(value) => (Some(value), None, None),
        FigureValue::Between { lower, upper } => (None, Some(lower), Some(upper)),
        FigureValue::Undefined(_) => (None, None, None),
    };
    let text = |value: Option<&regtrade_model::Decimal>| value.map(ToString::to_string);
    json!({
        "item": key.item,
        "ref_area": key.ref_area,
        "activity": key.activity,
        "product": key.product,
        "counterpart_area": key.counterpart_area,
        "concept": key.concept.map(Concept::as_str),
        "indicator": key.indicator,
        "period": key.period,
        "value": text(value),
        "lower": text(lower),
        "upper": text(upper),
        "unit": key.indicator.unit(),
        "unit_mult": figure.unit_mult,
        "decimals": figure.decimals,
        "provenance": figure.provenance,
        "status": figure.status(),
        "release": figure.release,
        "print_differs": text(figure.print_differs.as_ref()),
        "source": figure.source,
    })
}

/// A release.
pub fn release(release: &Release, shown: ReleaseState) -> Value {
    json!({
        "release": release.id,
        "dataflow": release.dataflow,
        "edition": release.edition,
        "published_at": instant(release.published_at),
        "loaded_at": instant(release.loaded_at),
        "state": state(shown),
        "digest": release.digest,
        "synthetic": release.synthetic,
        "published_precision": release.published_precision,
        "periods": release.slices.iter().map(|slice| json!({
            "period": slice.period,
            "kind": slice.kind,
            "observations": slice.observations.map_or(0, |held| held.rows),
        })).collect::<Vec<_>>(),
        "builds_on": release.builds_on,
        "notes": release.notes,
        "findings": release.findings,
        "accepted_because": release.accepted_because,
        "withdrawn_at": release.withdrawn.as_ref().map(|withdrawal| instant(withdrawal.at)),
        "withdrawn_because": release.withdrawn.as_ref().map(|withdrawal| &withdrawal.because),
    })
}

/// The release that an answer is given from, and what must be said of it.
pub fn about(answer: &Answer) -> Value {
    json!({
        "release": release(&answer.release, answer.state),
        "uncertain": answer.uncertain.iter().map(|(other, state)| release(other, *state)).collect::<Vec<_>>(),
        "caveats": texts(&answer.caveats),
    })
}

/// Caveats.
pub fn texts(caveats: &[(String, String)]) -> Value {
    let caveats = caveats
        .iter()
        .map(|(id, text)| json!({"id": id, "text": text}));
    caveats.collect()
}

/// Figures with the release that they come from, and what must be said of them.
pub fn answer(answer: &Answer) -> Value {
    let mut whole = about(answer);
    whole["figures"] = answer.figures.iter().map(figure).collect();
    whole
}

/// A document, ready to print.
pub fn text(value: &Value) -> String {
    format!("{value:#}\n")
}
