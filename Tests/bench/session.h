// The driver's side of one stdio session: sends requests, reads answers, and stops the program at anything unexpected.

#ifndef SESSION_H
#define SESSION_H

#include "child.h"

struct session {
  struct child child;
  long last_id;
};

enum { REQUEST_ROOM = 256, ANSWER_HEAD = 256 };

// The beginning of an answer, ended by a NUL, and the length of its whole line.
struct answer {
  char head[ANSWER_HEAD + 1];
  size_t length;
};

_Noreturn void give_up(const char *format, ...);

void start_session(struct session *session, char **command);
void initialize(struct session *session);   // sends the request and waits for its answer
void initialized(struct session *session);  // the notification that ends the handshake
void ping(struct session *session);
void end_session(struct session *session);  // closes the server's stdin, and expects exit status 0

// Writes one `tools/call` for `size` bytes of text into `line`, and returns its length.
size_t write_call(struct session *session, size_t size, char line[REQUEST_ROOM]);
// The length of the answer that the server gives to it.
size_t answer_length(long id, size_t size);

void send_bytes(struct session *session, const char *bytes, size_t length);
// Reads one line. Only one answer may be under way.
void read_answer(struct session *session, struct answer *answer);
bool is_result(const struct answer *answer, long id);

#endif
