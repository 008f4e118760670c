//! A code of any SDMX code list that is not an enum here: products, activities, partners.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, LazyLock},
};

use crate::error::{InvalidCode, Vocabulary, serde_as_text};

/// A code of an SDMX code list, such as `SA` (EBOPS 2010), `C29` (NACE Rev. 2) or `W1` (world).
///
/// ```
/// # use regtrade_model::Code;
/// assert_eq!("SJ".parse::<Code>()?.as_str(), "SJ");
/// assert!("S J".parse::<Code>().is_err());
/// # Ok::<(), regtrade_model::InvalidCode>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Arc<str>);

/// All of them, in total.
const TOTAL: &str = "_T";

/// All entities.
const WORLD: &str = "W1";

impl Code {
    /// The code for "all of them, in total": `_T`.
    #[must_use]
    pub fn total() -> Self {
        static SHARED: LazyLock<Code> = LazyLock::new(|| Code(TOTAL.into()));
        SHARED.clone()
    }

    /// The counterpart area "world", all entities: `W1` (rest of the world, seen from the area).
    #[must_use]
    pub fn world() -> Self {
        static SHARED: LazyLock<Code> = LazyLock::new(|| Code(WORLD.into()));
        SHARED.clone()
    }

    /// Whether it is [`Code::total`].
    #[must_use]
    pub fn is_total(&self) -> bool {
        self.as_str() == TOTAL
    }

    /// Whether it is [`Code::world`].
    #[must_use]
    pub fn is_world(&self) -> bool {
        self.as_str() == WORLD
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Code {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'@' | b'$'));
        if well_formed {
            Ok(Self(text.into()))
        } else {
            Err(InvalidCode::new(Vocabulary::Code, text))
        }
    }
}

serde_as_text!(Code);

impl From<crate::Item> for Code {
    fn from(item: crate::Item) -> Self {
        Self(item.as_str().into())
    }
}

impl From<crate::Area> for Code {
    fn from(area: crate::Area) -> Self {
        Self(area.as_str().into())
    }
}
