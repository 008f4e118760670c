//! The closed word lists, both ways.

use regtrade_model::{
    Breakdown, ContributionMethod, Dataflow, DatePrecision, Indicator, Language, Provenance,
    RevisionClass, RevisionKind, Undefined,
};

use crate::{InvalidField, v1};

/// Maps a protobuf enum to the model and back; `UNSPECIFIED` and unknown numbers are `None`.
macro_rules! mapped {
    ($wire:ident <=> $model:ident { $($wire_variant:ident <=> $model_variant:ident),+ $(,)? }) => {
        impl From<$model> for v1::$wire {
            fn from(word: $model) -> Self {
                match word { $($model::$model_variant => Self::$wire_variant),+ }
            }
        }

        impl v1::$wire {
            /// The word of the model, where one was specified.
            #[must_use]
            pub const fn known(self) -> Option<$model> {
                match self {
                    Self::Unspecified => None,
                    $(Self::$wire_variant => Some($model::$model_variant),)+
                }
            }

            /// Reads an enum field; `None` where it is unspecified.
            ///
            /// # Errors
            /// Where the number is not one that this version knows.
            pub fn read(field: &str, number: i32) -> Result<Option<$model>, InvalidField> {
                let word = Self::try_from(number)
                    .map_err(|_| InvalidField::new(field, format!("{number} is not a known value")))?;
                Ok(word.known())
            }
        }
    };
}

mapped!(Dataflow <=> Dataflow { Regtrd <=> Regtrd, Exttrade <=> Exttrade });
mapped!(DatePrecision <=> DatePrecision { Instant <=> Instant, Day <=> Day, Month <=> Month, Year <=> Year });
mapped!(RevisionKind <=> RevisionKind {
    FirstRelease <=> First,
    RoutineRevision <=> Routine,
    MajorRevision <=> Major,
    Correction <=> Correction,
});
mapped!(RevisionClass <=> RevisionClass {
    Changed <=> Changed,
    Unchanged <=> Unchanged,
    WithinRounding <=> WithinRounding,
    StatusOnly <=> StatusOnly,
    Added <=> Added,
    NewPeriod <=> NewPeriod,
    Deleted <=> Deleted,
    NotPrinted <=> NotPrinted,
});
mapped!(Indicator <=> Indicator {
    Level <=> Level,
    Net <=> Net,
    ShareOfCountry <=> ShareOfCountry,
    ShareOfTotal <=> ShareOfTotal,
    Growth <=> Growth,
    Cagr <=> Cagr,
    Coverage <=> Coverage,
    Contribution <=> Contribution,
    Herfindahl <=> Herfindahl,
    Rca <=> Rca,
});
mapped!(Breakdown <=> Breakdown {
    Product <=> Product,
    Partner <=> Partner,
    PartnerGroup <=> PartnerGroup,
    Activity <=> Activity,
    Region <=> Region,
});
mapped!(ContributionMethod <=> ContributionMethod {
    CagrShare <=> CagrShare,
    MeanOfAnnual <=> MeanOfAnnual,
    Simple <=> Simple,
});
mapped!(Language <=> Language { Fr <=> Fr, Nl <=> Nl, De <=> De, En <=> En });
mapped!(Provenance <=> Provenance { Computed <=> Computed, Published <=> Published, Bounded <=> Bounded });
mapped!(UndefinedReason <=> Undefined {
    BaseZero <=> BaseZero,
    BaseNegative <=> BaseNegative,
    Missing <=> Missing,
    NotApplicable <=> NotApplicable,
    Suppressed <=> Suppressed,
    NotPrinted <=> NotPrinted,
    NotCovered <=> NotCovered,
});
