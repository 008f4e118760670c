//! Observations: levels with a full key, as data files hand them in.

use crate::{
    Area, Code, Concept, Decimal, FigureKey, Indicator, Item, Origin, Period, PrintedCell,
    error::{Vocabulary, words},
};

/// The status of an observation, a code of the SDMX list CL_OBS_STATUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ObsStatus {
    /// Normal value.
    #[default]
    A,
    /// Time series break.
    B,
    /// Estimated value.
    E,
    /// Forecast value.
    F,
    /// Experimental value.
    G,
    /// Missing value; holiday or weekend.
    H,
    /// Imputed value.
    I,
    /// Derogation.
    J,
    /// Data included in another category.
    K,
    /// Missing value; data exist but were not collected.
    L,
    /// Missing value; data cannot exist.
    M,
    /// Not significant.
    N,
    /// Missing value.
    O,
    /// Provisional value.
    P,
    /// Missing value; suppressed.
    Q,
    /// Seasonally adjusted break.
    R,
    /// Strike and other special events.
    S,
    /// Low reliability.
    U,
    /// Unvalidated value.
    V,
}

words!(ObsStatus, Vocabulary::ObsStatus, {
    A => "A", B => "B", E => "E", F => "F", G => "G", H => "H", I => "I", J => "J", K => "K", L => "L", M => "M",
    N => "N", O => "O", P => "P", Q => "Q", R => "R", S => "S", U => "U", V => "V",
});

/// The confidentiality status of an observation, a code of the SDMX list CL_CONF_STATUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ConfStatus {
    /// Free: free for publication.
    #[default]
    F,
    /// Primary confidentiality due to small counts.
    A,
    /// Confidential statistical information.
    C,
    /// Secondary confidentiality set by the sender, not for publication.
    D,
    /// Not for publication until an embargo ends; when that is the status does not say, so it is not free here.
    E,
    /// Primary confidentiality due to dominance by one or two units.
    G,
    /// Primary confidentiality after other measures of concentration.
    M,
    /// Not for publication, restricted for internal use only.
    N,
    /// Primary confidentiality due to dominance by one unit.
    O,
    /// Secondary confidentiality set and managed by the receiver, not for publication.
    S,
    /// Primary confidentiality due to dominance by two units.
    T,
    /// Confidentiality due to military secrecy.
    X,
}

words!(ConfStatus, Vocabulary::ConfStatus, {
    F => "F", A => "A", C => "C", D => "D", E => "E", G => "G", M => "M", N => "N", O => "O", S => "S", T => "T",
    X => "X",
});

impl ConfStatus {
    /// Whether everyone may see the value.
    #[must_use]
    pub const fn is_free(self) -> bool {
        matches!(self, Self::F)
    }
}

/// A level of one period as a data file gives it, exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which level: the indicator is `level` or, for a balance, `net`; the period is one period.
    pub key: FigureKey,
    /// The value in 10^`unit_mult` euro; `None` where the observation is there and has no value.
    pub value: Option<Decimal>,
    /// DECIMALS: how many are significant.
    pub decimals: u32,
    /// UNIT_MULT: 6 for millions.
    pub unit_mult: i32,
    /// OBS_STATUS.
    pub status: ObsStatus,
    /// CONF_STATUS: whether everyone may see the value.
    pub conf: ConfStatus,
}

/// An observation of many that have most of their codes in common: its codes are places in a list of codes beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodedObservation {
    /// The item.
    pub item: Item,
    /// The reference area.
    pub ref_area: Area,
    /// The place of the activity.
    pub activity: u32,
    /// The place of the product.
    pub product: u32,
    /// The place of the partner.
    pub counterpart_area: u32,
    /// The concept, where the dataflow has one.
    pub concept: Option<Concept>,
    /// `level` or, for a balance, `net`.
    pub indicator: Indicator,
    /// The period.
    pub period: Period,
    /// As in [`Observation::value`].
    pub value: Option<Decimal>,
    /// As in [`Observation::decimals`].
    pub decimals: u32,
    /// As in [`Observation::unit_mult`].
    pub unit_mult: i32,
    /// OBS_STATUS.
    pub status: ObsStatus,
    /// CONF_STATUS.
    pub conf: ConfStatus,
}

impl CodedObservation {
    /// The observation that it is with the codes of a list; `None` where one of its places is none of the list.
    #[must_use]
    pub fn observation(&self, codes: &[Code]) -> Option<Observation> {
        let code = |at: u32| codes.get(at as usize).cloned();
        Some(Observation {
            key: FigureKey {
                item: self.item,
                ref_area: self.ref_area,
                activity: code(self.activity)?,
                product: code(self.product)?,
                counterpart_area: code(self.counterpart_area)?,
                concept: self.concept,
                indicator: self.indicator,
                period: self.period.into(),
            },
            value: self.value,
            decimals: self.decimals,
            unit_mult: self.unit_mult,
            status: self.status,
            conf: self.conf,
        })
    }
}

/// An observation as a printed figure: as precise as its DECIMALS say. It was read nowhere.
impl From<&Observation> for PrintedCell {
    fn from(observation: &Observation) -> Self {
        Self {
            item: observation.key.item.into(),
            area: observation.key.ref_area.into(),
            indicator: observation.key.indicator,
            period: observation.key.period,
            value: observation.value,
            decimals: observation.decimals,
            unit_mult: observation.unit_mult,
            origin: Origin { line: 0, column: 1 },
        }
    }
}
