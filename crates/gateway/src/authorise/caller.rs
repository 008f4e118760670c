//! A caller, as far as the door found out, and for how long that holds.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, BoxStream, Stream, StreamExt};
use regtrade_model::Instant;
use regtrade_service::Failure;
use regtrade_service::roles::Roles;
use tonic::Status;

use super::Authority;
use super::jwks::Key;
use super::token;

/// A stream is ended so soon after the key of its token was taken out, or after a clock was turned.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Who calls.
#[derive(Clone)]
pub(crate) struct Caller {
    /// What the caller may do.
    pub(crate) roles: Roles,
    /// By which token; nothing where the connection alone decides.
    pub(crate) pass: Option<Pass>,
}

/// A token that was good when it was shown.
#[derive(Clone)]
pub(crate) struct Pass {
    pub(crate) authority: Arc<Authority>,
    pub(crate) key: Key,
    pub(crate) expires: Instant,
}

impl Caller {
    /// The items of a stream as long as the caller's token is good; after that, the reason as the last item.
    pub(crate) fn while_good<T: Send + 'static>(
        self,
        items: impl Stream<Item = Result<T, Status>> + Send + 'static,
    ) -> BoxStream<'static, Result<T, Status>> {
        let Some(pass) = self.pass else {
            return items.boxed();
        };
        stream::unfold(Some((items.boxed(), pass)), |open| async move {
            let (mut items, pass) = open?;
            let ended = |failure: Failure| Some((Err(failure.into()), None));
            tokio::select! {
                biased;
                failure = pass.ends() => ended(failure),
                item = items.next() => match item {
                    // One that is there before the timer must not slip through after the end.
                    Some(_) if pass.has_run_out() => ended(token::expired()),
                    item => item.map(|item| (item, Some((items, pass)))),
                },
            }
        })
        .boxed()
    }
}

impl Pass {
    fn has_run_out(&self) -> bool {
        self.authority.clock.now() >= self.expires
    }

    /// Waits until the token is good no more.
    async fn ends(&self) -> Failure {
        loop {
            if self.has_run_out() {
                return token::expired();
            }
            if !self.authority.knows(&self.key).await {
                return token::key_gone();
            }
            let left = (self.expires - self.authority.clock.now())
                .to_std()
                .unwrap_or_default();
            // At least a millisecond, since a timer may be a little ahead of the clock.
            let pause = left.clamp(Duration::from_millis(1), LONGEST_PAUSE);
            tokio::time::sleep(pause).await;
        }
    }
}
