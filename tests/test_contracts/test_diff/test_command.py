"""`contracts diff`: its sides, exit codes, lists and forms."""

import json
import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import jsonschema
import pytest
from click.testing import CliRunner

from duologue.contracts.cli import main
from duologue.contracts.diff import sources
from duologue.contracts.diff.formats.json_text import schema
from support.documents.document_pairs import api, body, query, write
from support.documents.sarif_schema import sarif_errors

SHORT, LONG = (body({"type": "string", "maxLength": limit}) for limit in (20, 25))
BEFORE = query({"type": "integer", "minimum": 1})
AFTER = query({"type": "integer", "minimum": 2})


@pytest.fixture
def diff(tmp_path, monkeypatch):
    """``diff(old, new, *words)``: the command's result; documents are written into the folder."""
    monkeypatch.chdir(tmp_path)

    def call(old, new, *words, **options):
        sides = [
            each if isinstance(each, str) else write(tmp_path, name, each) and name
            for name, each in (("old.json", old), ("new.json", new))
        ]
        return CliRunner().invoke(main, ["diff", *sides, *words], **options)

    return call


def refused(result):
    """The sentence of a comparison that was not made."""
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("contracts: ")
    return line


def calling(maximum):
    """A document with a callback that sends, and is answered, no more characters than that."""
    schema = {"type": "string", "maxLength": maximum}
    content = {"content": {"application/json": {"schema": schema}}}
    post = {"requestBody": content, "responses": {"200": {"description": "Done."} | content}}
    return api(webhooks={"new": {"post": post}}) | {
        "paths": {
            "/a": {"get": {"responses": {}, "callbacks": {"done": {"{$url}": {"post": post}}}}}
        }
    }


@pytest.mark.parametrize(("form", "of"), [("text", " "), ("markdown", "| "), ("github", "%0A")])
def test_a_callback_is_named_beside_its_operation(diff, form, of):
    shown = diff(calling(5), calling(9), "--format", form).stdout

    assert f"{of}callback done (POST) of GET /a" in shown
    assert f"{of}webhook new (POST)" in shown


def test_in_a_callback_it_is_told_who_sends(diff):
    shown = diff(calling(5), calling(9)).stdout

    assert "  sent by the server in callback done (POST) of GET /a [" in shown
    assert "  sent by the client in answer to webhook new (POST) [" in shown


def test_the_same_document_exits_with_0(diff):
    result = diff(LONG, LONG)

    assert result.exit_code == 0
    assert "no difference" in result.stdout


def test_a_break_exits_with_1_and_shows_place_and_witness(diff):
    result = diff(LONG, SHORT)

    assert result.exit_code == 1
    assert "BREAKING request-body-max-length-lowered at new.json:" in result.stdout
    assert 'witness: "aaaaaaaaaaaaaaaaaaaaa' in result.stdout


@pytest.mark.parametrize(
    ("fail_on", "code"), [("breaking", 0), ("warning", 1), ("any", 1)], ids=str
)
def test_fail_on_takes_the_severity(diff, fail_on, code):
    assert diff(query(), api(), "--fail-on", fail_on).exit_code == code


def test_a_note_fails_only_any(diff):
    assert diff(SHORT, LONG, "--fail-on", "warning").exit_code == 0
    assert diff(SHORT, LONG, "--fail-on", "any").exit_code == 1


