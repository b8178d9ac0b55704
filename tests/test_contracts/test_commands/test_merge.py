"""``contracts run --shard`` and ``contracts merge``: exit codes and reports."""

import json

import pytest
from click.testing import CliRunner

from duologue.contracts.cli import main


@pytest.fixture
def contracts(monkeypatch, tmp_path, url):
    """``contracts("merge", …)``: the result of that command, in a folder of the test's own."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def shard(contracts, url):
    """``shard("1/2")``: the result of that shard's run; its reports are in a folder ``1``."""
    only = ("--target", url, "--settle", "0", "--only", "errors.*-not-found")
    return lambda text: contracts("run", *only, "--shard", text, "--output", text.partition("/")[0])


def test_merged_shards_have_the_reports_of_one_run(contracts, shard, tmp_path):
    assert [shard(text).exit_code for text in ("1/2", "2/2")] == [0, 0]

    result = contracts("merge", "1", "2", "--output", "whole")

    assert result.exit_code == 0, result.output
    assert "all held in" in result.output
    document = json.loads((tmp_path / "whole" / "results.json").read_text())
    assert document["shard"] is None
    assert "shard" not in document["origin"]["options"]
    assert document["summary"]["held"] == len(document["clauses"]) > 2
    assert (tmp_path / "whole" / "junit.xml").exists()


def test_a_shard_alone_is_not_merged(contracts, shard):
    shard("1/2")

    result = contracts("merge", "1")

    assert result.exit_code == 2
    assert result.stderr == "contracts: shard 2/2 is missing: name its folder, too\n"


@pytest.mark.parametrize("text", ["3/2", "half", "1/99"])
def test_a_shard_that_cannot_be_is_2(shard, text):
    result = shard(text)

    assert result.exit_code == 2
    assert result.stderr.startswith("contracts: --shard: ")
