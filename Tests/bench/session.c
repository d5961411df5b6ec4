// See session.h.

#include "session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

void give_up(const char *format, ...) {
  va_list values;
  va_start(values, format);
  fputs("driver: ", stderr);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
  va_end(values);
  exit(1);
}

void send_bytes(struct session *session, const char *bytes, size_t length) {
  if (!write_all(session->child.input, bytes, length)) give_up("cannot write a request: %s", strerror(errno));
}

void read_answer(struct session *session, struct answer *answer) {
  static char chunk[CHUNK];
  answer->length = 0;
  for (;;) {
    ssize_t count = read_some(session->child.output, chunk, sizeof chunk);
    if (count < 0) give_up("cannot read an answer: %s", strerror(errno));
    if (count == 0) give_up("the output ended after %zu bytes of an answer", answer->length);
    if (answer->length < ANSWER_HEAD) {
      size_t room = ANSWER_HEAD - answer->length;
      size_t kept = (size_t)count < room ? (size_t)count : room;
      memcpy(answer->head + answer->length, chunk, kept);
      answer->head[answer->length + kept] = 0;
    }
    answer->length += (size_t)count;
    if (chunk[count - 1] == '\n') return;
  }
}

bool is_result(const struct answer *answer, long id) {
  char start[ANSWER_HEAD];
  int length = snprintf(start, sizeof start, "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":", id);
  return strncmp(answer->head, start, (size_t)length) == 0;
}

static void expect_result(struct session *session) {
  struct answer answer;
  read_answer(session, &answer);
  if (!is_result(&answer, session->last_id)) give_up("not the result of %ld: %s", session->last_id, answer.head);
}

static void send_line(struct session *session, const char *line) { send_bytes(session, line, strlen(line)); }

void start_session(struct session *session, char **command) {
  session->last_id = 0;
  if (!start_child(command, &session->child)) give_up("%s: %s", command[0], strerror(errno));
}

void initialize(struct session *session) {
  char line[REQUEST_ROOM];
  snprintf(line, sizeof line,
           "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
           "\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n",
           ++session->last_id);
  send_line(session, line);
  expect_result(session);
}

void initialized(struct session *session) {
  send_line(session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
}

void ping(struct session *session) {
  char line[REQUEST_ROOM];
  snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"ping\"}\n", ++session->last_id);
  send_line(session, line);
  expect_result(session);
}

void end_session(struct session *session) {
  int status;
  close(session->child.input);
  while (waitpid(session->child.pid, &status, 0) < 0 && errno == EINTR) continue;
  close(session->child.output);
  if (status != 0) give_up("the command ended with wait status %#x", (unsigned)status);
}

size_t write_call(struct session *session, size_t size, char line[REQUEST_ROOM]) {
  int length = snprintf(line, REQUEST_ROOM,
                        "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"tools/call\","
                        "\"params\":{\"name\":\"echo\",\"arguments\":{\"size\":%zu}}}\n",
                        ++session->last_id, size);
  return (size_t)length;
}

size_t answer_length(long id, size_t size) {
  int around = snprintf(NULL, 0,
                        "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":"
                        "{\"content\":[{\"type\":\"text\",\"text\":\"\"}]}}\n",
                        id);
  return (size_t)around + size;
}
