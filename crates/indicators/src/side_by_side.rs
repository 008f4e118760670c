//! Working many things out on all processors at once.

use std::{num::NonZero, thread};

/// As many things are worked out sooner than a thread begins.
const FEW: usize = 512;

/// What each of some things comes to, in their order.
pub(crate) fn side_by_side<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let part = all.len().div_ceil(processors).max(FEW);
    let (first, rest) = all.split_at(part.min(all.len()));
    let of = |part: &[T]| part.iter().map(&work).collect::<Vec<R>>();
    if rest.is_empty() {
        return of(first);
    }
    thread::scope(|scope| {
        let others = rest.chunks(part).map(|part| {
            let begun = thread::Builder::new().spawn_scoped(scope, || of(part));
            // Where there is none to be had, it is worked out here.
            begun.map_err(|_| part)
        });
        let others: Vec<_> = others.collect();
        let mut found = of(first);
        for other in others {
            found.extend(match other {
                Ok(thread) => match thread.join() {
                    Ok(found) => found,
                    Err(panicked) => std::panic::resume_unwind(panicked),
                },
                Err(part) => of(part),
            });
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_there_are_each_is_worked_out_in_its_place() {
        for count in [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW, 10 * FEW + 7] {
            let all: Vec<usize> = (0..count).collect();
            let found = side_by_side(&all, |number| number * 2);
            assert!(found.iter().enumerate().all(|(at, found)| *found == at * 2));
            assert_eq!(found.len(), count);
        }
    }
}
