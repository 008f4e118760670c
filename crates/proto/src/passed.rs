//! Answers that are handed on as they came: who does not look into a message needs not take it apart and put it together.

use prost::{
    DecodeError, Message,
    bytes::{Buf, BufMut, Bytes},
    encoding::{DecodeContext, WireType},
};

/// Any message, encoded. What is decoded as one is taken as it is, and encoded it is the same bytes.
///
/// ```
/// # use prost::Message as _;
/// # use regtrade_proto::{Passed, v1};
/// let answer = v1::Interval { lower: "1.5".to_owned(), upper: "2".to_owned() };
/// let passed = Passed::decode(answer.encode_to_vec().as_slice())?;
/// assert_eq!(v1::Interval::decode(passed.encode_to_vec().as_slice())?, answer);
/// # Ok::<(), prost::DecodeError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passed(Bytes);

impl Message for Passed {
    fn encode_raw(&self, into: &mut impl BufMut) {
        into.put_slice(&self.0);
    }

    /// Never called but by who merges fields one by one, which is not what this is for.
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        from: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        prost::encoding::skip_field(wire_type, tag, from, context)
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn merge(&mut self, mut from: impl Buf) -> Result<(), DecodeError> {
        self.0 = from.copy_to_bytes(from.remaining());
        Ok(())
    }
}
