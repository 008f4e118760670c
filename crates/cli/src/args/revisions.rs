//! `revisions`: which vintages, which figures, which classes.

use clap::{ArgGroup, Args};
use regtrade_model::{AsOf, At, Dataflow, Indicator, Instant, Language, ReleaseId, RevisionClass};

use super::ClientArgs;
use super::parse::{parse_instant, parse_key};

/// `revisions`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("earlier").args(["from", "from_as_of", "statistics"]).required(true))]
pub struct RevisionsArgs {
    /// The earlier vintage: that of this release
    #[arg(long, value_name = "ID")]
    pub from: Option<ReleaseId>,
    /// The earlier vintage: as of this instant or date
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    pub from_as_of: Option<Instant>,
    /// The later vintage: that of this release; the latest, if none is given
    #[arg(long, value_name = "ID", conflicts_with_all = ["to_as_of", "statistics"])]
    pub to: Option<ReleaseId>,
    /// The later vintage: as of this instant or date
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant, conflicts_with = "statistics")]
    pub to_as_of: Option<Instant>,
    /// How figures were revised over all vintages, from the first figure of each period to the last one
    #[arg(long)]
    pub statistics: bool,
    /// With --statistics: leaves out what was published later than this instant or date
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant, conflicts_with_all = ["from", "from_as_of"])]
    pub as_of: Option<Instant>,
    /// Leaves out what was loaded later than this
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    pub known_at: Option<Instant>,
    /// FREQ.REF_AREA.ITEM.ACTIVITY.PRODUCT.COUNTERPART_AREA; an empty place chooses all, + joins several codes
    #[arg(long, value_name = "PATTERN", default_value = "", hide_default_value = true, value_parser = parse_key)]
    pub key: String,
    /// This indicator alone, such as level or growth; may be given several times
    #[arg(long = "indicator", value_name = "INDICATOR")]
    pub indicators: Vec<Indicator>,
    /// This class alone, such as changed or within_rounding; may be given several times
    #[arg(long = "class", value_name = "CLASS", conflicts_with = "statistics")]
    pub classes: Vec<RevisionClass>,
    /// Also shows, in a table, what did not change and what only one of the vintages has
    #[arg(long, conflicts_with_all = ["classes", "statistics"])]
    pub all: bool,
    /// The language of labels and numbers in tables: fr, nl, de or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// The dataflow: REGTRD or EXTTRADE
    #[arg(long, default_value = "REGTRD")]
    pub dataflow: Dataflow,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

impl RevisionsArgs {
    /// The earlier vintage.
    pub fn from(&self) -> AsOf {
        self.vintage(self.from.as_ref(), self.from_as_of)
    }

    /// The later vintage.
    pub fn to(&self) -> AsOf {
        self.vintage(self.to.as_ref(), self.to_as_of)
    }

    /// The latest vintage of statistics.
    pub fn latest(&self) -> AsOf {
        self.vintage(None, self.as_of)
    }

    fn vintage(&self, release: Option<&ReleaseId>, instant: Option<Instant>) -> AsOf {
        AsOf {
            at: match (release, instant) {
                (Some(id), _) => At::Release(id.clone()),
                (None, Some(instant)) => At::PublishedBy(instant),
                (None, None) => At::Latest,
            },
            known_at: self.known_at,
            seen_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::args::Cli;
    use clap::Parser;

    #[test]
    fn revisions_want_an_earlier_vintage_or_all_of_them() {
        let is_taken = |line: &str| {
            let typed = ["regtrade", "revisions"].into_iter();
            Cli::try_parse_from(typed.chain(line.split_whitespace())).is_ok()
        };
        for good in [
            "--from REGTRD-2023-0",
            "--from REGTRD-2023-0 --to REGTRD-2024-0 --class changed --class added",
            "--from-as-of 2024-12-31 --to-as-of 2025-12-31 --all",
            "--statistics --as-of 2025-12-31 --indicator level",
        ] {
            assert!(is_taken(good), "{good}");
        }
        for bad in [
            "",
            "--to REGTRD-2024-0",
            "--from REGTRD-2023-0 --from-as-of 2024-12-31",
            "--from REGTRD-2023-0 --to REGTRD-2024-0 --to-as-of 2025-12-31",
            "--from REGTRD-2023-0 --statistics",
            "--from REGTRD-2023-0 --as-of 2025-12-31",
            "--from REGTRD-2023-0 --class new",
            "--from REGTRD-2023-0 --indicator exports",
        ] {
            assert!(!is_taken(bad), "{bad}");
        }
    }
}
