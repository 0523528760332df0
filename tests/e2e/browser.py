"""Chromium without a window, driven over its DevTools protocol by a pipe."""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = "chromium"
SECONDS = 60.0
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # for root; it opens the test's own pages only
    "--remote-debugging-pipe",
    "--window-size=1400,1800",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WAIT = """new Promise((resolve, reject) => {
    const end = Date.now() + %(milliseconds)d;
    const look = () => {
        const found = (() => { %(script)s })();
        if (found) resolve(found);
        else if (Date.now() > end) reject(new Error('waited too long'));
        else setTimeout(look, 50);
    };
    look();
})"""


def require_chromium() -> str:
    """Returns the path of Chromium. Skips the test if it is not installed; fails it in CI."""
    path = shutil.which(CHROMIUM)
    if path is not None:
        return path
    reason = "Chromium is not installed: as root, run apt-get install chromium."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Page:
    """One tab of a browser. Elements are named by CSS selectors."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._received = bytearray()
        self._count = 0
        self._session: str | None = None
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)

    def wait(self, script: str) -> Any:
        """Returns what the body of a function in JavaScript returns, once that is true."""
        return self._evaluate(WAIT % {"script": script, "milliseconds": SECONDS * 1000})

    def wait_for(self, selector: str) -> None:
        self.wait(f"return document.querySelector({json.dumps(selector)}) !== null")

    def click(self, selector: str) -> None:
        self._on(selector, "element.click()")

    def fill(self, selector: str, text: str) -> None:
        """Types a text into an input, and leaves it: some pages wait for that."""
        self._on(selector, "element.focus()")
        self._call("Input.insertText", text=text)
        self._on(selector, "element.blur()")

    def choose(self, selector: str, value: str) -> None:
        """Chooses an option of a list."""
        change = "element.dispatchEvent(new Event('change', {bubbles: true}))"
        self._on(selector, f"element.value = {json.dumps(value)}; {change}")

    def attach(self, selector: str, path: Path) -> None:
        """Chooses a file in a file input."""
        self.wait_for(selector)
        root = self._call("DOM.getDocument")["root"]["nodeId"]
        node = self._call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self._call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def text(self, selector: str) -> str:
        return self._on(selector, "return element.innerText")

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _on(self, selector: str, script: str) -> Any:
        """Runs JavaScript with the first such `element`, once there is one."""
        self.wait_for(selector)
        return self._evaluate(
            f"(() => {{ const element = document.querySelector({json.dumps(selector)}); {script} }})()"
        )

    def _evaluate(self, expression: str) -> Any:
        """Returns the value of an expression. Fails the test with the exception that it raises."""
        done = self._call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in done, (expression, done["exceptionDetails"])
        return done["result"].get("value")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends a command and returns its result; events that arrive before it are dropped."""
        self._count += 1
        command = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._count:
            pass
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def _receive(self) -> dict[str, Any]:
        end = time.monotonic() + 2 * SECONDS
        while b"\0" not in self._received:
            readable, _, _ = select.select([self._answers], [], [], max(0.0, end - time.monotonic()))
            assert readable, "Chromium does not answer."
            block = os.read(self._answers, 1 << 20)
            assert block, "Chromium has ended."
            self._received += block
        message, _, rest = self._received.partition(b"\0")
        self._received = rest
        return json.loads(message)


@contextmanager
def browser_page(chromium: str, folder: Path) -> Generator[Page]:
    """Runs the browser with its profile in the folder. Yields an empty page."""
    their_commands, commands = os.pipe()
    answers, their_answers = os.pipe()
    # Chromium reads commands from the descriptor 3 and writes its answers to 4.
    script = f'exec "$0" "$@" 3<&{their_commands} 4>&{their_answers}'
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", script, chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}"],
            pass_fds=(their_commands, their_answers),
            stdout=log,
            stderr=log,
        )
    os.close(their_commands)
    os.close(their_answers)
    try:
        yield Page(commands, answers)
    finally:
        os.close(commands)
        os.close(answers)
        process.kill()  # its own processes end with it
        process.wait()
