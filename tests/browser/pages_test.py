#!/usr/bin/env python3
"""pages_test.py SHOP: the pages of a running shop as a person sees them, in a real browser that can reach nothing else."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from browser import Browser

TOPOLOGY = """
name = "pages"
[nodes.main]
hosts = ["gateway", "user", "product", "order", "payment", "shipping"]
admin = "127.0.0.1:0"
[gateway]
listen = "127.0.0.1:0"
"""

EMAIL, PASSWORD = "admin@shop.test", "correct horse battery"


class Shop:
    """On data of its own and ports chosen by the system."""

    def __init__(self, program):
        self._folder = tempfile.TemporaryDirectory()
        pathlib.Path(self._folder.name, "topology.toml").write_text(TOPOLOGY)
        self._errors = open(pathlib.Path(self._folder.name, "errors"), "w+")
        self._process = subprocess.Popen(
            [program, "run", "--topology", "topology.toml"], cwd=self._folder.name, stdout=subprocess.PIPE,
            stderr=self._errors, text=True, env=dict(os.environ, SHOP_ADMIN_EMAIL=EMAIL, SHOP_ADMIN_PASSWORD=PASSWORD))
        for line in self._process.stdout:
            if line.startswith("ready "):
                self.gateway = "http://" + re.search(r" gateway=(\S+)", line)[1]
                self.admin = "http://" + re.search(r" admin=(\S+)", line)[1]
                return
        self._errors.seek(0)
        raise RuntimeError("the shop did not become ready:\n" + self._errors.read())

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(timeout=60)
        self._process.stdout.close()
        self._errors.close()
        self._folder.cleanup()
        if code != 0:
            raise RuntimeError("the shop ended with " + str(code))


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = Shop(os.path.abspath(program))
        cls.addClassCleanup(cls.shop.stop)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def assert_clean(self, page, origin):
        self.assertEqual(page.complaints, [])
        self.assertEqual([url for url in page.requests if not url.startswith(origin + "/")], [], "it works offline")

    def open_docs(self):
        page = self.browser.open(self.shop.gateway + "/docs")
        page.wait_for("document.querySelectorAll('details').length > 0")
        return page

    def test_the_docs_list_every_route(self):
        page = self.open_docs()
        with urllib.request.urlopen(self.shop.gateway + "/openapi.json", timeout=60) as answer:
            api = json.load(answer)
        described = {(method.upper(), path) for path, operations in api["paths"].items() for method in operations}
        shown = page.evaluate("""[...document.querySelectorAll('summary')].map(summary =>
            [summary.querySelector('.method').textContent, summary.querySelector('code').textContent])""")
        self.assertGreater(len(described), 15)
        self.assertEqual({tuple(each) for each in shown}, described)
        self.assertEqual(len(shown), len(described), "each once")
        self.assertEqual(page.evaluate("document.getElementById('title').textContent"),
                         api["info"]["title"] + " " + api["info"]["version"])
        self.assert_clean(page, self.shop.gateway)

    def test_the_docs_send_requests(self):
        page = self.open_docs()
        page.evaluate("""window.call = (method, path) => {
          const found = [...document.querySelectorAll('details')].find(each =>
              each.querySelector('.method').textContent === method && each.querySelector('code').textContent === path);
          if (!found.open) found.querySelector('summary').click();
          return found;
        };
        window.send = (method, path, body) => {
          const found = call(method, path);
          if (body) found.querySelector('textarea').value = JSON.stringify(body);
          found.querySelector('button').click();
        };
        window.answer = (method, path) => call(method, path).querySelector('button + pre').textContent; null""")
        self.assertTrue(page.evaluate("call('POST', '/sessions').open"), "a click opens it")
        self.assertTrue(page.evaluate("call('POST', '/sessions').querySelector('button').offsetHeight > 0"))
        page.evaluate("send('POST', '/sessions', %s); null" % json.dumps({"email": EMAIL, "password": PASSWORD}))
        page.wait_for("answer('POST', '/sessions').startsWith('201')")
        token = json.loads(page.evaluate("answer('POST', '/sessions')").split("\n\n", 1)[1])["token"]
        page.evaluate("document.getElementById('token').value = %s; null" % json.dumps(token))
        product = {"name": "Lamp", "price": {"amount": 1999, "currency": "USD"}, "stock": 10}
        page.evaluate("send('POST', '/products', %s); null" % json.dumps(product))
        page.wait_for("answer('POST', '/products').startsWith('201')")
        page.evaluate("send('GET', '/products'); null")
        page.wait_for("answer('GET', '/products').startsWith('200')")
        listed = json.loads(page.evaluate("answer('GET', '/products')").split("\n\n", 1)[1])
        self.assertEqual([each["name"] for each in listed["items"]], ["Lamp"])
        self.assert_clean(page, self.shop.gateway)

    def test_the_node_shows_itself(self):
        page = self.browser.open(self.shop.admin + "/")
        page.wait_for("document.getElementById('ready').textContent === 'ready'")
        rows = page.evaluate("[...document.querySelectorAll('#protocols td:first-child')].map(each => each.textContent)")
        for protocol in ("user", "product", "order", "payment", "shipping"):
            self.assertIn(protocol, rows)
        self.assertEqual(page.evaluate("document.getElementById('node').textContent"), "main")
        page.wait_for("document.getElementById('metrics').textContent.includes('troupe_turns_total')")
        page.evaluate("""const filter = document.getElementById('filter'); filter.value = 'troupe_entities';
            filter.dispatchEvent(new Event('input')); null""")
        lines = page.evaluate("document.getElementById('metrics').textContent").splitlines()
        self.assertTrue(lines and all("troupe_entities" in line for line in lines), lines)
        self.assert_clean(page, self.shop.admin)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    unittest.main(verbosity=2)
