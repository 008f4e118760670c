//! What a file says beside its rows.

use regtrade_model::{Area, Dataflow};

use super::{Format, Structure, of, rows::level, written};

#[test]
fn the_columns_stand_in_the_order_of_the_key() {
    let head =
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,";
    let tail = "TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT,DECIMALS,OBS_STATUS,CONF_STATUS\n";
    for (dataflow, concept) in [(Dataflow::Regtrd, ""), (Dataflow::Exttrade, "CONCEPT,")] {
        let text = written(Format::Csv, &of(dataflow), &[]);
        assert_eq!(text, format!("{head}{concept}{tail}"));
    }
}

#[test]
fn a_message_says_of_what_and_from_whom_it_is() {
    let rows = [level(Area::BE, "2024", "1.5")];
    for (synthetic, agency) in [(false, "BE2"), (true, "SYNTH")] {
        let structure = Structure {
            synthetic,
            ..of(Dataflow::Regtrd)
        };
        let text = written(Format::Csv, &structure, &rows);
        let row = text.lines().nth(1).unwrap();
        assert!(
            row.starts_with(&format!("dataflow,{agency}:REGTRD(1.0),I,A,BE,")),
            "{row}"
        );

        let text = written(Format::Ml, &structure, &rows);
        for expected in [
            format!("<mes:Sender id=\"{agency}\"/>"),
            format!("<mes:Test>{synthetic}</mes:Test>"),
            "<mes:Prepared>1970-01-01T00:00:00Z</mes:Prepared>".to_owned(),
            format!(
                "<com:StructureUsage>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={agency}:REGTRD(1.0)</com:StructureUsage>"
            ),
            "ss:action=\"Information\"".to_owned(),
        ] {
            assert!(text.contains(&expected), "{expected} in {text}");
        }

        let text = written(Format::Json, &structure, &rows);
        let message: serde_json::Value = serde_json::from_str(&text).unwrap();
        let urn =
            format!("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={agency}:REGTRD(1.0)");
        for links in [
            &message["data"]["structures"][0]["links"],
            &message["data"]["dataSets"][0]["links"],
        ] {
            assert_eq!(links[0]["urn"], urn);
        }
        assert_eq!(message["data"]["dataSets"][0]["action"], "Information");
        assert_eq!(message["meta"]["sender"]["id"], agency);
        assert_eq!(message["meta"]["test"], synthetic);
        assert_eq!(message["meta"]["prepared"], "1970-01-01T00:00:00Z");
    }
}

#[test]
fn a_message_names_areas_and_items() {
    let text = written(
        Format::Json,
        &of(Dataflow::Regtrd),
        &[level(Area::BE2, "2024", "1.5")],
    );
    let message: serde_json::Value = serde_json::from_str(&text).unwrap();
    let dimensions = &message["data"]["structures"][0]["dimensions"]["observation"];
    let name = |at: usize| &dimensions[at]["values"][0]["name"];
    assert_eq!(
        (name(1), name(2)),
        (&"Flanders".into(), &"Exports of goods".into())
    );
}

#[test]
fn a_file_without_rows_has_no_data() {
    let text = written(Format::Json, &of(Dataflow::Regtrd), &[]);
    let message: serde_json::Value = serde_json::from_str(&text).unwrap();
    let nothing = serde_json::json!({ "dataSets": [], "structures": [] });
    assert_eq!(message["data"], nothing);
    let text = written(Format::Ml, &of(Dataflow::Regtrd), &[]);
    assert!(
        !text.contains("<Obs") && text.ends_with("</mes:DataSet>\n</mes:StructureSpecificData>\n")
    );
}
