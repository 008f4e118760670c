//! Which tokens are good, and what is said of the others.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use super::*;

/// 32 bytes, as bytes and as they stand in a set.
const SECRET: &[u8] = b"01234567890123456789012345678901";
const SECRET_BASE64: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";

const NOW: i64 = 1_800_000_000;

/// The keys of the vectors, and a secret called `secret`.
fn keys() -> KeySet {
    let vectors = include_str!("../../../tests/vectors/keys.json");
    let secret = format!(r#"{{"kty":"oct","kid":"secret","k":"{SECRET_BASE64}"}},"#);
    KeySet::read(vectors.replacen('[', &format!("[{secret}"), 1).as_bytes()).unwrap()
}

fn header(algorithm: Algorithm, kid: &str) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    header
}

fn signed(claims: &str) -> String {
    let claims: serde_json::Value = serde_json::from_str(claims).unwrap();
    let header = header(Algorithm::HS256, "secret");
    encode(&header, &claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

fn read_at(seconds: i64, token: &str, issuer: Option<&str>) -> Result<Good, Failure> {
    let expected = Expected {
        audience: "regtrade",
        issuer,
    };
    let now = Instant::from_timestamp(seconds, 0).unwrap();
    read(token, &keys(), &expected, now)
}

fn reason(read: Result<Good, Failure>) -> String {
    match read {
        Ok(_) => "good".to_owned(),
        Err(failure) => {
            assert_eq!(failure.cause, Cause::Unauthenticated);
            failure.reason.into_owned()
        }
    }
}

#[test]
fn tokens_that_others_made_with_each_kind_of_key_are_good() {
    for token in [
        include_str!("../../../tests/vectors/rsa.jwt"),
        include_str!("../../../tests/vectors/ec.jwt"),
        include_str!("../../../tests/vectors/ed.jwt"),
    ] {
        let good = read_at(NOW, token.trim(), None).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(good.roles, Roles::of([Role::Preview]));
        assert_eq!(good.subject.as_deref(), Some("tester"));
        assert_eq!(good.expires.timestamp(), 1_900_000_000);
    }
}

#[test]
fn roles_are_those_that_are_known_and_public() {
    for (roles, expected) in [
        (
            r#","roles":["ingest","janitor","Preview"]"#,
            Roles::of([Role::Ingest]),
        ),
        (
            r#","roles":["preview","confidential"]"#,
            Roles::of([Role::Preview, Role::Confidential]),
        ),
        (r#","roles":["admin"]"#, Roles::of([Role::Admin])),
        (r#","roles":[]"#, Roles::of([])),
        (
            r#","role":"admin","scope":"admin","admin":true"#,
            Roles::of([]),
        ),
    ] {
        let token = signed(&format!(r#"{{"aud":"regtrade","exp":1900000000{roles}}}"#));
        let good = read_at(NOW, &token, None).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(good.roles, expected, "{roles}");
    }
}

#[test]
fn claims_decide() {
    let exp = "\"exp\":1900000000";
    for (claims, issuer, expected) in [
        (format!(r#"{{"aud":"regtrade",{exp}}}"#), None, "good"),
        (
            format!(r#"{{"aud":["other","regtrade"],{exp}}}"#),
            None,
            "good",
        ),
        (
            format!(r#"{{"aud":"other",{exp}}}"#),
            None,
            "TOKEN_AUDIENCE",
        ),
        (
            format!(r#"{{"aud":["regtrade2"],{exp}}}"#),
            None,
            "TOKEN_AUDIENCE",
        ),
        (format!(r#"{{"aud":[],{exp}}}"#), None, "TOKEN_AUDIENCE"),
        (format!("{{{exp}}}"), None, "TOKEN_AUDIENCE"),
        (
            format!(r#"{{"aud":"regtrade","iss":"us",{exp}}}"#),
            Some("us"),
            "good",
        ),
        (
            format!(r#"{{"aud":"regtrade","iss":"them",{exp}}}"#),
            Some("us"),
            "TOKEN_ISSUER",
        ),
        (
            format!(r#"{{"aud":"regtrade",{exp}}}"#),
            Some("us"),
            "TOKEN_ISSUER",
        ),
        (
            format!(r#"{{"aud":"regtrade","iss":"them",{exp}}}"#),
            None,
            "good",
        ),
        (r#"{"aud":"regtrade"}"#.to_owned(), None, "TOKEN_MALFORMED"),
        (
            r#"{"aud":"regtrade","exp":"1900000000"}"#.to_owned(),
            None,
            "TOKEN_MALFORMED",
        ),
        (
            r#"{"aud":"regtrade","exp":-1}"#.to_owned(),
            None,
            "TOKEN_MALFORMED",
        ),
        (
            r#"{"aud":"regtrade","exp":1e300}"#.to_owned(),
            None,
            "TOKEN_MALFORMED",
        ),
        (
            format!(r#"{{"aud":"regtrade","roles":"admin",{exp}}}"#),
            None,
            "TOKEN_MALFORMED",
        ),
        (
            format!(r#"{{"aud":"regtrade","roles":[7],{exp}}}"#),
            None,
            "TOKEN_MALFORMED",
        ),
        (format!(r#"{{"aud":7,{exp}}}"#), None, "TOKEN_MALFORMED"),
        (
            format!(r#"{{"aud":"regtrade","nbf":"x",{exp}}}"#),
            None,
            "TOKEN_MALFORMED",
        ),
    ] {
        assert_eq!(
            reason(read_at(NOW, &signed(&claims), issuer)),
            expected,
            "{claims}"
        );
    }
}

#[test]
fn a_token_is_good_from_its_beginning_less_the_leeway_to_its_end_and_no_longer() {
    let token = signed(r#"{"aud":"regtrade","nbf":1800000000,"exp":1800000600}"#);
    for (seconds, expected) in [
        (NOW - 31, "TOKEN_NOT_YET_VALID"),
        (NOW - 30, "good"),
        (NOW, "good"),
        (NOW + 599, "good"),
        (NOW + 600, "TOKEN_EXPIRED"),
        (NOW + 601, "TOKEN_EXPIRED"),
    ] {
        assert_eq!(
            reason(read_at(seconds, &token, None)),
            expected,
            "{seconds}"
        );
    }
    let fraction = signed(r#"{"aud":"regtrade","exp":1800000600.9}"#);
    assert_eq!(reason(read_at(NOW + 600, &fraction, None)), "TOKEN_EXPIRED");
}

#[test]
fn the_algorithm_is_that_of_the_key_whatever_the_token_says() {
    let claims: serde_json::Value =
        serde_json::from_str(r#"{"aud":"regtrade","exp":1900000000,"roles":["admin"]}"#).unwrap();
    // What is public of a key, as bytes that an attacker could sign with by HS256.
    let set = keys();
    let public: Vec<u8> = match set.named(Some("rsa")).unwrap().verifier.kind() {
        jsonwebtoken::DecodingKeyKind::RsaModulusExponent { n, .. } => n.clone(),
        jsonwebtoken::DecodingKeyKind::SecretOrDer(bytes) => bytes.clone(),
    };
    for (kid, secret) in [("rsa", public.as_slice()), ("ec", SECRET), ("ed", SECRET)] {
        let header = header(Algorithm::HS256, kid);
        let token = encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(
            reason(read_at(NOW, &token, None)),
            "TOKEN_ALGORITHM",
            "{kid}"
        );
    }
    let stronger = header(Algorithm::HS512, "secret");
    let token = encode(&stronger, &claims, &EncodingKey::from_secret(SECRET)).unwrap();
    assert_eq!(reason(read_at(NOW, &token, None)), "TOKEN_ALGORITHM");

    // {"alg":"none","kid":"secret"}, and the claims of a good token.
    let good = signed(&claims.to_string());
    let body = good.split('.').nth(1).unwrap();
    for signature in ["", good.rsplit('.').next().unwrap()] {
        let none = format!("eyJhbGciOiJub25lIiwia2lkIjoic2VjcmV0In0.{body}.{signature}");
        assert_eq!(reason(read_at(NOW, &none, None)), "TOKEN_MALFORMED");
    }
}

#[test]
fn what_is_not_signed_with_its_key_is_refused() {
    let good = signed(r#"{"aud":"regtrade","exp":1900000000}"#);
    let more = signed(r#"{"aud":"regtrade","exp":1900000000,"roles":["admin"]}"#);
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (good_parts, more_parts) = (parts(&good), parts(&more));
    let swapped = format!("{}.{}.{}", good_parts[0], more_parts[1], good_parts[2]);
    assert_eq!(reason(read_at(NOW, &swapped, None)), "TOKEN_SIGNATURE");
    let unsigned = format!("{}.{}.", good_parts[0], more_parts[1]);
    assert_eq!(reason(read_at(NOW, &unsigned, None)), "TOKEN_SIGNATURE");

    let claims: serde_json::Value =
        serde_json::from_str(r#"{"aud":"regtrade","exp":1900000000}"#).unwrap();
    let by = |header: &Header, secret: &[u8]| {
        encode(header, &claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let other = by(
        &header(Algorithm::HS256, "secret"),
        b"another secret of thirty-two bytes",
    );
    assert_eq!(reason(read_at(NOW, &other, None)), "TOKEN_SIGNATURE");
    let unknown = by(&header(Algorithm::HS256, "gone"), SECRET);
    assert_eq!(reason(read_at(NOW, &unknown, None)), "TOKEN_UNKNOWN_KEY");
    let nameless = by(&Header::new(Algorithm::HS256), SECRET);
    assert_eq!(reason(read_at(NOW, &nameless, None)), "TOKEN_UNKNOWN_KEY");
    let mut critical = header(Algorithm::HS256, "secret");
    critical.crit = Some(vec!["exp".to_owned()]);
    assert_eq!(
        reason(read_at(NOW, &by(&critical, SECRET), None)),
        "TOKEN_MALFORMED"
    );
}

#[test]
fn what_is_no_token_is_refused_and_never_quoted() {
    let long = format!("{}.e30.AAAA", "x".repeat(9000));
    for text in [
        "",
        ".",
        "..",
        "hunter2",
        "hunter2.hunter2.hunter2",
        "a.b.c.d",
        "\u{e9}.b.c",
        &long,
    ] {
        let Err(failure) = read_at(NOW, text, None) else {
            panic!("{text} was taken");
        };
        assert_eq!(failure.reason, "TOKEN_MALFORMED", "{text}");
        assert!(!failure.message.contains("hunter2"), "{}", failure.message);
    }
}
