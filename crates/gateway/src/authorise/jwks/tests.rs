//! Which sets of keys are taken.

use super::*;

/// Public keys of each kind, of which nobody has kept the private part.
pub(crate) const VECTORS: &str = include_str!("../../../tests/vectors/keys.json");

/// 32 bytes.
const SECRET: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";

/// The modulus of an RSA key of 1024 bits.
const SHORT: &str = "zdvdu8iWWUTPH9UY_cQsnph6RuFP4mkNXNbxzUWQNVpuDxX70e0TUBa3WjznTjLiv9ENDoGwCvbhlAr0QiYScpCK8Hkc0az3jUY7zS81JuT54a5yAliJvLmmQJxzIXRlYdgtiMuI-3dUc5YOOqPdFu1r2pIlKcGtWY3ZrVeFK2s";

fn read(keys: &str) -> Result<KeySet, String> {
    let set = format!("{{\"keys\":[{keys}]}}");
    KeySet::read(set.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn a_key_of_each_kind_checks_by_the_one_algorithm_of_its_kind() {
    let keys = KeySet::read(VECTORS.as_bytes()).unwrap();
    let algorithm = |id| keys.named(Some(id)).map(|key| key.algorithm);
    assert_eq!(algorithm("rsa"), Some(Algorithm::RS256));
    assert_eq!(algorithm("ec"), Some(Algorithm::ES256));
    assert_eq!(algorithm("ed"), Some(Algorithm::EdDSA));
    assert_eq!(algorithm("other"), None);
    assert!(keys.named(None).is_none());
    assert!(!keys.has_secrets());

    let secret = read(&format!(r#"{{"kty":"oct","k":"{SECRET}"}}"#)).unwrap();
    assert_eq!(secret.named(None).unwrap().algorithm, Algorithm::HS256);
    assert!(secret.named(Some("any")).is_none());
    assert!(secret.has_secrets());
}

#[test]
fn keys_for_something_else_are_left_out() {
    for other in [
        r#"{"kty":"RSA","kid":"a","use":"enc","n":"AQAB","e":"AQAB"}"#.to_owned(),
        r#"{"kty":"RSA","kid":"a","alg":"PS256","n":"AQAB","e":"AQAB"}"#.to_owned(),
        r#"{"kty":"EC","kid":"a","crv":"P-521","x":"AQAB","y":"AQAB"}"#.to_owned(),
        r#"{"kty":"OKP","kid":"a","crv":"X25519","x":"AQAB"}"#.to_owned(),
        r#"{"kty":"next","kid":"a"}"#.to_owned(),
        format!(r#"{{"kty":"oct","kid":"a","alg":"HS512","k":"{SECRET}"}}"#),
        format!(r#"{{"kty":"oct","kid":"a","key_ops":["sign"],"k":"{SECRET}"}}"#),
    ] {
        let keys = read(&format!(
            r#"{other},{{"kty":"oct","kid":"b","k":"{SECRET}"}}"#
        ))
        .unwrap();
        assert_eq!(keys.len(), 1, "{other}");
        assert!(keys.named(Some("b")).is_some());
    }
    assert_eq!(read("").unwrap().len(), 0);
}

#[test]
fn a_set_with_a_key_that_is_weak_private_or_unclear_is_refused_as_a_whole() {
    let good = format!(r#"{{"kty":"oct","kid":"a","k":"{SECRET}"}}"#);
    let rsa = |n: &str| format!(r#"{{"kty":"RSA","kid":"b","n":"{n}","e":"AQAB"}}"#);
    for (bad, word) in [
        (
            r#"{"kty":"oct","kid":"b","k":"c2hvcnQ"}"#.to_owned(),
            "less than 32 bytes",
        ),
        (
            r#"{"kty":"oct","kid":"b","k":"MDEy$zQ1"}"#.to_owned(),
            "base64url",
        ),
        (r#"{"kty":"oct","kid":"b"}"#.to_owned(), "lacks a member"),
        (rsa(SHORT), "less than 2048 bits"),
        // As long, by zeros in front.
        (
            rsa(&format!("{}{SHORT}", "A".repeat(400))),
            "less than 2048 bits",
        ),
        (
            r#"{"kty":"EC","kid":"b","crv":"P-256","x":"AQAB","y":"AQAB"}"#.to_owned(),
            "P-256",
        ),
        (
            r#"{"kty":"OKP","kid":"b","crv":"Ed25519","x":"AQAB"}"#.to_owned(),
            "Ed25519",
        ),
        (
            r#"{"kty":"OKP","kid":"b","crv":"Ed25519","x":"AQAB","d":"AQAB"}"#.to_owned(),
            "private key",
        ),
        (format!(r#"{{"kty":"oct","k":"{SECRET}"}}"#), "no \"kid\""),
        (good.clone(), "of an earlier one"),
    ] {
        let Err(error) = read(&format!("{good},{bad}")) else {
            panic!("{bad} was taken");
        };
        assert!(error.contains(word) && error.contains("key 2"), "{error}");
        assert!(
            !error.contains("MDEy") && !error.contains("AQAB"),
            "{error}"
        );
    }
}

#[test]
fn what_is_no_set_is_refused_at_its_place_and_not_quoted() {
    for text in [
        "",
        "{",
        "[]",
        r#"{"keys":{}}"#,
        r#"{"keys":[{"kty":"hunter2","kty":"hunter2"}]}"#,
        r#"{"keys":["hunter2"]}"#,
        r#"{"keys":[{"kty":7,"k":"hunter2"}]}"#,
        "{\"keys\":\n \"hunter2\"}",
    ] {
        let Err(error) = KeySet::read(text.as_bytes()) else {
            panic!("{text} was taken");
        };
        let error = error.to_string();
        assert!(
            error.contains("line") && !error.contains("hunter2"),
            "{error}"
        );
    }
}

#[test]
fn a_key_that_is_replaced_under_its_name_is_another_key() {
    let key = |k: &str| format!(r#"{{"kty":"oct","kid":"a","k":"{k}"}}"#);
    let before = read(&key(SECRET)).unwrap();
    let old = before.named(Some("a")).unwrap();
    assert!(before.has(old));
    let after = read(&key(&SECRET.replace("MDEy", "MDE0"))).unwrap();
    assert!(!after.has(old));
}
