//! What a caller may do: read from a token by the gateway, carried on to the backends as metadata.

use std::collections::BTreeSet;

use tonic::metadata::{AsciiMetadataValue, MetadataMap};

/// The metadata key in which the gateway tells a backend what the caller may do.
const METADATA_KEY: &str = "x-regtrade-roles";

/// One thing that a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees what is published. Everyone has it.
    Public,
    /// Sees releases under embargo.
    Preview,
    /// Hands releases in.
    Ingest,
}

impl Role {
    const ALL: [Self; 3] = [Self::Public, Self::Preview, Self::Ingest];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Preview => "preview",
            Self::Ingest => "ingest",
        }
    }
}

/// What a caller may do, all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// These roles, and public.
    #[must_use]
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(roles.into_iter().chain([Role::Public]).collect())
    }

    /// Whether the caller has a role.
    #[must_use]
    pub fn have(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// The roles that the gateway put on a call. None: public alone.
    #[must_use]
    pub fn on(metadata: &MetadataMap) -> Self {
        let text = metadata
            .get(METADATA_KEY)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self::of(
            Role::ALL
                .into_iter()
                .filter(|role| text.split(',').any(|word| word == role.as_str())),
        )
    }

    /// Puts the roles on a call to a backend.
    pub fn put_on(&self, metadata: &mut MetadataMap) {
        let text = self
            .0
            .iter()
            .map(|role| role.as_str())
            .collect::<Vec<_>>()
            .join(",");
        if let Ok(value) = AsciiMetadataValue::try_from(text) {
            metadata.insert(METADATA_KEY, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_cross_to_the_backend_and_unknown_ones_are_nothing() {
        let mut metadata = MetadataMap::new();
        assert_eq!(Roles::on(&metadata), Roles::of([]));
        Roles::of([Role::Ingest]).put_on(&mut metadata);
        assert!(
            Roles::on(&metadata).have(Role::Ingest) && !Roles::on(&metadata).have(Role::Preview)
        );
        metadata.insert(
            METADATA_KEY,
            AsciiMetadataValue::from_static("root,previews"),
        );
        assert_eq!(Roles::on(&metadata), Roles::of([]));
    }
}
