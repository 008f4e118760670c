//! Tokens over real connections: what reaches the services behind, and when a watcher is sent away.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use regtrade_gateway::TokenConfig;
use regtrade_model::Instant;
use regtrade_proto::v1;
use regtrade_service::roles::{Role, Roles};
use regtrade_service::{Clock, ManualClock};
use support::{Behind, Seen, patiently};
use tempfile::TempDir;
use tonic::transport::Channel;
use tonic::{Code, Request, Status, Streaming};
use tonic_types::StatusExt;
use v1::catalogue_service_client::CatalogueServiceClient;
use v1::ingest_service_client::IngestServiceClient;

/// 32 bytes, as bytes and as they stand in the file.
const SECRET: &[u8] = b"01234567890123456789012345678901";
const SECRET_BASE64: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";

const NOW: i64 = 1_800_000_000;

/// A clock that test and gateway share.
#[derive(Clone)]
struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> Instant {
        self.0.now()
    }
}

/// A gateway with one key, at the instant [`NOW`].
struct Gateway {
    behind: Behind,
    clock: Shared,
    folder: TempDir,
}

impl Gateway {
    async fn start() -> Self {
        let clock = Shared(Arc::new(ManualClock::new(at(NOW))));
        let folder = tempfile::tempdir().unwrap();
        let tokens = TokenConfig {
            token_keys: Some(folder.path().join("keys.json")),
            ..TokenConfig::default()
        };
        write_key(&folder, "first");
        let behind = support::gateway(tokens, clock.clone()).await;
        Self {
            behind,
            clock,
            folder,
        }
    }

    fn set_clock(&self, seconds: i64) {
        self.clock.0.set(at(seconds));
    }

    async fn channel(&self) -> Channel {
        let endpoint = Channel::from_shared(self.behind.address.clone()).unwrap();
        endpoint.connect().await.unwrap()
    }

    async fn list(&mut self, token: &str) -> Result<Seen, Status> {
        let mut client = CatalogueServiceClient::new(self.channel().await);
        let request = showing(token, v1::ListReleasesRequest::default());
        patiently(client.list_releases(request)).await?;
        Ok(support::next(&mut self.behind.seen).await)
    }

    async fn watch(&mut self, token: &str) -> Streaming<v1::WatchReleasesResponse> {
        let mut client = IngestServiceClient::new(self.channel().await);
        let request = showing(token, v1::WatchReleasesRequest::default());
        let stream = patiently(client.watch_releases(request)).await.unwrap();
        stream.into_inner()
    }

    /// Tells the watcher that came last of a release.
    fn tell(&self) {
        let told = self.behind.tell.lock().unwrap();
        let _ = told
            .as_ref()
            .unwrap()
            .send(Ok(v1::WatchReleasesResponse::default()));
    }
}

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap()
}

