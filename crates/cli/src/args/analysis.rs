//! What can be asked of detail: contributions, structure, reconciliation, codelists.

use clap::Args;
use regtrade_model::{
    Area, Breakdown, Code, Concept, ContributionMethod, Dataflow, Indicator, Instant, Item,
    Language, Period, ReleaseId,
};

use super::parse::{parse_instant, parse_list_name, parse_method};
use super::{AsOfArgs, ClientArgs};

const CONTRIBUTIONS: &str = "\
Examples:
  regtrade contributions --by product --item P62 --area BE2 --from 2019 --to 2024
  regtrade contributions --by partner-group --item P62 --area BE1+BE2+BE3 --from 2019 --to 2024 --lang fr
  regtrade contributions --by region --item P6+P7+B11 --area BE --from 2023 --to 2024 --years --format csv
  regtrade contributions --by partner --item P61 --area BE3 --from 2019 --to 2024 --top 10 --method simple

Before rounding, the parts, the others and what none of them covers add up to the total exactly; what rounding for
display makes is shown beside them. In csv the code of a part stands in the dimension that is broken down: the total has
its total there, the others _O, what is not covered _U.";

/// `contributions`
#[derive(Debug, Args)]
#[command(after_help = CONTRIBUTIONS)]
pub struct ContributionsArgs {
    /// Which dimension is broken down: product, partner, partner-group, activity or region
    #[arg(long, value_name = "DIMENSION")]
    pub by: Breakdown,
    /// What: P6 to P72, or B11, B111, B112 (in euro); several joined by +, or given several times
    #[arg(
        long = "item",
        value_name = "ITEM",
        required = true,
        value_delimiter = '+'
    )]
    pub items: Vec<Item>,
    /// Whose: BE, BE1, BE2, BE3 …; several joined by +, or given several times
    #[arg(
        long = "area",
        value_name = "AREA",
        required = true,
        value_delimiter = '+'
    )]
    pub areas: Vec<Area>,
    /// The first year
    #[arg(long, value_name = "YEAR")]
    pub from: Period,
    /// The last year
    #[arg(long, value_name = "YEAR")]
    pub to: Period,
    /// How: cagr-share (the parts add up to the average annual growth), mean-of-annual or simple
    #[arg(long, value_parser = parse_method, default_value = "cagr-share", hide_default_value = true)]
    pub method: ContributionMethod,
    /// Shows this many parts, the largest up or down, and adds up the others
    #[arg(long, value_name = "NUMBER")]
    pub top: Option<u32>,
    /// The level of the codes that are the parts, such as A38 or CHAPTER; the highest, if it is not given
    #[arg(long)]
    pub level: Option<String>,
    /// Of EXTTRADE: NAT or COM
    #[arg(long)]
    pub concept: Option<Concept>,
    /// Of this activity alone
    #[arg(long, value_name = "CODE")]
    pub activity: Option<Code>,
    /// Of this product alone
    #[arg(long, value_name = "CODE")]
    pub product: Option<Code>,
    /// With this partner alone
    #[arg(long, value_name = "CODE")]
    pub partner: Option<Code>,
    /// The decimals of contributions; 2, if it is not given
    #[arg(long, value_name = "NUMBER")]
    pub decimals: Option<u32>,
    /// Shows each year, too
    #[arg(long)]
    pub years: bool,
    /// The dataflow: REGTRD or EXTTRADE
    #[arg(long, default_value = "REGTRD")]
    pub dataflow: Dataflow,
    /// The vintage.
    #[command(flatten)]
    pub vintage: AsOfArgs,
    /// The language of labels, caveats and numbers in tables: fr, nl, de or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

const STRUCTURE: &str = "\
Examples:
  regtrade structure --indicator herfindahl --by partner --item P61 --area BE1+BE2+BE3
  regtrade structure --indicator rca --by product --item P62 --area BE3 --from 2024
  regtrade structure --indicator coverage --by partner --item P6 --area BE --from 2024 --format csv";

/// `structure`
#[derive(Debug, Args)]
#[command(after_help = STRUCTURE)]
pub struct StructureArgs {
    /// herfindahl (concentration, 0 to 1), rca (specialisation beside the country) or coverage (exports over imports)
    #[arg(long)]
    pub indicator: Indicator,
    /// Which dimension is broken down: product, partner, partner-group or activity
    #[arg(long, value_name = "DIMENSION")]
    pub by: Breakdown,
    /// What: P6 to P72; several joined by +, or given several times
    #[arg(
        long = "item",
        value_name = "ITEM",
        required = true,
        value_delimiter = '+'
    )]
    pub items: Vec<Item>,
    /// Whose: BE, BE1, BE2, BE3 …; several joined by +, or given several times
    #[arg(
        long = "area",
        value_name = "AREA",
        required = true,
        value_delimiter = '+'
    )]
    pub areas: Vec<Area>,
    /// First period
    #[arg(long, value_name = "PERIOD")]
    pub from: Option<Period>,
    /// Last period
    #[arg(long, value_name = "PERIOD")]
    pub to: Option<Period>,
    /// The level of the codes, such as A38 or CHAPTER; the highest, if it is not given
    #[arg(long)]
    pub level: Option<String>,
    /// Of EXTTRADE: NAT or COM
    #[arg(long)]
    pub concept: Option<Concept>,
    /// The dataflow: REGTRD or EXTTRADE
    #[arg(long, default_value = "REGTRD")]
    pub dataflow: Dataflow,
    /// The vintage.
    #[command(flatten)]
    pub vintage: AsOfArgs,
    /// The language of caveats and numbers in tables: fr, nl, de or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

