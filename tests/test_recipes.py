"""The recipes for CI in contracts/README.md: their files are valid, their commands run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.serving.thread_server import LiveServer

pytestmark = pytest.mark.one_python

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "contracts" / "README.md").read_text(encoding="utf-8").partition("## Recipes")[2]
GITHUB, GITLAB = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)[:2]
(JENKINS,) = re.findall(r"```groovy\n(.*?)```", TEXT, flags=re.DOTALL)
# Enough to see that a command does what the recipe wants of it; all clauses would take minutes.
ONE_CLAUSE = "errors.uid-not-found"


def of_github(job: Mapping[str, Any]) -> list[str]:
    """Return the scripts of a job's steps, as each runs in a shell of its own."""
    return [step["run"] for step in job["steps"] if "run" in step]


def of_gitlab(job: Mapping[str, Any]) -> list[str]:
    """Return a job's scripts: what comes after runs in another shell."""
    return ["\n".join(job[name]) for name in ("script", "after_script") if name in job]


def of_jenkins(text: str) -> dict[str, list[str]]:
    """Return the scripts of each stage of a Jenkinsfile."""
    stages = re.split(r"stage\('([^']+)'\)", text)
    script = re.compile(r"sh (?:'''(.*?)'''|'(.*?)')", re.DOTALL)
    return {
        name: [long or short for long, short in script.findall(body)]
        for name, body in zip(stages[1::2], stages[2::2], strict=True)
    }


GITHUB_JOBS = {name: of_github(job) for name, job in yaml.safe_load(GITHUB)["jobs"].items()}
GITLAB_JOBS = {
    name: of_gitlab(job) for name, job in yaml.safe_load(GITLAB).items() if "script" in job
}
JENKINS_JOBS = {name: scripts for name, scripts in of_jenkins(JENKINS).items() if name != "Install"}
JOBS = {
    f"{name} of {ci}": scripts
    for ci, jobs in (("GitHub", GITHUB_JOBS), ("GitLab", GITLAB_JOBS), ("Jenkins", JENKINS_JOBS))
    for name, scripts in jobs.items()
}


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    """Return the address of a mock that all jobs take for their servers."""
    app = create_app(world=examples(42))
    with LiveServer(app) as server:
        yield server.url
    inside(app).close()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone with an origin, the document, and a list of known failures without entries."""
    origin = tmp_path_factory.mktemp("origin")
    (origin / "openapi").mkdir()
    document = "{openapi: 3.1.0, info: {title: t, version: '1'}, paths: {}}\n"
    (origin / "openapi" / "openapi.yaml").write_text(document, encoding="utf-8")
    (origin / "accepted.yaml").write_text("deviations: []\n", encoding="utf-8")
    for words in ("init -q -b main", "add .", "commit -q -m first"):
        git(origin, *words.split())
    place = tmp_path_factory.mktemp("clone") / "project"
    git(origin, "clone", "-q", str(origin), str(place))
    return place


def git(folder: Path, *words: str) -> None:
    """Run git, as someone whatever this machine knows of its user."""
    names = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def environment(mock_url: str, tmp_path: Path) -> dict[str, str]:
    """Return what the CI sets: addresses, the key, the branch, and the file for the summary."""
    urls = dict.fromkeys(("BASE_URL", "HEAD_URL", "STAGING_URL"), mock_url)
    names = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET")
    return {
        **os.environ,
        **urls,
        **dict.fromkeys(names, "main"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CONTRACTS_API_KEY": "mock-api-key",
        "CONTRACTS_ONLY": ONE_CLAUSE,
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


@pytest.mark.parametrize("job", JOBS)
def test_the_commands_of_a_job_succeed_on_a_target_that_holds(
    job: str, clone: Path, environment: dict[str, str]
) -> None:
    scripts = [each for each in JOBS[job] if not each.startswith("pip install")]
    assert any("contracts " in each for each in scripts)
    for script in scripts:
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=clone,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    if job == "pull-request of GitHub":
        summary = Path(environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
        assert summary.count("\n## ") + summary.startswith("## ") == 3


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (GITHUB, ("--builtin-schema", "vendor.github-workflows")),
        (GITLAB, ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")),
    ],
    ids=["GitHub", "GitLab"],
)
def test_the_yaml_is_valid_by_the_schema_of_its_ci(
    text: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    pytest.importorskip("check_jsonschema")
    path = tmp_path / "ci.yml"
    path.write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "check_jsonschema", *options, str(path)]

    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# What the declarative pipeline allows in each of its blocks (those that the recipe needs).
SECTIONS = {
    "": {"pipeline"},
    "pipeline": {"agent", "triggers", "environment", "stages", "post"},
    "agent": {"docker"},
    "stages": {"stage"},
    "stage": {"when", "steps", "post"},
    "post": {"always"},
}


def is_groovy(text: str) -> bool:
    """Tell whether a text is Groovy by its grammar; skip where the grammar is not installed."""
    tree_sitter = pytest.importorskip("tree_sitter")
    groovy = pytest.importorskip("tree_sitter_groovy")
    parser = tree_sitter.Parser(tree_sitter.Language(groovy.language()))
    return not parser.parse(text.encode()).root_node.has_error


def test_the_jenkinsfile_is_groovy() -> None:
    """Jenkins' own linter is a server, and npm-groovy-lint needs Java: this is the grammar."""
    assert is_groovy(JENKINS)
    assert not is_groovy(JENKINS.replace("{", "(", 1))
    assert not is_groovy(JENKINS.replace("cron('", "cron("))


def test_the_jenkinsfile_is_a_declarative_pipeline() -> None:
    """Braces close, and blocks stand where the declarative syntax has them."""
    text = re.sub(r"'''.*?'''|'[^'\n]*'|//[^\n]*", "''", JENKINS, flags=re.DOTALL)
    open_blocks = [""]
    for name, brace in re.findall(r"(\w+)(?:\([^)]*\))?\s*\{|(\})", text):
        if brace:
            open_blocks.pop()
            continue
        if open_blocks[-1] in SECTIONS:
            assert name in SECTIONS[open_blocks[-1]], f"{name} in {open_blocks[-1]}"
        open_blocks.append(name)

    assert open_blocks == [""]
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("ci", ["GitHub", "GitLab", "Jenkins"])
def test_every_ci_has_a_job_for_pull_requests_nights_and_releases(ci: str) -> None:
    scripts = ["\n".join(each) for name, each in JOBS.items() if name.endswith(ci)]

    assert len(scripts) == 3
    for command in ("contracts diff", "contracts compare", "contracts clean", "--strict-accept"):
        assert sum(command in each for each in scripts) == 1
