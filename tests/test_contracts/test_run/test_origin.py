"""Where a result comes from."""

import pytest

from duologue import openapi
from duologue.contracts.run.origin import document_digest, origin_of


@pytest.mark.parametrize("variable", ["GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"])
def test_the_commit_is_that_of_the_ci_job(variable):
    assert origin_of({}, {variable: "abc", "OTHER_SHA": "def"}).commit == "abc"


def test_without_a_ci_job_no_commit_is_named():
    assert origin_of({}, {"GITHUB_SHA": ""}).commit == ""


def test_options_that_were_not_given_are_left_out():
    given = {"only": ("errors.*",), "read-only": False, "cast": None, "exclude": (), "settle": 5.0}

    assert origin_of(given, {}).options == {"only": ["errors.*"], "settle": 5.0}


def test_what_says_how_the_target_is_reached_is_left_out():
    """Some of it may hold what is meant for nobody else."""
    given = {"header": ("X-Key=VARIABLE",), "api-key-env": "KEY", "target": "http://host/v3"}

    assert origin_of(given, {}).options == {}


def test_the_digest_is_that_of_the_content():
    """The order of keys does not matter, each value does."""
    document = openapi.load()
    reordered = dict(reversed(document.items()))
    changed = document | {"info": {"title": "Another"}}

    assert document_digest(reordered) == document_digest(document)
    assert document_digest(changed) != document_digest(document)
