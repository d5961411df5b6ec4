// The yardstick: the least that stands between a client and a server. Two threads, blocking reads and writes,
// no framing. Takes the guard's own command line, so that either can stand in the other's place:
//
//     relay run -- COMMAND [ARG]...

#include "child.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static struct child server;

static void pump(int from, int to) {
  char bytes[CHUNK];
  ssize_t count;
  while ((count = read_some(from, bytes, sizeof bytes)) > 0) {
    if (!write_all(to, bytes, (size_t)count)) break;
  }
}

static void *client_to_server(void *unused) {
  (void)unused;
  pump(STDIN_FILENO, server.input);
  close(server.input);
  return NULL;
}

int main(int argc, char **argv) {
  int command = 1;
  while (command < argc && strcmp(argv[command], "--") != 0) command++;
  command++;
  if (command >= argc) {
    fputs("usage: relay run -- COMMAND [ARG]...\n", stderr);
    return 2;
  }

  signal(SIGPIPE, SIG_IGN);
  if (!start_child(argv + command, &server)) {
    fprintf(stderr, "relay: %s: %s\n", argv[command], strerror(errno));
    return 127;
  }

  pthread_t upstream;
  if (pthread_create(&upstream, NULL, client_to_server, NULL) != 0) return 70;
  pump(server.output, STDOUT_FILENO);
  close(server.output);

  int status;
  while (waitpid(server.pid, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
  }
  return WEXITSTATUS(status);
}
