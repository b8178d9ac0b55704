"""What a shell completes after an option: names of worlds, faults and variants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from click import Context, Parameter
    from click.shell_completion import CompletionItem

FILES = "file"  # click's word for: a path may stand here


def worlds(_: Context, __: Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the named worlds that begin so, or that a file may be named."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415  a start needs none of this

    from duologue.fixtures.worlds import describe  # noqa: PLC0415

    found = _items(describe().items(), incomplete)
    return found or [CompletionItem(incomplete, type=FILES)]


def faults(_: Context, __: Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the faults that begin so."""
    from duologue.mockserver.faults import FAULTS  # noqa: PLC0415  takes 50 ms

    return _items(((name, one.text) for name, one in FAULTS.items()), incomplete)


def variants(_: Context, __: Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the variants that begin so."""
    from duologue.mockserver.variants import VARIANTS  # noqa: PLC0415

    return _items(((name, one.text) for name, one in VARIANTS.items()), incomplete)


def _items(named: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    return [CompletionItem(name, help=text) for name, text in named if name.startswith(incomplete)]
