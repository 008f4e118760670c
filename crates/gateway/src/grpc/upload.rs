//! Forwards a stream of parts as it comes, and never lets one that broke look complete.
//!
//! A stream of tonic's server ends without an error where the caller reset it, and a stream of a generated client
//! cannot fail at all. So the parts go through a channel in which the end is said, and on to the backend by an
//! encoder that can fail, which resets the backend's stream with an error.

use std::marker::PhantomData;

use futures::stream::{self, Stream};
use prost::Message;
use regtrade_service::Failure;
use tokio::sync::mpsc;
use tonic::client::Grpc;
use tonic::codec::{Codec, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tracing::Instrument;

use super::Onward;

/// A part on its way, or the word that there are no more.
enum Piece<M> {
    Part(M),
    End,
}

/// Forwards the parts of a caller to the method at `path` of the backend, one at a time as the backend takes them.
///
/// # Errors
/// What the backend answers, what can happen to a call of it, or that the stream of the caller cannot be read.
pub(super) async fn forward<M, R>(
    backend: &Onward,
    path: &'static str,
    parts: Streaming<M>,
) -> Result<Response<R>, Status>
where
    M: Message + 'static,
    R: Message + Default + 'static,
{
    let (pieces, taken) = mpsc::channel(1);
    let mut client =
        Grpc::new(backend.backend.channel()).max_decoding_message_size(backend.message_bytes);
    let request = backend.request(whole_or_broken(taken));
    let path = PathAndQuery::from_static(path);
    let call = async move {
        client
            .ready()
            .await
            .map_err(|error| Status::from_error(error.into()))?;
        let codec = PartCodec::<M, R>(PhantomData);
        client.client_streaming(request, path, codec).await
    };
    // A task of its own outlives this call where its caller goes: dropped with it, the stream to the backend would be
    // reset with CANCEL, which looks like its end there. The deadline of the call bounds the task.
    let mut call = tokio::spawn(call.in_current_span());
    let answer = tokio::select! {
        answer = &mut call => answer,
        fed = feed(parts, pieces) => {
            fed?;
            call.await
        }
    };
    backend.answer(answer.map_err(|error| Failure::internal(&error))?)
}

/// Feeds the parts of the caller into the channel, and says the end where there is one.
///
/// # Errors
/// Where the stream of the caller cannot be read; the end is not said then.
async fn feed<M>(mut parts: Streaming<M>, pieces: mpsc::Sender<Piece<M>>) -> Result<(), Status> {
    loop {
        let part = parts.message().await;
        let piece = match part.map_err(|status| Failure::from_status(&status))? {
            Some(part) => Piece::Part(part),
            None => {
                // A caller's reset looks like an end here, but the server drops the call as soon as it is idle.
                tokio::task::yield_now().await;
                Piece::End
            }
        };
        let ended = matches!(piece, Piece::End);
        // A backend that takes no more has its answer ready.
        if pieces.send(piece).await.is_err() || ended {
            return Ok(());
        }
    }
}

/// The parts in the channel; then an error, where the channel is closed before the end is said.
fn whole_or_broken<M: Send + 'static>(
    taken: mpsc::Receiver<Piece<M>>,
) -> impl Stream<Item = Result<M, Status>> + Send + 'static {
    stream::unfold(Some(taken), |taken| async move {
        let mut taken = taken?;
        match taken.recv().await {
            Some(Piece::Part(part)) => Some((Ok(part), Some(taken))),
            Some(Piece::End) => None,
            // This has no source: one that says CANCEL would reach the backend as an end without an error.
            None => Some((Err(Status::aborted("the upload broke")), None)),
        }
    })
}

/// The codec of parts, of which encoding one that is an error fails the stream.
struct PartCodec<M, R>(PhantomData<(M, R)>);

/// Encodes parts.
struct PartEncoder<M>(PhantomData<M>);

impl<M, R> Codec for PartCodec<M, R>
where
    M: Message + 'static,
    R: Message + Default + 'static,
{
    type Encode = Result<M, Status>;
    type Decode = R;
    type Encoder = PartEncoder<M>;
    type Decoder = <ProstCodec<M, R> as Codec>::Decoder;

    fn encoder(&mut self) -> Self::Encoder {
        PartEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<M, R>::default().decoder()
    }
}

impl<M: Message> Encoder for PartEncoder<M> {
    type Item = Result<M, Status>;
    type Error = Status;

    fn encode(&mut self, item: Self::Item, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item?
            .encode(into)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    async fn taken(pieces: Vec<Piece<u8>>) -> Vec<Result<u8, tonic::Code>> {
        let (sender, receiver) = mpsc::channel(8);
        for piece in pieces {
            assert!(sender.send(piece).await.is_ok());
        }
        drop(sender);
        let parts = whole_or_broken(receiver);
        parts
            .map(|part| part.map_err(|status| status.code()))
            .collect()
            .await
    }

    #[tokio::test]
    async fn an_upload_that_breaks_does_not_look_complete() {
        let whole = taken(vec![Piece::Part(1), Piece::Part(2), Piece::End]).await;
        assert_eq!(whole, [Ok(1), Ok(2)]);
        let broken = taken(vec![Piece::Part(1)]).await;
        assert_eq!(broken, [Ok(1), Err(tonic::Code::Aborted)]);
    }
}
