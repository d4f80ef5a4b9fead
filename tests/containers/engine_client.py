"""What the tests of containers ask of a Docker engine and of its compositions, by the command lines that users have."""

import json
import os
import pathlib
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASE_PATIENCE = 150  # seconds, for what must not hold up other tests
PATIENCE = 60  # seconds, for what comes sooner unless the machine is very busy


class Failed(Exception):
    pass


def run(*arguments, environment=None, timeout=300):
    """The standard output of a command that must succeed."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=timeout,
                          env=dict(os.environ, **(environment or {})))
    if done.returncode != 0:
        raise Failed(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def docker(*arguments, **options):
    return run("docker", *arguments, **options)


def eventually(condition, what):
    """The first true value of the condition, which may fail meanwhile."""
    end = time.monotonic() + PATIENCE
    last = None
    while time.monotonic() < end:
        try:
            value = condition()
            if value:
                return value
        except (OSError, Failed) as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"{what} within {PATIENCE} s; last: {last}")


def why_no_engine():
    """None where tests can run."""
    if not shutil.which("docker"):
        return "there is no docker here"
    asked = subprocess.run(["docker", "version"], capture_output=True, text=True)
    if asked.returncode != 0:
        return "no Docker engine answers: start one, or name it in DOCKER_HOST"
    return None if compose_command() else "there is neither `docker compose` nor docker-compose here"


def find_base(built_by):
    """The name of what images rest on, pulled or made from the distribution's packages; None, and why it can't be."""
    try:
        # It ends all that was started.
        limited = ["timeout", str(BASE_PATIENCE), str(ROOT / "docker/build_images")]
        return run(*limited, "--base", *built_by), None
    except Failed as error:
        return None, f"there is no base for images: {error}"


def compose_command():
    """docker-compose of version 1 or 2, or the plugin."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


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
