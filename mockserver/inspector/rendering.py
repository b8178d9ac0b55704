"""Rendering of templates; imported by the first request for a page, not at start."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from duologue.mockserver.inspector.views.avatars import pretty

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
_CODE = re.compile(r"`([^`]+)`")
_LONGEST = 300  # characters of a value in a table


def render(template: str, *, root: str, **values: Any) -> str:
    """Render a template; every value is escaped. `root` leads from the page to the mock's root.

    All addresses on a page are relative, so it works behind any prefix of a proxy.
    """
    return _environment().get_template(template).render(values, root=root)


def root_of(path: str) -> str:
    """Return the way from the page at `path` to the root of the mock: ``../`` for /_mock/."""
    return "../" * (path.count("/") - 1)


@pass_context
def static(context: Context, name: str) -> str:
    """Return the address of a static file, which changes whenever the files change."""
    return f"{context['root']}_mock/static/{_version()}/{name}"


def short(value: Any) -> str:
    """Return JSON on one line, shortened if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def prose(text: str) -> Markup:
    """Return a sentence with backticked words as code; everything is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped on this line


def wrapped(path: str) -> Markup:
    """Return a path that may break after each slash; everything is escaped."""
    return escape(path).replace("/", Markup("/<wbr>"))


@cache
def _version() -> str:
    """Return a digest of all static files; modules import each other, so they share one."""
    state = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        state.update(path.read_bytes())
    return state.hexdigest()[:12]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(json=json.dumps, pretty=pretty, prose=prose, short=short, wrapped=wrapped)
    made.globals.update(static=static)
    return made
