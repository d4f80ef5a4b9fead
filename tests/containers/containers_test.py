#!/usr/bin/env python3
"""containers_test.py (--bin BIN | --source) [--full CONTRACT_TEST]: the images and compositions of docker/, on an engine.

Images are made from the programs in BIN, or, with --source, inside of the engine. --full adds every fault under load,
the whole HTTP contract against both compositions by the program CONTRACT_TEST, and Prometheus. Ends with 77 where no
Docker engine answers."""

import argparse
import signal
import sys
import unittest

import engine_client
from composition_tests import Monolith, ThreeNodes  # noqa: F401, found by their names
from context import TAG, BuiltImages, Wanted, built_by
from image_tests import Images, ProcessOne  # noqa: F401

SKIPPED = 77


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    programs = parser.add_mutually_exclusive_group(required=True)
    programs.add_argument("--bin", help="where the programs lie")
    programs.add_argument("--source", action="store_true", help="builds them inside of the engine instead")
    parser.add_argument("--full", metavar="CONTRACT_TEST", help="all faults, and the contract by this program")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it ends in order
    told, rest = parser.parse_known_args()
    Wanted.bin, Wanted.contract = told.bin, told.full
    reason = engine_client.why_no_engine()
    if not reason:
        Wanted.base, reason = engine_client.find_base(built_by())
    if not reason:
        reason = engine_client.why_no_containers(Wanted.base, f"{TAG}-probe")
    if reason:
        print(f"CONTAINERS ARE NOT TESTED: {reason}")
        return SKIPPED
    with BuiltImages():
        test = unittest.main(argv=[sys.argv[0], "-v", *rest], exit=False)
    return 0 if test.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
