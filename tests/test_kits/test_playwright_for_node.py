"""The guide's tests for Playwright in Node, under Playwright itself and Debian's Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import duologue.mockserver
from support.clients.browser import PATIENCE_MS, SWITCHES, chromium
from support.clients.npm import INSTALL, npm
from support.servers.served import COMMAND

PLAYWRIGHT = "@playwright/test@1.56.1"
MOCKSERVER = Path(duologue.mockserver.__file__).parent
IN_GUIDE = 11
RUN_WITHIN_S = 240


def test_the_guides_tests_pass(kits_folder, browser):
    """`browser` says where there is no Chromium."""
    folder = kits_folder / "playwright"
    folder.mkdir()
    npm(*INSTALL, PLAYWRIGHT, folder=folder, asked_by="REQUIRE_KITS")
    shutil.copytree(
        MOCKSERVER / "clients" / "javascript", folder / "node_modules" / "duologue-mock"
    )
    blocks = re.findall(
        r"```javascript\n(.*?)```", (MOCKSERVER / "README.md").read_text("utf-8"), re.DOTALL
    )
    (program,) = (each for each in blocks if "@playwright/test" in each)
    started = f"start({{ command: {json.dumps(list(COMMAND))}, "
    (folder / "guide.spec.mjs").write_text(program.replace("start({ ", started), "utf-8")
    launch = {"executablePath": chromium(), "args": [*SWITCHES]}
    settings = {
        "timeout": 2 * PATIENCE_MS,
        "expect": {"timeout": PATIENCE_MS},
        "workers": 1,
        "use": {"launchOptions": launch},
    }
    (folder / "playwright.config.mjs").write_text(f"export default {json.dumps(settings)};\n")

    done = subprocess.run(
        ["npx", "playwright", "test", "--reporter=list"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_WITHIN_S,
        env=os.environ | {"FORCE_COLOR": "0"},
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert f"{IN_GUIDE} passed" in done.stdout, done.stdout[-2000:]
