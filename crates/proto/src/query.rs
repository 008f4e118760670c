//! What callers ask for: the vintage, and the keys.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_types::Any;
use regtrade_model::{AsOf, At, Dataflow, Indicator, KeyPattern, Language, RevisionClass};

use crate::{InvalidField, instant, parse, timestamp, v1};

impl From<&AsOf> for v1::AsOf {
    fn from(as_of: &AsOf) -> Self {
        Self {
            at: match &as_of.at {
                At::Latest => None,
                At::PublishedBy(instant) => Some(v1::as_of::At::PublishedBy(timestamp(*instant))),
                At::Release(id) => Some(v1::as_of::At::Release(id.to_string())),
            },
            known_at: as_of.known_at.map(timestamp),
            seen_at: as_of.seen_at.map(timestamp),
        }
    }
}

impl TryFrom<&v1::AsOf> for AsOf {
    type Error = InvalidField;

    fn try_from(wire: &v1::AsOf) -> Result<Self, InvalidField> {
        Ok(Self {
            at: match &wire.at {
                None => At::Latest,
                Some(v1::as_of::At::PublishedBy(at)) => {
                    At::PublishedBy(instant("published_by", at)?)
                }
                Some(v1::as_of::At::Release(id)) => At::Release(parse("release", id)?),
            },
            known_at: wire
                .known_at
                .as_ref()
                .map(|at| instant("known_at", at))
                .transpose()?,
            seen_at: wire
                .seen_at
                .as_ref()
                .map(|at| instant("seen_at", at))
                .transpose()?,
        })
    }
}

/// What the requests that name a dataflow have in common.
macro_rules! dataflow_asked {
    ($request:ident) => {
        impl v1::$request {
            /// The dataflow that is asked for: REGTRD where none is named.
            ///
            /// # Errors
            /// Where the field is not a known dataflow.
            pub fn dataflow_asked(&self) -> Result<Dataflow, InvalidField> {
                Ok(v1::Dataflow::read("dataflow", self.dataflow)?.unwrap_or(Dataflow::Regtrd))
            }
        }
    };
}

dataflow_asked!(GetKeyIndicatorsRequest);
dataflow_asked!(ListObservationsRequest);
dataflow_asked!(GetCodelistRequest);
dataflow_asked!(ListContributionsRequest);
dataflow_asked!(ListStructureIndicatorsRequest);
dataflow_asked!(ListRevisionsRequest);
dataflow_asked!(ListRevisionStatisticsRequest);

/// What the requests that name one vintage have in common.
macro_rules! vintage_asked {
    ($request:ident) => {
        impl v1::$request {
            /// The vintage that is asked for: the latest where none is named.
            ///
            /// # Errors
            /// Where it holds an instant or a release id that is none.
            pub fn as_of_asked(&self) -> Result<AsOf, InvalidField> {
                vintage("as_of", self.as_of.as_ref())
            }
        }
    };
}

vintage_asked!(GetKeyIndicatorsRequest);
vintage_asked!(ListObservationsRequest);
vintage_asked!(GetCodelistRequest);
vintage_asked!(ListContributionsRequest);
vintage_asked!(ListStructureIndicatorsRequest);
vintage_asked!(ListRevisionStatisticsRequest);

/// What the requests that name a language have in common.
macro_rules! language_asked {
    ($request:ident) => {
        impl v1::$request {
            /// The language that is asked for: English where none is named.
            ///
            /// # Errors
            /// Where the field is not a known language.
            pub fn language_asked(&self) -> Result<Language, InvalidField> {
                Ok(v1::Language::read("language", self.language)?.unwrap_or_default())
            }
        }
    };
}

language_asked!(GetKeyIndicatorsRequest);
language_asked!(ListObservationsRequest);
language_asked!(ListContributionsRequest);
language_asked!(ListStructureIndicatorsRequest);
language_asked!(ListReconciliationRequest);

fn vintage(field: &str, wire: Option<&v1::AsOf>) -> Result<AsOf, InvalidField> {
    let as_of = wire.map(|as_of| AsOf::try_from(as_of).map_err(|error| error.within(field)));
    Ok(as_of.transpose()?.unwrap_or_default())
}

impl v1::ListReconciliationRequest {
    /// The vintages of national accounts and of foreign-trade statistics: the latest where none is named.
    ///
    /// # Errors
    /// Where one holds an instant or a release id that is none.
    pub fn vintages_asked(&self) -> Result<(AsOf, AsOf), InvalidField> {
        let regtrd = vintage("regtrd_as_of", self.regtrd_as_of.as_ref())?;
        Ok((
            regtrd,
            vintage("exttrade_as_of", self.exttrade_as_of.as_ref())?,
        ))
    }
}

