"""Clients that openapi-generator makes of the documents, against the mock.

It brings its own Java; `tox -e clients` installs both, at pinned versions.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from duologue.mockserver.testing import running
from duologue.openapi import document
from duologue.openapi.document import FOLDER

GENERATOR = "openapi_generator_cli"
WITHIN_S = 300
KEY = "mock-api-key"
ANA_TO_BO = {"uid": "bo", "on_behalf_of": "ana"}
ANA_IN_HIKERS = {"guid": "hikers", "on_behalf_of": "ana"}
DOCUMENTS = ("openapi", "stage", "client", "control")
LANGUAGES = ("java", "go")  # of the contract; the documents share their forms


def generate(source: Path, language: str, folder: Path, *options: str) -> str:
    """Generate a client of a file; return what the generator wrote about it."""
    command = Path(sys.executable).with_name("openapi-generator-cli")
    words = ["generate", "-i", str(source), "-g", language, "-o", str(folder)]
    done = subprocess.run(
        [command, *words, *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


@pytest.fixture(scope="module", autouse=True)
def _generator() -> None:
    """Skip unless the generator is here; fail where CI has to have it."""
    if importlib.util.find_spec(GENERATOR) is None:
        if os.environ.get("REQUIRE_CLIENTS"):
            pytest.fail(f"{GENERATOR} is not installed, and REQUIRE_CLIENTS is set")
        pytest.skip("openapi-generator is only installed by tox -e clients")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a mock in the world of the documents' examples."""
    with running(world="examples") as mock:
        yield mock.url


@pytest.fixture(scope="module")
def client(
    url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Any, Any]]]:
    """Generates the Python client of a document; gives its package, and a client of the mock.

    Of the document in one piece: in many files the schemas have no names for the generator.
    """
    folder = tmp_path_factory.mktemp("clients")
    sys.path.insert(0, str(folder))

    def make(name: str) -> tuple[Any, Any]:
        package = f"generated_{name}"
        if package not in sys.modules:
            source = folder / f"{name}.json"
            source.write_text(json.dumps(document.load(name)), "utf-8")
            generate(source, "python", folder / name, "--package-name", package)
            (folder / package).symlink_to(folder / name / package)
        made = importlib.import_module(package)
        settings = made.Configuration(host=url, api_key={"apiKey": KEY})
        return made, made.ApiClient(settings)

    yield make
    sys.path.remove(str(folder))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        *((name, "typescript-fetch") for name in DOCUMENTS),
        *(("openapi", language) for language in LANGUAGES),
    ],
)
def test_every_document_becomes_a_client(name: str, language: str, tmp_path: Path) -> None:
    """As it lies there, in many files: the generator finds no error in it."""
    said = generate(FOLDER / f"{name}.yaml", language, tmp_path)

    assert [line for line in said.splitlines() if " ERROR " in line] == []


def test_lists_are_read(client: Callable[[str], tuple[Any, Any]]) -> None:
    """A page of the list, with the caller's tags, and the count of the rows."""
    made, mock = client("openapi")

    page = made.ConversationsApi(mock).list_conversations(
        on_behalf_of="ana", per_page=2, with_tags=True
    )

    assert len(page.data) == page.meta.pagination.count == 2
    assert {each.conversation_type.value for each in page.data} <= {"user", "group"}
    assert all(each.unread_message_count >= 0 for each in page.data)


def test_conversations_with_users(client: Callable[[str], tuple[Any, Any]]) -> None:
    """All that one may do with one, each answer as a value of its type."""
    made, mock = client("openapi")
    api = made.UserConversationsApi(mock)

    tags = made.TagsUpdate(tags=["work"])
    changed = api.update_user_conversation(**ANA_TO_BO, tags_update=tags).data
    assert (changed.conversation_with.uid, changed.tags) == ("bo", ["work"])
    newest = made.UpTo(message_id=made.MessageId(str(changed.last_message.id.actual_instance)))
    assert api.mark_user_conversation_as_read(**ANA_TO_BO, up_to=newest).data.success is True
    assert api.mark_user_conversation_as_delivered(**ANA_TO_BO).data.success is True
    assert api.get_user_conversation(**ANA_TO_BO).data.unread_message_count == 0
    after = made.After(message_id=newest.message_id)
    assert api.mark_user_conversation_as_unread(**ANA_TO_BO, after=after).data.success is True
    assert api.reset_user_conversation(**ANA_TO_BO).data.success is True


def test_conversations_with_groups(client: Callable[[str], tuple[Any, Any]]) -> None:
    """The same of a group."""
    made, mock = client("openapi")
    api = made.GroupConversationsApi(mock)

    tags = made.TagsUpdate(tags=["walks"])
    changed = api.update_group_conversation(**ANA_IN_HIKERS, tags_update=tags).data
    assert (changed.conversation_with.guid, changed.tags) == ("hikers", ["walks"])
    newest = made.UpTo(message_id=made.MessageId(str(changed.last_message.id.actual_instance)))
    assert api.mark_group_conversation_as_read(**ANA_IN_HIKERS, up_to=newest).data.success is True
    assert api.mark_group_conversation_as_delivered(**ANA_IN_HIKERS).data.success is True
    assert api.get_group_conversation(**ANA_IN_HIKERS).data.unread_message_count == 0
    after = made.After(message_id=newest.message_id)
    unread = api.mark_group_conversation_as_unread(**ANA_IN_HIKERS, after=after)
    assert unread.data.success is True
    assert api.reset_group_conversation(**ANA_IN_HIKERS).data.success is True


def test_conversations_by_their_ids(client: Callable[[str], tuple[Any, Any]]) -> None:
    """One is read and deleted, and then it is gone: an exception with the status and the code."""
    made, mock = client("openapi")
    listed = made.ConversationsApi(mock).list_conversations(on_behalf_of="cleo").data[0]
    one = {"conversation_id": listed.conversation_id, "on_behalf_of": "cleo"}
    api = made.ConversationsByIdApi(mock)

    assert api.get_conversation(**one).data.conversation_id == listed.conversation_id
    assert api.delete_conversation(**one).data.success is True
    with pytest.raises(made.exceptions.NotFoundException) as refused:
        api.get_conversation(**one)

    assert refused.value.data.error.code.startswith("ERR_")


@pytest.mark.parametrize(("uid", "metadata"), [("new-1", {"since": 2020}), ("new-2", [])])
def test_users_are_made(
    client: Callable[[str], tuple[Any, Any]], uid: str, metadata: object
) -> None:
    """With metadata, of which an empty list is an empty object; then one writes, and is gone."""
    made, mock = client("stage")
    users = made.UsersApi(mock)

    new = made.NewUser.from_dict({"uid": uid, "name": "New", "metadata": metadata})
    assert users.create_user(new).data.metadata == (metadata or {})
    message = made.NewMessage.from_dict(
        {"receiver": "bo", "receiverType": "user", "data": {"text": "Hello", "metadata": metadata}}
    )
    sent = made.MessagesApi(mock).send_message(message, on_behalf_of=uid)
    assert sent.data.sender == uid
    assert users.delete_user(uid).data.deactivated_uids == [uid]
