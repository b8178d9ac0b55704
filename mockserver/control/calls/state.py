"""The calls about the state: its start, worlds, snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from duologue.mockserver.control.calls.answers import Call, PlainDocument, ResponseData
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.snapshots import Snapshot
from duologue.mockserver.control.validation import JSON, YAML, ValidatedCall
from duologue.mockserver.control.world.doubts import doubts
from duologue.mockserver.control.world.schema import schema

MOST_NOTES = 20


def get_health(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return that the mock is up; raise StateUnavailable if its state is not."""
    del call
    controls.state.check()
    return {"status": "ok"}


def reset(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Restore everything to the start; return what the mock holds then."""
    del call
    controls.reset()
    return {"world": controls.state.world}


def get_world(controls: Controls, call: ValidatedCall) -> ResponseData | PlainDocument:
    """Return the whole state."""
    world, form = controls.state.to_document(), call.query.get("format")
    if form == "yaml":
        from duologue.mockserver.control.world.yaml import to_yaml  # noqa: PLC0415  few starts need YAML

        return PlainDocument(YAML, to_yaml(world))
    return PlainDocument(JSON, world) if form == "json" else world


def put_world(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Replace the state by a document; return what the mock holds then and what is unusual."""
    controls.begin_epoch()
    with controls.socket.undoing():
        controls.state.replace(call.body)
    notes = [f"{doubt.place}: {doubt.text}" for doubt in islice(doubts(call.body), MOST_NOTES)]
    return controls.state.summary()._asdict() | ({"notes": notes} if notes else {})


def get_world_schema(controls: Controls, call: ValidatedCall) -> PlainDocument:
    """Return the JSON Schema of the world document."""
    del controls, call
    return PlainDocument(JSON, schema())


def list_snapshots(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return all snapshots."""
    del call
    return {"snapshots": [_snapshot(one) for one in controls.state.snapshots]}


def save_snapshot(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Save a snapshot; return all of them."""
    controls.state.save(call.body["name"])
    return list_snapshots(controls, call)


def restore_snapshot(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Restore a snapshot; return what the mock holds then."""
    controls.begin_epoch()
    with controls.socket.undoing():
        restored = controls.state.restore(call.path["name"])
    return _snapshot(restored)


def delete_snapshot(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Delete a snapshot; return the others."""
    controls.state.snapshots.delete(call.path["name"])
    return list_snapshots(controls, call)


def _snapshot(one: Snapshot) -> ResponseData:
    return {"name": one.name, "at": one.at, "world": one.world}


def list_worlds(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the worlds beside the mock's own."""
    del call
    return [{"name": one.name, "from": one.made_from} for one in controls.worlds]


def add_world(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Make a world from a named one; return all of them."""
    body = call.body
    controls.worlds.add(body["name"], body.get("from"), seed=body.get("seed"))
    return list_worlds(controls, call)


def clear_worlds(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove all worlds beside the mock's own; return the empty list."""
    controls.worlds.close()
    return list_worlds(controls, call)


def delete_world(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove one world; return the others."""
    controls.worlds.remove(call.path["name"])
    return list_worlds(controls, call)


CALLS: Mapping[str, Call] = {
    "getHealth": get_health,
    "reset": reset,
    "getWorld": get_world,
    "putWorld": put_world,
    "getWorldSchema": get_world_schema,
    "listSnapshots": list_snapshots,
    "saveSnapshot": save_snapshot,
    "restoreSnapshot": restore_snapshot,
    "deleteSnapshot": delete_snapshot,
    "listWorlds": list_worlds,
    "addWorld": add_world,
    "clearWorlds": clear_worlds,
    "deleteWorld": delete_world,
}
