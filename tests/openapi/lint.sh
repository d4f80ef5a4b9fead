#!/usr/bin/env bash
# lint.sh SHOP LINTER_HOME: starts the shop on ports of the system's choice, fetches /openapi.json and lints it with
# the Spectral that `./dev test` installed into LINTER_HOME. Any finding fails.
set -euo pipefail

shop=$1
spectral=$2/node_modules/.bin/spectral
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
ready_within_seconds=30

if [[ ! -x $spectral ]]; then
  echo "$spectral is not there: run ./dev test once, which installs it" >&2
  exit 1
fi

folder=$(mktemp -d)
process=
end() {
  if [[ $process ]] && kill "$process" 2>/dev/null; then wait "$process" || true; fi
  rm -rf "$folder"
}
trap end EXIT

cat >"$folder/topology.toml" <<'TOML'
name = "lint"
[nodes.main]
hosts = ["gateway", "user", "product", "order", "payment", "shipping"]
admin = "127.0.0.1:0"
[gateway]
listen = "127.0.0.1:0"
TOML

# The ready line comes through a pipe of which both ends are open here, so that neither side waits to open it.
mkfifo "$folder/output"
exec {output}<>"$folder/output"
(cd "$folder" && exec "$shop" run --topology topology.toml) 1>&"$output" 2>"$folder/errors" &
process=$!

gateway=
while read -r -t "$ready_within_seconds" -u "$output" line; do
  if [[ $line == ready\ * ]]; then
    gateway=$(sed -nE 's/.* gateway=([^ ]+).*/\1/p' <<<"$line")
    break
  fi
done
if [[ ! $gateway ]]; then
  echo "the shop did not become ready; it said:" >&2
  cat "$folder/errors" >&2
  exit 1
fi

curl --silent --show-error --fail --max-time 10 "http://$gateway/openapi.json" --output "$folder/openapi.json"
"$spectral" lint --ruleset "$here/ruleset.yaml" --fail-severity hint "$folder/openapi.json"
