"""What all tests of containers share: what they were told, and the images that they run."""

import functools
import os
import pathlib
import tempfile

from engine_client import ROOT, docker, run
from shop_client import PASSWORD

TAG = f"test-{os.getpid()}"
HARDENED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
PROGRAMS = ["shop", "shop-gateway", "shop-order"]  # those of the compositions; the others only with --full


class Wanted:
    """What the command line says."""

    bin = None  # where the programs lie; None: they are built inside of the engine
    base = None  # what images rest on
    contract = None  # the program that tests the contract, of a full run


def full(test):
    """The options are not there yet when classes are made."""
    @functools.wraps(test)
    def wrapped(self):
        if not Wanted.contract:
            self.skipTest("only with --full")
        test(self)
    return wrapped


def measured(what, value):
    print(f"{what}: {value}", flush=True)


def built_by():
    """Options of docker/build_images."""
    return ["--bin", Wanted.bin] if Wanted.bin else []


def image(program):
    return f"troupe/{program}:{TAG}"


def crash(process):
    """Ends a process, by its id on the host, as no engine would: `docker kill` is taken for a wish that it stay down."""
    docker("run", "--rm", "--pid", "host", "--network", "none", Wanted.base, "bash", "-c", f"kill -9 {process}")


class BuiltImages:
    """The images, and secrets for their containers, gone at the end."""

    def __enter__(self):
        self._secrets = tempfile.TemporaryDirectory(prefix="shop-secrets-")
        run(str(ROOT / "docker/make_secrets"), self._secrets.name)
        pathlib.Path(self._secrets.name, "admin_password").write_text(PASSWORD)
        os.environ["SHOP_SECRETS"] = self._secrets.name
        if Wanted.contract:
            PROGRAMS.extend(["shop-user", "shop-product"])
        run(str(ROOT / "docker/build_images"), *built_by(), *PROGRAMS, environment={"SHOP_TAG": TAG}, timeout=3600)

    def __exit__(self, *_):
        remove_all()
        docker("rmi", "-f", *map(image, PROGRAMS))
        self._secrets.cleanup()


def remove_all():
    """What tests that were broken off have left."""
    for kind, found in (("container", ["--all"]), ("network", []), ("volume", [])):
        names = docker(kind, "ls", "-q", *found, "--filter", f"name={TAG}").split()
        if kind == "container":
            of_images = [f"--filter=ancestor={image(program)}" for program in PROGRAMS]
            names += docker(kind, "ls", "-q", *found, *of_images).split()
        if names:
            docker(kind, "rm", *(["-f", "-v"] if kind == "container" else []), *set(names))
