#!/usr/bin/env bash
# Runs the sample project on a file system of its own that is too small, giving it room bit by bit until all is published,
# and compares what came out with the same drops where there is room. Needs the right to mount, its own or that of a
# user namespace.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1:-} != inside ]]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  namespace=(-m)
  [[ $(id -u) -eq 0 ]] || namespace=(-rm)
  unshare "${namespace[@]}" scripts/full-disk.sh inside "$scratch"
  exit
fi

sluice=$PWD/.build/debug/sluice
samples=$PWD
small=$2/small
roomy=$2/roomy
mkdir "$small" "$roomy"
mount -t tmpfs -o size=512k tmpfs "$small"

fill() {
  mkdir "$1/inbox" "$1/samples"
  cp "$samples/sluice.yaml" "$1/"
  cp -r "$samples/samples/feeds" "$samples/samples/lookups" "$1/samples/"
  cp "$samples"/samples/day1/* "$1/inbox/"
}

run() { (cd "$1" && "$sluice" run --quiet --now 2026-11-02T02:15:00Z >"$2" 2>&1); }

# What consumers read, without the numbers of publications, which a failure may have shifted between feeds.
content() {
  (cd "$1/outbox" && find commerce edm -type f -print0 | sort -z -t- -k3 |
    xargs -0 -I{} sh -c 'echo "$1" | sed "s|/[0-9]*-|/|"; cat "$1"' _ {})
}

fill "$roomy"
run "$roomy" "$2/roomy.log"

fill "$small"
size=512
failures=0
while true; do
  status=0
  run "$small" "$2/small.log" || status=$?
  [[ $status -eq 0 ]] && break
  if [[ $status -ne 3 ]] || ! grep -q 'disk-full' "$2/small.log"; then
    echo "full-disk: exit $status at $size KiB" >&2
    cat "$2/small.log" >&2
    exit 1
  fi
  failures=$((failures + 1))
  size=$((size + 64))
  mount -o "remount,size=${size}k" "$small"
done

(cd "$small" && "$sluice" ledger verify)
if ! diff <(content "$roomy") <(content "$small"); then
  echo "full-disk: the outbox is not what it is where there is room" >&2
  exit 1
fi
leftovers=$(cd "$small" && find work inbox outbox/.staging -type f ! -name '.lock*' 2>/dev/null || true)
if [[ -n $leftovers || $failures -eq 0 ]]; then
  echo "full-disk: left behind after $failures failures: $leftovers" >&2
  exit 1
fi
echo "full-disk: $failures runs had no room, the one with $size KiB published all of it"
