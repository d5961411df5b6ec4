// The text that the server answers with and the driver pads requests with: plain prose, nothing to escape or to redact.

#ifndef PROSE_H
#define PROSE_H

#include <stddef.h>

static const char PROSE[] =
    "The build finished without warnings. Most of the time went into linking, as it did the week before, "
    "and the report says which of the slower steps could run side by side. ";

// Writes the bytes that stand at `start..<start + length` when PROSE is repeated for ever.
static inline void fill_with_prose(char *bytes, size_t start, size_t length) {
  for (size_t i = 0; i < length; i++) bytes[i] = PROSE[(start + i) % (sizeof PROSE - 1)];
}

#endif
