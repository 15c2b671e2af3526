#!/usr/bin/env bash
# Measures the release build with two days of each workload: scripts/bench.sh ROWS WORKLOADS PEERS PYTHON.
# The three last may be empty: all workloads, no peer to compare with, python3.
set -euo pipefail
cd "$(dirname "$0")/.."

rows=${1:-1000000}
options=(--root "$PWD" --rows "$rows")
[[ -n ${2:-} ]] && options+=(--workloads "$2")
[[ -n ${3:-} ]] && options+=(--peers "$3")
[[ -n ${4:-} ]] && options+=(--python "$4")

swift build --package-path Benchmarks -c release
exec Benchmarks/.build/release/bench "${options[@]}"
