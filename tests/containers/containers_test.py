#!/usr/bin/env python3
"""containers_test.py --bin BIN [--full CONTRACT_TEST] [--source]: the images and compositions of docker/ on a real engine.

Images are made from the programs in BIN, or, with --source, inside of the engine. --full adds every fault under load,
the whole HTTP contract against both compositions by the program CONTRACT_TEST, and Prometheus. Ends with 77 where no
Docker engine answers."""

import argparse
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from datetime import datetime

import engine_client
from engine_client import ROOT, Composition, address_in, docker, eventually, inspect, run
from shop_client import EMAIL, NOTHING_LOST, PASSWORD, Client, Load, admin, customer, order_of, product

SKIPPED = 77
TAG = f"test-{os.getpid()}"
PROGRAMS = ["shop", "shop-gateway", "shop-order"]  # those of the compositions; the others only with --full
HARDENED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
options = None
secrets = tempfile.TemporaryDirectory(prefix="shop-secrets-")


def full(test):
    """The options are not there yet when classes are made."""
    @functools.wraps(test)
    def wrapped(self):
        if not options.full:
            self.skipTest("only with --full")
        test(self)
    return wrapped


def setUpModule():
    run(str(ROOT / "docker/make_secrets"), secrets.name)
    pathlib.Path(secrets.name, "admin_password").write_text(PASSWORD)
    if options.full:
        PROGRAMS.extend(["shop-user", "shop-product"])
    built_by = [] if options.source else ["--bin", options.bin]
    run(str(ROOT / "docker/build_images"), *built_by, *PROGRAMS, environment={"SHOP_TAG": TAG}, timeout=3600)


def tearDownModule():
    docker("rmi", "-f", *(f"troupe/{program}:{TAG}" for program in PROGRAMS))
    secrets.cleanup()


def measured(what, value):
    print(f"{what}: {value}", flush=True)


