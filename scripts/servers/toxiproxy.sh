#!/usr/bin/env bash
# Toxiproxy: a TCP proxy that makes lines bad. PORT is its HTTP API; proxies get ports of their own.
# usage: toxiproxy.sh PORT DATADIR | --fetch
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
version=v2.5.0
need go "the Go toolchain"
toxiproxy=$cache/toxiproxy-$version

# Installed as a program of its own, outside our module: its dependencies are none of ours.
install() { # install FOLDER
  (cd "$1" && CGO_ENABLED=0 GOBIN="$1" GOFLAGS=-mod=mod go install "github.com/Shopify/toxiproxy/v2/cmd/server@$version") >&2
}
once "$toxiproxy" install
arguments "$@"

listening() { answers /version; }
serve listening "$toxiproxy/server" -host 127.0.0.1 -port "$port"
