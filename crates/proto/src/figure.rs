//! Figures, both ways.

use regtrade_model::{Decimal, Figure, FigureKey, FigureValue, Indicator};

use crate::{
    InvalidField, optional, parse,
    v1::{self, figure::Value},
};

impl From<&Figure> for v1::Figure {
    fn from(figure: &Figure) -> Self {
        let FigureKey {
            item,
            ref_area,
            activity,
            product,
            counterpart_area,
            concept,
            indicator,
            period,
        } = &figure.key;
        Self {
            item: item.to_string(),
            ref_area: ref_area.to_string(),
            activity: activity.to_string(),
            product: product.to_string(),
            counterpart_area: counterpart_area.to_string(),
            concept: concept
                .map(|concept| concept.to_string())
                .unwrap_or_default(),
            indicator: v1::Indicator::from(*indicator).into(),
            period: period.to_string(),
            value: Some(match &figure.value {
                FigureValue::Exact(value) => Value::Exact(value.to_string()),
                FigureValue::Between { lower, upper } => Value::Between(v1::Interval {
                    lower: lower.to_string(),
                    upper: upper.to_string(),
                }),
                FigureValue::Undefined(reason) => {
                    Value::Undefined(v1::UndefinedReason::from(*reason).into())
                }
            }),
            unit: indicator.unit().to_string(),
            unit_mult: figure.unit_mult,
            decimals: figure.decimals,
            provenance: v1::Provenance::from(figure.provenance).into(),
            status: figure.status().to_owned(),
            release: figure.release.to_string(),
            print_differs: figure.print_differs.map(|value| value.to_string()),
            source: figure.source.clone().unwrap_or_default(),
        }
    }
}

impl TryFrom<v1::Figure> for Figure {
    type Error = InvalidField;

    fn try_from(wire: v1::Figure) -> Result<Self, InvalidField> {
        let decimal = |field: &str, text: &str| parse::<Decimal>(field, text);
        let required = |field: &str| InvalidField::new(field, "is missing");
        let indicator: Indicator = v1::Indicator::read("indicator", wire.indicator)?
            .ok_or_else(|| required("indicator"))?;
        Ok(Self {
            key: FigureKey {
                item: parse("item", &wire.item)?,
                ref_area: parse("ref_area", &wire.ref_area)?,
                activity: parse("activity", &wire.activity)?,
                product: parse("product", &wire.product)?,
                counterpart_area: parse("counterpart_area", &wire.counterpart_area)?,
                concept: optional("concept", &wire.concept)?,
                indicator,
                period: parse("period", &wire.period)?,
            },
            value: match wire.value.ok_or_else(|| required("value"))? {
                Value::Exact(text) => FigureValue::Exact(decimal("exact", &text)?),
                Value::Between(interval) => FigureValue::Between {
                    lower: decimal("between.lower", &interval.lower)?,
                    upper: decimal("between.upper", &interval.upper)?,
                },
                Value::Undefined(reason) => FigureValue::Undefined(
                    v1::UndefinedReason::read("undefined", reason)?
                        .ok_or_else(|| required("undefined"))?,
                ),
            },
            unit_mult: wire.unit_mult,
            decimals: wire.decimals,
            provenance: v1::Provenance::read("provenance", wire.provenance)?
                .ok_or_else(|| required("provenance"))?,
            release: parse("release", &wire.release)?,
            print_differs: wire
                .print_differs
                .map(|text| decimal("print_differs", &text))
                .transpose()?,
            // Where the status is another word, it follows from the fields above.
            obs_status: wire.status.parse().unwrap_or_default(),
            source: Some(wire.source).filter(|source| !source.is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use regtrade_model::{Area, Item, ObsStatus, Provenance, Span, Undefined};

    use super::*;

    fn figure(value: FigureValue) -> Figure {
        let span: Span = "2019-2024".parse().unwrap();
        Figure {
            key: FigureKey::overall(Item::P62, Area::BE3, Indicator::Cagr, span),
            value,
            unit_mult: 0,
            decimals: 1,
            provenance: Provenance::Published,
            release: "REGTRD-2024-0123456789abcdef".parse().unwrap(),
            print_differs: None,
            obs_status: ObsStatus::P,
            source: Some("a regional office".to_owned()),
        }
    }

    #[test]
    fn a_figure_crosses_the_wire_unchanged_whatever_it_is_worth() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        for value in [
            FigureValue::Exact(decimal("-100.0")),
            FigureValue::Between {
                lower: decimal("1.25"),
                upper: decimal("1.35"),
            },
            FigureValue::Undefined(Undefined::BaseZero),
        ] {
            let mut figure = figure(value);
            if matches!(figure.value, FigureValue::Undefined(_)) {
                // What has no value has no status but the reason why.
                figure.obs_status = ObsStatus::A;
            }
            assert_eq!(Figure::try_from(v1::Figure::from(&figure)).unwrap(), figure);
        }
        let mut differs = figure(FigureValue::Exact(decimal("6.7")));
        differs.print_differs = Some(decimal("6.80"));
        differs.obs_status = ObsStatus::A;
        assert_eq!(
            Figure::try_from(v1::Figure::from(&differs)).unwrap(),
            differs
        );
    }

    #[test]
    fn a_figure_without_value_or_origin_is_refused_by_field() {
        let wire = v1::Figure::from(&figure(FigureValue::Exact(Decimal::ONE)));
        let field = |wire: v1::Figure| Figure::try_from(wire).unwrap_err().field;
        assert_eq!(
            field(v1::Figure {
                value: None,
                ..wire.clone()
            }),
            "value"
        );
        assert_eq!(
            field(v1::Figure {
                value: Some(Value::Exact("NaN".into())),
                ..wire.clone()
            }),
            "exact"
        );
        assert_eq!(
            field(v1::Figure {
                release: String::new(),
                ..wire.clone()
            }),
            "release"
        );
        assert_eq!(
            field(v1::Figure {
                provenance: 0,
                ..wire.clone()
            }),
            "provenance"
        );
        assert_eq!(
            field(v1::Figure {
                indicator: 99,
                ..wire
            }),
            "indicator"
        );
    }
}
