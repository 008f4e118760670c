//! What a caller may do: read from a token by the gateway, carried on to the backends as metadata.

use std::collections::BTreeSet;
use std::fmt;

use tonic::codegen::http::HeaderMap;
use tonic::metadata::{AsciiMetadataValue, MetadataMap};

/// The metadata key in which the gateway tells a backend what the caller may do.
const METADATA_KEY: &str = "x-regtrade-roles";

/// One thing that a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees what is published. Everyone has it.
    Public,
    /// Sees releases under embargo.
    Preview,
    /// Sees confidential observations.
    Confidential,
    /// Hands releases in.
    Ingest,
    /// May do all that there is: has every other role.
    Admin,
}

impl Role {
    const ALL: [Self; 5] = [
        Self::Public,
        Self::Preview,
        Self::Confidential,
        Self::Ingest,
        Self::Admin,
    ];

    /// The role of a name, as tokens and calls to backends write it; nothing where there is none of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Preview => "preview",
            Self::Confidential => "confidential",
            Self::Ingest => "ingest",
            Self::Admin => "admin",
        }
    }
}

/// What a caller may do, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// These roles, and public; all roles, where admin is among them.
    #[must_use]
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        let mut roles: BTreeSet<Role> = roles.into_iter().chain([Role::Public]).collect();
        if roles.contains(&Role::Admin) {
            roles.extend(Role::ALL);
        }
        Self(roles)
    }

    /// Whether the caller has a role.
    #[must_use]
    pub fn have(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// The roles that the gateway put on a call. None: public alone.
    #[must_use]
    pub fn on(metadata: &MetadataMap) -> Self {
        Self::in_headers(metadata.as_ref())
    }

    /// As [`Self::on`], of the headers that carry the metadata.
    #[must_use]
    pub fn in_headers(headers: &HeaderMap) -> Self {
        let text = headers
            .get(METADATA_KEY)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self::of(text.split(',').filter_map(Role::named))
    }

    /// Puts the roles on a call to a backend.
    pub fn put_on(&self, metadata: &mut MetadataMap) {
        if let Ok(value) = AsciiMetadataValue::try_from(self.to_string()) {
            metadata.insert(METADATA_KEY, value);
        }
    }
}

/// The names of the roles, with commas between them.
impl fmt::Display for Roles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|role| role.as_str()).collect();
        formatter.write_str(&names.join(","))
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

    #[test]
    fn each_role_crosses_alone_and_admin_brings_all_others() {
        for role in Role::ALL {
            let mut metadata = MetadataMap::new();
            Roles::of([role]).put_on(&mut metadata);
            let arrived = Roles::on(&metadata);
            for other in Role::ALL {
                let expected = other == role || other == Role::Public || role == Role::Admin;
                assert_eq!(arrived.have(other), expected, "{role:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_role_has_one_name_and_no_other() {
        assert_eq!(Role::named("preview"), Some(Role::Preview));
        for name in [
            "",
            "Preview",
            " preview",
            "previews",
            "preview,admin",
            "root",
        ] {
            assert_eq!(Role::named(name), None, "{name}");
        }
    }
}