BROKEN = {
    "missing": "nowhere.yaml",
    "empty": "",
    "not YAML": "a: [",
    "a list": "[]",
    "Swagger 2": 'swagger: "2.0"\npaths: {}',
    "OpenAPI 3.2": "openapi: 3.2.0\npaths: {}",
    "no paths": "openapi: 3.1.0",
    "key twice": "openapi: 3.1.0\npaths: {}\npaths: {}",
    "endless alias": "openapi: 3.1.0\npaths: &a\n  /a: *a",
    "reference to nothing": json.dumps(body({"$ref": "#/components/schemas/No"})),
    "reference to no file": json.dumps(body({"$ref": "no.yaml"})),
    "reference abroad": json.dumps(body({"$ref": "https://example.org/a.yaml"})),
    "reference to itself": json.dumps(
        api(operation={"requestBody": {"$ref": "#/paths/~1things~1{id}/post/requestBody"}})
    ),
    "no such type": json.dumps(body({"type": "text"})),
    "broken pattern": json.dumps(body({"type": "string", "pattern": "("})),
    "unknown scheme": json.dumps(api(operation={"security": [{"no": []}]})),
    "properties as a list": json.dumps(body({"properties": ["a"]})),
    "security as texts": json.dumps(api(operation={"security": ["key"]})),
    "pattern beside an enum": json.dumps(body({"enum": ["a"], "pattern": "("})),
    "path without a slash": json.dumps(api(path="things/{id}")),
    "schema that is only itself": json.dumps(
        body(
            {"$ref": "#/components/schemas/A"},
            components={"schemas": {"A": {"$ref": "#/components/schemas/A"}}},
        )
    ),
    "merge of a text": "openapi: 3.1.0\npaths:\n  /a:\n    <<: x",
    "no number of JSON": "openapi: 3.1.0\nx-a: .nan\npaths: {}",
    "depth": "[" * 5000 + "]" * 5000,
    "digits": f"openapi: 3.1.0\nx-a: {'9' * 5000}\npaths: {{}}",
    "Latin-1": b"openapi: 3.1.0\ninfo: {title: \xe4}\npaths: {}",
    "parameter without a name": json.dumps(api(operation={"parameters": [{"in": "query"}]})),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("turned", [False, True], ids=["new", "old"])
def test_what_cannot_be_compared_is_told_and_never_no_change(diff, tmp_path, name, turned):
    if name != "missing":
        write(tmp_path, "broken.yaml", BROKEN[name])
    sides = (LONG, "broken.yaml" if name != "missing" else "nowhere.yaml")

    refused(diff(*(reversed(sides) if turned else sides)))


@pytest.mark.parametrize("text", ["[" * 5000, f"ignore: {'9' * 5000}", "ignore: 2026-13-01"])
@pytest.mark.parametrize("option", ["--ignore", "--used-by"])
def test_a_list_that_is_no_yaml_is_told(diff, tmp_path, option, text):
    write(tmp_path, "list.yaml", text)

    assert "list.yaml" in refused(diff(LONG, SHORT, option, "list.yaml"))


def test_a_loop_of_links_is_told(diff, tmp_path):
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")

    assert "Too many levels of symbolic links" in refused(diff(LONG, "loop.yaml"))


def test_standard_input_is_a_side(diff):
    result = diff(LONG, "-", input=json.dumps(SHORT))

    assert result.exit_code == 1
    assert "at stdin:1" in result.stdout


def test_both_sides_cannot_be_standard_input(diff):
    assert "standard input" in refused(diff("-", "-"))


def test_a_revision_of_git_is_a_side(diff, tmp_path):
    if shutil.which("git") is None:
        pytest.skip("no git")
    write(tmp_path, "api/a.json", LONG)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "api"], [*who, "commit", "-qm", "x", "--no-verify"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    write(tmp_path, "api/a.json", SHORT)

    result = diff("git:HEAD:api/a.json", "api/a.json")

    assert result.exit_code == 1
    assert "at api/a.json:" in result.stdout
    assert "git" in refused(diff("git:nothing:api/a.json", "api/a.json"))


def test_an_address_on_loopback_is_a_side(diff, tmp_path):
    write(tmp_path, "a.json", LONG)

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path))

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"

    found, missing = diff(f"{url}/a.json", SHORT), diff(f"{url}/no.json", SHORT)
    server.shutdown()

    assert found.exit_code == 1
    assert "answered 404" in refused(missing)


@pytest.mark.parametrize("address", ["http://[::1/a.yaml", "http://qa:sesame@[::1/a.yaml"])
def test_an_address_that_is_none_is_refused_in_a_sentence(diff, address):
    """And told without a password."""
    told = refused(diff(address, SHORT))

    assert "http://[::1/a.yaml is no loopback address" in told
    assert "sesame" not in told


def test_an_address_where_nobody_listens_is_told_with_the_reason(diff):
    assert "Connection refused): correct the address" in refused(
        diff("http://127.0.0.1:9/a", SHORT)
    )


def test_an_address_elsewhere_is_refused_without_asking(diff):
    assert "loopback" in refused(diff("http://example.org/a.yaml", SHORT))
    assert not sources.is_loopback("http://127.0.0.1.example.org/")


def entry(tmp_path, **words):
    given = {"reason": "agreed", "until": "2999-01-01", **words}
    return ("--ignore", write(tmp_path, "ignore.yaml", {"ignore": [given]}))


def fingerprint(result):
    return json.loads(result.stdout)["findings"][0]["fingerprint"]


def test_a_known_difference_is_let_through_by_its_fingerprint(diff, tmp_path):
    known = fingerprint(diff(LONG, SHORT, "--format", "json"))

    result = diff(LONG, SHORT, *entry(tmp_path, fingerprint=known))

    assert result.exit_code == 0
    assert "ignored: agreed" in result.stdout


def test_a_known_difference_is_let_through_by_rule_and_operation(diff, tmp_path):
    words = {"rule": "request-body-max-length-lowered", "operation": "POST /things/{id}"}

    assert diff(LONG, SHORT, *entry(tmp_path, **words)).exit_code == 0
    assert diff(LONG, SHORT, *entry(tmp_path, **words | {"operation": "GET /"})).exit_code == 1


def test_an_entry_past_its_day_counts_no_more_and_is_named(diff, tmp_path):
    known = fingerprint(diff(LONG, SHORT, "--format", "json"))

    result = diff(LONG, SHORT, *entry(tmp_path, fingerprint=known, until="2020-01-01"))

    assert result.exit_code == 1
    assert "its last day was 2020-01-01" in result.stderr


