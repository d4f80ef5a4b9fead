#!/usr/bin/env bash
# instrumented_caf.sh PREFIX: builds the distribution's CAF with ThreadSanitizer into PREFIX. TSan understands only what
# it has compiled: with the packaged library it reports races that are none.
set -euo pipefail

prefix=$1
work=$prefix.build
sanitizer=-fsanitize=thread

if [[ -f $prefix/complete ]]; then exit 0; fi
rm -rf "$prefix" "$work"
mkdir -p "$work"/apt/{sources,lists/partial,archives/partial} "$work/source"
work=$(cd "$work" && pwd) # apt takes a relative folder as relative to the system's
prefix=${work%.build}

# The machine's package sources as sources of source packages, in a configuration of our own.
shopt -s nullglob
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  if [[ -f $list ]]; then sed -nE 's/^deb(-src)?[[:space:]]/deb-src /p' "$list" >"$work/apt/sources/$(basename "$list" .list).list"; fi
done
for list in /etc/apt/sources.list.d/*.sources; do
  sed -E 's/^Types:.*/Types: deb-src/' "$list" >"$work/apt/sources/$(basename "$list")"
done

private_apt_get() {
  apt-get -q -o APT::Sandbox::User=root -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/apt/sources" \
    -o Dir::State::lists="$work/apt/lists" -o Dir::Cache::archives="$work/apt/archives" \
    -o Dir::Cache::pkgcache='' -o Dir::Cache::srcpkgcache='' "$@"
}

echo "fetching CAF's source package" >&2
private_apt_get update >&2 || true # a foreign source out of reach is none of ours; the next step needs only CAF's
# Upstream's archive alone: the distributions' patches are about packaging.
(cd "$work/source" && private_apt_get source --tar-only actor-framework >&2)
tar -xf "$work"/source/actor-framework_*.orig.tar.* -C "$work/source" --strip-components 1

echo "building CAF with $sanitizer; it takes a few minutes" >&2
cmake -S "$work/source" -B "$work/tree" -G Ninja -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
  -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -g1 -fno-omit-frame-pointer $sanitizer" \
  -DCAF_NO_EXAMPLES=ON -DCAF_NO_UNIT_TESTS=ON -DCAF_NO_TOOLS=ON -DCAF_NO_IO=ON -DCAF_NO_OPENSSL=ON -DCAF_NO_PYTHON=ON \
  -DCAF_LOG_LEVEL=QUIET >&2
ninja -C "$work/tree" install >&2
rm -rf "$work"
touch "$prefix/complete"
