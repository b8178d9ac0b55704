"""Build the wheel and the source distribution into dist/, the same bytes from the same commit.

    python .ci/release.py [--out dist]

Times are those of the last commit, or SOURCE_DATE_EPOCH; owners, modes and the order of files do
not depend on the machine.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Build both and print their names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    out = parser.parse_args().out
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or commit_time())
    os.umask(0o022)
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)],
        env=os.environ | environment(epoch),
        check=True,
    )
    for archive in out.glob("*.tar.gz"):
        repack(archive, epoch)
    print(*sorted(path.name for path in out.iterdir()), sep="\n")


def environment(epoch: int) -> dict[str, str]:
    """Return what a build depends on: its time, and the version of setuptools, which it names."""
    constraints = ROOT / ".ci" / "constraints.txt"
    return {"SOURCE_DATE_EPOCH": str(epoch), "PIP_CONSTRAINT": constraints.as_uri()}


def commit_time() -> str:
    """Return the time of the last commit in UNIX seconds."""
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def repack(archive: Path, epoch: int) -> None:
    """Write a .tar.gz again, with nothing in it that another machine would have otherwise."""
    with tarfile.open(archive) as old:
        files = {one.name: (one, old.extractfile(one)) for one in old.getmembers()}
        half = archive.with_suffix(".part")
        with (
            half.open("wb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=epoch) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
        ):
            for name in sorted(files):
                member, content = files[name]
                new.addfile(plain(member, epoch), content)
    half.replace(archive)


def plain(member: tarfile.TarInfo, epoch: int) -> tarfile.TarInfo:
    """Return the entry of a file or folder without traces of who built it, where and when."""
    is_run = member.isdir() or bool(member.mode & 0o100)
    member.mtime, member.mode = epoch, 0o755 if is_run else 0o644
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.pax_headers = {}
    return member


if __name__ == "__main__":
    main()