def test_a_list_that_is_not_as_described_is_refused(diff, tmp_path):
    assert "cannot be used" in refused(diff(LONG, SHORT, *entry(tmp_path)))
    assert "no day" in refused(diff(LONG, SHORT, *entry(tmp_path, fingerprint="0" * 12, until="x")))


def test_a_fingerprint_outlives_moved_lines_and_renamed_path_parameters(diff):
    first = fingerprint(diff(LONG, SHORT, "--format", "json"))
    renamed = json.dumps(SHORT, indent=4).replace("{id}", "{thing}").replace('"id"', '"thing"')

    assert fingerprint(diff(LONG, json.loads(renamed), "--format", "json")) == first


def usage(tmp_path, **used):
    operations = {"POST /things/{any}": {"count": 3, **used}}
    content = {"usage_version": "1.0", "consumer": "web", "operations": operations}
    return ("--used-by", write(tmp_path, "usage.json", content))


@pytest.mark.parametrize(
    ("used", "code"),
    [({"parameters": {"query.q": 2}}, 1), ({"parameters": {"query.other": 2}}, 0), ({}, 0)],
    ids=["used", "another", "none"],
)
def test_only_a_consumer_who_uses_it_is_hit(diff, tmp_path, used, code):
    result = diff(BEFORE, AFTER, *usage(tmp_path, **used), "--only-used")

    assert result.exit_code == code
    assert ("hits: web" in result.stdout) == bool(code)


def test_a_consumer_is_hit_by_what_every_request_needs(diff, tmp_path):
    result = diff(query(), query(required=True), *usage(tmp_path), "--only-used")

    assert result.exit_code == 1


def test_only_used_needs_a_usage_file(diff):
    assert diff(BEFORE, AFTER, "--only-used").exit_code == 2


def test_sarif_is_valid_and_has_the_fingerprint(diff):
    result = diff(LONG, SHORT, "--format", "sarif")

    document = json.loads(result.stdout)
    assert sarif_errors(document) == []
    (finding,) = document["runs"][0]["results"]
    assert finding["level"] == "error"
    assert len(finding["partialFingerprints"]["contractsDiff/v1"]) == 12


def test_sarif_is_valid_for_odd_names_of_files_and_what_is_ignored(diff, tmp_path):
    sides = ("alt & [ä] %41.json", "neu \\#?.json")
    for name, each in zip(sides, (LONG, SHORT), strict=True):
        write(tmp_path, name, each)
    known = entry(tmp_path, rule="request-body-max-length-lowered", operation="POST /things/{id}")

    document = json.loads(diff(*sides, "--format", "sarif", *known).stdout)

    assert sarif_errors(document) == []
    (finding,) = document["runs"][0]["results"]
    assert finding["suppressions"][0]["justification"] == "agreed"


def test_github_gets_at_most_ten_annotations_the_worst_first(diff):
    fields = {f"f{n:02}": {"type": "string"} for n in range(15)}
    old, new = body({"properties": fields}), body({"properties": fields, "required": [*fields]})

    lines = diff(old, new, "--format", "github").stdout.splitlines()

    assert sum(line.startswith("::error file=new.json,line=") for line in lines) == 10
    assert "5 more are not shown" in lines[-1]


def test_what_a_document_says_cannot_forge_an_annotation_or_a_table(diff):
    evil = "a\n::error::forged | <b>"
    new = body({"required": [evil], "properties": {evil: {"type": "string"}}})
    old = body({"properties": {evil: {"type": "string"}}})

    github, markdown = (diff(old, new, "--format", each).stdout for each in ("github", "markdown"))

    assert not any(line.startswith("::error::") for line in github.splitlines())
    assert "<b>" not in markdown


def test_json_has_every_finding(diff):
    document = json.loads(diff(LONG, SHORT, "--format", "json").stdout)

    jsonschema.validate(document["summary"]["breaking"], {"const": 1})
    (found,) = document["findings"]
    assert found["operation"] == "POST /things/{id}"
    assert found["witness"] == "a" * len(found["witness"])
    assert 20 < len(found["witness"]) <= 25


def test_json_keeps_its_schema(diff, tmp_path):
    """With a witness, an ignored difference, a consumer and an idle entry."""
    entry = {"rule": "request-body-max-length-lowered", "operation": "POST /a", "reason": "Known."}
    idle = {"fingerprint": "0" * 12, "reason": "Gone."}
    ignored = [each | {"until": "2099-12-31"} for each in (entry, idle)]
    write(tmp_path, "ignore.json", {"ignore": ignored})
    jsonschema.Draft202012Validator.check_schema(schema())

    for old, new in ((LONG, SHORT), (SHORT, LONG), (BEFORE, AFTER), (query(), api()), (LONG, LONG)):
        written = json.loads(diff(old, new, "--format", "json", "--ignore", "ignore.json").stdout)

        jsonschema.Draft202012Validator(schema()).validate(written)
        assert written["unused_ignores"]
