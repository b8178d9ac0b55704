"""The pytest front-end: ``pytest --pyargs duologue.contracts``, one test for each clause.

Light on purpose: pytest loads it in every project that has this package installed.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from duologue.contracts.run.removal import Once
    from duologue.contracts.session import RunSettings, Session

OPTIONS = (
    ("target", "", "address with version path, or a name of contracts.toml; default: the mock"),
    ("api-key-env", "CONTRACTS_API_KEY", "environment variable that holds the API key"),
    ("header", "", "headers for a gateway, NAME=VARIABLE, joined by commas"),
    ("cookie", "", "cookies for a gateway, NAME=VARIABLE, joined by commas"),
    ("ca", "", "file of authorities to trust (PEM)"),
    ("client-cert", "", "file with certificate and key (PEM)"),
    ("insecure", "", "'true': do not check the target's certificate"),
    ("rate", "", "at most so many requests, as in 300/m"),
    ("workers", "16", "requests under way at once"),
    ("settle", "5", "seconds to wait for a write to show"),
    ("timeout", "10", "seconds to wait for an answer"),
    ("seed", "42", "seed of the bundled mock's world, and of what is generated"),
    ("max-examples", "20", "inputs that fuzzing draws for each operation"),
    ("max-time", "120", "seconds that generated requests may take"),
    ("phases", "", "phases of generation, joined by commas; default: all"),
    ("only", "", "clauses or operations to judge, names or globs joined by commas"),
    ("exclude", "", "clauses or operations to leave out, names or globs joined by commas"),
    ("basis", "", "documented, inferred or observed clauses only, joined by commas"),
    ("deprecated", "yes", "'no': call no deprecated operation, and leave out clauses on them"),
    ("read-only", "", "'true': send nothing but GET"),
    ("allow-leftovers", "", "'true': judge a target that keeps what the run makes"),
    ("cast", "", "file of existing conversations to use, or 'auto'; makes nothing"),
    ("document", "", "OpenAPI document to judge by, a changed copy of the contract"),
    ("accept", "", "lists of breaks to accept, joined by commas: files, or 'live'"),
)
CASE = re.compile(
    r"\btest_clauses\.py::test_clause\[(?P<section>[a-z-]+)\.(?P<name>[a-z0-9-]+)\]\Z"
)
NO_SHARDS = (
    "pytest plays no shard of the clauses: leave 'shard' out and use pytest -n, or take"
    " contracts run --shard I/N and contracts merge"
)
CHOOSING = ("only", "exclude", "basis", "deprecated")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options; every name begins with ``--contracts-``."""
    group = parser.getgroup("contracts", "contract suite of the Conversations API")
    for name, default, text in OPTIONS:
        help_text = f"{text} (default: {default})" if default else text
        group.addoption(f"--contracts-{name}", default=None, help=help_text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the clauses that the options, or those of a named target, do not pick."""
    target = _given(config, "target") or ""
    is_asked = any(_given(config, name) is not None for name in CHOOSING)
    if not (is_asked or _is_name(target)) or not any(map(_clause_id, items)):
        return
    from duologue.contracts.errors import RunNotMade  # noqa: PLC0415

    try:
        chosen = _chosen(_options(config))
    except RunNotMade as cause:
        raise pytest.exit.Exception(f"contracts: {cause}", returncode=2) from None
    left_out = [item for item in items if _clause_id(item) not in {None, *chosen}]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _clause_id(item: pytest.Item) -> str | None:
    """Return the id of the clause that a test judges; None for any other test."""
    callspec = getattr(item, "callspec", None)
    is_ours = item.nodeid.rpartition("::")[2].startswith("test_clause[")
    clause = callspec.params.get("clause") if callspec is not None and is_ours else None
    found = getattr(clause, "id", None)
    return found if isinstance(found, str) else None


def _chosen(given: dict[str, str]) -> set[str]:
    from duologue.contracts.clause import choose  # noqa: PLC0415
    from duologue.contracts.plugin_options import typed  # noqa: PLC0415

    words = typed({name: given[name] for name in CHOOSING})
    clauses = choose(
        words["only"],
        exclude=words["exclude"],
        bases=words["basis"],
        deprecated=words["deprecated"] == "yes",
    )
    return {each.id for each in clauses}


def _is_name(target: str) -> bool:
    """Return whether a target is a name of contracts.toml, and no address."""
    return bool(target) and "/" not in target and ":" not in target


def pytest_configure(config: pytest.Config) -> None:
    """Give the clauses in pytest's JUnit XML the names that `contracts run` gives."""
    if config.getoption("xmlpath", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_JunitNames(config), "duologue-contracts-junit")


class _JunitNames:
    """Names each clause's case ``contracts.errors`` and ``uid-not-found``, as junit.xml of a run.

    CI servers compare cases by their names, whichever front-end wrote them.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set the names before pytest's own reporter does; in a process that has one."""
        found = CASE.search(report.nodeid)
        if found is None or report.when != "setup":
            return
        from _pytest.junitxml import xml_key  # noqa: PLC0415 - there is no public way to it

        xml = self._config.stash.get(xml_key, None)
        if xml is not None:
            case = xml.node_reporter(report)
            case.add_attribute("classname", f"contracts.{found['section']}")
            case.add_attribute("name", found["name"])


@pytest.fixture(scope="session")
def contract_session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """Yield a session on the target of the command line, or on a bundled mock of its own."""
    from contextlib import ExitStack  # noqa: PLC0415 - see the module's first lines
    from pathlib import Path  # noqa: PLC0415

    from duologue.contracts.commands.document import document_in_use  # noqa: PLC0415
    from duologue.contracts.errors import RunNotMade  # noqa: PLC0415
    from duologue.contracts.http.target import redactor_of  # noqa: PLC0415
    from duologue.contracts.run.cleanup import summary_of  # noqa: PLC0415
    from duologue.contracts.session import open_session  # noqa: PLC0415

    with ExitStack() as stack:
        redactor = redactor_of([])
        try:
            settings = _settings(request.config)
            redactor = settings.redactor
            document = _options(request.config)["document"]
            stack.enter_context(document_in_use(Path(document) if document else None))
            once = _once(request)
            session = stack.enter_context(open_session(settings, once=once))
        except RunNotMade as cause:
            stop(request, f"contracts: {redactor.text(str(cause))}")
        if session.target.network.insecure:
            warnings.warn("contracts: the target's certificate is not checked", stacklevel=1)
        yield session
        session.close()
        for note in session.notes:
            warnings.warn(f"contracts: {note}", stacklevel=1)
        for left in summary_of(session.left_behind):
            warnings.warn(f"contracts: left behind: {session.target.hide(left)}", stacklevel=1)


def _once(request: pytest.FixtureRequest) -> Once:
    """Return what makes a check of the target once for all workers of xdist.

    The first worker makes it, while the others wait; they are told what it found.
    """
    if not hasattr(request.config, "workerinput"):
        return lambda check: check()
    from filelock import FileLock  # noqa: PLC0415 - see the module's first lines

    folder = request.getfixturevalue("tmp_path_factory").getbasetemp().parent  # of all workers
    found: Path = folder / "duologue-contracts-removal"

    def once(check: Callable[[], str]) -> str:
        with FileLock(f"{found}.lock"):
            if not found.exists():
                found.write_text(check(), encoding="utf-8")
            return found.read_text(encoding="utf-8")

    return once


def _settings(config: pytest.Config) -> RunSettings:
    """Return what the options of this package ask for; raise RunNotMade for unusable ones."""
    from duologue.contracts.connection_options import rate_per_s  # noqa: PLC0415
    from duologue.contracts.context.budget import PHASES, Budget  # noqa: PLC0415
    from duologue.contracts.http.connection import Network  # noqa: PLC0415
    from duologue.contracts.plugin_options import typed  # noqa: PLC0415
    from duologue.contracts.session import RunSettings  # noqa: PLC0415

    given = typed(_options(config))
    return RunSettings(
        target=given["target"],
        key_variable=given["api-key-env"],
        timeout_s=given["timeout"],
        settle_s=given["settle"],
        workers=given["workers"],
        budget=Budget(
            given["seed"], given["max-examples"], given["max-time"], given["phases"] or PHASES
        ),
        read_only=given["read-only"],
        deprecated=given["deprecated"] == "yes",
        allow_leftovers=given["allow-leftovers"],
        existing_data=given["cast"],
        accept=given["accept"],
        headers=given["header"],
        cookies=given["cookie"],
        network=Network(given["ca"], given["client-cert"], insecure=given["insecure"]),
        rate_per_s=rate_per_s(given["rate"]),
    )


def _options(config: pytest.Config) -> dict[str, str]:
    """Return name -> text: from the command line, a named target, or the default."""
    from pathlib import Path  # noqa: PLC0415

    from duologue.contracts import config_file  # noqa: PLC0415
    from duologue.contracts.errors import OptionInvalid  # noqa: PLC0415

    texts = ((name, _given(config, name)) for name, _, _ in OPTIONS)
    given = {name: text for name, text in texts if text is not None}
    for name, default, _ in OPTIONS:
        # An unset variable of the CI is no wish for the bundled mock.
        if (default or name == "target") and name in given and not given[name].strip():
            raise OptionInvalid(f"--contracts-{name}", "it is empty: give a value, or leave it out")
    named: dict[str, str] = {}
    target = given.get("target", "")
    if _is_name(target):
        from duologue.contracts.plugin_options import FORMS  # noqa: PLC0415 - it takes long

        entry = config_file.options_of(target, Path(config.invocation_params.dir), FORMS)
        if "shard" in entry:
            raise OptionInvalid(target, NO_SHARDS)
        named = {name: _text(value) for name, value in entry.items()}
        given["target"] = named.get("target", "")
    return {name: given.get(name, named.get(name, default)) for name, default, _ in OPTIONS}


def _given(config: pytest.Config, name: str) -> str | None:
    """Return the text of an option of the command line, None if it is not given.

    Before Python 3.13 argparse leaves an empty list of a value that is ``--``.
    """
    value: str | list[str] | None = config.getoption(f"--contracts-{name}")
    return "--" if isinstance(value, list) else value


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def stop(request: pytest.FixtureRequest, sentence: str) -> NoReturn:
    """End the whole run with the sentence and exit code 2.

    A worker of xdist cannot exit with a message, so it asks its session to stop instead.
    """
    if hasattr(request.config, "workerinput"):
        request.session.shouldstop = sentence
        raise pytest.fail.Exception(sentence, pytrace=False) from None
    raise pytest.exit.Exception(sentence, returncode=2) from None
