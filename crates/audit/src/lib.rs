//! What printed figures prove when each is its rounding interval: identities, bounds, claims.
