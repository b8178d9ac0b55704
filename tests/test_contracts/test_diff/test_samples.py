"""Values that are drawn for a schema: always the same."""

from duologue.contracts.diff.schemas.samples import matching
from support.hypothesis_profile import hypothesis_profile


def test_a_projects_profile_of_hypothesis_changes_no_sample():
    drawn = matching.__wrapped__("^[a-z]{3}[0-9]+$")

    with hypothesis_profile():
        again = matching.__wrapped__("^[a-z]{3}[0-9]+$")

    assert len(drawn) > 1
    assert again == drawn
