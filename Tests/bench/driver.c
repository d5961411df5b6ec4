// The client. Starts a command (the server, or something that stands before it), measures one thing, and prints it as
// one JSON object:
//
//     driver round-trip SIZE COUNT -- COMMAND…      COUNT calls, one after the other, each answered with SIZE bytes
//     driver flood COUNT -- COMMAND…                COUNT small calls, sent without waiting for their answers
//     driver start COUNT -- COMMAND…                from the start of the command to its first answer, COUNT times
//     driver memory SERVER REPLY REQUEST -- COMMAND…
//         what stands before the program SERVER holds: idle, after an answer of REPLY bytes, after a request of REQUEST
//
// Whatever is not the answer expected, to the byte count, ends the program with status 1.

#define _GNU_SOURCE  // memmem

#include "footprint.h"
#include "prose.h"
#include "session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WARM_UP_CALLS = 50, FLOOD_REPLY_SIZE = 16 };

static double microseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void *allocate(size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) give_up("out of memory");
  return memory;
}

static size_t number(const char *text) {
  char *end;
  size_t value = strtoul(text, &end, 10);
  if (*text == 0 || *end != 0) give_up("not a number: %s", text);
  return value;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return difference < 0 ? -1 : difference > 0;
}

static double percentile(const double *sorted, size_t count, size_t percent) {
  return sorted[(count * percent + 99) / 100 - 1];
}

static void print_latencies(double *latencies, size_t count) {
  qsort(latencies, count, sizeof *latencies, compare);
  printf("{\"p50_us\":%.3f,\"p99_us\":%.3f}\n", percentile(latencies, count, 50), percentile(latencies, count, 99));
}

static double call(struct session *session, size_t size) {
  char line[REQUEST_ROOM];
  struct answer answer;
  size_t length = write_call(session, size, line);
  double start = microseconds();
  send_bytes(session, line, length);
  read_answer(session, &answer);
  double elapsed = microseconds() - start;
  if (!is_result(&answer, session->last_id) || answer.length != answer_length(session->last_id, size)) {
    give_up("not the answer to call %ld (%zu bytes): %s", session->last_id, answer.length, answer.head);
  }
  return elapsed;
}

static void round_trips(char **command, size_t size, size_t count) {
  struct session session;
  double *latencies = allocate(count * sizeof *latencies);
  start_session(&session, command);
  initialize(&session);
  initialized(&session);
  for (int i = 0; i < WARM_UP_CALLS; i++) call(&session, size);
  for (size_t i = 0; i < count; i++) latencies[i] = call(&session, size);
  end_session(&session);
  print_latencies(latencies, count);
}

struct flood {
  struct session *session;
  size_t expected_bytes;
  double finished;
};

// Reads on its own thread, so that the driver keeps taking answers while it is blocked in sending.
static void *read_flood(void *argument) {
  struct flood *flood = argument;
  static char chunk[CHUNK];
  size_t received = 0;
  while (received < flood->expected_bytes) {
    ssize_t count = read_some(flood->session->child.output, chunk, sizeof chunk);
    if (count <= 0) give_up("the output ended after %zu of %zu bytes", received, flood->expected_bytes);
    if (memmem(chunk, (size_t)count, "\"error\":", 8) != NULL) give_up("a call was refused: %.200s", chunk);
    received += (size_t)count;
  }
  if (received != flood->expected_bytes) give_up("%zu bytes instead of %zu", received, flood->expected_bytes);
  flood->finished = microseconds();
  return NULL;
}

