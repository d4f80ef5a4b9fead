"""The compositions of docker/, with all that may happen to their containers."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.request

from context import HARDENED, TAG, Wanted, crash, full, image, measured
from engine_client import Composition, address_in, docker, eventually, inspect
from shop_client import EMAIL, NOTHING_LOST, Load, admin, customer, order_of, product


class ComposedShop(unittest.TestCase):
    """Tests of one composition, which all of a class share."""

    FILE, SERVICES, EDGE, FRONT = "", [], "", ""

    @classmethod
    def setUpClass(cls):
        project = f"{TAG}-{cls.__name__}".lower()
        environment = {"SHOP_TAG": TAG, "SHOP_PUBLISH": "127.0.0.1:",
                       "SHOP_ADMIN_EMAIL": EMAIL, "PROMETHEUS_IMAGE": f"prometheus:{TAG}"}
        cls.shop = Composition(cls.FILE, project, environment)
        cls.addClassCleanup(cls.shop.down, "-v", "--remove-orphans", "-t", "20")
        cls.shop.up()
        cls.shop.wait_healthy(*cls.SERVICES)

    def setUp(self):
        self.addCleanup(self.shop.wait_healthy, *self.SERVICES)

    def address(self):
        """Not the published one: behind that a proxy accepts connections for a shop that has ended."""
        container = self.shop.container(self.EDGE)
        return address_in(container, self.shop.network(self.FRONT)) + ":8080"

    def assert_nothing_lost(self, load):
        self.assertTrue(load.placed)
        eventually(lambda: load.lost(self.address()) == NOTHING_LOST, f"all is there: {load.lost(self.address())}")

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

    def stop_under_load(self):
        load = Load(self.address())
        self.addCleanup(load.stop)
        eventually(lambda: len(load.placed) > 50, "orders are placed")
        began = time.monotonic()
        self.addCleanup(self.shop.up)
        self.shop("stop")
        measured(f"{type(self).__name__}, s to stop under load", round(time.monotonic() - began, 2))
        load.stop()
        for service in self.SERVICES:
            self.assertEqual(inspect(self.shop.container(service), "{{.State.ExitCode}}"), "0", service)
            self.assertNotIn("it was cut off", self.shop("logs", "--no-color", service), "the drain limit is not enough")
        self.assertEqual(load.unanswered, [], "requests without an answer")
        self.shop("start")
        self.shop.wait_healthy(*self.SERVICES)
        self.assert_nothing_lost(load)

    def contract(self):
        done = subprocess.run([Wanted.contract, "--gtest_brief=1"], capture_output=True, text=True,
                              env=dict(os.environ, TROUPE_SHOP_ADDRESS=self.shop.published(self.EDGE)))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        measured(f"{type(self).__name__}, the contract", done.stdout.strip().splitlines()[-1])

    def prometheus_sees(self, jobs):
        program = shutil.which("prometheus")
        if not program:
            self.skipTest("there is no prometheus here: install the distribution's")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(program, folder)
            text = (f"FROM {Wanted.base}\nCOPY prometheus /bin/prometheus\n"
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
        self.addCleanup(self.shop.up)
        self.shop.down()
        self.shop.up()
        self.shop.wait_healthy("shop")
        self.assertEqual(admin(self.address()).ask("GET", "/orders/" + order)["id"], order)

    def test_finishes_what_is_under_way_when_it_is_stopped(self):
        self.stop_under_load()

    @full
    def test_keeps_the_contract(self):
        self.contract()

    @full
    def test_is_scraped(self):
        self.prometheus_sees({"shop:9101"})


class ThreeNodes(ComposedShop):
    FILE, SERVICES, EDGE, FRONT = "three-nodes.compose.yaml", ["edge", "catalog", "orders"], "edge", "front"

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

    def kill(self, service):
        container = self.shop.container(service)
        restarts = int(inspect(container, "{{.RestartCount}}"))
        crash(inspect(container, "{{.State.Pid}}"))
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
                squatters.append(docker("run", "-d", "--network", network, *HARDENED, image("shop")))
                if address_in(squatters[-1], network) != before:
                    squatters.append(docker("run", "-d", "--network", network, "--ip", before, *HARDENED,
                                            image("shop")))
                docker("network", "connect", "--alias", "orders", network, container)
                self.assertNotEqual(address_in(container, network), before)
        self.under_load(move)

    @full
    def test_finishes_what_is_under_way_when_all_are_stopped(self):
        self.stop_under_load()

    @full
    def test_keeps_the_contract(self):
        self.contract()

    @full
    def test_is_scraped(self):
        self.prometheus_sees({"edge:9101", "catalog:9101", "orders:9101"})
