//! Pages: a token names the last thing shown, so that what appears in between neither repeats nor skips a row.

use crate::Failure;

/// Releases of a page.
const MOST_RELEASES: u32 = 200;

/// How many rows a page has: what was asked for, as far as the limit goes; the limit where nothing was asked.
#[must_use]
pub fn size(asked: u32, limit: u32) -> usize {
    let rows = if asked == 0 { limit } else { asked.min(limit) };
    usize::try_from(rows.max(1)).unwrap_or(usize::MAX)
}

/// How many releases a page has: fewer than other rows, since each has much to say.
#[must_use]
pub fn size_of_releases(asked: u32, limit: u32) -> usize {
    size(asked, limit.min(MOST_RELEASES))
}

/// The page of `rows` after the one that `token` names, and the token of the page after it.
///
/// # Errors
/// Where no row has that token.
pub fn page<T>(
    rows: Vec<T>,
    token: &str,
    size: usize,
    name: impl Fn(&T) -> String,
) -> Result<(Vec<T>, String), Failure> {
    let start = if token.is_empty() {
        0
    } else {
        let found = rows.iter().position(|row| name(row) == token);
        1 + found.ok_or_else(|| {
            Failure::invalid_field(
                "UNKNOWN_PAGE_TOKEN",
                "page_token",
                "is not a token of this request's answer; ask again without it",
            )
        })?
    };
    let more = rows.len() > start.saturating_add(size);
    let page: Vec<T> = rows.into_iter().skip(start).take(size).collect();
    let next = if more {
        page.last().map(name).unwrap_or_default()
    } else {
        String::new()
    };
    Ok((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let (mut seen, mut token) = (vec![], String::new());
        loop {
            let (rows, next) =
                page((0..7).collect(), &token, size(3, 100), i32::to_string).unwrap();
            assert!(rows.len() <= 3);
            seen.extend(rows);
            if next.is_empty() {
                break;
            }
            token = next;
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
        assert!(page(vec![1, 2], "9", 3, i32::to_string).is_err());
    }

    #[test]
    fn a_page_is_never_larger_than_the_limit() {
        assert_eq!(size(0, 10), 10);
        assert_eq!(size(5, 10), 5);
        assert_eq!(size(50, 10), 10);
    }
}
