#!/bin/sh
# Runs a command in a world of its own: own network, own processes, own /run. Whatever the command makes there (network
# namespaces, cards, daemons, files under /run) is gone when it ends, however it ends (TERM, HUP and INT end it), and the
# machine's network is out of reach.
#
#   scripts/sandbox.sh COMMAND [ARGUMENT...]
#   scripts/sandbox.sh --check        says what is missing (status 77), or nothing (status 0)
#
# As root it needs CAP_SYS_ADMIN. As somebody else it becomes root of a user namespace, where the kernel allows that.
set -eu

world="--net --mount --pid --fork --kill-child --mount-proc --propagation private"
if [ "$(id -u)" -ne 0 ]; then
  world="--user --map-root-user $world"
fi

setting() {
  cat "/proc/sys/$1" 2>/dev/null || echo none
}

explain() {
  echo "No private network world can be made here: $1"
  if [ "$(id -u)" -eq 0 ]; then
    echo "This root lacks CAP_SYS_ADMIN (a container?). Run it on the machine itself, or in a privileged container."
  elif [ "$(setting kernel/apparmor_restrict_unprivileged_userns)" = 1 ]; then
    echo "Needed: root, or once: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
  elif [ "$(setting kernel/unprivileged_userns_clone)" = 0 ]; then
    echo "Needed: root, or once: sysctl -w kernel.unprivileged_userns_clone=1"
  elif [ "$(setting user/max_user_namespaces)" = 0 ]; then
    echo "Needed: root, or once: sysctl -w user.max_user_namespaces=10000"
  else
    echo "Needed: root, or a kernel and a policy that allow user namespaces."
  fi
}

check() {
  for tool in unshare setpriv ip; do
    if ! command -v "$tool" >/dev/null; then
      echo "No private network world can be made here: the program \"$tool\" is missing (Debian: util-linux, iproute2)."
      return 77
    fi
  done
  # shellcheck disable=SC2086 # the words of $world are separate arguments
  if ! refusal=$(unshare $world true 2>&1); then
    explain "$refusal"
    return 77
  fi
}

case "${1:-}" in
  "" | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
  --check) check; exit ;;
esac

# Each link of the chain is killed by the kernel when the one before it dies: caller, keeper, unshare, first process of the
# world, and with that one all the others. The keeper is there because unshare takes neither TERM nor INT: it dies of these, and
# of a HUP. Only at a terminal it leaves an INT to the command, which hears of Ctrl-C itself. A shell must not wait for a command
# in the foreground to act upon an INT, and one in the background would have no input, and be deaf to Ctrl-C. The shell in the
# world stays its first process, because nobody's signals reach that one by default.
# shellcheck disable=SC2016 # expanded by the shells within
inside='
  mount -t tmpfs tmpfs /run && mkdir -p /run/netns && ip link set lo up || exit 1
  IPMP_SANDBOX=1 "$@"
  exit $?'
# shellcheck disable=SC2016
keeper='
  world=$1 inside=$2; shift 2
  if [ -t 0 ] || [ -t 1 ] || [ -t 2 ]; then trap : INT; else trap "exit 130" INT; fi
  exec 3<&0
  env --default-signal=INT,QUIT setpriv --pdeathsig KILL unshare $world sh -c "$inside" sandbox "$@" <&3 3<&- &
  while :; do
    wait $!
    status=$?
    kill -0 $! 2>/dev/null || exit $status
  done'
exec setpriv --pdeathsig KILL sh -c "$keeper" sandbox "$world" "$inside" "$@"
