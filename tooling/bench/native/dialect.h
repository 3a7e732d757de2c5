/* What a terminal server says inside its WebSocket, reduced to what a measurement needs. */
#ifndef DIALECT_H
#define DIALECT_H
#include "socket.h"

typedef enum { CONDUCTOR, TTYD, GOTTY, WETTY } Dialect;

typedef struct {
  Socket socket;
  Dialect dialect;
  char client_id[32];
  char epoch[128];
  /* Bytes of terminal output, counted from the session's start (conductor.v1) or from the attach. */
  uint64_t offset, acked, replay_end, final_offset;
  uint64_t output_bytes, gap_bytes, frames, holes, pings, accepted;
  uint64_t input_seq, uncommitted;
  int attached, exited, closed, refused;
  /* Where output goes, if anybody wants to look at it. */
  void (*on_output)(void *context, const unsigned char *bytes, size_t length);
  void *context;
} Terminal;

/* How much output conductor.v1 acknowledges at once: 256 KiB, as session-client does, or what came when it is quiet. */
extern uint64_t ack_every_bytes;

int dialect_of(const char *name, Dialect *dialect);
/* Connects, introduces itself and asks for the output from `t->offset`. */
int terminal_open(Terminal *t, const char *host, int port, const char *path, const char *headers, const char **why);
int terminal_type(Terminal *t, const void *bytes, size_t length);
/* Waits for something, applies and acknowledges it. 0 when the connection has ended. */
int terminal_step(Terminal *t);
/* Nothing has come for QUIET_MS: acknowledges what is not yet. */
int terminal_quiet(Terminal *t);
#endif
