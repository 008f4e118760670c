//! In which state the catalogue is, for answers that are kept.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use futures::{FutureExt as _, future::BoxFuture};
use regtrade_model::Instant;
use regtrade_service::{
    Failure,
    kept::{Basis, STATE_KEY, UNTIL_KEY},
    roles::{Role, Roles},
};
use tonic::{
    body::Body,
    codegen::http::Request,
    metadata::{AsciiMetadataValue, MetadataMap},
};

use super::Reader;
use crate::error::of_lake;

/// The state of the catalogue, as far as a caller may see it.
pub(super) struct State {
    /// The same as long as the state is: nothing came in that the caller may see, and no release became public.
    text: Arc<str>,
    /// When the next release becomes public, of those there are. For the gateway, and nobody behind it.
    until: Option<Instant>,
}

impl Reader {
    /// The state of the catalogue now, for a caller with `roles`.
    pub(super) async fn state(&self, roles: &Roles) -> Result<State, Failure> {
        let catalogue = self.stock.lake.catalogue().await;
        let (version, releases) = catalogue.map_err(|error| of_lake(&error))?;
        let now = self.clock.now();
        let made_at = self.made_at.timestamp_micros();
        let text = if roles.have(Role::Preview) {
            let due = releases.iter().filter(|known| known.published_at <= now);
            format!("{made_at}.{version}.{}", due.count())
        } else {
            // Were it the version, the public's answers would take longer after each commit, and tell of a release
            // that is under embargo. What is public stays so, and what was
            // taken back is not given again: no state comes back after another.
            let mut hasher = DefaultHasher::new();
            let public = releases.iter().filter(|known| known.is_public(now));
            for release in public {
                let withdrawn_at = release.withdrawn.as_ref().map(|taken_back| taken_back.at);
                (release.id.as_str(), release.published_at, withdrawn_at).hash(&mut hasher);
            }
            format!("{made_at}.{:x}", hasher.finish())
        };
        let later = releases.iter().map(|release| release.published_at);
        Ok(State {
            text: text.into(),
            until: later.filter(|instant| *instant > now).min(),
        })
    }

    /// What the answers to requests depend on.
    pub(crate) fn basis(
        &self,
    ) -> impl Fn(&Request<Body>) -> BoxFuture<'static, Option<Basis>> + Send + Sync + 'static {
        let reader = self.clone();
        move |request| {
            let roles = Roles::in_headers(request.headers());
            let reader = reader.clone();
            async move {
                // What fails here fails the answer, too, which then says why.
                let state = reader.state(&roles).await.ok()?.text;
                Some(Basis { roles, state })
            }
            .boxed()
        }
    }
}

impl State {
    /// Tells the gateway the state.
    pub(super) fn put_on(&self, metadata: &mut MetadataMap) {
        if let Ok(value) = AsciiMetadataValue::try_from(&*self.text) {
            metadata.insert(STATE_KEY, value);
        }
        if let Some(until) = self.until {
            metadata.insert(UNTIL_KEY, until.timestamp_micros().into());
        }
    }
}
