#!/bin/sh
# Shows mcp-guard at work: plays an MCP client that talks to examples/notes-server.sh through a guard, and prints what
# is said. Every answer is checked: exit status 0 when all came as expected, 1 when one did not, 2 for wrong usage.
#
#   sh examples/demo.sh [GUARD]      GUARD, else $MCP_GUARD, else mcp-guard on the PATH

set -u
LC_ALL=C
export LC_ALL
patience=10 # seconds for any one answer

usage_error() {
  printf 'demo.sh: error: %s\ndemo.sh: hint: %s\n' "$1" "$2" >&2
  exit 2
}

[ $# -le 1 ] || usage_error "unexpected argument: $2" 'sh examples/demo.sh [GUARD]'
guard=${1:-${MCP_GUARD:-$(command -v mcp-guard)}}
[ -n "$guard" ] || usage_error 'there is no mcp-guard on the PATH' 'name it: sh examples/demo.sh PATH/TO/mcp-guard'
case $guard in */*) ;; *) guard=./$guard ;; esac
if [ ! -f "$guard" ] || [ ! -x "$guard" ]; then
  usage_error "$guard is no program" './install.sh builds and installs one'
fi

examples=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
server=$examples/notes-server.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/mcp-guard-demo.XXXXXX") || exit 1
guard_id='' drain_id='' seen=0
# The demo's own home: what it does stands in no log of yours.
MCP_GUARD_HOME=$work/home
export MCP_GUARD_HOME

# ---- what is printed

bold='' dim='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR+set}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$(printf '\033[1m') dim=$(printf '\033[2m') red=$(printf '\033[31m') plain=$(printf '\033[0m')
fi

return=$(printf '\r')
# Control characters never reach the terminal: a carriage return is shown as \r.
visible() { printf '%s\n' "$1" | sed "s/$return/\\\\r/g" | tr '\000-\011\013-\037\177' '?'; }

step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
transcript() { printf '  %s%s%s %s\n' "$dim" "$1" "$plain" "$(visible "$2")"; }

fail() {
  printf '%sdemo.sh: error: %s%s\n' "$red" "$(visible "$1")" "$plain" >&2
  if [ -s "$work/stderr" ]; then
    printf 'demo.sh: hint: the guard and its server said on stderr:\n' >&2
    visible "$(cat "$work/stderr")" >&2
  fi
  exit 1
}

# ---- the client: one guard, its stdin on descriptor 3, its stdout in a file

start_guard() {
  mkfifo "$work/in" "$work/out" || exit 1
  : >"$work/replies"
  cat <"$work/out" >"$work/replies" &
  drain_id=$!
  "$guard" run --server notes -- sh "$server" <"$work/in" >"$work/out" 2>"$work/stderr" &
  guard_id=$!
  exec 3>"$work/in"
  trap '' PIPE # a guard that is gone shall be a failure with a message
}

# Succeeds once the command does, and fails when it has not after $patience seconds.
eventually() {
  tries=$((patience * 20))
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.05
  done
}

ended() { ! kill -0 "$1" 2>/dev/null; }
answered() { [ $(($(wc -l <"$work/replies"))) -gt "$seen" ]; }
answered_or_ended() { answered || ended "$guard_id"; }
said() { grep -q "$1" "$work/stderr"; }

stop() {
  [ -n "$1" ] && ! ended "$1" || return 0
  kill "$1" 2>/dev/null
  patience=2
  eventually ended "$1" || kill -KILL "$1" 2>/dev/null
}

clean_up() {
  trap '' HUP INT TERM
  exec 3>&-
  stop "$guard_id"
  stop "$drain_id"
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

send() {
  transcript 'client →' "$1"
  printf '%s\n' "$1" 2>/dev/null >&3 || fail 'the guard no longer reads'
}

# Sends what must reach the server: the same lines are put to a server without a guard at the end.
ask() {
  printf '%s\n' "$1" >>"$work/asked"
  send "$1"
}

# Waits for the next line from the guard: its text is in $reply.
receive() {
  eventually answered_or_ended || fail "no answer within $patience seconds"
  answered || fail 'the guard ended without an answer'
  seen=$((seen + 1))
  reply=$(sed -n "${seen}p" "$work/replies")
  transcript "$1" "$reply"
}

# The reply has this member, whatever follows it.
holds() { case $reply in *"$1,"* | *"$1}"*) ;; *) return 1 ;; esac }

# From the server: the answer to id $1, which contains $2.
answer() {
  receive 'server ←'
  printf '%s\n' "$reply" >>"$work/passed"
  holds "\"id\":$1" || fail "expected an answer to $1, not: $reply"
  case $reply in *"$2"*) ;; *) fail "expected an answer with $2, not: $reply" ;; esac
}

# From the guard itself: request $1 is malformed.
refusal() {
  receive ' guard ←'
  holds "\"id\":$1" || fail "expected a refusal of $1, not: $reply"
  holds '"code":40304' || fail "expected error 40304, not: $reply"
}

# Waits for a process of ours to end by itself: its exit status is in $status.
await_end() {
  eventually ended "$1" || fail "the guard still runs $patience seconds after the end of its input"
  wait "$1"
  status=$?
}

# ---- the conversation

printf '%s run --server notes -- sh %s\n' "$(visible "$guard")" "$(visible "$server")"
start_guard

step 'The client opens the session. The guard starts the server and passes the handshake on.'
ask '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"demo","version":"1.0.0"}}}'
answer 1 '"protocolVersion":"2025-11-25"'
ask '{"jsonrpc":"2.0","method":"notifications/initialized"}'

step 'It asks which tools there are.'
ask '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
answer 2 '"name":"add_note"'

step 'It calls one. Nothing is rewritten on the way: the escape in the text comes back as it was spelt.'
ask '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"add_note","arguments":{"text":"caf\u00e9 at nine"}}}'
answer 3 '"note 1 kept: caf\u00e9 at nine"'

step 'And another.'
ask '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"list_notes","arguments":{}}}'
answer 4 '[{"type":"text","text":"caf\u00e9 at nine"}]'

step 'Two names in one call: one parser reads list_notes, another add_note. The guard refuses what can be read in two ways.'
send '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"list_notes","name":"add_note","arguments":{"text":"smuggled"}}}'
refusal 5

step 'A key that differs only by case: a parser that folds case takes "Method" for the method.'
send '{"jsonrpc":"2.0","id":6,"method":"ping","Method":"tools/call","params":{"name":"add_note","arguments":{"text":"smuggled"}}}'
refusal 6

step 'A batch, which this protocol version does not have.'
send '[{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add_note","arguments":{"text":"smuggled"}}}]'
refusal 7

step 'A second message behind a lone carriage return: some servers take it for the end of a line. Both are answered.'
send '{"jsonrpc":"2.0","id":8,"method":"ping"}'"$return"'{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"add_note","arguments":{"text":"smuggled"}}}'
refusal 8
refusal 9

step 'The session goes on, and the server has seen none of it: still one note.'
ask '{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":"list_notes","arguments":{}}}'
answer 10 '[{"type":"text","text":"caf\u00e9 at nine"}]'

step "The client closes its end. The server ends, and the guard with the server's exit status."
exec 3>&-
await_end "$guard_id"
transcript '  exit ←' "$status"
[ "$status" -eq 0 ] || fail "expected exit status 0, not $status"
eventually ended "$drain_id" || fail 'something still holds the stdout of the guard'
! answered || fail "an answer too many: $(sed -n "$((seen + 1))p" "$work/replies")"
eventually said '^notes-server: hello' || fail "the server's stderr did not come through"
sh "$server" <"$work/asked" >"$work/bare" 2>/dev/null
cmp -s "$work/passed" "$work/bare" || fail 'an answer differs from what the server says without a guard'

step 'Any status: here is a server that fails.'
transcript ' shell $' "mcp-guard run -- sh -c 'exit 7'"
"$guard" run -- sh -c 'exit 7' </dev/null >/dev/null 2>"$work/stderr" &
guard_id=$!
await_end "$guard_id"
transcript '  exit ←' "$status"
[ "$status" -eq 7 ] || fail "expected exit status 7, not $status"

step 'All as expected: what passed is byte for byte what the server says without a guard.'
