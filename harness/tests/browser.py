"""Chromium for tests, driven over its debugging pipe: no port, no library, nothing that it could ask a network.

	with Browser(folder) as browser:
	    page = browser.open("file:///...", width=390, scheme="dark")
	    page.eval("document.title")
	    page.press("Tab")

An error of the page's own script, and whatever it asks for, is kept: page.faults, page.requests.
"""
import base64, fcntl, json, os, select, subprocess, time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "ArrowDown": (40, "")}
DEADLINE = 60


class Browser:
    def __init__(self, folder, program="chromium"):
        ours, theirs = os.pipe(), os.pipe()
        # Above what the shell needs to put them on 3 and 4, where Chromium expects them.
        commands, answers = (fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (ours[0], theirs[1]))
        shell = f'exec "$0" "$@" 3<&{commands} 4>&{answers}'
        os.makedirs(folder, exist_ok=True)
        self.child = subprocess.Popen(["bash", "-c", shell, program, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
                                      pass_fds=(commands, answers), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": folder})
        for fd in (ours[0], theirs[1], commands, answers):
            os.close(fd)
        self.to, self.of, self.rest, self.last, self.pages = ours[1], theirs[0], b"", 0, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()

    def receive(self):
        end = time.monotonic() + DEADLINE
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.of], [], [], max(0, end - time.monotonic()))
            data = os.read(self.of, 1 << 20) if ready else b""
            if not data:
                raise RuntimeError("the browser has ended" if ready else f"the browser said nothing for {DEADLINE} s")
            self.rest += data
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **params):
        self.last += 1
        wanted = self.last
        message = {"id": wanted, "method": method, "params": params, **({"sessionId": session} if session else {})}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            message = self.receive()
            if message.get("id") == wanted:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.note(message)

    def note(self, message):
        if message.get("sessionId") in self.pages:
            self.pages[message["sessionId"]].note(message["method"], message["params"])

    def open(self, url, width=1280, height=900, scheme="light"):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, target, width)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.go(url)
        return page


class Page:
    def __init__(self, browser, session, target, width):
        self.browser, self.session, self.target, self.width = browser, session, target, width
        self.faults, self.requests = [], []

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def note(self, method, params):
        if method == "Runtime.exceptionThrown":
            self.faults.append(params["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        elif method == "Log.entryAdded":
            self.faults.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.faults.append(str([arg.get("value") for arg in params["args"]]))
        elif method == "Network.requestWillBeSent" and not params["request"]["url"].startswith("data:"):
            self.requests.append(params["request"]["url"])

    def leave(self, action):
        """Does what brings another page, and waits until that is there."""
        self.eval("window.before = true")
        action()
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            try:
                if self.eval("!window.before && document.readyState === 'complete'"):
                    return
            except RuntimeError:
                pass  # the page went away under the question
            time.sleep(0.02)
        raise RuntimeError(f"the page did not come within {DEADLINE} s")

    def go(self, url):
        # By way of an empty page: another part behind "#" alone would bring no other page.
        for place in ("about:blank", url):
            self.leave(lambda place=place: self.call("Page.navigate", url=place))

    def eval(self, script):
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description", "an exception"))
        return result["result"].get("value")

    def type(self, text):
        self.call("Input.insertText", text=text)

    def press(self, key):
        code, text = KEYS[key]
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **({"text": text} if kind == "keyDown" else {}))

    def shot(self, path, most=6000):
        """The whole page, down to `most` pixels."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        self.call("Emulation.setDeviceMetricsOverride", width=self.width, height=min(int(size["height"]), most),
                  deviceScaleFactor=1, mobile=self.width < 500)
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most), "scale": 1}
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        del self.browser.pages[self.session]
