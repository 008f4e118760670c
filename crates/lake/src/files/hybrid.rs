//! Small numbers as Parquet packs them: a run of the same one is told once, and of the others each takes as few bits as
//! the largest needs.

/// Numbers that are packed together, and from how many on the same one is a run.
const TOGETHER: usize = 8;

/// How many bits hold numbers up to one.
pub(super) const fn bits_of(most: u32) -> u32 {
    u32::BITS - most.leading_zeros()
}

/// Appends numbers, none of which needs more bits than `width`.
pub(super) fn pack(numbers: &[u32], width: u32, into: &mut Vec<u8>) {
    let mut at = 0;
    while at < numbers.len() {
        let run = run(&numbers[at..]);
        // Numbers of no bits at all are told in no other way.
        if run >= TOGETHER || at + run == numbers.len() {
            same(numbers[at], run, width, into);
            at += run;
            continue;
        }
        let begin = at;
        while at < numbers.len() && !is_run(&numbers[at..]) {
            at = numbers.len().min(at + TOGETHER);
        }
        let groups = (at - begin).div_ceil(TOGETHER);
        length((groups as u64) << 1 | 1, into);
        for together in numbers[begin..at].chunks(TOGETHER) {
            bits(together, width, into);
        }
    }
}

/// Appends the same number as often as it stands there.
pub(super) fn same(number: u32, times: usize, width: u32, into: &mut Vec<u8>) {
    length((times as u64) << 1, into);
    into.extend_from_slice(&number.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// How often the first number stands there before another one.
fn run(numbers: &[u32]) -> usize {
    let Some(first) = numbers.first() else {
        return 0;
    };
    let other = numbers.iter().position(|number| number != first);
    other.unwrap_or(numbers.len())
}

fn is_run(numbers: &[u32]) -> bool {
    let begin = numbers.get(..TOGETHER);
    begin.is_some_and(|begin| begin.iter().all(|number| *number == begin[0]))
}

/// Appends eight numbers, or as many of the last ones as there are with zeros behind them: the first is in the lowest bits.
fn bits(numbers: &[u32], width: u32, into: &mut Vec<u8>) {
    let (mut held, mut count, end) = (0u64, 0, into.len() + width as usize);
    for number in numbers {
        held |= u64::from(*number) << count;
        count += width;
        while count >= 8 {
            into.push(held.to_le_bytes()[0]);
            held >>= 8;
            count -= 8;
        }
    }
    if count > 0 {
        into.push(held.to_le_bytes()[0]);
    }
    into.resize(end, 0);
}

/// Appends a length in as many bytes as it needs (ULEB128).
fn length(mut length: u64, into: &mut Vec<u8>) {
    while length >= 0x80 {
        into.push(length.to_le_bytes()[0] | 0x80);
        length >>= 7;
    }
    into.push(length.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(numbers: &[u32], width: u32) -> Vec<u8> {
        let mut bytes = vec![];
        pack(numbers, width, &mut bytes);
        bytes
    }

    #[test]
    fn a_run_is_told_once_and_others_take_few_bits() {
        // The example of the format: the numbers 0 to 7 with three bits.
        let bytes = packed(&[0, 1, 2, 3, 4, 5, 6, 7], 3);
        assert_eq!(bytes, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        assert_eq!(packed(&[4; 300], 3), [0xd8, 0x04, 4]);
        assert_eq!(packed(&[0; 300], 0), [0xd8, 0x04]);
        // What is no run comes in eights, of which the last has zeros at its end.
        assert_eq!(packed(&[1, 0, 1], 1), [0b11, 0b101]);
        let run_after_one = [[2].as_slice(), &[1; 15], &[3; 2]].concat();
        assert_eq!(
            packed(&run_after_one, 2),
            [0b11, 0b0101_0110, 0b0101_0101, 16, 1, 4, 3]
        );
    }
}
