//! The secret by which a backend knows the gateway: never shown, and agreed on through a file.

mod file;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tonic::metadata::{Ascii, MetadataMap, MetadataValue};

pub use file::default_state_dir;

use crate::context::{hexadecimal, random_bytes};

/// The metadata key under which the gateway shows the secret to a backend.
pub const METADATA_KEY: &str = "x-regtrade-backend-secret";

/// A text of at least [`Secret::MIN_LEN`] visible ASCII characters that is not to be read anywhere: not in a
/// log, not in an error, not in a value printed for debugging.
#[derive(Clone)]
pub struct Secret(MetadataValue<Ascii>);

/// Why there is no secret. None of these says what the secret was.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The text is no secret: too short, or with characters that metadata cannot carry.
    #[error(
        "a secret has at least {} visible ASCII characters and no space",
        Secret::MIN_LEN
    )]
    NotASecret,
    /// The operating system gives no randomness. Trying again may help.
    #[error("no randomness for a new secret")]
    Randomness(#[from] getrandom::Error),
    /// The file of the secret can be neither read nor created.
    #[error("the file {} of the secret can be neither read nor created", path.display())]
    File {
        /// Where the secret was looked for.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The file of the secret holds something else.
    #[error("the file {} holds no secret", path.display())]
    FileContent {
        /// Where the secret was looked for.
        path: PathBuf,
        /// What is expected of a secret.
        source: Box<SecretError>,
    },
}

impl Secret {
    /// A shorter secret can be guessed.
    pub const MIN_LEN: usize = 32;

    /// A new secret: 32 random bytes as 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`SecretError::Randomness`].
    pub fn random() -> Result<Self, SecretError> {
        hexadecimal(&random_bytes::<32>()?).parse()
    }

    /// Shows the secret to a backend.
    pub fn put_on(&self, metadata: &mut MetadataMap) {
        metadata.insert(METADATA_KEY, self.0.clone());
    }

    /// Whether these are the bytes of the secret. Takes as long for a near miss as for a far one.
    pub fn is(&self, presented: &[u8]) -> bool {
        let own = self.0.as_bytes();
        let difference = own
            .iter()
            .zip(presented)
            .fold(0, |difference, (left, right)| difference | (left ^ right));
        own.len() == presented.len() && std::hint::black_box(difference) == 0
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        if text.len() < Self::MIN_LEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::NotASecret);
        }
        let mut value = MetadataValue::try_from(text).map_err(|_| SecretError::NotASecret)?;
        // Neither a debugging print of the metadata nor the compression of headers may keep it.
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_secret_is_shown_to_nobody() {
        let secret: Secret = TEXT.parse().unwrap();
        let mut metadata = MetadataMap::new();
        secret.put_on(&mut metadata);
        for print in [
            format!("{secret}"),
            format!("{secret:?}"),
            format!("{metadata:?}"),
        ] {
            assert!(!print.contains("0123"), "{print}");
        }
    }

    #[test]
    fn a_secret_is_the_same_bytes_and_no_others() {
        let secret: Secret = TEXT.parse().unwrap();
        assert!(secret.is(TEXT.as_bytes()));
        assert!(!secret.is(b""));
        assert!(!secret.is(&TEXT.as_bytes()[..31]));
        assert!(!secret.is(format!("{TEXT}0").as_bytes()));
        assert!(!secret.is(b"0123456789abcdef0123456789abcdeF"));
    }

    #[test]
    fn a_short_text_or_one_with_spaces_is_no_secret_and_the_error_does_not_tell_it() {
        for text in [
            "",
            "hunter2",
            &TEXT[1..],
            "0123456789abcdef 0123456789abcdef",
        ] {
            let error = text.parse::<Secret>().unwrap_err();
            assert!(text.is_empty() || !error.to_string().contains(text));
        }
    }

    #[test]
    fn two_random_secrets_differ() {
        let first = Secret::random().unwrap();
        let second = Secret::random().unwrap();
        assert!(!first.is(second.0.as_bytes()));
    }
}
