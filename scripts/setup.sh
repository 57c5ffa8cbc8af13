#!/bin/sh
# Makes this machine ready to run, test, measure or fuzz ipmp: installs what is missing, builds what is stale, and does
# nothing when nothing is to be done. `sh scripts/setup.sh [run|test|bench|fuzz]`; each purpose includes `run`.
# With `--check` after the purpose it installs and builds nothing, and only names missing packages (status 77 if any).
set -eu

cd "$(dirname "$0")/.."
purpose=${1:-run}

# purpose | what must be there (a command, or a file pattern) | Debian package | what it is for
needs='
run|ip|iproute2|network namespaces and links of the laboratory
run|unshare|util-linux|a private sandbox for the laboratory
run|setpriv|util-linux|a private sandbox for the laboratory
run|make|make|building the addon
run|g++|g++|building the addon
run|python3|python3|node-gyp, which builds the addon
test|nft|nftables|black holes: frames dropped where no link goes down
test|tcpdump|tcpdump|reading what really goes over a wire
test|ping|iputils-ping|a second program that asks, beside our own
test|cmake|cmake|native unit tests and sanitizer builds
test|git|git|seeing whether a test left files behind
bench|nft|nftables|black holes: frames dropped where no link goes down
bench|keepalived|keepalived|the peer that is measured against
bench|/usr/lib/frr/bfdd|frr|the peer that detects silent black holes; only its bfdd is run, by the benchmark itself
bench|fping|fping|the peer that sends as many probes as it can
fuzz|cmake|cmake|the fuzzing build
fuzz|clang|clang|the compiler with the fuzzing engine
fuzz|/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer*|libclang-rt-dev|the fuzzing engine itself
'

say() { echo "setup: $*"; }

fail() {
  say "$*" >&2
  exit 1
}

case $purpose in
run | test | bench | fuzz) ;;
*)
  echo "usage: sh scripts/setup.sh [run|test|bench|fuzz]" >&2
  exit 2
  ;;
esac

is_present() {
  case $1 in
  /*) for file in $1; do [ -e "$file" ] && return 0; done && return 1 ;;
  # Daemons live in sbin, which is not in everybody's PATH.
  *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
  esac
}

# Prints the missing packages, and on standard error a line on each.
missing_packages() {
  echo "$needs" | while IFS='|' read -r for_purpose thing package reason; do
    [ "$for_purpose" = run ] || [ "$for_purpose" = "$purpose" ] || continue
    is_present "$thing" && continue
    say "the Debian package $package is missing: $reason" >&2
    echo "$package"
  done
}

if [ "${2:-}" = --check ]; then
  [ -z "$(missing_packages)" ] || exit 77
  exit 0
fi

# One at a time: a second build in the same folders would tear down the first one's.
if [ "${IPMP_SETUP_LOCK:-}" != held ]; then
  IPMP_SETUP_LOCK=held exec flock scripts/setup.sh sh scripts/setup.sh "$purpose"
fi
unset IPMP_SETUP_LOCK

# Debian starts a daemon as soon as it is installed, unless this file says no. None of ours shall run on this machine.
forbid_service_starts() {
  policy=/usr/sbin/policy-rc.d
  [ -e "$policy" ] && return
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  trap 'exit 1' HUP INT TERM
}

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" </dev/null >&2
}

install_packages() {
  # The lists may be there and fresh, there and outdated, or not there at all: only a failure tells.
  apt install --yes --no-install-recommends "$@" && return
  say "installing failed; reading the package lists again and trying once more"
  apt update && apt install --yes --no-install-recommends "$@"
}

daemons_running() { ps -C keepalived,watchfrr,zebra,bfdd -o pid= 2>/dev/null || true; }

ensure_packages() {
  packages=$(missing_packages | sort -u | tr '\n' ' ')
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null || fail "this is not Debian; install by its own means: $packages"
  # shellcheck disable=SC2086 # a list of package names
  if [ "$(id -u)" -ne 0 ]; then
    fail "root is needed for that. Run: sudo apt-get install --yes --no-install-recommends $packages"
  fi
  before=$(daemons_running)
  forbid_service_starts
  say "installing on this machine, with apt-get: $packages"
  # shellcheck disable=SC2086
  install_packages $packages || fail "apt-get could not install $packages(its own words are above)"
  [ "$(daemons_running)" = "$before" ] || fail "installing has started a daemon; stop it, for it may take addresses"
}

ensure_node() {
  command -v node >/dev/null || fail "Node >= 20.19 is needed, and no node was found"
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    fail "Node >= 20.19 is needed, and this is $(node --version)"
}

# True when any file below the paths after the first is newer than the first, or the first is missing.
is_stale() {
  output=$1
  shift
  [ -e "$output" ] || return 0
  [ -n "$(find "$@" -newer "$output" -type f 2>/dev/null | head -n 1)" ]
}

ensure_npm_packages() {
  is_stale node_modules/.package-lock.json package-lock.json || return 0
  say "installing npm packages: node_modules is missing or older than package-lock.json"
  # Builds as well, by the `prepare` script; what is below then finds nothing to do.
  npm ci --no-audit --no-fund --loglevel=error >&2
}

ensure_builds() {
  if is_stale build/Release/ipmp_native.node native binding.gyp; then
    say "building the addon: its sources are newer than build/Release/ipmp_native.node"
    npm run --silent build:native >&2
  fi
  if is_stale dist/index.js src tsconfig.json; then
    say "compiling TypeScript: src is newer than dist"
    npm run --silent build:ts >&2
  fi
}

ensure_packages
ensure_node
ensure_npm_packages
ensure_builds
