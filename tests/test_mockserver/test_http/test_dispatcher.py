"""What is compiled again when the mock's behaviours change: no document that stays the same."""

from __future__ import annotations

from dataclasses import replace

from duologue.mockserver import documented
from duologue.mockserver.app import inside
from support.api import Api


def test_behaviours_with_the_same_document_share_what_was_compiled(api: Api) -> None:
    """Compiling takes 30 ms; most faults leave the document as it is."""
    dispatcher = inside(api.app).dispatcher
    before = dispatcher.runtime
    own = documented.behaviours()
    dispatcher.use(own, replace(own, finish=lambda _, answer: answer))

    assert dispatcher.runtime is not before
    assert dispatcher.runtime.spec is before.spec


def test_behaviours_with_another_document_are_compiled_for_it(api: Api) -> None:
    """What is refused then is told by that document."""
    dispatcher = inside(api.app).dispatcher
    own = documented.behaviours()
    dispatcher.use(own, replace(own, document=lambda _, document: {**document, "x-changed": True}))

    assert dispatcher.runtime.spec.document("openapi")["x-changed"]
