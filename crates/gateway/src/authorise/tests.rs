//! Who is let in, by connection and by token.

use std::fs;

use regtrade_service::ManualClock;

use super::*;

/// Signed with the key `ec` of the vectors; for the role preview, until 1900000000.
const PREVIEW: &str = include_str!("../../tests/vectors/ec.jwt");

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(
        regtrade_model::Instant::from_timestamp(1_800_000_000, 0).unwrap(),
    ))
}

async fn without_keys() -> Arc<Authority> {
    let authority = Authority::new(TokenConfig::default(), clock()).await;
    authority.unwrap()
}

async fn with_keys(clock: Arc<ManualClock>) -> (tempfile::TempDir, Arc<Authority>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    fs::write(&path, include_str!("../../tests/vectors/keys.json")).unwrap();
    let config = TokenConfig {
        token_keys: Some(path),
        ..TokenConfig::default()
    };
    let authority = Authority::new(config, clock).await.unwrap();
    (folder, authority)
}

fn showing(values: &[&str]) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    for value in values {
        metadata.append(AUTHORIZATION, value.trim_end().parse().unwrap());
    }
    metadata
}

async fn roles_of(
    authority: &Arc<Authority>,
    metadata: &MetadataMap,
    address: &str,
) -> Result<Roles, Failure> {
    let caller = authority.caller(metadata, address.parse().ok()).await?;
    Ok(caller.roles)
}

#[tokio::test]
async fn without_keys_who_calls_over_loopback_hands_releases_in() {
    let authority = without_keys().await;
    for address in [
        "127.0.0.1:9",
        "127.8.8.8:9",
        "[::1]:9",
        "[::ffff:127.0.0.1]:9",
    ] {
        let roles = roles_of(&authority, &MetadataMap::new(), address)
            .await
            .unwrap();
        assert_eq!(roles, Roles::of([Role::Ingest]), "{address}");
        assert!(need_ingest(roles).is_ok());
    }
}

#[tokio::test]
async fn without_keys_who_calls_from_elsewhere_sees_what_is_published_and_no_more() {
    let authority = without_keys().await;
    for address in [
        "10.0.0.1:9",
        "[2001:db8::1]:9",
        "[::ffff:10.0.0.1]:9",
        "0.0.0.0:9",
        "",
    ] {
        let roles = roles_of(&authority, &MetadataMap::new(), address)
            .await
            .unwrap();
        assert_eq!(roles, Roles::of([]), "{address}");
        let refused = need_ingest(roles).unwrap_err();
        assert_eq!(refused.cause, Cause::PermissionDenied);
        assert_eq!(refused.reason, "INGEST_ROLE_NEEDED");
    }
}

#[tokio::test]
async fn without_keys_a_token_is_refused_and_not_passed_over() {
    let authority = without_keys().await;
    let shown = showing(&[&format!("Bearer {PREVIEW}")]);
    let refused = roles_of(&authority, &shown, "127.0.0.1:9")
        .await
        .unwrap_err();
    assert_eq!(refused.cause, Cause::Unauthenticated);
    assert_eq!(refused.reason, "NO_TOKEN_KEYS");
}

#[tokio::test]
async fn with_keys_no_token_is_public_alone_over_loopback_too() {
    let (_folder, authority) = with_keys(clock()).await;
    for address in ["127.0.0.1:9", "[::1]:9", "10.0.0.1:9", ""] {
        let roles = roles_of(&authority, &MetadataMap::new(), address)
            .await
            .unwrap();
        assert_eq!(roles, Roles::of([]), "{address}");
    }
}

#[tokio::test]
async fn with_keys_a_token_gives_its_roles_wherever_its_bearer_calls_from() {
    let (_folder, authority) = with_keys(clock()).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let shown = showing(&[&format!("{scheme} {PREVIEW}")]);
        for address in ["127.0.0.1:9", "10.0.0.1:9"] {
            let roles = roles_of(&authority, &shown, address).await;
            assert_eq!(roles, Ok(Roles::of([Role::Preview])));
        }
    }
}

#[tokio::test]
async fn with_keys_a_token_is_refused_once_the_clock_has_passed_its_end() {
    let clock = clock();
    let (_folder, authority) = with_keys(Arc::clone(&clock)).await;
    clock.set(regtrade_model::Instant::from_timestamp(1_900_000_000, 0).unwrap());
    let shown = showing(&[&format!("Bearer {PREVIEW}")]);
    let refused = roles_of(&authority, &shown, "127.0.0.1:9")
        .await
        .unwrap_err();
    assert_eq!(refused.reason, "TOKEN_EXPIRED");
}

#[tokio::test]
async fn what_is_shown_in_place_of_one_bearer_token_is_refused_and_not_passed_over() {
    let (_folder, authority) = with_keys(clock()).await;
    let good = format!("Bearer {}", PREVIEW.trim());
    for shown in [
        &[""][..],
        &["Bearer"],
        &["Bearer "],
        &["Basic aHVudGVyMjpodW50ZXIy"],
        &[PREVIEW],
        &["Bearer hunter2"],
        &[&good, &good],
        &[&good, "Bearer hunter2"],
    ] {
        let refused = roles_of(&authority, &showing(shown), "127.0.0.1:9").await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.cause, Cause::Unauthenticated);
        assert_eq!(refused.reason, "TOKEN_MALFORMED", "{shown:?}");
        assert!(!refused.message.contains("hunter2"));
    }
}

#[test]
fn a_caller_cannot_give_itself_a_role_and_nobody_passes_beside_the_door() {
    let mut request = Request::new(());
    Roles::of([Role::Admin]).put_on(request.metadata_mut());
    assert_eq!(roles(&request).unwrap_err().cause, Cause::Internal);
    request.extensions_mut().insert(of_connection(None));
    assert_eq!(roles(&request), Ok(Roles::of([])));
}
