#!/usr/bin/env bash
# The 16 integration tests that the Go client github.com/ricardo-ch/go-kafka-connect runs against a Connect worker,
# unmodified, as its own `make test-integration` runs them. They need FileStreamSource, leave their connectors behind
# (start from an empty store), and go over names with the prefix test-.
# They do not wait: a real worker loses TestGetConnectorStatus when its first status record is still on its way (404), and
# others when a rebalance is due (500).
# usage: suite16.sh [URL [FILE]] | --fetch
#   URL    the server (default http://localhost:8083, which the tests name)
#   FILE   what its connectors read (default /etc/kafka-connect/kafka-connect.properties; it need not exist)
# Another URL or FILE is set by the linker, so the sources stay what the checksum below says.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need go "Go 1.26 or newer"
module=github.com/ricardo-ch/go-kafka-connect/v3
version=v3.0.0-20221117134721-e033f95963cb
sum=h1:LVB+JhEklWxr0ye2l3/4ovJKJc2KwqeW361KOylMTM4=
suite=$cache/suite16-$version

build() { # build BINARY [FLAGS]: the tag leaves its unit tests out, which need bou.ke/monkey, a module the Go proxy may refuse
  local binary=$1
  shift
  GOFLAGS=-mod=mod GOWORK=off go test -c -tags=integration -o "$binary" "$@" ./lib/connectors
}

download() { # download FOLDER: the module's sources and the test binary
  local json
  cd "$1" || return
  json=$(GOFLAGS=-mod=mod GOWORK=off go mod download -json "$module@$version") || { echo "suite16: $json" >&2; return 1; }
  [[ $json == *"\"Sum\": \"$sum\""* ]] || { echo "suite16: $module@$version is not what it was: $json" >&2; return 1; }
  cp -R "$(printf '%s\n' "$json" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')/." source &&
    chmod -R u+w source && cd source && build ../suite.test >&2
}
once "$suite" download
if [ "${1-}" = --fetch ]; then exit 0; fi

binary=$suite/suite.test
cd "$suite/source"
if [ $# -gt 0 ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  binary=$work/suite.test
  set -- "-X $module/lib/connectors.hostConnect=$1" ${2+"-X $module/lib/connectors.testFile=$2"}
  build "$binary" -ldflags "$*"
fi
cd lib/connectors
"$binary" -test.v -test.timeout 15m
