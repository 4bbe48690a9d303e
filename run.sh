#!/usr/bin/env bash
# Sets up and builds where needed, then runs Plimsoll.
set -euo pipefail

usage() {
  cat <<'END'
Usage: run.sh [demo | COMMAND …]

Installs the packages it needs and builds what changed (as root where packages are missing), then:

  run.sh              watches the hosts of host.csv, at first this machine alone, and prints the
                      address of the page; Ctrl-C stops it, the next start goes on with its data
  run.sh demo         three local Docker hosts, one of them overloaded, and a container that moves
                      off it; ends by itself and cleans up (as root; installs Docker and InfluxDB)
  run.sh COMMAND …    any other command, such as `run.sh top` or `run.sh plan --json`;
                      `run.sh help` lists them

Without Docker the host is monitored all the same; no Docker is installed and no service started.
Settings are in plimsoll.toml beside this script; PLIMSOLL_CONFIG names another file.
See also: setup.sh, build.sh, test.sh, each with --help.
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

prepare() {
  "$root/setup.sh" "$@"
  "$root/build.sh" release
}

main() {
  export PLIMSOLL_CONFIG=${PLIMSOLL_CONFIG:-$root/plimsoll.toml}
  case ${1-} in
    -h | --help) usage ;;
    '')
      prepare
      exec "$root/build/plimsoll" up --with-agent
      ;;
    demo)
      prepare --lab
      exec "$root/lab/demo.sh" "${@:2}"
      ;;
    help)
      prepare
      exec "$root/build/plimsoll" --help
      ;;
    *)
      prepare >&2
      exec "$root/build/plimsoll" "$@"
      ;;
  esac
}

main "$@"
