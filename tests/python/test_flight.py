"""Arrow Flight as a platform in Python uses it: bulk rows through the gateway, equal to the paged ones."""

from decimal import Decimal

import pyarrow
import pyarrow.flight
import pytest

DEADLINE = 20


@pytest.fixture(scope="module")
def flight(platform):
    with pyarrow.flight.connect(platform.endpoint.replace("http://", "grpc://")) as connection:
        yield connection


@pytest.fixture(scope="module")
def request_of_levels(client):
    return client.indicators.ListObservationsRequest(key="A.BE1+BE2+BE3+BE.P6+P61+P62+B11")


@pytest.fixture(scope="module")
def table(flight, request_of_levels):
    return flight.do_get(pyarrow.flight.Ticket(request_of_levels.SerializeToString())).read_all()


def test_bulk_rows_are_the_paged_figures(client, platform, request_of_levels, table):
    service = client.indicators_grpc.IndicatorServiceStub(platform.channel)
    paged, request = [], client.indicators.ListObservationsRequest()
    request.CopyFrom(request_of_levels)
    request.page_size = 7
    while True:
        page = service.ListObservations(request, timeout=DEADLINE)
        paged += page.figures
        if not page.next_page_token:
            break
        request.as_of.CopyFrom(page.as_of)
        request.page_token = page.next_page_token
    assert len(paged) == table.num_rows > 20

    def exactly(text):
        return Decimal(text) if text else None

    expected = {}
    for figure in paged:
        key = (figure.item, figure.ref_area, figure.period)
        exact = figure.exact if figure.WhichOneof("value") == "exact" else ""
        expected[key] = (exactly(exact), exactly(figure.between.lower), exactly(figure.between.upper), figure.status)
    found = {
        (row["item"], row["ref_area"], row["period"]): (row["value"], row["lower"], row["upper"], row["status"])
        for row in table.to_pylist()
    }
    assert found == expected
    assert any(value is None and lower < upper for value, lower, upper, _ in found.values()), "no bounds among them"


def test_values_are_decimals_and_the_printed_ones_to_the_last_digit(table, printed_cells):
    assert table.schema.field("value").type == pyarrow.decimal128(38, 10)
    found = {(row["item"], row["ref_area"], row["period"]): row["value"] for row in table.to_pylist()}
    compared = 0
    for (item, area, indicator, period), value in printed_cells.items():
        if indicator == "level" and item in ("P6", "P61", "P62"):
            assert found[item, area, period] == value
            compared += 1
    assert compared == 12


def test_release_and_caveats_travel_with_the_schema(table):
    metadata = table.schema.metadata
    assert set(table["release"].to_pylist()) == {metadata[b"release"].decode()}
    assert metadata[b"dataflow"] == b"REGTRD"
    assert b"NOMINAL: " in metadata[b"caveats"] and b"NOT_A_BALANCE: " in metadata[b"caveats"]


def test_a_flight_names_its_schema_and_a_ticket_that_gives_its_rows(client, flight, request_of_levels, table):
    descriptor = pyarrow.flight.FlightDescriptor.for_command(request_of_levels.SerializeToString())
    info = flight.get_flight_info(descriptor)
    assert info.schema.equals(table.schema, check_metadata=True)
    about = client.indicators.ListObservationsResponse.FromString(info.app_metadata)
    assert about.release.edition == "2024" and about.caveats and not about.figures
    [endpoint] = info.endpoints
    assert not endpoint.locations, "the rows are where the flight is"
    assert flight.do_get(endpoint.ticket).read_all().equals(table)


def test_what_is_wrong_is_said_in_words(client, flight):
    with pytest.raises(pyarrow.ArrowInvalid, match="ticket: must be an encoded"):
        flight.do_get(pyarrow.flight.Ticket(b"no message")).read_all()
    nowhere = client.indicators.ListObservationsRequest(as_of={"release": "REGTRD-1999-0123456789abcdef"})
    with pytest.raises(pyarrow.lib.ArrowKeyError, match="there is no release"):
        flight.do_get(pyarrow.flight.Ticket(nowhere.SerializeToString())).read_all()
    with pytest.raises(NotImplementedError, match="DoGet"):
        list(flight.list_flights())
