"""The command ``contracts diff``."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from duologue.contracts.errors import RunNotMade

FORMATS = ("text", "markdown", "json", "sarif", "github")
FAIL_ON = ("breaking", "warning", "any")


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--fail-on", type=click.Choice(FAIL_ON), default="breaking", show_default=True)
@click.option(
    "--ignore",
    "ignore_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Differences to let through, each with a reason and a last day; repeatable.",
)
@click.option(
    "--used-by",
    "usage_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What a consumer uses; marks the differences that hit it; repeatable.",
)
@click.option("--only-used", is_flag=True, help="Fail only for differences that hit a consumer.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def diff_command(  # noqa: PLR0913 - one word for each option of the command
    *,
    old: str,
    new: str,
    fail_on: str,
    ignore_files: tuple[Path, ...],
    usage_files: tuple[Path, ...],
    only_used: bool,
    form: str,
) -> None:
    """Compare two versions of an OpenAPI document, and tell what breaks clients.

    OLD and NEW are each a file, '-', a loopback URL, 'bundled', or git:REV:PATH; `$ref` over files
    is followed. Exit code 0: nothing fails; 1: a difference as --fail-on says; 2: not compared.
    """
    # Imported here: `contracts run` has no use for it.
    from duologue.contracts.diff.comparison import compare_sides  # noqa: PLC0415
    from duologue.contracts.diff.formats import write  # noqa: PLC0415

    try:
        if only_used and not usage_files:
            raise click.UsageError("--only-used needs --used-by FILE")
        difference = compare_sides(
            old,
            new,
            today=dt.datetime.now(dt.UTC).date(),
            ignore_files=ignore_files,
            usage_files=usage_files,
        )
    except RunNotMade as cause:
        click.echo(f"contracts: {cause}", err=True)
        sys.exit(2)
    click.echo(write(difference, form), nl=False)
    for sentence in difference.unused:
        click.echo(f"contracts: ignore entry {sentence}", err=True)
    sys.exit(1 if difference.fails(fail_on, only_used=only_used) else 0)
