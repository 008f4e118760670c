//! What a caller may do.
//!
//! With keys of tokens, a token decides: without one a caller sees what is published, wherever it calls from.
//! Without keys, the connection alone decides: whoever calls over loopback hands releases in, and everyone sees what
//! is published; a token is refused, since it cannot be checked.

mod caller;
mod door;
mod jwks;
mod keyring;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;

use regtrade_service::roles::{Role, Roles};
use regtrade_service::{Cause, Clock, Failure};
use tonic::Request;
use tonic::metadata::MetadataMap;

use crate::config::TokenConfig;
pub(crate) use caller::Caller;
use caller::Pass;
pub(crate) use door::Door;
use jwks::Key;
pub use keyring::KeyFileError;
use keyring::Keyring;
use token::Expected;

/// The metadata key in which callers show their token.
const AUTHORIZATION: &str = "authorization";

/// A subject is shown in the log as far as this, in characters.
const SUBJECT_CHARACTERS: usize = 100;

/// By what callers are told apart.
pub(crate) struct Authority {
    keyring: Option<Keyring>,
    audience: String,
    issuer: Option<String>,
    clock: Arc<dyn Clock>,
}

impl Authority {
    /// Reads the keys, where there are some.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub(crate) async fn new(
        config: TokenConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, KeyFileError> {
        let keyring = match config.token_keys {
            Some(path) => Some(Keyring::open(path).await?),
            None => None,
        };
        Ok(Arc::new(Self {
            keyring,
            audience: config.token_audience,
            issuer: config.token_issuer.filter(|issuer| !issuer.is_empty()),
            clock,
        }))
    }

    /// Who calls from `address` with this metadata.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, where the caller shows a token that is not good, or that cannot be checked: it is not passed
    /// over. `NO_TOKEN_KEYS`, or one of [`token::read`].
    pub(crate) async fn caller(
        self: &Arc<Self>,
        metadata: &MetadataMap,
        address: Option<SocketAddr>,
    ) -> Result<Caller, Failure> {
        let found = self.find_out(metadata, address).await;
        if let Err(failure) = &found {
            tracing::info!(reason = %failure.reason, "the token of the caller is refused");
        }
        found
    }

    async fn find_out(
        self: &Arc<Self>,
        metadata: &MetadataMap,
        address: Option<SocketAddr>,
    ) -> Result<Caller, Failure> {
        let shows_token = metadata.contains_key(AUTHORIZATION);
        let Some(keyring) = &self.keyring else {
            return if shows_token {
                Err(Failure::new(
                    Cause::Unauthenticated,
                    "NO_TOKEN_KEYS",
                    "this gateway has no keys to check a token with; call it without a token, or start it with --token-keys",
                ))
            } else {
                Ok(of_connection(address))
            };
        };
        if !shows_token {
            let (roles, pass) = (Roles::of([]), None);
            return Ok(Caller { roles, pass });
        }
        let token = bearer(metadata)?;
        let keys = keyring.keys().await;
        let expected = Expected {
            audience: &self.audience,
            issuer: self.issuer.as_deref(),
        };
        let good = token::read(token, &keys, &expected, self.clock.now())?;
        let subject: Option<String> = good
            .subject
            .map(|subject| subject.chars().take(SUBJECT_CHARACTERS).collect());
        // Of text from outside, what would begin a new line of the log is shown escaped.
        tracing::info!(subject = ?subject.unwrap_or_default(), roles = %good.roles, key = ?good.key.id.as_deref().unwrap_or_default(), "the caller shows a good token");
        Ok(Caller {
            roles: good.roles,
            pass: Some(Pass {
                authority: Arc::clone(self),
                key: good.key,
                expires: good.expires,
            }),
        })
    }

    /// Whether a key is still one of ours.
    async fn knows(&self, key: &Key) -> bool {
        match &self.keyring {
            Some(keyring) => keyring.keys().await.has(key),
            None => false,
        }
    }
}

/// Who makes this call, as the door found out.
///
/// # Errors
/// `INTERNAL`, where the call did not come through the door: a mistake of ours, which lets nobody in.
pub(crate) fn caller<T>(request: &Request<T>) -> Result<Caller, Failure> {
    let caller = request.extensions().get::<Caller>();
    caller.cloned().ok_or_else(|| Failure::internal(&NoDoor))
}

/// The roles of the caller of `request`.
///
/// # Errors
/// Those of [`caller`].
pub(crate) fn roles<T>(request: &Request<T>) -> Result<Roles, Failure> {
    Ok(caller(request)?.roles)
}

/// The roles of a caller who hands releases in.
///
/// # Errors
/// Those of [`roles`]; `PERMISSION_DENIED`, `INGEST_ROLE_NEEDED`, where the caller may not.
pub(crate) fn ingest_roles<T>(request: &Request<T>) -> Result<Roles, Failure> {
    need_ingest(roles(request)?)
}

#[derive(Debug, thiserror::Error)]
#[error("a service answers calls that nobody authorised")]
struct NoDoor;

fn of_connection(address: Option<SocketAddr>) -> Caller {
    // On a socket for both, a caller over IPv4 has an address of IPv6.
    let loopback = address.is_some_and(|address| address.ip().to_canonical().is_loopback());
    Caller {
        roles: Roles::of(loopback.then_some(Role::Ingest)),
        pass: None,
    }
}

/// The token of the caller, of which there must be exactly one (RFC 6750, section 2.1).
fn bearer(metadata: &MetadataMap) -> Result<&str, Failure> {
    let mut all = metadata.get_all(AUTHORIZATION).iter();
    let (Some(shown), None) = (all.next(), all.next()) else {
        return Err(token::malformed("is not the only one of the call"));
    };
    let (scheme, token) = shown
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(|| token::malformed("is not named as a bearer token"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(token::malformed("is not named as a bearer token"));
    }
    Ok(token.trim_matches(' '))
}

fn need_ingest(roles: Roles) -> Result<Roles, Failure> {
    if roles.have(Role::Ingest) {
        return Ok(roles);
    }
    Err(Failure::new(
        Cause::PermissionDenied,
        "INGEST_ROLE_NEEDED",
        "this call needs the role ingest: show a token that has it, or, where the gateway has no token keys, call from its own host",
    ))
}

#[cfg(test)]
mod tests;
