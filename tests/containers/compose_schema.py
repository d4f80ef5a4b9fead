#!/usr/bin/env python3
"""compose_schema.py SCHEMA FILE…: whether the compositions are what the Compose specification's schema says."""

import json
import pathlib
import sys

import jsonschema
import yaml


def faults(validator, file):
    for error in validator.iter_errors(yaml.safe_load(file.read_text())):
        yield f"{file}: {'.'.join(map(str, error.absolute_path)) or 'the file'}: {error.message}"


def main():
    schema, *files = map(pathlib.Path, sys.argv[1:])
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text()))
    found = [fault for file in files for fault in faults(validator, file)]
    print("\n".join(found) if found else f"{len(files)} compositions keep to the schema")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
