//! The data: two vintages of foreign trade as SDMX-CSV files, and what of it is asked for.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs::{self, File},
    path::{Path, PathBuf},
};

use regtrade_formats::write::{self, Structure};
use regtrade_model::{Area, Concept, Dataflow, Decimal, Instant, Item, Observation};
use regtrade_synth::{ExttradeOptions, exttrade};
use serde::{Deserialize, Serialize};

use crate::error::BenchError;

/// How many series are asked for in a round.
const SERIES: usize = 20;
/// They are among so many of the largest cells, which are traded in nearly every month.
const LARGE: usize = 600;
/// How many products and partners are asked for together.
const PRODUCTS: usize = 40;
const PARTNERS: usize = 12;
/// After so many rows it is said how far it is.
const TOLD: u64 = 10_000_000;

/// The area whose detail is asked for.
pub const AREA: Area = Area::BE2;

/// One series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub item: String,
    pub area: String,
    pub product: String,
    pub partner: String,
}

/// What is asked for, chosen from the last month: large things and small ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    /// How many observations there are.
    pub rows: u64,
    pub series: Vec<Key>,
    pub products: Vec<String>,
    pub partners: Vec<String>,
}

/// The files of a size.
pub struct Data {
    /// The first vintage, and a later one.
    pub vintages: [PathBuf; 2],
    pub picked: Picked,
}

impl Data {
    /// Makes the files in a folder, unless they are there.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn make(folder: &Path, rows: u64, say: &dyn Fn(&str)) -> Result<Self, BenchError> {
        let vintages = ["earlier.csv", "later.csv"].map(|name| folder.join(name));
        let known = folder.join("picked.json");
        if let Ok(text) = fs::read(&known)
            && let Ok(picked) = serde_json::from_slice(&text)
        {
            return Ok(Self { vintages, picked });
        }
        let mut picked = Picked::default();
        for (vintage, path) in (0..).zip(&vintages) {
            picked = written(path, rows, vintage, say)?;
        }
        // The last thing that is written: with it, all of it is there.
        fs::write(known, serde_json::to_vec(&picked).unwrap_or_default())?;
        Ok(Self { vintages, picked })
    }
}

fn written(path: &Path, rows: u64, vintage: u32, say: &dyn Fn(&str)) -> Result<Picked, BenchError> {
    let options = ExttradeOptions {
        rows,
        vintage,
        margins: false,
        country: false,
        concept: Some(Concept::Nat),
        nested: true,
        ..ExttradeOptions::default()
    };
    say(&format!("making vintage {vintage} of {rows} observations"));
    let structure = Structure {
        dataflow: Dataflow::Exttrade,
        synthetic: true,
        prepared: Instant::default(),
    };
    let mut count = 0;
    let mut last_month: Vec<Observation> = vec![];
    let observations = exttrade(&options).inspect(|row| {
        count += 1;
        if count % TOLD == 0 {
            say(&format!("{count} of about {rows} rows"));
        }
        if last_month.first().map(|own| own.key.period) != Some(row.key.period) {
            last_month.clear();
        }
        last_month.push(row.clone());
    });
    let mut file = File::create(path)?;
    write::sdmx_csv(&mut file, &structure, observations.map(Ok::<_, Infallible>))
        .map_err(|error| BenchError::Made(format!("{}: {error}", path.display())))?;
    Ok(Picked {
        rows: count,
        ..picked(last_month)
    })
}

fn picked(mut cells: Vec<Observation>) -> Picked {
    cells.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.key.cmp(&b.key)));
    let large = &cells[..cells.len().min(LARGE)];
    let series = evenly(large, SERIES).map(|row| Key {
        item: row.key.item.to_string(),
        area: row.key.ref_area.to_string(),
        product: row.key.product.to_string(),
        partner: row.key.counterpart_area.to_string(),
    });
    let ranked = |code: fn(&Observation) -> String| -> Vec<String> {
        let of_area = cells.iter().filter(|row| row.key.ref_area == AREA);
        let exports = of_area.filter(|row| row.key.item == Item::P61);
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in exports {
            *sums.entry(code(row)).or_default() += row.value.unwrap_or_default();
        }
        let mut ranked: Vec<_> = sums.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked.into_iter().map(|(code, _)| code).collect()
    };
    let products = ranked(|row| row.key.product.to_string());
    let partners = ranked(|row| row.key.counterpart_area.to_string());
    Picked {
        rows: 0,
        series: series.collect(),
        // Of few, every other one: a filter that all pass is none.
        products: evenly(&products, PRODUCTS.min(products.len() / 2))
            .cloned()
            .collect(),
        partners: evenly(&partners, PARTNERS.min(partners.len() / 2))
            .cloned()
            .collect(),
    }
}

/// So many of all, from the first one on, at even steps.
fn evenly<T>(all: &[T], count: usize) -> impl Iterator<Item = &T> {
    let step = (all.len() / count.max(1)).max(1);
    all.iter().step_by(step).take(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_there_and_is_not_all_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let made = Data::make(folder.path(), 20_000, &|_| ()).unwrap();
        let text = fs::read_to_string(&made.vintages[0]).unwrap();
        let rows = text.lines().count() - 1;
        assert!(rows.abs_diff(20_000) < 2_000, "{rows}");
        assert_eq!(made.picked.series.len(), SERIES);
        let Key {
            item,
            area,
            product,
            partner,
        } = &made.picked.series[3];
        let series = format!(",{area},{item},_T,{product},{partner},NAT,");
        let months = text.lines().filter(|line| line.contains(&series)).count();
        assert!((200..=276).contains(&months), "{months}");
        let products = &made.picked.products;
        assert!(!products.is_empty() && !made.picked.partners.is_empty());
        assert!(products.iter().all(|code| text.contains(code.as_str())));
        assert_ne!(text, fs::read_to_string(&made.vintages[1]).unwrap());
        // The second time they are there.
        fs::write(&made.vintages[0], "").unwrap();
        let again = Data::make(folder.path(), 20_000, &|_| ()).unwrap();
        assert_eq!(again.picked, made.picked);
        assert_eq!(fs::read_to_string(&again.vintages[0]).unwrap(), "");
    }

    #[test]
    fn things_are_chosen_at_even_steps() {
        let all: Vec<u32> = (0..10).collect();
        assert_eq!(
            evenly(&all, 5).copied().collect::<Vec<_>>(),
            [0, 2, 4, 6, 8]
        );
        assert_eq!(evenly(&all, 3).copied().collect::<Vec<_>>(), [0, 3, 6]);
        assert_eq!(evenly(&all[..2], 5).count(), 2);
        assert_eq!(evenly(&all, 0).count(), 0);
    }
}
