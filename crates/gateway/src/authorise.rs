//! What a caller may do.
//!
//! No keys of tokens can be configured, so the connection alone decides: whoever calls over loopback hands releases
//! in, and everyone sees what is published.

use std::net::SocketAddr;

use regtrade_service::roles::{Role, Roles};
use regtrade_service::{Cause, Failure};
use tonic::Request;
use tonic::metadata::MetadataMap;

/// The roles of the caller of `request`.
///
/// # Errors
/// `UNAUTHENTICATED`, `NO_TOKEN_KEYS`, where the caller shows a token: one that cannot be checked is not passed over.
pub(crate) fn roles<T>(request: &Request<T>) -> Result<Roles, Failure> {
    of_caller(request.metadata(), request.remote_addr())
}

/// The roles of a caller who hands releases in.
///
/// # Errors
/// Those of [`roles`]; `PERMISSION_DENIED`, `INGEST_ROLE_NEEDED`, where the caller may not.
pub(crate) fn ingest_roles<T>(request: &Request<T>) -> Result<Roles, Failure> {
    need_ingest(roles(request)?)
}

fn of_caller(metadata: &MetadataMap, caller: Option<SocketAddr>) -> Result<Roles, Failure> {
    if metadata.contains_key("authorization") {
        return Err(Failure::new(
            Cause::Unauthenticated,
            "NO_TOKEN_KEYS",
            "this gateway has no keys to check a token with; call it without a token",
        ));
    }
    // On a socket for both, a caller over IPv4 has an address of IPv6.
    let loopback = caller.is_some_and(|caller| caller.ip().to_canonical().is_loopback());
    Ok(Roles::of(loopback.then_some(Role::Ingest)))
}

fn need_ingest(roles: Roles) -> Result<Roles, Failure> {
    if roles.have(Role::Ingest) {
        return Ok(roles);
    }
    Err(Failure::new(
        Cause::PermissionDenied,
        "INGEST_ROLE_NEEDED",
        "this call needs the role ingest, which callers on the host of the gateway have; call it from there",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles_from(address: &str) -> Roles {
        of_caller(&MetadataMap::new(), Some(address.parse().unwrap())).unwrap()
    }

    #[test]
    fn who_calls_over_loopback_hands_releases_in() {
        for address in [
            "127.0.0.1:9",
            "127.8.8.8:9",
            "[::1]:9",
            "[::ffff:127.0.0.1]:9",
        ] {
            let roles = roles_from(address);
            assert_eq!(roles, Roles::of([Role::Ingest]), "{address}");
            assert!(need_ingest(roles).is_ok());
        }
    }

    #[test]
    fn who_calls_from_elsewhere_sees_what_is_published_and_no_more() {
        for address in [
            "10.0.0.1:9",
            "[2001:db8::1]:9",
            "[::ffff:10.0.0.1]:9",
            "0.0.0.0:9",
        ] {
            let roles = roles_from(address);
            assert_eq!(roles, Roles::of([]), "{address}");
            let refused = need_ingest(roles).unwrap_err();
            assert_eq!(refused.cause, Cause::PermissionDenied);
            assert_eq!(refused.reason, "INGEST_ROLE_NEEDED");
        }
        assert_eq!(of_caller(&MetadataMap::new(), None), Ok(Roles::of([])));
    }

    #[test]
    fn a_token_that_cannot_be_checked_is_refused() {
        let mut request = Request::new(());
        request
            .metadata_mut()
            .insert("authorization", "Bearer any".parse().unwrap());
        let refused = roles(&request).unwrap_err();
        assert_eq!(refused.cause, Cause::Unauthenticated);
        assert_eq!(refused.reason, "NO_TOKEN_KEYS");
    }

    #[test]
    fn a_caller_cannot_give_itself_a_role() {
        let mut request = Request::new(());
        Roles::of([Role::Ingest, Role::Preview]).put_on(request.metadata_mut());
        assert_eq!(roles(&request), Ok(Roles::of([])));
    }
}
