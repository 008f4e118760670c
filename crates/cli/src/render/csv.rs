//! The columns of the contract, and rows of them.

use regtrade_model::{Concept, Dataflow, Figure, FigureKey, FigureValue, Release};
use regtrade_proto::v1::ReleaseState;

use super::{instant, state};
use crate::exit::Exit;

/// The columns of the dimensions, in every row of a figure.
pub const KEY_COLUMNS: [&str; 7] = [
    "item",
    "ref_area",
    "activity",
    "product",
    "counterpart_area",
    "indicator",
    "period",
];

/// The columns of figures, after those of the key.
const VALUE_COLUMNS: [&str; 9] = [
    "value",
    "lower",
    "upper",
    "unit",
    "unit_mult",
    "decimals",
    "provenance",
    "status",
    "release",
];

/// The columns of the figures of a dataflow; the concept is last, where there is one.
pub fn figure_columns(dataflow: Dataflow) -> Vec<&'static str> {
    let concept = dataflow.has_concept().then_some("concept");
    let columns = KEY_COLUMNS.into_iter().chain(VALUE_COLUMNS);
    columns.chain(concept).collect()
}

/// The columns of releases.
pub const RELEASE_COLUMNS: [&str; 7] = [
    "release",
    "dataflow",
    "edition",
    "published_at",
    "loaded_at",
    "state",
    "digest",
];

/// A key by [`KEY_COLUMNS`].
pub fn key(key: &FigureKey) -> [String; 7] {
    [
        key.item.to_string(),
        key.ref_area.to_string(),
        key.activity.to_string(),
        key.product.to_string(),
        key.counterpart_area.to_string(),
        key.indicator.to_string(),
        key.period.to_string(),
    ]
}

/// A figure of a dataflow by [`figure_columns`]; what it does not have is empty.
pub fn figure(dataflow: Dataflow, figure: &Figure) -> Vec<String> {
    let (value, lower, upper) = match &figure.value {
        FigureValue::Exact(value) => (value.to_string(), String::new(), String::new()),
        FigureValue::Between { lower, upper } => {
            (String::new(), lower.to_string(), upper.to_string())
        }
        FigureValue::Undefined(_) => Default::default(),
    };
    let mut row = Vec::from(key(&figure.key));
    row.extend([
        value,
        lower,
        upper,
        figure.key.indicator.unit().to_string(),
        figure.unit_mult.to_string(),
        figure.decimals.to_string(),
        figure.provenance.to_string(),
        figure.status().to_owned(),
        figure.release.to_string(),
    ]);
    if dataflow.has_concept() {
        row.push(figure.key.concept.map_or("", Concept::as_str).to_owned());
    }
    row
}

/// The figures of a dataflow as csv.
///
/// # Errors
/// As of [`write()`].
pub fn figures(dataflow: Dataflow, figures: &[Figure]) -> Result<String, Exit> {
    let rows = figures.iter().map(|one| figure(dataflow, one));
    write(Some(&figure_columns(dataflow)), rows)
}

/// A release by [`RELEASE_COLUMNS`].
pub fn release(release: &Release, shown: ReleaseState) -> [String; 7] {
    [
        release.id.to_string(),
        release.dataflow.to_string(),
        release.edition.to_string(),
        instant(release.published_at),
        instant(release.loaded_at),
        state(shown).to_owned(),
        release.digest.to_string(),
    ]
}

/// Rows as csv. Without columns, the rows alone: they go on where others ended.
///
/// # Errors
/// Where rows and columns are not as many; a mistake of the command.
pub fn write<R>(columns: Option<&[&str]>, rows: impl IntoIterator<Item = R>) -> Result<String, Exit>
where
    R: IntoIterator,
    R::Item: AsRef<[u8]>,
{
    let failed = |error: &dyn std::fmt::Display| Exit::Service(format!("csv: {error}"));
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    if let Some(columns) = columns {
        writer
            .write_record(columns)
            .map_err(|error| failed(&error))?;
    }
    for row in rows {
        writer.write_record(row).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use regtrade_model::{
        Area, Decimal, FigureKey, Indicator, Item, ObsStatus, Provenance, Span, Undefined,
    };

    fn sample(value: FigureValue) -> Figure {
        let span: Span = "2019-2024".parse().unwrap();
        Figure {
            key: FigureKey::overall(Item::P62, Area::BE3, Indicator::Cagr, span),
            value,
            unit_mult: 0,
            decimals: 1,
            provenance: Provenance::Published,
            release: "REGTRD-2024-0123456789abcdef".parse().unwrap(),
            print_differs: None,
            obs_status: ObsStatus::A,
            source: None,
        }
    }

    #[test]
    fn a_figure_has_the_columns_of_the_contract() {
        let rows = [sample(FigureValue::Exact("6.8".parse().unwrap()))];
        let text = figures(Dataflow::Regtrd, &rows).unwrap();
        assert_eq!(
            text,
            "item,ref_area,activity,product,counterpart_area,indicator,period,value,lower,upper,unit,unit_mult,decimals,provenance,status,release\n\
             P62,BE3,_T,_T,W1,cagr,2019-2024,6.8,,,PC,0,1,PUBLISHED,A,REGTRD-2024-0123456789abcdef\n"
        );
    }

    #[test]
    fn a_concept_is_the_last_column_of_the_dataflow_that_has_one() {
        let mut one = sample(FigureValue::Exact(Decimal::ONE));
        one.key.concept = Some(Concept::Com);
        let text = figures(Dataflow::Exttrade, &[one]).unwrap();
        let ends = |line: Option<&str>, end: &str| line.is_some_and(|line| line.ends_with(end));
        assert!(ends(text.lines().next(), ",release,concept"), "{text}");
        assert!(
            ends(text.lines().nth(1), ",REGTRD-2024-0123456789abcdef,COM"),
            "{text}"
        );
    }

    #[test]
    fn what_is_bounded_or_undefined_has_no_value() {
        let row = |value| figure(Dataflow::Regtrd, &sample(value));
        let between = row(FigureValue::Between {
            lower: Decimal::ONE,
            upper: Decimal::TEN,
        });
        assert_eq!(
            between[7..10],
            ["".to_owned(), "1".to_owned(), "10".to_owned()]
        );
        let undefined = row(FigureValue::Undefined(Undefined::BaseZero));
        assert_eq!(undefined[7..10], ["", "", ""].map(str::to_owned));
        assert_eq!(undefined[14], "BASE_ZERO");
    }
}
