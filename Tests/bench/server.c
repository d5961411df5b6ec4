// An MCP server that costs next to nothing: answers `initialize`, `ping` and `tools/call` over stdio, the last with a
// text as long as the call's `size` argument asks for. Each answer leaves in one write.
//
//     server [--busy-us N]      spend N microseconds of CPU on each call first
//
// It reads only what the driver sends: the members that matter stand at the beginning of each line.

#include "child.h"
#include "prose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEAD = 256, OPENING_ROOM = 160 };

static const char CLOSING[] = "\"}]}}\n";

static long busy_nanoseconds;

static void give_up(const char *what) {
  fprintf(stderr, "server: %s\n", what);
  exit(1);
}

static void answer(const char *line, size_t length) {
  if (!write_all(STDOUT_FILENO, line, length)) give_up("the client is gone");
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void work(void) {
  if (busy_nanoseconds == 0) return;
  long end = now() + busy_nanoseconds;
  while (now() < end) continue;
}

// The prose stays in memory between calls. A call writes what goes before and after the text around it, in place:
//
//     |    OPENING_ROOM    | text, `size` bytes | CLOSING |  more prose …
//              ^ opening ends where the text begins
static void answer_call(const char *id, size_t size) {
  static char *room;
  static size_t prepared;
  if (room == NULL || size > prepared) {
    free(room);
    room = malloc(OPENING_ROOM + size + sizeof CLOSING);
    if (room == NULL) give_up("out of memory");
    fill_with_prose(room + OPENING_ROOM, 0, size);
    prepared = size;
  }

  char opening[OPENING_ROOM];
  int opening_length = snprintf(opening, sizeof opening,
      "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"", id);
  char *text = room + OPENING_ROOM;
  char *line = text - opening_length;
  size_t closing_length = sizeof CLOSING - 1;
  memcpy(line, opening, (size_t)opening_length);
  memcpy(text + size, CLOSING, closing_length);
  answer(line, (size_t)opening_length + size + closing_length);
  fill_with_prose(text + size, size, closing_length);
}

static void answer_small(const char *id, const char *result) {
  char line[HEAD];
  int length = snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}\n", id, result);
  answer(line, (size_t)length);
}

// `head` is the beginning of one line, ended by a NUL.
static void handle(const char *head) {
  const char *id_member = strstr(head, "\"id\":");
  if (id_member == NULL) return;  // a notification

  char id[32];
  const char *id_start = id_member + strlen("\"id\":");
  size_t id_length = strcspn(id_start, ",}");
  if (id_length >= sizeof id) give_up("an id longer than the driver sends");
  memcpy(id, id_start, id_length);
  id[id_length] = 0;

  const char *size_member = strstr(head, "\"size\":");
  if (strstr(head, "\"method\":\"initialize\"") != NULL) {
    answer_small(id, "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                     "\"serverInfo\":{\"name\":\"bench\",\"version\":\"1\"}}");
  } else if (strstr(head, "\"method\":\"ping\"") != NULL) {
    answer_small(id, "{}");
  } else if (size_member != NULL) {
    work();
    answer_call(id, strtoul(size_member + strlen("\"size\":"), NULL, 10));
  } else {
    give_up("a request that the driver does not send");
  }
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--busy-us") == 0) {
    busy_nanoseconds = 1000 * strtol(argv[2], NULL, 10);
  } else if (argc != 1) {
    give_up("usage: server [--busy-us N]");
  }

  static char chunk[CHUNK];
  char head[HEAD + 1];
  size_t head_length = 0;
  ssize_t count;
  while ((count = read_some(STDIN_FILENO, chunk, sizeof chunk)) > 0) {
    const char *position = chunk, *end = chunk + count;
    while (position < end) {
      const char *newline = memchr(position, '\n', (size_t)(end - position));
      size_t length = (size_t)((newline == NULL ? end : newline) - position);
      size_t kept = length < HEAD - head_length ? length : HEAD - head_length;
      memcpy(head + head_length, position, kept);
      head_length += kept;
      position += length;
      if (newline == NULL) continue;
      head[head_length] = 0;
      handle(head);
      head_length = 0;
      position++;
    }
  }
  return 0;
}