def seconds_of(text):
    """Of a time as Docker writes it; it has more digits than Python reads."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*Z$", r"\1+00:00", text)).timestamp()


class Images(unittest.TestCase):
    def test_add_little_to_their_base(self):
        base = int(inspect(os.environ.get("BASE", "debian:bookworm-slim"), "{{.Size}}"))
        for program in PROGRAMS:
            added = (int(inspect(f"troupe/{program}:{TAG}", "{{.Size}}")) - base) / 1e6
            measured(f"{program} adds MB to its base", round(added, 1))
            self.assertLess(added, 60 if program == "shop" else 45, program)

    def test_say_what_they_are(self):
        for program in PROGRAMS:
            labels = json.loads(inspect(f"troupe/{program}:{TAG}", "{{json .Config.Labels}}"))
            self.assertEqual(labels["org.opencontainers.image.title"], program)
            self.assertEqual(labels["org.opencontainers.image.licenses"], "Apache-2.0")
            self.assertRegex(labels["org.opencontainers.image.version"], r"^\d+\.\d+\.\d+$")
            self.assertRegex(labels["org.opencontainers.image.revision"], r"^([0-9a-f]{40}(-changed)?|unknown)$")
            self.assertEqual(inspect(f"troupe/{program}:{TAG}", "{{.Config.User}}"), "10001:10001")
            hosts = docker("run", "--rm", *HARDENED, "--network", "none", f"troupe/{program}:{TAG}", "hosts")
            self.assertIn("gateway" if program in ("shop", "shop-gateway") else program[len("shop-"):], hosts.split())

    def test_refuse_a_secret_that_is_not_there(self):
        refused = subprocess.run(["docker", "run", "--rm", *HARDENED, "-e", "SHOP_TOKEN_KEY_FILE=/run/secrets/nothing",
                                  f"troupe/shop:{TAG}"], capture_output=True, text=True)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("SHOP_TOKEN_KEY_FILE: '/run/secrets/nothing' can't be read", refused.stderr)


class ProcessOne(unittest.TestCase):
    """What a process must do where the kernel gives it no default actions."""

    def setUp(self):
        self.container = docker("run", "-d", *HARDENED, "--health-interval", "200ms", "--tmpfs", "/tmp:mode=1777",
                                "-e", f"SHOP_ADMIN_EMAIL={EMAIL}", "-e", f"SHOP_ADMIN_PASSWORD={PASSWORD}",
                                "-v", f"{ROOT}/topology:/topology:ro", f"troupe/shop:{TAG}")
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
        os.kill(int(supervisors()[0][0]), signal.SIGKILL)
        # The node dies with its supervisor, and belongs to process 1 then.
        eventually(lambda: len(self.processes()) == 1, "nothing is left but process 1")


class ComposedShop(unittest.TestCase):
    """Tests of one composition, which all of a class share."""

    FILE, SERVICES, EDGE, FRONT = "", [], "", ""

    @classmethod
    def setUpClass(cls):
        project = f"{TAG}-{cls.__name__}".lower()
        environment = {"SHOP_TAG": TAG, "SHOP_SECRETS": secrets.name, "SHOP_PUBLISH": "127.0.0.1:",
                       "SHOP_ADMIN_EMAIL": EMAIL, "PROMETHEUS_IMAGE": f"prometheus:{TAG}"}
        cls.shop = Composition(cls.FILE, project, environment)
        cls.addClassCleanup(cls.shop.down, "-v", "--remove-orphans", "-t", "20")
        cls.shop.up()
        cls.shop.wait_healthy(*cls.SERVICES)

    def address(self):
        """Not the published one: behind that a proxy accepts connections for a shop that has ended."""
        container = self.shop.container(self.EDGE)
        return address_in(container, self.shop.network(self.FRONT)) + ":8080"

    def assert_nothing_lost(self, load):
        self.assertTrue(load.placed)
        eventually(lambda: load.lost(self.address()) == NOTHING_LOST, f"all is there: {load.lost(self.address())}")

    def contract(self):
        done = subprocess.run([options.full, "--gtest_brief=1"], capture_output=True, text=True,
                              env=dict(os.environ, TROUPE_SHOP_ADDRESS=self.shop.published(self.EDGE)))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        measured(f"{type(self).__name__}, the contract", done.stdout.strip().splitlines()[-1])

    def prometheus_sees(self, jobs):
        program = shutil.which("prometheus")
        if not program:
            self.skipTest("there is no prometheus here: install the distribution's")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(program, folder)
            text = (f"FROM {os.environ.get('BASE', 'debian:bookworm-slim')}\nCOPY prometheus /bin/prometheus\n"
                    "RUN mkdir /prometheus && chown 65534:65534 /prometheus\nUSER 65534:65534\n"
                    'ENTRYPOINT ["/bin/prometheus"]\n')
            pathlib.Path(folder, "Dockerfile").write_text(text)
            docker("build", "-q", "-t", f"prometheus:{TAG}", folder)
        self.addCleanup(docker, "rmi", "-f", f"prometheus:{TAG}")
        self.shop("--profile", "metrics", "up", "-d")
        self.addCleanup(docker, "rm", "-f", "-v", self.shop.container("prometheus"))
        network = self.shop.network(self.FRONT if self.FRONT == "shop" else "edge")
        address = address_in(self.shop.container("prometheus"), network)

        def healthy():
            with urllib.request.urlopen(f"http://{address}:9090/api/v1/targets", timeout=5) as answer:
                targets = json.load(answer)["data"]["activeTargets"]
            return {target["labels"]["instance"] for target in targets if target["health"] == "up"}
        eventually(lambda: healthy() == jobs, "every node is scraped")


class Monolith(ComposedShop):
    FILE, SERVICES, EDGE, FRONT = "compose.yaml", ["shop"], "shop", "shop"

    def test_runs_with_nothing_that_it_does_not_need(self):
        state = json.loads(docker("inspect", self.shop.container("shop")))[0]
        self.assertTrue(state["HostConfig"]["ReadonlyRootfs"])
        self.assertEqual(state["HostConfig"]["CapDrop"], ["ALL"])
        self.assertEqual(list(state["NetworkSettings"]["Ports"]), ["8080/tcp"])
        status = pathlib.Path("/proc", str(state["State"]["Pid"]), "status")
        if status.exists():
            told = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            self.assertEqual(told["Uid"].split()[0], "10001")
            self.assertEqual(int(told["CapEff"], 16) | int(told["CapBnd"], 16), 0)
            self.assertEqual(told["NoNewPrivs"], "1")

    def test_answers_where_it_is_published(self):
        address = self.shop.published("shop")
        bought = customer(address).ask("POST", "/orders", order_of(product(address)))
        self.assertEqual(bought["status"], "placed")

    def test_keeps_its_data_over_down_and_up(self):
        lamp = product(self.address())
        order = customer(self.address()).ask("POST", "/orders", order_of(lamp))["id"]
        self.shop.down()
        self.shop.up()
        self.shop.wait_healthy("shop")
        self.assertEqual(admin(self.address()).ask("GET", "/orders/" + order)["id"], order)

    def test_finishes_what_is_under_way_when_it_is_stopped(self):
        load = Load(self.address())
        self.addCleanup(load.stop)
        eventually(lambda: len(load.placed) > 50, "orders are placed")
        began = time.monotonic()
        self.shop("stop")
        measured("monolith, s to stop under load", round(time.monotonic() - began, 2))
        load.stop()
        self.assertEqual(inspect(self.shop.container("shop"), "{{.State.ExitCode}}"), "0")
        self.assertEqual(load.unanswered, [], "requests without an answer")
        self.shop("start")
        self.shop.wait_healthy("shop")
        self.assert_nothing_lost(load)

    @full
    def test_keeps_the_contract(self):
        self.contract()

    @full
    def test_is_scraped(self):
        self.prometheus_sees({"shop:9101"})


class ThreeNodes(ComposedShop):
    FILE, SERVICES, EDGE, FRONT = "three-nodes.compose.yaml", ["edge", "catalog", "orders"], "edge", "front"

    def tearDown(self):
        self.shop.wait_healthy(*self.SERVICES)

    def test_publishes_nothing_but_the_gateway(self):
        for service in self.SERVICES:
            ports = json.loads(inspect(self.shop.container(service), "{{json .NetworkSettings.Ports}}"))
            published = [port for port, places in ports.items() if places]
            self.assertEqual(published, ["8080/tcp"] if service == "edge" else [], service)
        for service in ("catalog", "orders"):
            networks = json.loads(inspect(self.shop.container(service), "{{json .NetworkSettings.Networks}}"))
            self.assertEqual(sorted(networks), [self.shop.network("catalog"), self.shop.network("orders")])
            for network in networks:
                self.assertEqual(docker("network", "inspect", "-f", "{{.Internal}}", network), "true")

    def test_tells_of_all_nodes_by_their_names(self):
        told = self.shop("exec", "-T", "edge", "shop", "status", "/etc/shop/topology.toml")
        for node in self.SERVICES:
            self.assertRegex(told, rf"(?m)^{node} +{node}:9101 ")

    def test_takes_no_more_loops_than_it_has_cores(self):
        told = json.loads(self.shop("exec", "-T", "edge", "shop", "status", "/etc/shop/topology.toml", "--json"))
        self.assertEqual([len(node["status"]["loops"]) for node in told["nodes"]], [1, 1, 1])

    def under_load(self, fault):
        """What load does while a fault comes and goes; then, all that was answered must be there."""
        load = Load(self.address())
        self.addCleanup(load.stop)
        eventually(lambda: len(load.placed) > 20, "orders are placed")
        fault()
        placed = len(load.placed)
        eventually(lambda: len(load.placed) > placed + 20, "orders are placed again")
        load.stop()
        self.assert_nothing_lost(load)

    def kill(self, service):
        """As a crash: `docker kill` would be taken for an operator's wish that it stay down."""
        container = self.shop.container(service)
        restarts = int(inspect(container, "{{.RestartCount}}"))
        os.kill(int(inspect(container, "{{.State.Pid}}")), signal.SIGKILL)
        eventually(lambda: int(inspect(container, "{{.RestartCount}}")) > restarts, f"{service} is started again")

    def test_loses_nothing_when_a_node_is_killed(self):
        self.under_load(lambda: self.kill("orders"))

    @full
    def test_loses_nothing_when_any_other_node_is_killed(self):
        self.under_load(lambda: self.kill("catalog"))

    @full
    def test_loses_nothing_while_a_node_stands_still(self):
        def pause():
            container = self.shop.container("orders")
            docker("pause", container)
            time.sleep(7)  # longer than a silent peer is trusted
            docker("unpause", container)
        self.under_load(pause)

    @full
    def test_finds_a_node_that_comes_back_with_another_address(self):
        container = self.shop.container("orders")
        networks = [self.shop.network("catalog"), self.shop.network("orders")]
        squatters = []
        self.addCleanup(lambda: [docker("rm", "-f", "-v", squatter) for squatter in squatters])

        def move():
            for network in networks:
                before = address_in(container, network)
                docker("network", "disconnect", network, container)
                squatters.append(docker("run", "-d", "--network", network, *HARDENED, f"troupe/shop:{TAG}"))
                if address_in(squatters[-1], network) != before:
                    squatters.append(docker("run", "-d", "--network", network, "--ip", before, *HARDENED,
                                            f"troupe/shop:{TAG}"))
                docker("network", "connect", "--alias", "orders", network, container)
                self.assertNotEqual(address_in(container, network), before)
        self.under_load(move)

    @full
    def test_finishes_what_is_under_way_when_all_are_stopped(self):
        load = Load(self.address())
        self.addCleanup(load.stop)
        eventually(lambda: len(load.placed) > 50, "orders are placed")
        began = time.monotonic()
        self.shop("stop")
        measured("three nodes, s to stop under load", round(time.monotonic() - began, 2))
        load.stop()
        for service in self.SERVICES:
            self.assertEqual(inspect(self.shop.container(service), "{{.State.ExitCode}}"), "0", service)
        self.assertEqual(load.unanswered, [], "requests without an answer")
        self.shop("start")
        self.shop.wait_healthy(*self.SERVICES)
        self.assert_nothing_lost(load)

    @full
    def test_keeps_the_contract(self):
        self.contract()

    @full
    def test_is_scraped(self):
        self.prometheus_sees({"edge:9101", "catalog:9101", "orders:9101"})


def main():
    global options
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", help="where the programs lie")
    parser.add_argument("--source", action="store_true", help="builds them inside of the engine instead")
    parser.add_argument("--full", metavar="CONTRACT_TEST", help="all faults, and the contract by this program")
    options, rest = parser.parse_known_args()
    if not options.bin and not options.source:
        parser.error("say --bin or --source")
    reason = engine_client.why_no_engine() or engine_client.why_no_base()
    if reason:
        print(f"CONTAINERS ARE NOT TESTED: {reason}")
        return SKIPPED
    test = unittest.main(argv=[sys.argv[0], "-v", *rest], exit=False)
    return 0 if test.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