fn write_key(folder: &TempDir, name: &str) {
    let set = format!(r#"{{"keys":[{{"kty":"oct","kid":"{name}","k":"{SECRET_BASE64}"}}]}}"#);
    fs::write(folder.path().join("keys.json"), set).unwrap();
}

/// A token with these roles, which runs out after so many seconds.
fn token(roles: &str, seconds: i64) -> String {
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("first".to_owned());
    let exp = NOW + seconds;
    let claims = format!(r#"{{"aud":"regtrade","sub":"tester","exp":{exp},"roles":{roles}}}"#);
    let claims: serde_json::Value = serde_json::from_str(&claims).unwrap();
    encode(&header, &claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

fn showing<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if !token.is_empty() {
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    request
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    details.error_info().unwrap().reason.clone()
}

#[tokio::test]
async fn the_services_behind_learn_the_roles_of_the_token_and_not_the_token() {
    let mut gateway = Gateway::start().await;
    for (shown, roles) in [
        (String::new(), Roles::of([])),
        (token(r#"["preview"]"#, 60), Roles::of([Role::Preview])),
        (
            token(r#"["ingest","janitor"]"#, 60),
            Roles::of([Role::Ingest]),
        ),
        (token(r#"["admin"]"#, 60), Roles::of([Role::Admin])),
        (token("[]", 60), Roles::of([])),
    ] {
        // What a caller says of its own roles counts for nothing.
        let mut client = CatalogueServiceClient::new(gateway.channel().await);
        let mut request = showing(&shown, v1::ListReleasesRequest::default());
        Roles::of([Role::Admin]).put_on(request.metadata_mut());
        patiently(client.list_releases(request)).await.unwrap();
        let seen = support::next(&mut gateway.behind.seen).await;
        assert_eq!(seen, Seen::Call(roles));
    }
}

#[tokio::test]
async fn with_keys_nobody_hands_releases_in_without_a_token_over_loopback_either() {
    let mut gateway = Gateway::start().await;
    let mut client = IngestServiceClient::new(gateway.channel().await);
    for shown in [String::new(), token(r#"["preview"]"#, 60)] {
        let request = showing(&shown, v1::ListIngestedReleasesRequest::default());
        let refused = client.list_ingested_releases(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert_eq!(reason(&refused), "INGEST_ROLE_NEEDED");
    }
    for shown in [token(r#"["ingest"]"#, 60), token(r#"["admin"]"#, 60)] {
        let request = showing(&shown, v1::ListIngestedReleasesRequest::default());
        client.list_ingested_releases(request).await.unwrap();
        let seen = support::next(&mut gateway.behind.seen).await;
        assert!(matches!(seen, Seen::Call(roles) if roles.have(Role::Ingest)));
    }
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_before_anything_behind_hears_of_the_call() {
    let mut gateway = Gateway::start().await;
    let good = token(r#"["preview"]"#, 60);
    for (shown, expected) in [
        (token(r#"["preview"]"#, 0), "TOKEN_EXPIRED"),
        (format!("{good}x"), "TOKEN_SIGNATURE"),
        ("hunter2".to_owned(), "TOKEN_MALFORMED"),
    ] {
        let refused = gateway.list(&shown).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{refused}");
        assert_eq!(reason(&refused), expected);
        assert!(!refused.message().contains("hunter2"));
    }
    // The next thing that is seen behind is the call that is let in.
    let seen = gateway.list(&good).await.unwrap();
    assert_eq!(seen, Seen::Call(Roles::of([Role::Preview])));
}

#[tokio::test]
async fn a_watcher_is_told_until_its_token_runs_out_and_nothing_after() {
    let mut gateway = Gateway::start().await;
    let mut watcher = gateway.watch(&token(r#"["preview"]"#, 60)).await;
    let seen = support::next(&mut gateway.behind.seen).await;
    assert_eq!(seen, Seen::Call(Roles::of([Role::Preview])));
    for seconds in [0, 1, 59] {
        gateway.set_clock(NOW + seconds);
        gateway.tell();
        assert!(patiently(watcher.message()).await.unwrap().is_some());
    }
    gateway.set_clock(NOW + 60);
    // This is there when the token has run out, so the watcher must not hear of it.
    gateway.tell();
    let ended = patiently(watcher.message()).await.unwrap_err();
    assert_eq!(ended.code(), Code::Unauthenticated);
    assert_eq!(reason(&ended), "TOKEN_EXPIRED");
    let seen = support::next(&mut gateway.behind.seen).await;
    assert_eq!(seen, Seen::WatcherGone);
}

#[tokio::test]
async fn a_watcher_that_is_told_nothing_is_sent_away_all_the_same() {
    let mut gateway = Gateway::start().await;
    let mut watcher = gateway.watch(&token(r#"["preview"]"#, 60)).await;
    let waiting = tokio::spawn(async move { watcher.message().await });
    support::next(&mut gateway.behind.seen).await;
    gateway.set_clock(NOW + 60);
    let ended = patiently(waiting).await.unwrap().unwrap_err();
    assert_eq!(reason(&ended), "TOKEN_EXPIRED");
}

#[tokio::test]
async fn a_key_that_is_taken_out_ends_its_watchers_and_its_tokens() {
    let mut gateway = Gateway::start().await;
    let shown = token(r#"["preview"]"#, 3600);
    let mut watcher = gateway.watch(&shown).await;
    write_key(&gateway.folder, "second");
    let ended = patiently(watcher.message()).await.unwrap_err();
    assert_eq!(ended.code(), Code::Unauthenticated);
    assert_eq!(reason(&ended), "TOKEN_UNKNOWN_KEY");
    support::next(&mut gateway.behind.seen).await;
    let refused = gateway.list(&shown).await.unwrap_err();
    assert_eq!(reason(&refused), "TOKEN_UNKNOWN_KEY");
}

#[tokio::test]
async fn who_watches_without_a_token_is_not_sent_away() {
    let mut gateway = Gateway::start().await;
    let mut watcher = gateway.watch("").await;
    assert_eq!(
        support::next(&mut gateway.behind.seen).await,
        Seen::Call(Roles::of([]))
    );
    gateway.set_clock(NOW + 1_000_000);
    gateway.tell();
    assert!(patiently(watcher.message()).await.unwrap().is_some());
}
