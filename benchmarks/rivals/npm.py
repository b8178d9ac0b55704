"""The servers from npm, installed once into a cache outside the tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

PACKAGES = {"@stoplight/prism-cli": "5.16.0", "json-server": "0.17.4", "openapi-backend": "5.21.2"}
INSTALL_WITHIN_S = 300


class Absent(RuntimeError):
    """A server cannot be measured here; holds the reason."""


def folder() -> Path:
    """Return the folder of the packages."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "duologue" / "benchmarks" / "node"


def installed(packages: Mapping[str, str] = PACKAGES, *, place: Path | None = None) -> Path:
    """Return the folder with all packages, name -> version, installed if they were not.

    Raises Absent with one clear sentence.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Absent("node and npm are not installed")
    place = place or folder()
    if not all(_version(place, name) == version for name, version in packages.items()):
        _install(place, packages)
    return place


def _install(place: Path, packages: Mapping[str, str]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    wanted = {"private": True, "dependencies": dict(packages)}
    (place / "package.json").write_text(json.dumps(wanted, indent=1))
    words = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            words, cwd=place, capture_output=True, text=True, timeout=INSTALL_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired as cause:
        raise Absent(f"npm install took more than {INSTALL_WITHIN_S} s") from cause
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Absent(f"npm install failed: {lines[-1] if lines else done.returncode}")


def _version(place: Path, name: str) -> str | None:
    try:
        about = json.loads((place / "node_modules" / name / "package.json").read_text())
    except (OSError, ValueError):
        return None
    version: str = about["version"]
    return version
