//! What a component of a dataflow can be of ours.

use regtrade_model::Dataflow;

/// Gives each of our components its id, in one list.
macro_rules! targets {
    ($($target:ident => $id:literal,)+) => {
        /// A component of our dataflows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Target { $($target,)+ }

        impl Target {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$target),+];

            /// How many there are.
            pub(crate) const COUNT: usize = Self::ALL.len();

            /// Its id.
            pub(crate) const fn id(self) -> &'static str {
                match self { $(Self::$target => $id,)+ }
            }
        }
    };
}

targets! {
    Freq => "FREQ",
    RefArea => "REF_AREA",
    Item => "ITEM",
    Activity => "ACTIVITY",
    Product => "PRODUCT",
    CounterpartArea => "COUNTERPART_AREA",
    Concept => "CONCEPT",
    TimePeriod => "TIME_PERIOD",
    ObsValue => "OBS_VALUE",
    Unit => "UNIT",
    UnitMult => "UNIT_MULT",
    Decimals => "DECIMALS",
    ObsStatus => "OBS_STATUS",
    ConfStatus => "CONF_STATUS",
}

impl Target {
    /// The target of an id.
    pub(crate) fn of(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|target| target.id() == id)
    }

    /// What a row that deletes leaves empty.
    pub(crate) const MEASURES: [Self; 6] = [
        Self::ObsValue,
        Self::Unit,
        Self::UnitMult,
        Self::Decimals,
        Self::ObsStatus,
        Self::ConfStatus,
    ];

    /// Whether a dataflow has it.
    pub(crate) fn is_of(self, dataflow: Dataflow) -> bool {
        self != Self::Concept || dataflow.has_concept()
    }

    /// Whether it is a dimension.
    pub(crate) fn is_dimension(self) -> bool {
        !Self::MEASURES.contains(&self)
    }

    /// Whether codes of another list can be mapped to it.
    pub(crate) const fn has_codes(self) -> bool {
        !matches!(self, Self::TimePeriod | Self::ObsValue)
    }
}
