"""The parts of Schemathesis that the adapter relies on."""

import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.core import failures
from schemathesis.engine import events, from_schema
from schemathesis.engine.run import PhaseName
from schemathesis.openapi import checks
from schemathesis.transport.requests import RequestsTransport

from duologue.contracts.context.budget import PHASES
from duologue.contracts.fuzz.schemathesis_adapter import FACTS, engine_config
from duologue.contracts.fuzz.suppressions import SUPPRESSIONS
from duologue.contracts.fuzz.triage import DESCRIPTIONS
from duologue.contracts.fuzz.types import GenerationSettings


def test_the_engine_has_the_parts_that_the_adapter_uses():
    """The parts are semi-public: a new version may drop one."""
    assert {name.value for name in PhaseName} >= {*PHASES, "probing", "auth_bootstrap"}
    assert {"info", "label"} <= set(events.NonFatalError.__slots__)
    assert "exception" in events.FatalError.__slots__
    assert callable(RequestsTransport.serialize_case)
    assert schemathesis.transport.requests.REQUESTS_TRANSPORT._serializers
    assert callable(from_schema)


def test_every_kind_of_check_failure_exists_in_the_engine():
    """Descriptions and suppressions name failures that exist."""
    known = {name for module in (checks, failures) for name in vars(module)}
    kinds = {name.removesuffix(" of a refusal") for name in DESCRIPTIONS}
    kinds |= {kind for entry in SUPPRESSIONS for kind in entry.kinds}

    assert kinds <= known


def test_the_facts_are_fields_of_the_engines_failures():
    fields = {
        *checks.IgnoredAuth.__slots__,
        *checks.UnsupportedMethodResponse.__slots__,
        *checks.UseAfterFree.__slots__,
    }

    assert set(FACTS) <= fields


@pytest.mark.parametrize("phase", PHASES)
def test_no_request_depends_on_the_speed_of_the_machine(phase):
    config = engine_config(GenerationSettings(phase, 1, 5), url="http://localhost", key="k")
    project = schemathesis.Config.from_dict(config).projects.get_default()

    settings = project.get_hypothesis_settings(phase=phase)

    assert settings.deadline is None
    assert HealthCheck.too_slow in settings.suppress_health_check
