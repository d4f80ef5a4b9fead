"""A headless Chromium, driven over its DevTools protocol through two pipes: no driver, no port, no package but itself.

    with Browser() as browser:
        page = browser.open("http://127.0.0.1:8080/docs")
        page.wait_for("document.querySelector('details') !== null")
"""

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
PATIENCE_SECONDS = 60


class Browser:
    """Errors: RuntimeError where the browser is missing, ends, or does not answer in time."""

    def __init__(self):
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise RuntimeError("no browser here, neither of " + ", ".join(PROGRAMS))
        self._profile = tempfile.mkdtemp()
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()

        def as_three_and_four():
            # Out of the way first: either of the two may be 3 or 4 already.
            reading, writing = os.dup(commands), os.dup(answers)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self._process = subprocess.Popen(
            [program, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking", "--user-data-dir=" + self._profile,
             # What the pages need is on this machine; a name that would have to be looked up is a fault.
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
            preexec_fn=as_three_and_four, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self._number = 0
        self._replies = queue.Queue()
        self._pages = {}
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, url):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(domain + ".enable")
        page.call("Page.navigate", url=url)
        page.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")
        return page

    def call(self, method, session=None, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            try:
                reply = self._replies.get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                raise RuntimeError("the browser does not answer " + method) from None
            if reply is None:
                raise RuntimeError("the browser has ended")
            if reply["id"] == self._number:
                break
        if "error" in reply:
            raise RuntimeError(method + ": " + reply["error"]["message"])
        return reply["result"]

    def _read(self):
        rest = b""
        while octets := os.read(self._answers, 1 << 16):
            *messages, rest = (rest + octets).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self._replies.put(message)
                elif page := self._pages.get(message.get("sessionId")):
                    page.heard(message["method"], message["params"])
        self._replies.put(None)


class Page:
    """One tab. `requests` are the addresses that it asked for, `complaints` what its console would show in red."""

    def __init__(self, browser, session):
        self._browser = browser
        self._session = session
        self.requests = []
        self.complaints = []

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def evaluate(self, script):
        """The value of an expression, of a promise too. Errors: RuntimeError with what it throws."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(script + ": " + text_of(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait_for(self, condition):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.evaluate(condition):
            if time.monotonic() > deadline:
                raise RuntimeError("it never came true: " + condition + "; complaints: " + repr(self.complaints))
            time.sleep(0.02)

    def heard(self, event, details):
        if event == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(text_of(details["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and details["type"] in ("error", "assert", "warning"):
            self.complaints.append(" ".join(str(each.get("value", "")) for each in details["args"]))
        elif event == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.complaints.append(details["entry"]["text"] + " " + details["entry"].get("url", ""))


def text_of(details):
    return details.get("exception", {}).get("description") or details["text"]
