"""What the tests of containers ask of a Docker engine and of its compositions, by the command lines that users have."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASE_PATIENCE = 150  # seconds, for what must not hold up other tests
PROBE_PATIENCE = 60  # seconds, for each step that an engine shows first that it can do
REACH_PATIENCE = 20  # seconds, until one of its containers is reached; another engine than ours may never let it
PATIENCE = 240  # seconds, for what comes sooner unless the machine is very busy


class Failed(Exception):
    pass


def run(*arguments, environment=None, timeout=600):
    """The standard output of a command that must succeed."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=timeout,
                          env=dict(os.environ, **(environment or {})))
    if done.returncode != 0:
        raise Failed(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def docker(*arguments, **options):
    return run("docker", *arguments, **options)


def eventually(condition, what, patience=PATIENCE):
    """The first true value of the condition, which may fail meanwhile."""
    end = time.monotonic() + patience
    last = None
    while time.monotonic() < end:
        try:
            value = condition()
            if value:
                return value
        except (OSError, Failed) as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"{what} within {patience} s; last: {last}")


def why_no_engine():
    """None where tests can run."""
    if not shutil.which("docker"):
        return "there is no docker here"
    asked = subprocess.run(["timeout", "30", "docker", "version"], capture_output=True, text=True)
    if asked.returncode != 0:
        return "no Docker engine answers: start one, or name it in DOCKER_HOST"
    return None if compose_command() else "neither `docker compose` nor docker-compose works here"


def find_base(built_by):
    """The name of what images rest on, pulled or made from the distribution's packages; None, and why it can't be."""
    try:
        # It ends all that was started.
        limited = ["timeout", str(BASE_PATIENCE), str(ROOT / "docker/build_images")]
        return run(*limited, "--base", *built_by), None
    except Failed as error:
        return None, f"there is no base for images: {error}"


# A listener, and what calls it by its name in a network of the two, with the limits and rights that compositions have.
LISTEN = "use Socket; socket(S,2,1,6); bind(S,pack_sockaddr_in(8080,INADDR_ANY)); listen(S,9); while(accept(C,S)){close C}"
LIMITED = ["--memory", "64m", "--cpus", "1", "--pids-limit", "64", "--read-only", "--cap-drop", "ALL",
           "--security-opt", "no-new-privileges", "--user", "10001:10001"]


def why_no_containers(base, name):
    """None where the engine runs containers here as the tests need them; it may be elsewhere, or lack rights."""
    def ask(*arguments):
        return docker(*arguments, timeout=PROBE_PATIENCE)

    try:
        ask("network", "create", name)
        ask("run", "-d", "--name", name, "--network", name, "-p", "127.0.0.1::8080", *LIMITED, base, "perl", "-e", LISTEN)
        host = address_in(name, name)
        eventually(lambda: socket.create_connection((host, 8080), 5).close() is None, "a container is reached",
                   REACH_PATIENCE)
        ask("run", "--rm", "--network", name, *LIMITED, base, "bash", "-c", f"exec 3<>/dev/tcp/{name}/8080")
        ask("exec", name, "bash", "-c", "exit 0")
        ask("run", "--rm", "--pid", "host", "--network", "none", base, "bash", "-c", "kill -0 $$")
        return None
    except (Failed, AssertionError, OSError, subprocess.TimeoutExpired) as error:
        return f"the engine can't run what they need: {error}"
    finally:
        for command in (["rm", "-f", "-v", name], ["network", "rm", name]):
            subprocess.run(["timeout", "60", "docker", *command], capture_output=True)


def compose_command():
    """docker-compose of version 1 or 2, or the plugin."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    if not shutil.which("docker-compose"):
        return None
    works = subprocess.run(["docker-compose", "version"], capture_output=True).returncode == 0
    return ["docker-compose"] if works else None


def inspect(container, template):
    return docker("inspect", "--format", template, container)


def address_in(container, network):
    """Where the host reaches a container, without a proxy between the two."""
    networks = json.loads(inspect(container, "{{json .NetworkSettings.Networks}}"))
    return networks[network]["IPAddress"]


class Composition:
    """One of the compose files of docker/, as a project of its own."""

    def __init__(self, file, project, environment):
        self._command = compose_command() + ["-p", project, "-f", str(ROOT / "docker" / file)]
        self._environment = environment
        self.project = project

    def __call__(self, *arguments):
        return run(*self._command, *arguments, environment=self._environment)

    def up(self, *arguments):
        self("up", "-d", *arguments)

    def container(self, service):
        """The id, also of one that has ended."""
        found = docker("ps", "-a", "-q", "--no-trunc", "--filter", f"label=com.docker.compose.project={self.project}",
                       "--filter", f"label=com.docker.compose.service={service}")
        if not found:
            raise Failed(f"{service} has no container")
        return found.splitlines()[0]

    def health(self, service):
        return inspect(self.container(service), "{{.State.Health.Status}}")

    def wait_healthy(self, *services):
        for service in services:
            eventually(lambda service=service: self.health(service) == "healthy", f"{service} is healthy")

    def network(self, name):
        return f"{self.project}_{name}"

    def published(self, service):
        return self("port", service, "8080")

    def down(self, *arguments):
        self("down", *arguments)
