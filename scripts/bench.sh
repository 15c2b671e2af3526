#!/usr/bin/env bash
# Measures the release build against its peers and limits: scripts/bench.sh ROWS RUNS WORKLOADS PEERS PYTHON.
# The three last may be empty: the usual workloads, peers where they usually are, python3.
set -euo pipefail
cd "$(dirname "$0")/.."

options=(--root "$PWD" --rows "${1:-1000000}" --runs "${2:-5}")
[[ -n ${3:-} ]] && options+=(--workloads "$3")
[[ -n ${4:-} ]] && options+=(--peers "$4")
[[ -n ${5:-} ]] && options+=(--python "$5")

swift build --package-path Benchmarks -c release
exec Benchmarks/.build/release/bench "${options[@]}"
