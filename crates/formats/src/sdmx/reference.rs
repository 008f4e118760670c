//! References to structures, as messages write them: in URNs and in addresses.

use super::message::{StructureKind, StructureRef};

/// The class of a URN or the resource of an address, and what it is.
const KINDS: [(&str, StructureKind); 4] = [
    ("dataflow", StructureKind::Dataflow),
    ("datastructure", StructureKind::DataStructure),
    ("provisionagreement", StructureKind::ProvisionAgreement),
    // So it is spelled in SDMX-ML 2.1.
    ("provisionagrement", StructureKind::ProvisionAgreement),
];

/// What a word names, whatever its capitals.
pub(super) fn kind(word: &str) -> Option<StructureKind> {
    let known = |(name, _): &&(&str, _)| word.eq_ignore_ascii_case(name);
    KINDS.iter().find(known).map(|&(_, kind)| kind)
}

/// The structure of `urn:sdmx:org.sdmx.infomodel.PACKAGE.CLASS=AGENCY:ID(VERSION)`.
pub(super) fn of_urn(urn: &str) -> Option<StructureRef> {
    let (class, reference) = urn
        .trim()
        .strip_prefix("urn:sdmx:org.sdmx.infomodel.")?
        .split_once('=')?;
    let (_, class) = class.rsplit_once('.')?;
    let (agency, rest) = reference.split_once(':')?;
    let (id, version) = rest.strip_suffix(')')?.split_once('(')?;
    (!id.is_empty()).then_some(())?;
    Some(StructureRef {
        kind: kind(class)?,
        agency: agency.to_owned(),
        id: id.to_owned(),
        version: version.to_owned(),
    })
}

/// The structure of an address that ends in `…/dataflow/AGENCY/ID/VERSION`.
pub(super) fn of_address(address: &str) -> Option<StructureRef> {
    let path = address.split(['?', '#']).next()?;
    let mut parts = path.split('/').skip_while(|part| kind(part).is_none());
    let kind = kind(parts.next()?)?;
    let (agency, id) = (parts.next()?, parts.next()?);
    (!id.is_empty()).then_some(())?;
    Some(StructureRef {
        kind,
        agency: agency.to_owned(),
        id: id.to_owned(),
        version: parts.next().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reference: Option<StructureRef>) -> String {
        reference.map_or("none".to_owned(), |r| {
            format!("{:?} {}:{}({})", r.kind, r.agency, r.id, r.version)
        })
    }

    #[test]
    fn a_urn_names_its_structure() {
        let infomodel = "urn:sdmx:org.sdmx.infomodel.";
        for (urn, expected) in [
            (
                "datastructure.Dataflow=BE2:REGTRD(1.0)",
                "Dataflow BE2:REGTRD(1.0)",
            ),
            (
                "datastructure.DataStructure=BE2:REGTRD(1.0.0)",
                "DataStructure BE2:REGTRD(1.0.0)",
            ),
            (
                "registry.ProvisionAgreement=BE2:PA(1.0)",
                "ProvisionAgreement BE2:PA(1.0)",
            ),
            ("codelist.Codelist=BE2:CL_AREA(1.0)", "none"),
            ("datastructure.Dataflow=BE2:REGTRD", "none"),
            ("datastructure.Dataflow=BE2:(1.0)", "none"),
        ] {
            assert_eq!(
                shown(of_urn(&format!("{infomodel}{urn}"))),
                expected,
                "{urn}"
            );
        }
        assert_eq!(shown(of_urn("BE2:REGTRD(1.0)")), "none");
    }

    #[test]
    fn an_address_names_its_structure() {
        for (address, expected) in [
            (
                "https://example.org/rest/dataflow/BE2/REGTRD/1.0?detail=full",
                "Dataflow BE2:REGTRD(1.0)",
            ),
            (
                "https://example.org/structure/datastructure/BE2/REGTRD",
                "DataStructure BE2:REGTRD()",
            ),
            ("https://example.org/dataflow/BE2", "none"),
            ("https://example.org/", "none"),
        ] {
            assert_eq!(shown(of_address(address)), expected, "{address}");
        }
    }
}
