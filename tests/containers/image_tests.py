"""The images of docker/, each by itself."""

import json
import re
import signal
import socket
import subprocess
import unittest
from datetime import datetime

from context import HARDENED, PROGRAMS, Wanted, crash, image, measured
from engine_client import ROOT, address_in, docker, eventually, inspect
from shop_client import EMAIL, PASSWORD


def seconds_of(text):
    """Of a time as Docker writes it; it has more digits than Python reads."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*Z$", r"\1+00:00", text)).timestamp()


class Images(unittest.TestCase):
    def test_add_little_to_their_base(self):
        base = int(inspect(Wanted.base, "{{.Size}}"))
        for program in PROGRAMS:
            added = (int(inspect(image(program), "{{.Size}}")) - base) / 1e6
            measured(f"{program} adds MB to its base", round(added, 1))
            self.assertLess(added, 60 if program == "shop" else 45, program)

    def test_say_what_they_are(self):
        for program in PROGRAMS:
            labels = json.loads(inspect(image(program), "{{json .Config.Labels}}"))
            self.assertEqual(labels["org.opencontainers.image.title"], program)
            self.assertEqual(labels["org.opencontainers.image.licenses"], "Apache-2.0")
            self.assertRegex(labels["org.opencontainers.image.version"], r"^\d+\.\d+\.\d+$")
            self.assertRegex(labels["org.opencontainers.image.revision"], r"^([0-9a-f]{40}(-changed)?|unknown)$")
            self.assertEqual(inspect(image(program), "{{.Config.User}}"), "10001:10001")
            hosts = docker("run", "--rm", *HARDENED, "--network", "none", image(program), "hosts")
            self.assertIn("gateway" if program in ("shop", "shop-gateway") else program[len("shop-"):], hosts.split())

    def test_refuse_a_secret_that_is_not_there(self):
        refused = subprocess.run(["docker", "run", "--rm", *HARDENED, "-e", "SHOP_TOKEN_KEY_FILE=/run/secrets/nothing",
                                  image("shop")], capture_output=True, text=True)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("SHOP_TOKEN_KEY_FILE: '/run/secrets/nothing' can't be read", refused.stderr)


class ProcessOne(unittest.TestCase):
    """What a process must do where the kernel gives it no default actions."""

    def setUp(self):
        self.container = docker("run", "-d", *HARDENED, "--health-interval", "200ms", "--tmpfs", "/tmp:mode=1777",
                                "-e", f"SHOP_ADMIN_EMAIL={EMAIL}", "-e", f"SHOP_ADMIN_PASSWORD={PASSWORD}",
                                "-v", f"{ROOT}/topology:/topology:ro", image("shop"))
        self.addCleanup(docker, "rm", "-f", "-v", self.container)
        eventually(lambda: inspect(self.container, "{{.State.Health.Status}}") == "healthy", "it is healthy")
        self.address = address_in(self.container, "bridge") + ":8080"

    def ended(self):
        return eventually(lambda: inspect(self.container, "{{.State.Running}}") == "false", "it ends") and int(
            inspect(self.container, "{{.State.ExitCode}}"))

    def begin_a_long_request(self):
        """One that keeps a node from ending for as long as its drain lasts."""
        host, port = self.address.split(":")
        connection = socket.create_connection((host, int(port)))
        self.addCleanup(connection.close)
        connection.sendall(b"POST /users HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 100\r\n\r\n{")
        asked = lambda: json.loads(docker("exec", self.container, "shop", "status", "--json"))
        eventually(lambda: asked()["nodes"][0]["status"]["gateway"]["connections"] > 0, "the request arrives")

    def test_is_ready_soon(self):
        logs = docker("logs", "-t", self.container)
        ready = next(line for line in logs.splitlines() if " ready node=" in line)
        started = seconds_of(inspect(self.container, "{{.State.StartedAt}}"))
        measured("ms from the start of process 1 to ready", round(1000 * (seconds_of(ready.split()[0]) - started)))

    def test_ends_in_order_when_told(self):
        docker("kill", "-s", "TERM", self.container)
        self.assertEqual(self.ended(), 0)

    def test_is_not_healthy_where_it_does_not_answer(self):
        asked = subprocess.run(["docker", "exec", self.container, "shop", "health", "--admin", "127.0.0.1:9"],
                               capture_output=True, text=True)
        self.assertEqual((asked.returncode, asked.stdout), (1, "it can't be reached: Connection refused\n"))

    def test_ends_at_once_on_a_second_signal(self):
        self.begin_a_long_request()
        docker("kill", "-s", "TERM", self.container)
        eventually(lambda: '"stopping"' in subprocess.run(["docker", "logs", self.container], capture_output=True,
                                                          text=True).stderr, "it drains")
        self.assertEqual(inspect(self.container, "{{.State.Running}}"), "true")
        docker("kill", "-s", "TERM", self.container)
        self.assertEqual(self.ended(), 128 + signal.SIGTERM)

    def processes(self):
        """The id on the host, that of the parent, the state and the command of each."""
        rows = docker("top", self.container, "-eo", "pid,ppid,stat,args").splitlines()[1:]
        return [row.split(None, 3) for row in rows]

    def test_reaps_what_others_leave_behind(self):
        docker("exec", "-d", "-w", "/tmp", "-e", "SHOP_TOKEN_KEY=" + "A" * 43, self.container, "shop", "up",
               "/topology/two-nodes.toml", "--only", "shop")
        supervisors = lambda: [row for row in self.processes() if " up " in row[3]]
        nodes = lambda: [row for row in self.processes() if "two-nodes.toml" in row[3] and " run " in row[3]]
        eventually(nodes, "`up` starts a node")
        crash(supervisors()[0][0])
        # The node dies with its supervisor, and belongs to process 1 then.
        eventually(lambda: len(self.processes()) == 1, "nothing is left but process 1")
