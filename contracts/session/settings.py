"""What a run is asked to do, as the command line or pytest's options say it."""

from __future__ import annotations

from dataclasses import dataclass, field

from duologue.contracts.context.budget import Budget
from duologue.contracts.http.connection import Network
from duologue.contracts.http.redaction import Redactor
from duologue.contracts.http.target import KEY_VARIABLE, redactor_of, variables_in
from duologue.contracts.run.origin import Origin
from duologue.contracts.run.sharding import Shard

FROM_TARGET = "auto"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run is asked to do, as the command line or pytest's options say it; times in seconds.

    ``target`` None stands for the bundled mock. ``existing_data`` names a file of conversations to
    use, or is "auto" for those that the target lists; with None, test data is made. ``accept``
    names lists of known failures. A run that is ``read_only`` sends nothing but GET, one that is
    not ``deprecated`` calls no deprecated operation; ``max_failures`` broken clauses or
    ``max_time_s`` end it. ``headers`` and ``cookies`` are of the form NAME=VARIABLE. ``keep``
    leaves the test data of findings on the target; ``allow_leftovers`` judges one that removes
    nothing. ``generates`` says that requests will be generated, so that the generator is loaded
    meanwhile.
    """

    target: str | None = None
    key_variable: str = KEY_VARIABLE
    timeout_s: float = 10.0
    settle_s: float = 5.0
    workers: int = 16
    budget: Budget = field(default_factory=Budget)
    existing_data: str | None = None
    accept: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    network: Network = field(default_factory=Network)
    rate_per_s: float | None = None
    read_only: bool = False
    deprecated: bool = True
    max_failures: int | None = None
    max_time_s: float | None = None
    origin: Origin = field(default_factory=Origin)
    strict_accept: bool = False
    keep: bool = False
    allow_leftovers: bool = False
    shard: Shard | None = None
    generates: bool = False

    @property
    def redactor(self) -> Redactor:
        """What hides the values of all variables that the settings name."""
        return redactor_of([self.key_variable, *variables_in([*self.headers, *self.cookies])])
