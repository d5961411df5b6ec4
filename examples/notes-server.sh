#!/bin/sh
# A small MCP server over stdio: it keeps notes in memory, for as long as its client stays.
# It needs sh and sed only. Try it: printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' | sh notes-server.sh
#
# Strings are never unescaped: what a client sent as JSON goes back as the same JSON. Like many parsers it lets the last
# of two equal keys win, which is one of the things a guard has to look after.

set -u
LC_ALL=C
export LC_ALL

notes='' # as blocks of a tool's result, comma between them
count=0

tools='[{"name":"add_note","description":"Keeps a note.","inputSchema":{"type":"object",'\
'"properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false},'\
'"annotations":{"readOnlyHint":false,"destructiveHint":false}},'\
'{"name":"list_notes","description":"Lists the notes kept.","inputSchema":{"type":"object",'\
'"additionalProperties":false},"annotations":{"readOnlyHint":true}}]'

# Reads one message into id, method, version, tool and text: raw JSON each, empty where there is none.
read_message() {
  id='' method='' version='' tool='' text=''
  depth=0 first='' second='' key='' last=''
  tokens=$(printf '%s\n' "$1" | sed -E 's/[[:space:]]*("([^"\\]|\\.)*"|[][{}:,]|[^][{}:,"[:space:]]+)/\1\
/g')
  while IFS= read -r token; do
    case $token in
      ':') key=$last ;;
      '{' | '[')
        case $depth in 1) first=$key ;; 2) second=$key ;; esac
        depth=$((depth + 1)) key=''
        ;;
      '}' | ']' | ',')
        member "$last"
        key=''
        case $token in
          ',') ;;
          *)
            depth=$((depth - 1))
            case $depth in 1) first='' ;; 2) second='' ;; esac
            ;;
        esac
        ;;
    esac
    last=$token
  done <<TOKENS
$tokens
TOKENS
}

# Takes note of a value that has just ended, by where it stands.
member() {
  case $1 in '{' | '[' | '}' | ']' | '') return ;; esac
  case "$depth $first $second $key" in
    '1   "id"') id=$1 ;;
    '1   "method"') method=$1 ;;
    '2 "params"  "protocolVersion"') version=$1 ;;
    '2 "params"  "name"') tool=$1 ;;
    '3 "params" "arguments" "text"') text=$1 ;;
  esac
}

result() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
error() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"%s"}}\n' "${id:-null}" "$1" "$2"; }

initialize() {
  case $version in
    '"2024-11-05"' | '"2025-03-26"' | '"2025-06-18"' | '"2025-11-25"') ;;
    *) version='"2025-11-25"' ;;
  esac
  result '{"protocolVersion":'"$version"',"capabilities":{"tools":{}},"serverInfo":{"name":"notes","version":"1.0.0"}}'
}

call() {
  case $tool in
    '"add_note"') add_note ;;
    '"list_notes"') result '{"content":['"$notes"']}' ;;
    *) error -32602 'unknown tool' ;;
  esac
}

add_note() {
  case $text in
    '"'*) ;;
    *)
      result '{"content":[{"type":"text","text":"add_note needs a text, which is a string"}],"isError":true}'
      return
      ;;
  esac
  notes=${notes:+$notes,}'{"type":"text","text":'$text'}'
  count=$((count + 1))
  result '{"content":[{"type":"text","text":"note '"$count kept: ${text#?}"'}]}'
}

echo 'notes-server: hello, waiting for a client' >&2

while IFS= read -r line; do
  read_message "$line"
  case $id,$method in
    ,) error -32600 'this is no request' ;;
    ,* | *,) ;; # a notification, a response: neither is answered
    *,'"initialize"') initialize ;;
    *,'"ping"') result '{}' ;;
    *,'"tools/list"') result '{"tools":'"$tools"'}' ;;
    *,'"tools/call"') call ;;
    *) error -32601 'method not found' ;;
  esac
done
