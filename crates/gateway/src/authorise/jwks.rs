//! The keys that tokens are checked with: a JWK set (RFC 7517), as a configured file holds it.
//!
//! The algorithm of a key is a property of the key. What a token says of its own algorithm chooses nothing.

use std::collections::BTreeSet;

use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, OctetKeyParameters, OctetKeyType,
};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde::Deserialize;

/// A shorter secret can be found by trying.
const SECRET_BYTES: usize = 32;

/// An RSA key with a shorter modulus is not taken by any of today's rules, nor by the verifier behind this.
const RSA_MODULUS_BYTES: usize = 256;

/// One key. It has no `Debug`, since some keys are secrets.
#[derive(Clone)]
pub(crate) struct Key {
    /// The name by which a token says that it was signed with this key.
    pub(crate) id: Option<String>,
    /// The one algorithm by which this key checks.
    pub(crate) algorithm: Algorithm,
    /// What the signature is checked with.
    pub(crate) verifier: DecodingKey,
    written: Written,
}

/// Keys, each with a name of its own; one that is alone needs none.
#[derive(Clone)]
pub(crate) struct KeySet(Vec<Key>);

/// Why a text is no set of keys. No part of the text is in it but names of keys.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// The text is not JSON, or has another shape.
    #[error(
        "it is not a JWK set: {kind} at line {line}, column {column}; expected is {{\"keys\":[…]}} of RFC 7517"
    )]
    Shape {
        /// What sort of mistake it is.
        kind: &'static str,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// One of its keys is not fit.
    #[error("key {position} of its \"keys\" {what}")]
    Key {
        /// Counted from 1.
        position: usize,
        /// What is wrong with it, and what to do.
        what: &'static str,
    },
}

/// A key as it is written (RFC 7518, section 6). Two that are written alike are the same key.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Written {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<String>,
    /// Whether the private part is there as well; what it is stays unread.
    #[serde(deserialize_with = "is_there")]
    d: bool,
}

#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<Written>,
}

impl KeySet {
    /// Reads a set. A key of another kind, for another use or of another algorithm is left out, with a warning: such
    /// sets are shared with others.
    ///
    /// # Errors
    /// [`KeySetError`], also where a key is too weak, is private, or cannot be told from another.
    pub(crate) fn read(text: &[u8]) -> Result<Self, KeySetError> {
        let written: WrittenSet = serde_json::from_slice(text).map_err(|error| shape(&error))?;
        let several = written.keys.len() > 1;
        let mut names = BTreeSet::new();
        let mut keys = Vec::new();
        for (position, written) in (1..).zip(written.keys) {
            let refused = |what| KeySetError::Key { position, what };
            let Some(algorithm) = written.algorithm() else {
                tracing::warn!(
                    position,
                    "a key of the set of token keys is left out: it is not for RS256, ES256, EdDSA (Ed25519) or HS256 signatures"
                );
                continue;
            };
            match &written.kid {
                Some(name) if !names.insert(name.clone()) => {
                    return Err(refused(
                        "has the \"kid\" of an earlier one; give it its own",
                    ));
                }
                None if several => {
                    return Err(refused("has no \"kid\"; with several keys each needs one"));
                }
                _ => {}
            }
            let verifier = written.verifier(algorithm).map_err(refused)?;
            keys.push(Key {
                id: written.kid.clone(),
                algorithm,
                verifier,
                written,
            });
        }
        Ok(Self(keys))
    }

    /// The key that a token names; the only one, where the token names none.
    pub(crate) fn named(&self, id: Option<&str>) -> Option<&Key> {
        match (id, self.0.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
        }
    }

    /// Whether this very key is in the set.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.0.iter().any(|other| other.written == key.written)
    }

    /// Whether who reads this set can make tokens.
    pub(crate) fn has_secrets(&self) -> bool {
        self.0.iter().any(|key| key.algorithm == Algorithm::HS256)
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Written {
    /// The algorithm by which the key checks signatures; nothing where it is not for that.
    fn algorithm(&self) -> Option<Algorithm> {
        let (name, algorithm) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => ("RS256", Algorithm::RS256),
            ("EC", Some("P-256")) => ("ES256", Algorithm::ES256),
            ("OKP", Some("Ed25519")) => ("EdDSA", Algorithm::EdDSA),
            ("oct", _) => ("HS256", Algorithm::HS256),
            _ => return None,
        };
        let says = self.alg.as_deref().is_none_or(|says| says == name);
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        let checks = self
            .key_ops
            .as_ref()
            .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        (says && signs && checks).then_some(algorithm)
    }

    fn verifier(&self, algorithm: Algorithm) -> Result<DecodingKey, &'static str> {
        if self.d {
            return Err(
                "holds a private key; keep that with the issuer, and give its public part alone",
            );
        }
        let part = |part: &Option<String>| part.clone().ok_or("lacks a member that its kind needs");
        let unreadable = |_| "has a member that is not base64url without padding";
        let verifier = match algorithm {
            Algorithm::RS256 => DecodingKey::from_rsa_components(&part(&self.n)?, &part(&self.e)?),
            Algorithm::ES256 => DecodingKey::from_ec_components(&part(&self.x)?, &part(&self.y)?),
            Algorithm::EdDSA => DecodingKey::from_ed_components(&part(&self.x)?),
            _ => DecodingKey::from_jwk(&Jwk {
                common: CommonParameters::default(),
                algorithm: AlgorithmParameters::OctetKey(OctetKeyParameters {
                    key_type: OctetKeyType::Octet,
                    value: part(&self.k)?,
                }),
            }),
        };
        let verifier = verifier.map_err(unreadable)?;
        match (algorithm, verifier.kind()) {
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, .. }) => {
                let zeros = n.iter().take_while(|byte| **byte == 0).count();
                if n.len() - zeros < RSA_MODULUS_BYTES {
                    return Err("is an RSA key of less than 2048 bits; take a longer one");
                }
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) if point.len() != 65 => {
                return Err("is not a point of P-256: \"x\" and \"y\" have 32 bytes each");
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(point)) if point.len() != 32 => {
                return Err("is not a point of Ed25519: \"x\" has 32 bytes");
            }
            (Algorithm::HS256, DecodingKeyKind::SecretOrDer(secret))
                if secret.len() < SECRET_BYTES =>
            {
                return Err("is a secret of less than 32 bytes; take 32 random ones");
            }
            _ => {}
        }
        Ok(verifier)
    }
}

/// serde's own words can quote what is in the file, so they are not passed on.
fn shape(error: &serde_json::Error) -> KeySetError {
    let kind = match error.classify() {
        serde_json::error::Category::Syntax => "wrong JSON",
        serde_json::error::Category::Eof => "JSON that breaks off",
        serde_json::error::Category::Data | serde_json::error::Category::Io => "another shape",
    };
    KeySetError::Shape {
        kind,
        line: error.line(),
        column: error.column(),
    }
}

fn is_there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

#[cfg(test)]
mod tests;
