#!/usr/bin/env bash
# Two days in the life of the sample project, which is this directory: drops the samples, runs Sluice, shows what came
# out. Nothing that is already here is deleted or overwritten; a sample that was taken before is not dropped twice,
# except at the end, to show that Sluice knows it again.
set -euo pipefail
cd "$(dirname "$0")/.."

sluice=.build/debug/sluice

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
[[ -t 1 ]] || say() { printf '\n== %s\n' "$*"; }

# True when a sample of this name has been through the inbox: it is in the archive, held in work, or quarantined.
was_taken() {
  local place
  for place in archive work quarantine; do
    [[ -d $place && -n $(find "$place" -type f -name "*$1*" -print -quit) ]] && return 0
  done
  return 1
}

# Puts a copy of a sample into the inbox the way a careful sender does: a dot name first, then a rename.
drop() {
  local name
  name=$(basename "$1")
  if [[ -e inbox/$name ]]; then
    echo "  inbox/$name is there already"
    return
  fi
  cp "$1" "inbox/.$name.part"
  mv -n "inbox/.$name.part" "inbox/$name"
  echo "  inbox/$name"
}

run() {
  echo "$ sluice run"
  local status=0
  "$sluice" run || status=$?
  if [[ $status -ge 2 ]]; then
    echo "demo: sluice run ended with status $status" >&2
    exit "$status"
  fi
}

# The first lines of outbox files that are newer than the marker.
show_new() {
  local file
  while IFS= read -r file; do
    printf '\n%s (%d lines)\n' "$file" "$(wc -l <"$file")"
    head -n "$2" "$file" | cut -c 1-118 | sed 's/^/  /'
  done < <(find outbox -type f -newer "$1" ! -path '*/.*' ! -name '*.json' | LC_ALL=C sort)
}

day() {
  local title=$1 lines=$2 marker fresh=0 sample
  shift 2
  for sample in "$@"; do
    was_taken "$(basename "$sample")" || fresh=1
  done
  if [[ $fresh -eq 0 ]]; then
    say "$title: taken in an earlier demo"
    return 0
  fi
  say "$title: the samples arrive"
  for sample in "$@"; do
    was_taken "$(basename "$sample")" || drop "$sample"
  done
  marker=$(mktemp)
  run
  say "$title: new in the outbox"
  show_new "$marker" "$lines"
  rm -f "$marker"
  any_new=1
}

any_new=0
day 'Day 1' 4 samples/day1/*
day 'Day 2, with two hourly deltas' 4 samples/day2/*
day 'A delta of day 1 that comes too late' 4 samples/late/*

if [[ $any_new -eq 0 ]]; then
  say 'The last samples once more: Sluice knows that it has published them'
  drop samples/day2/INV_DELTA_202611031000_0018.csv
  drop samples/day2/PRODUCTS_20261103.csv.gz
  drop samples/day2/PIM_20261103.xml
  run
fi

say 'The whole outbox'
find outbox -type f ! -path '*/.*' | LC_ALL=C sort | sed 's/^/  /'
say 'sluice status'
"$sluice" status || true
say 'sluice ledger list'
"$sluice" ledger list
echo
echo "Look around: samples/feeds (definitions), outbox (results), sqlite3 ledger.sqlite (history)."
