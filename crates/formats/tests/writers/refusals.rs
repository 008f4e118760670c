//! What is not written, and what becomes of a file that breaks off.

use std::{
    cell::Cell,
    convert::Infallible,
    io::{self, Write},
};

use regtrade_formats::write::WriteError;
use regtrade_model::{Area, Concept, Dataflow, FigureKey, Indicator, Observation};

use super::{FORMATS, of, rows::level};

#[test]
fn rows_out_of_order_are_refused() {
    let (first, second) = (level(Area::BE1, "2023", "1"), level(Area::BE, "2024", "2"));
    let third = level(Area::BE1, "2024", "3");
    for rows in [[&second, &first], [&third, &second], [&first, &first]] {
        for format in FORMATS {
            let given = rows.map(|row| Ok::<_, Infallible>(row.clone()));
            let error = format
                .write(&mut io::sink(), &of(Dataflow::Regtrd), given)
                .unwrap_err();
            let WriteError::Order { key, before } = error else {
                panic!("{error}");
            };
            assert_eq!([*before, *key], rows.map(|row| row.key.clone()));
        }
    }
}

#[test]
fn months_come_by_year_and_key_or_by_month_and_not_now_so_now_otherwise() {
    let row = |area, period| {
        let mut row = level(area, period, "1");
        row.key.concept = Some(Concept::Nat);
        row
    };
    let country = ["2023-01", "2023-02", "2024-01"].map(|period| row(Area::BE, period));
    let region = ["2023-01", "2023-02", "2024-01"].map(|period| row(Area::BE1, period));
    let [a, b, c] = &country;
    let [x, y, z] = &region;
    let written = |rows: &[&Observation]| {
        let given = rows.iter().map(|row| Ok::<_, Infallible>((*row).clone()));
        FORMATS[0].write(&mut io::sink(), &of(Dataflow::Exttrade), given)
    };
    for rows in [[a, b, x, y, c, z], [a, x, b, y, c, z]] {
        assert_eq!(written(&rows).unwrap(), 6);
    }
    for rows in [[a, b, x, y, z, c], [a, b, y, x, c, z], [a, x, b, y, b, z]] {
        assert!(matches!(written(&rows), Err(WriteError::Order { .. })));
    }
}

#[test]
fn what_is_no_level_of_the_dataflow_is_refused() {
    let annual = level(Area::BE, "2024", "1");
    let with = |change: fn(&mut FigureKey)| {
        let mut row = annual.clone();
        change(&mut row.key);
        row
    };
    let monthly = with(|key| key.period = "2024-07".parse().unwrap());
    for (dataflow, row) in [
        (Dataflow::Regtrd, monthly.clone()),
        (
            Dataflow::Regtrd,
            with(|key| key.concept = Some(Concept::Nat)),
        ),
        (
            Dataflow::Regtrd,
            with(|key| key.indicator = Indicator::Growth),
        ),
        (
            Dataflow::Regtrd,
            with(|key| key.period = "2019-2024".parse().unwrap()),
        ),
        (
            Dataflow::Exttrade,
            with(|key| key.concept = Some(Concept::Nat)),
        ),
        (Dataflow::Exttrade, monthly),
    ] {
        for format in FORMATS {
            let given = [Ok::<_, Infallible>(row.clone())];
            let error = format
                .write(&mut io::sink(), &of(dataflow), given)
                .unwrap_err();
            assert!(
                matches!(&error, WriteError::Unfit { key, .. } if **key == row.key),
                "{error}"
            );
        }
    }
}

#[test]
fn rows_that_break_off_break_off_the_file() {
    for format in FORMATS {
        let rows = [
            Ok(level(Area::BE, "2024", "1")),
            Err(io::Error::other("the connection is gone")),
        ];
        let error = format
            .write(&mut vec![], &of(Dataflow::Regtrd), rows)
            .unwrap_err();
        assert!(matches!(error, WriteError::Rows(_)));
        assert_eq!(error.to_string(), "the connection is gone");
    }
}

/// A disk with room for some bytes.
struct Disk(usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let free = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        self.0 = free;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn rows_are_written_as_they_come_and_not_collected() {
    for format in FORMATS {
        let taken = Cell::new(0_u32);
        let many = (0..200_000_u32).map(|number| {
            taken.set(taken.get() + 1);
            let mut row = level(Area::BE, "2024", "1");
            row.key.product = format!("X{number:019}").parse().unwrap();
            Ok::<_, Infallible>(row)
        });
        let error = format
            .write(&mut Disk(100_000), &of(Dataflow::Regtrd), many)
            .unwrap_err();
        assert!(matches!(error, WriteError::Io(_)), "{error}");
        assert!(taken.get() < 10_000, "{} rows were taken", taken.get());
    }
}
