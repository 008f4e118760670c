"""A client in Python, made from proto/ by grpcio-tools, asks the gateway."""

from decimal import Decimal

import grpc
import pytest

DEADLINE = 20


@pytest.fixture(scope="module")
def answer(client, platform):
    service = client.indicators_grpc.IndicatorServiceStub(platform.channel)
    return service.GetKeyIndicators(client.indicators.GetKeyIndicatorsRequest(), timeout=DEADLINE)


@pytest.fixture(scope="module")
def figures(client, answer):
    """Figure by (item, area, indicator, period)."""

    def name(figure):
        return client.figures.Indicator.Name(figure.indicator).removeprefix("INDICATOR_").lower()

    by_key = {(figure.item, figure.ref_area, name(figure), figure.period): figure for figure in answer.figures}
    assert len(by_key) == len(answer.figures), "a key was answered twice"
    return by_key


def test_every_printed_cell_is_answered_to_its_last_decimal(figures, printed_cells):
    answered = {key: figures[key] for key in printed_cells if key in figures}
    assert len(answered) == 204
    for key, figure in answered.items():
        assert figure.WhichOneof("value") == "exact", key
        # As text, so that a decimal too many or too few shows.
        assert figure.exact == str(printed_cells[key]), key
        assert figure.decimals == 1, key


def test_shares_and_net_exports_of_2024_are_computed_and_the_rest_is_the_print(client, figures, printed_cells):
    computed = {key for key in printed_cells if figures[key].provenance == client.figures.PROVENANCE_COMPUTED}
    expected = {
        key
        for key in printed_cells
        if key[2] in ("share_of_country", "share_of_total") or (key[2], key[3]) == ("net", "2024")
    }
    assert computed == expected and len(computed) == 60
    published = {key for key in printed_cells if figures[key].provenance == client.figures.PROVENANCE_PUBLISHED}
    assert computed | published == set(printed_cells)


def test_every_figure_says_which_release_it_comes_from_and_in_which_unit(answer, figures):
    assert answer.release.release and answer.release.edition == "2024"
    for key, figure in figures.items():
        assert figure.release == answer.release.release, key
        expected = ("EUR", 6) if key[2] in ("level", "net") else ("PC", 0)
        assert (figure.unit, figure.unit_mult) == expected, key


def test_caveats_travel_with_the_figures(answer):
    assert answer.caveats
    assert all(caveat.id and caveat.text for caveat in answer.caveats)


def test_values_are_decimals_that_python_reads_without_loss(figures):
    for key, figure in figures.items():
        if figure.WhichOneof("value") == "exact":
            assert str(Decimal(figure.exact)) == figure.exact, key


def test_the_catalogue_lists_the_release(client, platform, answer):
    service = client.catalogue_grpc.CatalogueServiceStub(platform.channel)
    releases = service.ListReleases(client.catalogue.ListReleasesRequest(), timeout=DEADLINE).releases
    assert [release.release for release in releases] == [answer.release.release]
    assert releases[0].state == client.catalogue.RELEASE_STATE_PUBLISHED
    assert len(releases[0].digest) == 64


def test_an_unknown_release_is_not_found_with_a_reason(client, platform):
    service = client.indicators_grpc.IndicatorServiceStub(platform.channel)
    request = client.indicators.GetKeyIndicatorsRequest(as_of=client.figures.AsOf(release="REGTRD-1901-0"))
    with pytest.raises(grpc.RpcError) as error:
        service.GetKeyIndicators(request, timeout=DEADLINE)
    assert error.value.code() == grpc.StatusCode.NOT_FOUND
    assert error.value.details()
