#!/usr/bin/env bash
# Installs the Debian packages that building, testing and the demo need, and only those that are missing: where
# everything is there, this touches neither the network nor the package lists.
set -euo pipefail

if ! command -v swift >/dev/null; then
  echo "setup: there is no swift on PATH: install Swift 6.3 or newer (https://www.swift.org/install)" >&2
  exit 1
fi

missing=()
want_command() { command -v "$1" >/dev/null || missing+=("$2"); }
want_library() { pkg-config --exists "$1" 2>/dev/null || missing+=("$2"); }

want_command git git
want_command gzip gzip
want_command sqlite3 sqlite3
want_command python3 python3
want_command pkg-config pkg-config
want_library libxml-2.0 libxml2-dev
want_library zlib zlib1g-dev
want_library sqlite3 libsqlite3-dev
want_library libcrypto libssl-dev

if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "setup: missing: ${missing[*]} (names of Debian packages); install them with this system's package manager" >&2
  exit 1
fi
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: missing: ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}" >&2
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
