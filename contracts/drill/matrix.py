"""The matrix of faults and clauses: which clause broke under which fault, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from duologue.contracts.clause import Clause
from duologue.contracts.drill.driven_mock import FaultInfo
from duologue.contracts.drill.worker import Outcome
from duologue.contracts.run.results import Verdict

SCHEMA_VERSION = "2.0"


@dataclass(frozen=True)
class Matrix:
    """The results of a drill.

    A fault is killed when its own clause breaks. A clause that breaks under another clause's fault
    is a collateral failure; `max_collateral` of them are allowed. `healthy` are the runs without
    any fault. `is_complete` is set if all faults were run, so that each clause should have one.
    """

    started_at: str
    duration_s: float
    workers: int
    max_collateral: int
    clauses: tuple[Clause, ...]
    faults: tuple[FaultInfo, ...]
    outcomes: Mapping[str, Outcome]
    healthy: tuple[Outcome, ...]
    is_complete: bool = True

    def is_killed(self, fault: FaultInfo) -> bool:
        """Return whether the fault's own clause breaks under it."""
        outcome = self.outcomes.get(fault.name)
        return outcome is not None and outcome.verdicts.get(fault.clause) == Verdict.BROKEN

    @cached_property
    def survivors(self) -> tuple[FaultInfo, ...]:
        """Return the faults that their own clauses did not find."""
        return tuple(fault for fault in self.faults if not self.is_killed(fault))

    @cached_property
    def collateral(self) -> dict[str, tuple[str, ...]]:
        """Return for each clause the other clauses' faults under which it breaks."""
        return {
            clause.id: tuple(
                fault.name
                for fault in self.faults
                if fault.clause != clause.id
                and self.outcomes[fault.name].verdicts.get(clause.id) == Verdict.BROKEN
            )
            for clause in self.clauses
        }

    @property
    def collateral_over_limit(self) -> tuple[str, ...]:
        """Return the clauses with more collateral failures than allowed."""
        return tuple(
            name for name, found in self.collateral.items() if len(found) > self.max_collateral
        )

    @cached_property
    def held_unseen(self) -> tuple[str, ...]:
        """Return the clauses that are held though a fault takes away what they speak of."""
        return tuple(
            f"{name} under {fault.name}"
            for fault in self.faults
            for name in fault.unseen
            if name not in self.outcomes[fault.name].verdicts
            and name not in self.outcomes[fault.name].not_run
        )

    @property
    def false_alarms(self) -> tuple[str, ...]:
        """Return the clauses that do not hold on the healthy mock."""
        return tuple(sorted({name for outcome in self.healthy for name in outcome.verdicts}))

    @property
    def clauses_without_fault(self) -> tuple[str, ...]:
        """Return the clauses without a fault; none if some faults were left out."""
        if not self.is_complete:
            return ()
        with_fault = {fault.clause for fault in self.faults}
        return tuple(clause.id for clause in self.clauses if clause.id not in with_fault)

    @property
    def faults_without_clause(self) -> tuple[str, ...]:
        """Return the faults whose clause does not exist."""
        known = {clause.id for clause in self.clauses}
        return tuple(fault.name for fault in self.faults if fault.clause not in known)

    @property
    def defects(self) -> tuple[str, ...]:
        """Return the clauses whose check has a defect, and the fault under which it showed."""
        outcomes = (*self.healthy, *self.outcomes.values())
        return tuple(
            f"{name} under {outcome.fault or 'no fault'}"
            for outcome in outcomes
            for name, verdict in outcome.verdicts.items()
            if verdict == Verdict.ERROR
        )

    @property
    def exit_code(self) -> int:
        """Return 0 if all is as it should be, 1 if not, 2 if a check of ours has a defect."""
        if self.defects:
            return 2
        wrong = (
            self.survivors,
            self.collateral_over_limit,
            self.held_unseen,
            self.false_alarms,
            self.faults_without_clause,
            self.clauses_without_fault,
        )
        return int(any(wrong))

    def as_dict(self) -> dict[str, Any]:
        """Return the drill's document (see drill.schema.json beside this package)."""
        return {
            "schema_version": SCHEMA_VERSION,
            "started_at": self.started_at,
            "duration_s": round(self.duration_s, 3),
            "workers": self.workers,
            "max_collateral": self.max_collateral,
            "summary": {
                "faults": len(self.faults),
                "killed": len(self.faults) - len(self.survivors),
                "survived": len(self.survivors),
                "clauses": len(self.clauses),
                "collateral_over_limit": len(self.collateral_over_limit),
                "false_alarms": len(self.false_alarms),
                "clauses_without_fault": len(self.clauses_without_fault),
            },
            "survivors": [fault.name for fault in self.survivors],
            "collateral_over_limit": list(self.collateral_over_limit),
            "held_unseen": list(self.held_unseen),
            "false_alarms": list(self.false_alarms),
            "clauses_without_fault": list(self.clauses_without_fault),
            "faults_without_clause": list(self.faults_without_clause),
            "defects": list(dict.fromkeys(self.defects)),
            "clauses": [self._clause(clause) for clause in self.clauses],
            "faults": [self._fault(fault) for fault in self.faults],
        }

    def _clause(self, clause: Clause) -> dict[str, Any]:
        own = [fault for fault in self.faults if fault.clause == clause.id]
        return {
            "id": clause.id,
            "statement": clause.statement,
            "basis": clause.basis.value,
            "faults": len(own),
            "killed": sum(self.is_killed(fault) for fault in own),
            "collateral": list(self.collateral[clause.id]),
        }

    def _fault(self, fault: FaultInfo) -> dict[str, Any]:
        outcome = self.outcomes[fault.name]
        return {
            "name": fault.name,
            "clause": fault.clause,
            "text": fault.text,
            "killed": self.is_killed(fault),
            "verdicts": dict(sorted(outcome.verdicts.items())),
            "not_run": list(outcome.not_run),
            "finding": outcome.finding,
            "duration_s": round(outcome.duration_s, 3),
        }
