//! Splits a sum into whole parts by weights, such that the parts add up to it.

/// Splits `total` in proportion to `weights` by largest remainders (Hamilton): each part is within 1 of its quota, and
/// they add up to `total` exactly. Of equal remainders the earlier part is served first. Weights below zero count as
/// zero; where all are zero, the first part gets everything.
pub(crate) fn apportion(total: i64, weights: &[i128]) -> Vec<i64> {
    let of = |weight: &i128| (*weight).max(0);
    let sum: i128 = weights.iter().map(of).sum();
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return parts;
    }
    let mut left = i128::from(total);
    let mut remainders = Vec::with_capacity(weights.len());
    let mut parts: Vec<i64> = weights
        .iter()
        .enumerate()
        .map(|(position, weight)| {
            let quota = i128::from(total) * of(weight);
            let part = quota.div_euclid(sum);
            left -= part;
            remainders.push((quota.rem_euclid(sum), position));
            // A part is no larger than the whole, which is an i64.
            i64::try_from(part).unwrap_or(total)
        })
        .collect();
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, position) in remainders
        .into_iter()
        .take(usize::try_from(left).unwrap_or(0))
    {
        parts[position] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_remainders_get_what_is_left() {
        assert_eq!(apportion(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(apportion(10, &[47, 16, 15, 12, 10]), [5, 2, 1, 1, 1]);
        assert_eq!(apportion(5, &[0, 0]), [5, 0]);
        assert_eq!(apportion(5, &[-3, 1]), [0, 5]);
        assert!(apportion(5, &[]).is_empty());
    }

    proptest! {
        #[test]
        fn parts_add_up_and_keep_to_their_quota(
            total in 0i64..10i64.pow(12),
            weights in proptest::collection::vec(0i128..10i128.pow(15), 1..40),
        ) {
            let parts = apportion(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let sum: i128 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights).filter(|_| sum > 0) {
                let off = i128::from(*part) * sum - i128::from(total) * weight;
                prop_assert!(off.abs() < sum);
            }
        }
    }
}
