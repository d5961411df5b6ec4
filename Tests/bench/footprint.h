// How much memory the processes between the driver and the server hold. Linux only: it reads /proc.

#ifndef FOOTPRINT_H
#define FOOTPRINT_H

#include <sys/types.h>

struct footprint {
  long rss_kib;
  long pss_kib;
  long peak_rss_kib;
};

// Adds up `root` and all its descendants, but not those that run the program at `server_path`,
// once the sum has stopped changing.
struct footprint settled_footprint(pid_t root, const char *server_path);

#endif
