# Sourced by every script of this folder; each of them starts (or runs) one real program that tests talk to.
#
#   NAME.sh PORT DATADIR    runs the server in the foreground on 127.0.0.1, prints `ready` on stdout once it answers,
#                           logs to DATADIR/server.log, stops on SIGTERM, and goes on from DATADIR when started again
#   NAME.sh --fetch         only downloads what the server needs into the cache
#
# FERRY_CACHE is the cache (default: .cache of this checkout). SERVER_HEAP, SERVER_JVM and SERVER_PROPERTIES (extra
# property lines) mean the same in every script that knows them.
# Exit code 69 (EX_UNAVAILABLE) with one line `missing: ...` on stderr says that the machine lacks a program.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FERRY_CACHE:-$here/../../.cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

missing() {
  echo "missing: $*" >&2
  exit 69
}

need() { # need PROGRAM WHAT-IT-COMES-WITH
  command -v "$1" >/dev/null || missing "$1 ($2)"
}

need_java() {
  need java "Java 17 or newer"
  local major
  major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${major:-0}" -ge 17 ] || missing "Java 17 or newer (java -version says ${major:-nothing})"
}

# once FOLDER COMMAND...: makes FOLDER by running COMMAND with an empty folder as its last argument. The folder gets its
# name only when COMMAND is done, so that an interrupted download is never taken for a complete one; the lock keeps
# tests that start together from downloading the same thing twice. COMMAND tells failure by its status: bash ignores
# `set -e` in here, so it chains its steps with && or leaves by itself.
once() {
  local folder=$1
  shift
  [ -d "$folder" ] && return 0
  mkdir -p "$(dirname "$folder")"
  (
    if command -v flock >/dev/null; then flock 9; fi
    [ -d "$folder" ] && exit 0
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    "$@" "$work" || exit 1
    mv "$work" "$folder"
  ) 9>"$cache/fetch.lock"
}

# fingerprint FILE...: changes with the files, so that a new pin never meets an old download.
fingerprint() {
  cat "$@" | cksum | cut -d ' ' -f 1
}

# maven POM FOLDER: copies what POM lists to FOLDER; checksums are enforced, the local repository is the cache's own.
maven() {
  need mvn "Apache Maven"
  local log
  log=$(mvn -q -B -ntp -C -f "$1" -Dmaven.repo.local="$cache/m2" -Dout="$2" package 2>&1) || { echo "$log" >&2; return 1; }
}

# need_python: the pins of wheels are for this version. A version manager's command for it may be there without it.
need_python() {
  python3.11 -c '' 2>/dev/null || missing "python3.11 (Python 3.11)"
}

# wheels REQUIREMENTS FOLDER: a virtual environment in FOLDER with exactly what REQUIREMENTS pins. It is run by
# FOLDER/bin/python -m: the scripts in its bin name the folder it was made in.
wheels() {
  python3.11 -c 'import ensurepip' 2>/dev/null || missing "python3.11-venv (Python's venv and ensurepip)"
  python3.11 -m venv "$2" >&2 &&
    "$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary :all: -r "$1" >&2
}

# arguments "$@": sets port and data, or leaves after --fetch. Call it when everything is fetched.
arguments() {
  [ "${1-}" = --fetch ] && exit 0
  if [ $# -ne 2 ]; then
    echo "usage: $(basename "$0") PORT DATADIR | --fetch" >&2
    exit 64
  fi
  port=$1
  mkdir -p "$2"
  data=$(cd "$2" && pwd)
}

# serve CHECK COMMAND...: becomes COMMAND, and prints `ready` once CHECK succeeds. The watchers are orphans on purpose:
# the server they watch has this shell's process id and would never reap them.
serve() {
  local check=$1
  shift
  : >"$data/server.log"
  ( (while kill -0 $$; do
      if "$check"; then echo ready && exit; fi
      sleep 0.1
    done) 2>/dev/null </dev/null &)
  # A test binary that dies of its timeout cannot stop its servers; but then its end of our stdin closes.
  if [ "${FERRY_STOP_ON_EOF:-}" = 1 ]; then
    ( (cat <&3; kill -KILL $$) >/dev/null 2>&1 &) 3<&0
  fi
  exec "$@" </dev/null >>"$data/server.log" 2>&1
}

logged() { # logged TEXT: the server has written TEXT to its log
  grep -q -- "$1" "$data/server.log"
}

answers() { # answers PATH [HEADERS BODY]: an HTTP GET of PATH, or a POST of BODY to it, is answered with 200
  exec 4<>"/dev/tcp/127.0.0.1/$port" || return 1
  if [ $# = 1 ]; then
    printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&4
  else
    printf 'POST %s HTTP/1.0\r\n%b\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&4
  fi
  local status
  read -r -t 10 _ status _ <&4 || status=
  exec 4>&-
  [ "$status" = 200 ]
}

# jvm HEAP: sets java to a command line that starts fast: tests wait for a start more often than for a warm server.
# SERVER_JVM replaces the flags when the server's own speed matters.
jvm() {
  local flags=${SERVER_JVM:-"-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+PerfDisableSharedMem"}
  # shellcheck disable=SC2206 # flags are words
  java=(java "-Xmx${SERVER_HEAP:-$1}" $flags "-Dlog4j2.configurationFile=$here/log4j2.properties")
}
