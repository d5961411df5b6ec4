// See footprint.h.

#include "footprint.h"

#include "session.h"

#ifdef __linux__

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  MOST_PROCESSES = 64,
  SAMPLE_MILLISECONDS = 20,
  EQUAL_SAMPLES = 100,  // two seconds in a row without a change: only then has anything been left alone
  MOST_SAMPLES = 500,
};

// The number after `name` in one of the files of /proc made of "Name:   123 kB" lines, or 0 when the process is gone.
static long number_in(pid_t pid, const char *file, const char *name) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
  FILE *stream = fopen(path, "r");
  if (stream == NULL) return 0;
  long found = 0;
  while (fgets(line, sizeof line, stream) != NULL) {
    if (strncmp(line, name, strlen(name)) == 0) found = strtol(line + strlen(name), NULL, 10);
  }
  fclose(stream);
  return found;
}

static pid_t parent_of(pid_t pid) { return (pid_t)number_in(pid, "status", "PPid:"); }

static bool runs(pid_t pid, const char *program) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = 0;
  return strcmp(path, program) == 0;
}

static bool descends(pid_t pid, pid_t root) {
  while (pid > 1 && pid != root) pid = parent_of(pid);
  return pid == root;
}

static int family(pid_t root, const char *server_path, pid_t members[MOST_PROCESSES]) {
  DIR *processes = opendir("/proc");
  if (processes == NULL) give_up("cannot read /proc");
  int count = 0;
  struct dirent *entry;
  while ((entry = readdir(processes)) != NULL && count < MOST_PROCESSES) {
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    pid_t pid = (pid_t)atoi(entry->d_name);
    if (descends(pid, root) && !runs(pid, server_path)) members[count++] = pid;
  }
  closedir(processes);
  return count;
}

static struct footprint footprint(pid_t root, const char *server_path) {
  pid_t members[MOST_PROCESSES];
  struct footprint sum = {0};
  int count = family(root, server_path, members);
  for (int i = 0; i < count; i++) {
    sum.rss_kib += number_in(members[i], "smaps_rollup", "Rss:");
    sum.pss_kib += number_in(members[i], "smaps_rollup", "Pss:");
    sum.peak_rss_kib += number_in(members[i], "status", "VmHWM:");
  }
  return sum;
}

struct footprint settled_footprint(pid_t root, const char *server_path) {
  char server[PATH_MAX];
  if (realpath(server_path, server) == NULL) give_up("%s: %s", server_path, strerror(errno));
  struct timespec pause = {.tv_nsec = SAMPLE_MILLISECONDS * 1000000L};
  struct footprint last = footprint(root, server);
  for (int equal = 1, sample = 1; equal < EQUAL_SAMPLES && sample < MOST_SAMPLES; sample++) {
    nanosleep(&pause, NULL);
    struct footprint next = footprint(root, server);
    equal = next.rss_kib == last.rss_kib ? equal + 1 : 1;
    last = next;
  }
  return last;
}

#else

struct footprint settled_footprint(pid_t root, const char *server_path) {
  (void)root;
  (void)server_path;
  give_up("memory is measured on Linux only");
}

#endif