/// What a command for what changed between two vintages is an Any of.
const CHANGES: &str = "regtrade.v1.ListRevisionsRequest";

impl v1::ListRevisionsRequest {
    /// As a command or ticket of Arrow Flight.
    #[must_use]
    pub fn to_command(&self) -> Vec<u8> {
        let any = Any {
            type_url: format!("type.googleapis.com/{CHANGES}"),
            value: self.encode_to_vec(),
        };
        any.encode_to_vec()
    }

    /// The request that a command or ticket is; `None` where it is another one.
    ///
    /// # Errors
    /// Where it says that it is one, and is none; `field` is where it stands.
    pub fn of_command(message: &[u8], field: &str) -> Result<Option<Self>, InvalidField> {
        let any = Any::decode(message).ok();
        let Some(any) = any.filter(|any| any.type_url.rsplit('/').next() == Some(CHANGES)) else {
            return Ok(None);
        };
        let read = Self::decode(any.value.as_slice());
        let wrong = |_| InvalidField::new(field, format!("must hold an encoded {CHANGES}"));
        read.map(Some).map_err(wrong)
    }

    /// The earlier vintage, which must be named, and the later one: the latest where none is named.
    ///
    /// # Errors
    /// Where one holds an instant or a release id that is none, or the earlier one is not named.
    pub fn vintages_asked(&self) -> Result<(AsOf, AsOf), InvalidField> {
        let from = vintage("from", self.from.as_ref())?;
        if from == AsOf::default() {
            return Err(InvalidField::new("from", "must name the earlier vintage"));
        }
        Ok((from, vintage("to", self.to.as_ref())?))
    }

    /// The classes that are asked for; empty where all are.
    ///
    /// # Errors
    /// Where one of them is not a known class.
    pub fn classes_asked(&self) -> Result<BTreeSet<RevisionClass>, InvalidField> {
        let read = |&number| {
            v1::RevisionClass::read("classes", number)?
                .ok_or_else(|| InvalidField::new("classes", "a class is unspecified"))
        };
        self.classes.iter().map(read).collect()
    }
}

/// The indicators that are asked for; all where none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorSet(BTreeSet<Indicator>);

impl IndicatorSet {
    /// Whether an indicator is asked for.
    #[must_use]
    pub fn contains(&self, indicator: Indicator) -> bool {
        self.0.is_empty() || self.0.contains(&indicator)
    }

    /// Reads the field `indicators`.
    ///
    /// # Errors
    /// Where one of them is not a known indicator.
    pub fn read(numbers: &[i32]) -> Result<Self, InvalidField> {
        let read = |&number| {
            v1::Indicator::read("indicators", number)?
                .ok_or_else(|| InvalidField::new("indicators", "an indicator is unspecified"))
        };
        numbers.iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// Reads a field that holds a pattern of keys.
///
/// # Errors
/// Where it is none.
pub fn key_pattern(field: &str, text: &str) -> Result<KeyPattern, InvalidField> {
    parse(field, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_field_is_reported_with_its_full_path() {
        let request = v1::GetKeyIndicatorsRequest {
            as_of: Some(v1::AsOf {
                at: Some(v1::as_of::At::Release("../../etc".into())),
                ..Default::default()
            }),
            language: 77,
            ..Default::default()
        };
        assert_eq!(request.as_of_asked().unwrap_err().field, "as_of.release");
        assert_eq!(request.language_asked().unwrap_err().field, "language");
        assert_eq!(request.dataflow_asked(), Ok(Dataflow::Regtrd));
        let far = prost_types::Timestamp {
            seconds: i64::MAX,
            nanos: -1,
        };
        let as_of = v1::AsOf {
            known_at: Some(far),
            ..Default::default()
        };
        assert_eq!(AsOf::try_from(&as_of).unwrap_err().field, "known_at");
    }

    #[test]
    fn a_command_says_whether_it_asks_for_what_changed() {
        let asked = v1::ListRevisionsRequest {
            key: "A.BE2".to_owned(),
            ..Default::default()
        };
        let command = asked.to_command();
        let read = |command: &[u8]| v1::ListRevisionsRequest::of_command(command, "ticket");
        assert_eq!(read(&command).unwrap(), Some(asked));
        let levels = v1::ListObservationsRequest {
            key: "A.BE2".to_owned(),
            ..Default::default()
        };
        assert_eq!(read(&levels.encode_to_vec()).unwrap(), None);
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(b"\xff").unwrap(), None);
        let broken = Any {
            type_url: format!("/{CHANGES}"),
            value: vec![0xff],
        };
        assert!(read(&broken.encode_to_vec()).is_err());
    }
}