static void flood(char **command, size_t count) {
  struct session session;
  start_session(&session, command);
  initialize(&session);
  initialized(&session);

  char *requests = allocate(count * REQUEST_ROOM);
  size_t length = 0;
  struct flood flood = {.session = &session};
  for (size_t i = 0; i < count; i++) {
    length += write_call(&session, FLOOD_REPLY_SIZE, requests + length);
    flood.expected_bytes += answer_length(session.last_id, FLOOD_REPLY_SIZE);
  }

  pthread_t reader;
  double start = microseconds();
  if (pthread_create(&reader, NULL, read_flood, &flood) != 0) give_up("cannot start a thread");
  send_bytes(&session, requests, length);
  pthread_join(reader, NULL);
  end_session(&session);
  printf("{\"per_second\":%.0f}\n", (double)count / ((flood.finished - start) / 1e6));
}

static void starts(char **command, size_t count) {
  double *latencies = allocate(count * sizeof *latencies);
  for (size_t i = 0; i < count; i++) {
    struct session session;
    double start = microseconds();
    start_session(&session, command);
    initialize(&session);
    latencies[i] = microseconds() - start;
    end_session(&session);
  }
  print_latencies(latencies, count);
}

static bool call_for_big_answer(struct session *session, size_t line_length) {
  char line[REQUEST_ROOM];
  struct answer answer;
  size_t around = answer_length(session->last_id + 1, 0);
  send_bytes(session, line, write_call(session, line_length - around, line));
  read_answer(session, &answer);
  return is_result(&answer, session->last_id) && answer.length == line_length;
}

static bool call_with_big_request(struct session *session, size_t line_length) {
  static const char CLOSING[] = "\"}}}\n";
  char *line = allocate(line_length);
  int opening = snprintf(line, line_length,
                         "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"tools/call\","
                         "\"params\":{\"name\":\"echo\",\"arguments\":{\"size\":0,\"text\":\"",
                         ++session->last_id);
  size_t closing = sizeof CLOSING - 1;
  fill_with_prose(line + opening, 0, line_length - (size_t)opening - closing);
  memcpy(line + line_length - closing, CLOSING, closing);

  struct answer answer;
  send_bytes(session, line, line_length);
  free(line);
  read_answer(session, &answer);
  return is_result(&answer, session->last_id);
}

static void print_footprint(const char *name, bool passed, struct footprint footprint) {
  printf("\"%s\":{\"passed\":%s,\"rss_kib\":%ld,\"pss_kib\":%ld,\"peak_rss_kib\":%ld}", name,
         passed ? "true" : "false", footprint.rss_kib, footprint.pss_kib, footprint.peak_rss_kib);
}

static void memory(char **command, const char *server, size_t answer_bytes, size_t request_bytes) {
  struct session session;
  start_session(&session, command);
  initialize(&session);
  initialized(&session);
  ping(&session);
  putchar('{');
  print_footprint("idle", true, settled_footprint(session.child.pid, server));
  putchar(',');
  bool passed = call_for_big_answer(&session, answer_bytes);
  print_footprint("after_answer", passed, settled_footprint(session.child.pid, server));
  putchar(',');
  passed = call_with_big_request(&session, request_bytes);
  print_footprint("after_request", passed, settled_footprint(session.child.pid, server));
  puts("}");
  end_session(&session);
}

int main(int argc, char **argv) {
  int dashes = 1;
  while (dashes < argc && strcmp(argv[dashes], "--") != 0) dashes++;
  char **command = argv + dashes + 1;
  if (dashes + 1 >= argc) give_up("usage: driver MODE … -- COMMAND …");
  signal(SIGPIPE, SIG_IGN);

  if (dashes == 4 && strcmp(argv[1], "round-trip") == 0) {
    round_trips(command, number(argv[2]), number(argv[3]));
  } else if (dashes == 3 && strcmp(argv[1], "flood") == 0) {
    flood(command, number(argv[2]));
  } else if (dashes == 3 && strcmp(argv[1], "start") == 0) {
    starts(command, number(argv[2]));
  } else if (dashes == 5 && strcmp(argv[1], "memory") == 0) {
    memory(command, argv[2], number(argv[3]), number(argv[4]));
  } else {
    give_up("no such measurement: %s", argv[1]);
  }
  return 0;
}
