//! Numbers of a few bits in runs: so many times the same one, or each by itself (the RLE and bit-packing hybrid of Parquet).

/// Numbers of so many bits each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runs<'a> {
    bytes: &'a [u8],
    width: u8,
}

/// Numbers that stand together.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    /// How many there are.
    count: usize,
    of: Of<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Of<'a> {
    Same(u32),
    Packed(&'a [u8], u8),
}

impl<'a> Runs<'a> {
    /// `None` where numbers have more bits than are read.
    pub(super) fn of(bytes: &'a [u8], width: u8) -> Option<Self> {
        (width <= 32).then_some(Self { bytes, width })
    }

    /// The next run; `None` where there is none, or it breaks off.
    fn next(&mut self) -> Option<Run<'a>> {
        let head = varint(&mut self.bytes)?;
        let count = usize::try_from(head >> 1).ok()?;
        if head & 1 == 0 {
            let (number, rest) = self
                .bytes
                .split_at_checked(usize::from(self.width.div_ceil(8)))?;
            self.bytes = rest;
            let number = number
                .iter()
                .rev()
                .fold(0, |all, byte| all << 8 | u32::from(*byte));
            return Some(Run {
                count,
                of: Of::Same(number),
            });
        }
        let length = count.checked_mul(usize::from(self.width))?;
        // Of the last numbers, what is not there may be left out.
        let (numbers, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        self.bytes = rest;
        Some(Run {
            count: count.checked_mul(8)?,
            of: match self.width {
                0 => Of::Same(0),
                width => Of::Packed(numbers, width),
            },
        })
    }
}

/// A number at the beginning of some bytes, in as many of them as it needs (ULEB128), which are taken.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

impl Run<'_> {
    /// The number at a place; `None` where there is none.
    #[inline]
    fn at(&self, place: usize) -> Option<u32> {
        let (bytes, width) = match self.of {
            Of::Same(number) => return Some(number),
            Of::Packed(bytes, width) => (bytes, usize::from(width)),
        };
        let bit = place.checked_mul(width)?;
        if bit.checked_add(width)? > bytes.len().checked_mul(8)? {
            return None;
        }
        // Eight bytes hold any number, wherever it begins in the first of them.
        let from = bytes.get(bit / 8..)?;
        let eight = from
            .first_chunk()
            .copied()
            .unwrap_or_else(|| std::array::from_fn(|at| from.get(at).copied().unwrap_or_default()));
        let number = (u64::from_le_bytes(eight) >> (bit % 8)) & ((1 << width) - 1);
        u32::try_from(number).ok()
    }
}

/// Goes along numbers, to places that only grow.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    runs: Runs<'a>,
    run: Run<'a>,
    /// Where the run begins and ends.
    begin: usize,
    end: usize,
}

impl<'a> Walk<'a> {
    pub(super) const fn along(runs: Runs<'a>) -> Self {
        let run = Run {
            count: 0,
            of: Of::Same(0),
        };
        Self {
            runs,
            run,
            begin: 0,
            end: 0,
        }
    }

    /// The number at a place which is not before the one asked for last; `None` where there is none.
    #[inline]
    pub(super) fn at(&mut self, place: usize) -> Option<u32> {
        while place >= self.end {
            self.step()?;
        }
        self.run.at(place.checked_sub(self.begin)?)
    }

    /// The number at a place, and where the stretch ends in which there is no other.
    #[inline]
    pub(super) fn stretch(&mut self, place: usize) -> Option<(u32, usize)> {
        let number = self.at(place)?;
        let end = match self.run.of {
            Of::Same(_) => self.end,
            Of::Packed(..) => place + 1,
        };
        Some((number, end))
    }

    /// Goes to the next run.
    fn step(&mut self) -> Option<()> {
        self.run = self.runs.next()?;
        self.begin = self.end;
        self.end = self.begin.checked_add(self.run.count)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(bytes: &[u8], width: u8, count: usize) -> Vec<Option<u32>> {
        let mut walk = Walk::along(Runs::of(bytes, width).unwrap());
        (0..count).map(|place| walk.at(place)).collect()
    }

    #[test]
    fn runs_of_both_kinds_follow_each_other() {
        // Five times 4, then eight numbers of three bits, 0 to 7: the example of the format.
        let bytes = [10, 4, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let found: Vec<u32> = numbers(&bytes, 3, 13).into_iter().flatten().collect();
        assert_eq!(found, [4, 4, 4, 4, 4, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(numbers(&bytes, 3, 14)[13], None);
    }

    #[test]
    fn what_is_not_there_is_no_number() {
        // Eight numbers of three bits, of which the last byte is missing.
        let found = numbers(&[3, 0b1000_1000, 0b1100_0110], 3, 8);
        assert_eq!(found[4], Some(4));
        assert_eq!(found[5..], [None, None, None]);
        assert_eq!(numbers(&[], 3, 1), [None]);
        assert!(Runs::of(&[], 33).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_numbers_or_none(
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
            width in 0_u8..=32,
            steps in proptest::collection::vec(0_usize..20, 0..40),
        ) {
            let mut walk = Walk::along(Runs::of(&bytes, width).unwrap());
            let mut place = 0;
            for step in steps {
                place += step;
                if let Some(number) = walk.at(place) {
                    prop_assert!(u64::from(number) < 1 << 32);
                }
            }
        }
    }
}
