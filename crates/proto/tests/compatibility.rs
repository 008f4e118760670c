//! A change of `proto/` that would break a client of the last released version is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

const RELEASED: &[u8] = include_bytes!("../../../proto/released/regtrade.v1.binpb");

/// Everything that a client depends on, one line each.
fn promises(set: &FileDescriptorSet) -> BTreeSet<String> {
    let mut promises = BTreeSet::new();
    for file in set
        .file
        .iter()
        .filter(|file| file.package() == "regtrade.v1")
    {
        for message in &file.message_type {
            of_message("", message, &mut promises);
        }
        for list in &file.enum_type {
            of_enum("", list, &mut promises);
        }
        for service in &file.service {
            for method in &service.method {
                promises.insert(format!(
                    "{}.{}({} {}) returns ({} {})",
                    service.name(),
                    method.name(),
                    if method.client_streaming() {
                        "stream"
                    } else {
                        "one"
                    },
                    method.input_type(),
                    if method.server_streaming() {
                        "stream"
                    } else {
                        "one"
                    },
                    method.output_type(),
                ));
            }
        }
    }
    promises
}

fn of_message(within: &str, message: &DescriptorProto, promises: &mut BTreeSet<String>) {
    let name = format!("{within}{}", message.name());
    for field in &message.field {
        let group = field
            .oneof_index
            .and_then(|at| message.oneof_decl.get(usize::try_from(at).ok()?));
        promises.insert(format!(
            "{name}.{} = {} {:?} {:?} {} {}",
            field.name(),
            field.number(),
            field.r#type(),
            field.label(),
            field.type_name(),
            group.map_or("", |group| group.name()),
        ));
    }
    for nested in &message.nested_type {
        of_message(&format!("{name}."), nested, promises);
    }
    for list in &message.enum_type {
        of_enum(&format!("{name}."), list, promises);
    }
}

fn of_enum(within: &str, list: &EnumDescriptorProto, promises: &mut BTreeSet<String>) {
    for value in &list.value {
        promises.insert(format!(
            "{within}{}.{} = {}",
            list.name(),
            value.name(),
            value.number()
        ));
    }
}

fn broken(released: &FileDescriptorSet, now: &FileDescriptorSet) -> Vec<String> {
    let now = promises(now);
    promises(released)
        .into_iter()
        .filter(|promise| !now.contains(promise))
        .collect()
}

#[test]
fn what_the_last_release_promised_still_holds() {
    let released = FileDescriptorSet::decode(RELEASED).unwrap();
    let now = FileDescriptorSet::decode(regtrade_proto::DESCRIPTORS).unwrap();
    assert!(
        promises(&released).len() > 100,
        "the released descriptor is not that of regtrade.v1"
    );
    assert_eq!(broken(&released, &now), Vec::<String>::new());
}

#[test]
fn a_field_renumbered_removed_or_of_another_type_is_a_break_and_a_new_one_is_not() {
    let released = FileDescriptorSet::decode(RELEASED).unwrap();
    let changed = |change: fn(&mut DescriptorProto)| {
        let mut now = released.clone();
        let messages = now
            .file
            .iter_mut()
            .flat_map(|file| file.message_type.iter_mut());
        let mut by_name: BTreeMap<String, _> = messages.map(|m| (m.name().to_owned(), m)).collect();
        change(by_name.get_mut("Figure").unwrap());
        broken(&released, &now).len()
    };
    assert_eq!(changed(|figure| figure.field[0].number = Some(99)), 1);
    assert_eq!(changed(|figure| drop(figure.field.pop())), 1);
    assert_eq!(changed(|figure| figure.field[0].r#type = Some(3)), 1);
    assert_eq!(
        changed(|figure| {
            let mut added = figure.field[0].clone();
            (added.name, added.number) = (Some("added".into()), Some(99));
            figure.field.push(added);
        }),
        0
    );
}
