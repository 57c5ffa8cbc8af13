#!/bin/sh
# What `npm start` runs. The words are looked at before anything is installed or built.
set -eu

here=$(dirname "$0")

usage() {
  cat <<'TEXT'
usage: npm start                       shows failovers in a private laboratory, and measures them
       npm start -- --keep             leaves the laboratory open, with a shell in its host
       npm start -- --config FILE      runs the daemon with FILE on this machine's own interfaces (root)
       npm start -- --help             this

The laboratory is a network of namespaces in a world of its own: a host with three interfaces, a switch, a router and a
client. Nothing of this machine's network is touched, and nothing is left when it ends, also after Ctrl-C. As root its
cables behave like those of physical cards; as another user, where the kernel allows user namespaces, they are veth pairs.
Exit status: 0 shown and good, 1 failed, 2 the words are wrong.
TEXT
}

wrong() {
  echo "npm start: $1" >&2
  echo "Try: npm start -- --help" >&2
  exit 2
}

mode=demonstrate
config=
while [ $# -gt 0 ]; do
  case $1 in
  --help | -h)
    usage
    exit 0
    ;;
  --keep) mode=keep ;;
  --config)
    [ $# -ge 2 ] || wrong "--config needs a FILE"
    config=$2
    shift
    ;;
  --config=*) config=${1#--config=} ;;
  *) wrong "\"$1\" is not an option of it" ;;
  esac
  shift
done

if [ -n "$config" ]; then
  [ "$mode" = demonstrate ] || wrong "--keep is for the laboratory, --config for this machine's own interfaces: choose one"
  [ -r "$config" ] || wrong "the file $config can not be read"
  if [ "$(id -u)" -ne 0 ]; then
    echo "npm start: the daemon changes addresses and routes of this machine, so it needs root" >&2
    exit 1
  fi
  sh "$here/setup.sh" run
  exec node "$here/../dist/cli/ipmpd.js" --config "$config"
fi

cd "$here/.."
sh scripts/setup.sh run
exec node --import tsx scripts/lab.ts "$mode"
