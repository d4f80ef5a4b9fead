#!/usr/bin/env python3
"""select_tests.py LIST PRESET [--name PATTERN] [GROUP...]: what ./dev builds and runs for names of tests.

LIST is build/<preset>/tests.txt. Prints three lines: the programs to build, the pattern of labels and the pattern of
names for ctest; exits with 3 where the tests run in other presets only, with 1 where there are none. Tests are found in
the sources, because their programs tell them only when they are built."""
import argparse
import collections
import difflib
import re
import sys

TEST = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
SUITE_OF_MANY = re.compile(r"^(?:INSTANTIATE_(?:TYPED_)?TEST_SUITE_P)\(\s*(\w+)\s*,\s*(\w+)", re.MULTILINE)

Group = collections.namedtuple("Group", "presets programs tests")


def tests_of(source):
    """Names as CTest has them, but for the numbers at the end of those that run with several values."""
    try:
        text = open(source, encoding="utf-8").read()
    except OSError:  # generated, or gone until CMake runs again
        return
    prefixes = collections.defaultdict(list)
    for prefix, suite in SUITE_OF_MANY.findall(text):
        prefixes[suite].append(prefix + "/")
    for suite, test in TEST.findall(text):
        for prefix in prefixes.get(suite, [""]):
            yield f"{prefix}{suite}.{test}" + ("/0" if prefix else "")


def read(path):
    groups = {}
    for line in open(path, encoding="utf-8"):
        name, presets, programs, source = line.rstrip("\n").split("|")
        group = groups.setdefault(name, Group(presets.split(","), [p for p in programs.split(",") if p], []))
        group.tests.extend([source[1:]] if source.startswith("=") else tests_of(source))
    return groups


def nearest(word, known):
    folded = {name.lower(): name for name in sorted(known)}
    close = [folded[name] for name in difflib.get_close_matches(word.lower(), folded, 5, 0.5)]
    return ", ".join(close + [name for name in sorted(known) if word.lower() in name.lower() and name not in close][:5])


def fail(text, word, known):
    near = nearest(word, known)
    sys.exit(f"dev: {text}; " + (f"near it: {near}" if near else "build/PRESET/tests.txt lists them all"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list")
    parser.add_argument("preset")
    parser.add_argument("--name", default="")
    parser.add_argument("groups", nargs="*")
    arguments = parser.parse_args()

    groups = read(arguments.list)
    suites = {re.sub(r"\.[^.]*$", "", test) for group in groups.values() for test in group.tests}
    for name in arguments.groups:
        if name not in groups:
            fail(f"no tests called '{name}'", name, set(groups) | {"-R " + suite for suite in suites})
    chosen = {name: group for name, group in groups.items() if not arguments.groups or name in arguments.groups}

    pattern = arguments.name
    if re.fullmatch(r"\w+", pattern) and any(re.search(rf"(^|/){pattern}", suite) for suite in suites):
        pattern = f"(^|/){pattern}"  # a suite's name or its beginning: not every test that has the word in it
    try:
        expression = re.compile(pattern)
    except re.error as error:
        sys.exit(f"dev: '{arguments.name}' is no pattern: {error}")
    chosen = {name: group for name, group in chosen.items() if any(map(expression.search, group.tests))}
    if not chosen:
        fail(f"no test has '{arguments.name}' in its name", arguments.name, suites)

    # In debug and tsan all tests run; release and asan share them.
    if arguments.preset in ("release", "asan"):
        here = {name: group for name, group in chosen.items() if arguments.preset in group.presets}
        if not here:
            others = sorted({preset for group in chosen.values() for preset in group.presets} | {"debug"})
            print(f"dev: {', '.join(sorted(chosen))} not in {arguments.preset}: take {' or '.join(others)}", file=sys.stderr)
            sys.exit(3)
        chosen = here
    print(*sorted({program for group in chosen.values() for program in group.programs}))
    print("^(" + "|".join(re.escape(name) for name in sorted(chosen)) + ")$")
    print(pattern)


main()
