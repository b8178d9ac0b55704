"""What the options of the pytest plugin hold, in the types and bounds of `contracts run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from duologue.contracts.commands.run import run_command
from duologue.contracts.connection_options import forms_of, option_name
from duologue.contracts.errors import OptionInvalid

PARAMETERS = {
    option_name(each): each for each in run_command.params if isinstance(each, click.Option)
}
FORMS = forms_of(run_command)


def typed(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of these texts, by name: a tuple where several are joined by commas.

    An empty text is None, False or an empty tuple. Raises OptionInvalid, which names the option.
    """
    return {name: _value(name, text.strip()) for name, text in given.items()}


def _value(name: str, text: str) -> Any:
    parameter = PARAMETERS[name]
    kind = click.BOOL if parameter.is_flag else parameter.type
    try:
        if parameter.multiple:
            words = filter(None, (word.strip() for word in text.split(",")))
            return tuple(kind.convert(word, parameter, None) for word in words)
        if not text:
            return False if parameter.is_flag else None
        return kind.convert(text, parameter, None)
    except click.BadParameter as cause:
        raise OptionInvalid(f"--contracts-{name}", cause.message.rstrip(".")) from cause
