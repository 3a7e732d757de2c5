/* A WebSocket client that costs next to nothing, so that it limits no server. See socket.c. */
#ifndef SOCKET_H
#define SOCKET_H
#include <stddef.h>
#include <stdint.h>

#define BUFFER_BYTES (2u << 20)

/* Nothing came for this long: what ws_fill then returns, and when a client acknowledges what it has. */
#define QUIET_MS 250
#define WS_QUIET (-2)

typedef struct {
  int fd;
  uint64_t wire_bytes;
  size_t start, end;
  unsigned char buffer[BUFFER_BYTES];
} Socket;

typedef struct {
  int opcode;
  unsigned char *bytes;
  size_t length;
} Message;

enum { OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

uint64_t now_ns(void);
/* Connects and shakes hands. `headers` are whole lines, each ended by \r\n. 0, or -1 with `why`. */
int ws_open(Socket *s, const char *host, int port, const char *path, const char *headers, const char **why);
/* Sends one masked message at once. 0, or -1 when the connection is gone. */
int ws_send(Socket *s, int opcode, const void *bytes, size_t length);
/* Takes what the kernel holds, waiting for it. What arrived, 0 at the end, WS_QUIET, or -1. */
long ws_fill(Socket *s);
/* The next whole message of what was filled in; 0 when there is none. Its bytes last until ws_fill. */
int ws_next(Socket *s, Message *m);
void ws_close(Socket *s);
#endif
