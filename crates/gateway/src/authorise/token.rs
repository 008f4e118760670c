//! Reads one token: is it signed with a key of ours, for us, and of now; and what may its bearer do.
//!
//! No message and no log line here has a part of a token that was not checked.

use std::collections::HashSet;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use regtrade_model::Instant;
use regtrade_service::roles::{Role, Roles};
use regtrade_service::{Cause, Failure};
use serde::Deserialize;

use super::jwks::{Key, KeySet};

/// By so many seconds the clock of an issuer may be ahead of ours: a token is good that much before its `nbf`. A
/// token is not good for a moment after its `exp`, so that a role never outlives it.
const LEEWAY_SECONDS: f64 = 30.0;

/// No token of ours is longer, in bytes.
const LONGEST: usize = 8 * 1024;

/// The last second of the year 9999; an instant in a token that is later is a mistake.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// A token that is good.
pub(crate) struct Good {
    /// What its bearer may do.
    pub(crate) roles: Roles,
    /// Who its bearer is, for the log.
    pub(crate) subject: Option<String>,
    /// From when on it is good no more.
    pub(crate) expires: Instant,
    /// What it was signed with.
    pub(crate) key: Key,
}

/// What tokens have to say besides their signature.
pub(crate) struct Expected<'a> {
    /// One of `aud`.
    pub(crate) audience: &'a str,
    /// The `iss`, where it matters.
    pub(crate) issuer: Option<&'a str>,
}

/// The claims that matter here (RFC 7519, section 4.1), and the roles.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    exp: Option<f64>,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Reads a token at the instant `now`.
///
/// # Errors
/// `UNAUTHENTICATED`: `TOKEN_MALFORMED`, `TOKEN_UNKNOWN_KEY`, `TOKEN_ALGORITHM`, `TOKEN_SIGNATURE`, `TOKEN_ISSUER`,
/// `TOKEN_AUDIENCE`, `TOKEN_EXPIRED`, `TOKEN_NOT_YET_VALID`.
pub(crate) fn read(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Instant,
) -> Result<Good, Failure> {
    if token.len() > LONGEST {
        return Err(malformed("is longer than 8 KiB"));
    }
    let header = decode_header(token).map_err(|_| {
        malformed("is no signed JWT (header.payload.signature) by RS256, ES256, EdDSA or HS256")
    })?;
    if header.crit.is_some() {
        return Err(malformed(
            "has a \"crit\" header, which nothing here understands",
        ));
    }
    let key = keys
        .named(header.kid.as_deref())
        .ok_or_else(|| match header.kid {
            Some(_) => refused(
                "TOKEN_UNKNOWN_KEY",
                "the \"kid\" of the token names no key of this gateway; get a new token from the issuer, or have its key put into the gateway's file of token keys",
            ),
            None => refused(
                "TOKEN_UNKNOWN_KEY",
                "the token names no key in its header, and this gateway does not have exactly one; have tokens made with a \"kid\"",
            ),
        })?;
    // Asked before the signature is looked at: a key checks by its own algorithm or not at all.
    if header.alg != key.algorithm {
        return Err(refused(
            "TOKEN_ALGORITHM",
            "the token is signed by another algorithm than its key is for; have tokens made with the algorithm of the key",
        ));
    }
    let claims = decode::<Claims>(token, &key.verifier, &signature_alone(key))
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => refused(
                "TOKEN_SIGNATURE",
                "the token is not signed with the key that it names, or was changed; get a new token from the issuer",
            ),
            _ => malformed(
                "has claims that cannot be read: \"exp\" and \"nbf\" are seconds since 1970, \"roles\" is an array of texts",
            ),
        })?
        .claims;
    claims.check_party(expected)?;
    let expires = claims.check_time(now)?;
    Ok(Good {
        roles: Roles::of(claims.roles.iter().filter_map(|name| Role::named(name))),
        subject: claims.sub,
        expires,
        key: key.clone(),
    })
}

/// What a token is told that was good and has run out.
pub(crate) fn expired() -> Failure {
    refused(
        "TOKEN_EXPIRED",
        "the token has run out (\"exp\"); get a new one from the issuer and call again",
    )
}

/// What a token is told of which the key was taken out of the set.
pub(crate) fn key_gone() -> Failure {
    refused(
        "TOKEN_UNKNOWN_KEY",
        "the key of the token was taken out of the keys of this gateway; get a new token from the issuer",
    )
}

/// What a caller is told whose token says nothing, or not what a token is.
pub(crate) fn malformed(what: &str) -> Failure {
    refused(
        "TOKEN_MALFORMED",
        &format!("the token {what}; send the metadata `authorization: Bearer TOKEN` once, or none"),
    )
}

impl Claims {
    fn check_party(&self, expected: &Expected<'_>) -> Result<(), Failure> {
        if let Some(issuer) = expected.issuer
            && self.iss.as_deref() != Some(issuer)
        {
            return Err(refused(
                "TOKEN_ISSUER",
                "the token is from another issuer (\"iss\") than this gateway trusts; get one from the issuer of this gateway",
            ));
        }
        let is_for_us = match &self.aud {
            None => false,
            Some(Audience::One(audience)) => audience == expected.audience,
            Some(Audience::Several(all)) => all.iter().any(|one| one == expected.audience),
        };
        if is_for_us {
            return Ok(());
        }
        let audience = expected.audience;
        Err(refused(
            "TOKEN_AUDIENCE",
            &format!(
                "the token is for another service; its \"aud\" must have \"{audience}\": get one that was made for it"
            ),
        ))
    }

    /// The instant at which the token runs out.
    fn check_time(&self, now: Instant) -> Result<Instant, Failure> {
        let Some(exp) = self.exp else {
            return Err(malformed(
                "has no \"exp\", and one that never runs out is not taken",
            ));
        };
        // Whole seconds, to the side of the shorter life.
        let expires = instant(exp.floor())?;
        if let Some(nbf) = self.nbf
            && instant((nbf.ceil() - LEEWAY_SECONDS).max(0.0))? > now
        {
            return Err(refused(
                "TOKEN_NOT_YET_VALID",
                "the token is not good yet (\"nbf\"); wait, or have the issuer's clock and the gateway's compared",
            ));
        }
        if expires <= now {
            return Err(expired());
        }
        Ok(expires)
    }
}

/// The signature is all that is left to the library: of time it would ask the machine, and not our clock.
fn signature_alone(key: &Key) -> Validation {
    let mut validation = Validation::new(key.algorithm);
    validation.required_spec_claims = HashSet::new();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn instant(seconds: f64) -> Result<Instant, Failure> {
    let wrong = || malformed("has an instant that is not between the years 1970 and 9999");
    if !(0.0..=LAST_SECOND).contains(&seconds) {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole, and in range")]
    Instant::from_timestamp(seconds as i64, 0).ok_or_else(wrong)
}

fn refused(reason: &'static str, message: &str) -> Failure {
    Failure::new(Cause::Unauthenticated, reason, message)
}

#[cfg(test)]
mod tests;