const RECONCILE: &str = "\
Examples:
  regtrade reconcile --item P61 --from 2019 --to 2024
  regtrade reconcile --item P61+P71 --area BE2 --concept NAT --format csv

The two statistics are never added up: their difference is one of concept, and its known causes are told.";

/// `reconcile`
#[derive(Debug, Args)]
#[command(after_help = RECONCILE)]
pub struct ReconcileArgs {
    /// P61 or P71; both, if none is given
    #[arg(long = "item", value_name = "ITEM", value_delimiter = '+')]
    pub items: Vec<Item>,
    /// Whose: BE, BE1, BE2, BE3; all of them, if none is given
    #[arg(long = "area", value_name = "AREA", value_delimiter = '+')]
    pub areas: Vec<Area>,
    /// The first year
    #[arg(long, value_name = "YEAR")]
    pub from: Option<Period>,
    /// The last year
    #[arg(long, value_name = "YEAR")]
    pub to: Option<Period>,
    /// NAT or COM; both, if none is given
    #[arg(long)]
    pub concept: Option<Concept>,
    /// Answers from the newest releases published by then: RFC 3339, or a date, which stands for its end in UTC
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    pub as_of: Option<Instant>,
    /// The release of national accounts
    #[arg(long, value_name = "ID", conflicts_with = "as_of")]
    pub regtrd_release: Option<ReleaseId>,
    /// The release of foreign-trade statistics
    #[arg(long, value_name = "ID", conflicts_with = "as_of")]
    pub exttrade_release: Option<ReleaseId>,
    /// The language of causes, caveats and numbers in tables: fr, nl, de or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

const CODELISTS: &str = "\
Examples:
  regtrade codelists                          which lists there are
  regtrade codelists CL_AREA --lang nl        the codes of one, and how much a vintage has of each
  regtrade codelists activity --level A38 --format csv";

/// `codelists`
#[derive(Debug, Args)]
#[command(after_help = CODELISTS)]
pub struct CodelistsArgs {
    /// The list; all lists, if none is given
    #[arg(value_name = "NAME", value_parser = parse_list_name)]
    pub name: Option<String>,
    /// Codes of this level alone, such as A10 or NUTS3
    #[arg(long, requires = "name")]
    pub level: Option<String>,
    /// Of which dataflow to say what there is of each code: REGTRD or EXTTRADE
    #[arg(long, default_value = "REGTRD")]
    pub dataflow: Dataflow,
    /// The vintage.
    #[command(flatten)]
    pub vintage: AsOfArgs,
    /// The language of labels: fr, nl, de or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

#[cfg(test)]
mod tests {
    use crate::args::{Cli, Command};
    use clap::Parser;
    use regtrade_model::ContributionMethod;

    fn typed(line: &str) -> Result<Command, clap::Error> {
        let line = ["regtrade"].into_iter().chain(line.split_whitespace());
        Cli::try_parse_from(line).map(|cli| cli.command)
    }

    #[test]
    fn items_and_areas_are_joined_or_repeated() {
        let line = "contributions --by partner-group --item P61+P62 --item B11 --area BE1+BE2 --from 2019 --to 2024";
        let Ok(Command::Contributions(args)) = typed(line) else {
            panic!("{:?}", typed(line))
        };
        let items: Vec<String> = args.items.iter().map(ToString::to_string).collect();
        assert_eq!(items.join(" "), "P61 P62 B11");
        assert_eq!(args.areas.len(), 2);
        assert_eq!(args.method, ContributionMethod::CagrShare);
    }

    #[test]
    fn what_is_needed_and_what_is_unknown_is_refused() {
        for good in [
            "contributions --by region --item P6 --area BE --from 2019 --to 2024 --method mean-of-annual",
            "contributions --by region --item P6 --area BE --from 2019 --to 2024 --method SIMPLE",
            "structure --indicator rca --by product --item P62 --area BE3",
            "reconcile",
            "codelists area --level NUTS2",
        ] {
            assert!(typed(good).is_ok(), "{good}");
        }
        for bad in [
            "contributions --item P6 --area BE --from 2019 --to 2024",
            "contributions --by region --area BE --from 2019 --to 2024",
            "contributions --by region --item P6 --area BE --to 2024",
            "contributions --by flag --item P6 --area BE --from 2019 --to 2024",
            "contributions --by region --item P6 --area BE --from 2019 --to 2024 --method best",
            "structure --by product --item P62 --area BE3",
            "reconcile --as-of 2025-01-01 --regtrd-release REGTRD-2024-0",
            "codelists --level NUTS2",
        ] {
            assert!(typed(bad).is_err(), "{bad}");
        }
    }
}
