#!/bin/sh
# Builds mcp-guard from this checkout and installs it for you alone. See --help.

set -u

usage() {
  cat <<'USAGE'
usage: ./install.sh [--prefix DIR] [--demo]
       ./install.sh --uninstall [--prefix DIR]

Builds a release of mcp-guard from this checkout (Swift 6.2 or newer) and installs it. Nothing is downloaded.

  --prefix DIR   the folder the program is put in: ~/.local/bin unless told, /usr/local/bin for root
  --demo         then show it at work (examples/demo.sh)
  --uninstall    remove the program, and nothing else
  --help         this text

Run it again to update: guards that are running keep running, and new ones are of the new version.
Exit status: 0 done, 1 failed, 2 wrong usage.
USAGE
}

say() { printf '%s\n' "$1"; }

# As a word of a shell, whatever is in it.
quoted() {
  case $1 in
    *[!A-Za-z0-9_./-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

# fail ERROR [HINT...]
fail() {
  printf 'install.sh: error: %s\n' "$1" >&2
  shift
  for hint in "$@"; do
    printf 'install.sh: hint: %s\n' "$hint" >&2
  done
  exit "$exit_status"
}

# ---- what is asked

exit_status=2
prefix='' demo='' uninstall=''

set_prefix() {
  [ -z "$prefix" ] || fail '--prefix is given twice' 'see ./install.sh --help'
  [ -n "$1" ] || fail '--prefix needs a folder' 'for example --prefix ~/bin'
  prefix=$1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix)
      case ${2:-} in -*) fail "--prefix needs a folder, not $2" 'for example --prefix ~/bin' ;; esac
      set_prefix "${2:-}"
      shift
      ;;
    --prefix=*) set_prefix "${1#--prefix=}" ;;
    --demo)
      [ -z "$demo" ] || fail '--demo is given twice' 'see ./install.sh --help'
      demo=yes
      ;;
    --uninstall)
      [ -z "$uninstall" ] || fail '--uninstall is given twice' 'see ./install.sh --help'
      uninstall=yes
      ;;
    --help)
      usage
      exit 0
      ;;
    -*) fail "unknown option: $1" 'see ./install.sh --help' ;;
    *) fail "unexpected argument: $1" 'see ./install.sh --help' ;;
  esac
  shift
done
[ -z "$demo" ] || [ -z "$uninstall" ] || fail '--demo and --uninstall exclude each other' 'see ./install.sh --help'

exit_status=1

# The folder is absolute from here on, and without a slash at its end.
case $prefix in
  '')
    if [ "$(id -u)" -eq 0 ]; then
      prefix=/usr/local/bin
    else
      [ -n "${HOME:-}" ] || fail 'HOME is not set' 'name the folder to install to with --prefix DIR'
      prefix=$HOME/.local/bin
    fi
    ;;
  \~ | \~/*) prefix=${HOME:?}${prefix#\~} ;; # as in --prefix=~/bin, which most shells leave alone
  /*) ;;
  *) prefix=$PWD/$prefix ;;
esac
while :; do
  case $prefix in
    ?*/) prefix=${prefix%/} ;;
    *) break ;;
  esac
done
target=$prefix/mcp-guard

if [ -d "$target" ]; then
  fail "$target is a folder" 'choose another place with --prefix DIR'
fi

if [ -n "$uninstall" ]; then
  if [ ! -e "$target" ] && [ ! -L "$target" ]; then
    say "nothing to remove: there is no $target"
    exit 0
  fi
  rm -f "$target" 2>/dev/null || fail "cannot remove $target" 'run this as the user who installed it'
  say "removed $target"
  exit 0
fi

# ---- what is needed

system=$(uname -s)
case $system in
  Linux)
    get_swift='install it with swiftly (https://www.swift.org/install/linux/), then open a new shell and run this again:'
    # shellcheck disable=SC2016 # to be run by whoever reads it
    how='curl -O "https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz"'\
' && tar zxf "swiftly-$(uname -m).tar.gz" && ./swiftly init'
    ;;
  Darwin)
    get_swift='install one of these, then open a new shell and run this again:'
    how='Xcode 26 or newer from the App Store, or the package from https://www.swift.org/install/macos/'
    ;;
  *) fail "mcp-guard runs on Linux and macOS, not on $system" ;;
esac

checkout=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
[ -f "$checkout/Package.swift" ] || fail "there is no Package.swift beside $0" "run install.sh from a checkout of mcp-guard"

# The swift that macOS comes with is only a door to Apple's developer tools: without them it opens a window.
swift_works() {
  command -v swift >/dev/null || return 1
  [ "$system" != Darwin ] || [ "$(command -v swift)" != /usr/bin/swift ] || xcode-select -p >/dev/null 2>&1
}

