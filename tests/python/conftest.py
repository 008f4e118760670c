"""What the tests share: the running platform, a client made from proto/, and the printed cells of the release.

The binary is named by REGTRADE_BIN (default: target/debug/regtrade).
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import types
from decimal import Decimal

import grpc
import pytest
from grpc_tools import protoc

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RELEASE_FILE = REPOSITORY / "crates/cli/releases/regtrd-2024.tsv"
ITEMS = ["P6", "P61", "P62", "P7", "P71", "P72"]
NET_ITEMS = ["B11", "B111", "B112"]
AREAS = ["BE1", "BE2", "BE3", "BE"]


@pytest.fixture(scope="session")
def regtrade() -> pathlib.Path:
    """The compiled command line."""
    binary = pathlib.Path(os.environ.get("REGTRADE_BIN", REPOSITORY / "target/debug/regtrade"))
    assert binary.is_file(), f"no binary at {binary}: build it, or name it in REGTRADE_BIN"
    return binary.resolve()


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    """The modules that grpcio-tools makes from proto/, as a client in another language would have them."""
    out = tmp_path_factory.mktemp("stubs")
    proto = REPOSITORY / "proto"
    files = sorted(str(path.relative_to(proto)) for path in proto.rglob("*.proto"))
    well_known = pathlib.Path(protoc.__file__).parent / "_proto"
    arguments = ["protoc", f"-I{proto}", f"-I{well_known}", f"--python_out={out}", f"--grpc_python_out={out}"]
    assert protoc.main(arguments + files) == 0
    sys.path.insert(0, str(out))
    from regtrade.v1 import catalogue_pb2, catalogue_pb2_grpc, figures_pb2, indicators_pb2, indicators_pb2_grpc

    return types.SimpleNamespace(
        catalogue=catalogue_pb2,
        catalogue_grpc=catalogue_pb2_grpc,
        figures=figures_pb2,
        indicators=indicators_pb2,
        indicators_grpc=indicators_pb2_grpc,
    )


@pytest.fixture(scope="session")
def platform(regtrade, tmp_path_factory):
    """`regtrade up` on a free port over an empty lake, with the shipped release ingested."""
    folder = tmp_path_factory.mktemp("platform")
    lake = folder / "lake"
    server = subprocess.Popen(
        [regtrade, "up", "--listen", "127.0.0.1:0", "--lake", lake],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        endpoint, log = _wait_for_endpoint(server)
        ingest = subprocess.run(
            [regtrade, "ingest", RELEASE_FILE, "--endpoint", endpoint], capture_output=True, text=True, timeout=60
        )
        assert ingest.returncode == 0, ingest.stderr + "".join(log)
        with grpc.insecure_channel(endpoint.removeprefix("http://")) as channel:
            yield types.SimpleNamespace(endpoint=endpoint, lake=lake, channel=channel)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0, "".join(log)
    finally:
        server.kill()
        server.wait()


def _wait_for_endpoint(server, seconds=30):
    """Reads what the server writes until it says where it listens, and goes on reading so that it never blocks."""
    lines, found, endpoint = [], threading.Event(), []

    def read():
        for line in server.stderr:
            lines.append(line)
            match = re.search(r"listening on (http://[0-9.]+:[0-9]+)", line)
            if match and not endpoint:
                endpoint.append(match.group(1))
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    assert found.wait(seconds) and endpoint, "the server did not say where it listens:\n" + "".join(lines)
    return endpoint[0], lines


@pytest.fixture(scope="session")
def printed_cells() -> dict:
    """(item, area, indicator, period) to value, read from the shipped table by the place of each cell.

    Independent of the project's own reader: lines that have a name and figures, in the order of the print.
    """
    columns = [
        ("level", "2024"),
        ("share_of_country", "2024"),
        ("share_of_total", "2024"),
        ("growth", "2022"),
        ("growth", "2023"),
        ("growth", "2024"),
        ("cagr", "2019-2024"),
    ]
    net_columns = [("net", "2022"), ("net", "2023"), ("net", "2024")]
    rows = []
    for line in RELEASE_FILE.read_text(encoding="utf-8").splitlines():
        name, *cells = [re.sub(r"<[^>]*>", "", cell).strip() for cell in line.split("\t")]
        figures = [Decimal(cell.replace(",", "")) for cell in cells if re.fullmatch(r"-?[0-9,]+\.[0-9]", cell)]
        if name and figures:
            rows.append(figures)
    keys = [(item, area, columns) for item in ITEMS for area in AREAS]
    keys += [(item, area, net_columns) for item in NET_ITEMS for area in AREAS]
    assert len(rows) == len(keys) == 36
    cells = {}
    for (item, area, places), figures in zip(keys, rows):
        assert len(figures) == len(places)
        for (indicator, period), value in zip(places, figures):
            cells[item, area, indicator, period] = value
    assert len(cells) == 204
    return cells