if ! swift_works; then
  for env in "${SWIFTLY_HOME_DIR:-${HOME:-}/.local/share/swiftly}/env.sh" "${HOME:-}/.swiftly/env.sh"; do
    [ ! -r "$env" ] || fail 'swift is not on the PATH' "swiftly is here: run this line, and then install.sh again:" ". $(quoted "$env")"
  done
  fail 'swift is not here, and mcp-guard is built with it (6.2 or newer)' "$get_swift" "$how"
fi

version_text=$(swift --version 2>/dev/null </dev/null)
version=$(printf '%s\n' "$version_text" | sed -n 's/.*Swift version \([0-9][0-9]*\)\.\([0-9][0-9]*\).*/\1.\2/p' | head -n 1)
case $version in
  '') fail "cannot tell the version of $(command -v swift)" 'see what "swift --version" says' "$get_swift" "$how" ;;
esac
if [ "${version%.*}" -lt 6 ] || { [ "${version%.*}" -eq 6 ] && [ "${version#*.}" -lt 2 ]; }; then
  if command -v swiftly >/dev/null; then
    get_swift='update it, and run this again:' how='swiftly install --use latest'
  fi
  fail "$(command -v swift) is version $version, and mcp-guard needs 6.2 or newer" "$get_swift" "$how"
fi

# The program is put together under another name in the same folder and takes its place in one step. So nobody ever
# sees half of it, and a guard that runs keeps the file it was started from.
part=''
trap '[ -z "$part" ] || rm -f "$part"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

other_folder='choose a folder of your own with --prefix DIR'
mkdir -p "$prefix" 2>/dev/null || fail "cannot make the folder $prefix" "$other_folder"
prefix=$(CDPATH='' cd -- "$prefix" && pwd) || fail "cannot enter the folder $prefix" "$other_folder"
target=$prefix/mcp-guard
part=$(mktemp "$prefix/.mcp-guard.XXXXXX" 2>/dev/null) || fail "cannot write to the folder $prefix" "$other_folder"

# ---- build

# Without a home to write to, the caches of Swift go where the build goes.
writable_home() { [ -n "${HOME:-}" ] && [ -d "$HOME" ] && [ -w "$HOME" ]; }

build() {
  set -- --package-path "$checkout" -c release --product mcp-guard "$@"
  if ! writable_home; then
    XDG_CACHE_HOME=$checkout/.build/home
    export XDG_CACHE_HOME
    set -- --cache-path "$XDG_CACHE_HOME/cache" --config-path "$XDG_CACHE_HOME/config" \
      --security-path "$XDG_CACHE_HOME/security" "$@"
  fi
  swift build "$@" </dev/null && built=$(swift build "$@" --show-bin-path 2>/dev/null </dev/null)/mcp-guard
}

say "building mcp-guard with Swift $version: this takes a few minutes the first time"
case $system in
  Linux)
    if ! build -Xswiftc -static-executable -Xlinker -s; then
      say 'that failed: once more without the C library in it, which not every system has as a static one'
      build --static-swift-stdlib -Xlinker -s ||
        fail 'the build failed' 'its own messages are above' 'should the static libraries of Swift be missing: the toolchains of swift.org have them'
    fi
    ;;
  Darwin) build || fail 'the build failed' 'its own messages are above' ;;
esac
# What root built for somebody stays that somebody's to build again.
if [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_UID:-}" ]; then
  chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$checkout/.build"
fi
[ -f "$built" ] || fail "the build left no $built"

# ---- install

place() { cp "$built" "$part" && chmod 755 "$part"; }
runs() { "$part" version >/dev/null 2>&1 </dev/null; }

place || fail "cannot write to the folder $prefix" "$other_folder"
if [ "$system" = Darwin ]; then
  # Stripping breaks the signature that Apple's processors insist on. If a new one is not to be had, it stays as it was.
  if ! { strip "$part" && codesign --force --sign - "$part"; } >/dev/null 2>&1 || ! runs; then place; fi
fi
runs || fail 'the program that was built does not run here' "try it: $built version"
mv -f "$part" "$target" || fail "cannot write $target" "$other_folder"
part=''
say "installed $target ($("$target" version </dev/null | head -n 1))"

case :$PATH: in
  *:"$prefix":*)
    found=$(command -v mcp-guard)
    [ "$found" = "$target" ] || say "note: $found comes first on your PATH"
    ;;
  *)
    add="export PATH=$(quoted "$prefix"):\"\$PATH\""
    case ${SHELL:-} in
      */zsh) file=.zshrc ;;
      */bash) file=.bashrc ;;
      */fish) file=.config/fish/config.fish add="fish_add_path $(quoted "$prefix")" ;;
      *) file=.profile ;;
    esac
    say "note: $prefix is not on your PATH: add this line to ~/$file and open a new shell"
    say "  $add"
    ;;
esac

if [ -n "$demo" ]; then
  say ''
  sh "$checkout/examples/demo.sh" "$target"
fi
