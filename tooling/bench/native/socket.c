#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define FILL_BYTES (256u << 10)

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int send_all(int fd, const unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    bytes += n;
    length -= (size_t)n;
  }
  return 0;
}

int ws_open(Socket *s, const char *host, int port, const char *path, const char *headers, const char **why) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  s->start = s->end = 0;
  s->wire_bytes = 0;
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  *why = "connect";
  if (inet_pton(AF_INET, host, &to.sin_addr) != 1) return -1;
  if (connect(s->fd, (struct sockaddr *)&to, sizeof to) != 0) return ws_close(s), -1;
  int on = 1;
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct timeval patience = {.tv_usec = QUIET_MS * 1000};
  setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

  char request[4096];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n%s\r\n",
                        path, host, port, headers);
  *why = "handshake";
  if (length < 0 || (size_t)length >= sizeof request) return ws_close(s), -1;
  if (send_all(s->fd, (unsigned char *)request, (size_t)length) != 0) return ws_close(s), -1;
  for (;;) {
    long n = ws_fill(s);
    if (n == WS_QUIET) continue;
    if (n <= 0) return ws_close(s), -1;
    unsigned char *blank = memmem(s->buffer, s->end, "\r\n\r\n", 4);
    if (!blank) continue;
    if (memcmp(s->buffer, "HTTP/1.1 101", 12) != 0) {
      fprintf(stderr, "%.*s\n", (int)(blank - s->buffer), (char *)s->buffer);
      *why = "the upgrade was refused";
      return ws_close(s), -1;
    }
    s->start = (size_t)(blank - s->buffer) + 4;
    s->wire_bytes = s->end - s->start;
    return 0;
  }
}

int ws_send(Socket *s, int opcode, const void *bytes, size_t length) {
  static const unsigned char mask[4] = {0x5a, 0x0f, 0xc3, 0x96};
  unsigned char frame[14 + 65536];
  size_t at = 0;
  if (length > 65535) return -1;
  frame[at++] = (unsigned char)(0x80 | opcode);
  if (length < 126) {
    frame[at++] = (unsigned char)(0x80 | length);
  } else {
    frame[at++] = 0x80 | 126;
    frame[at++] = (unsigned char)(length >> 8);
    frame[at++] = (unsigned char)length;
  }
  memcpy(frame + at, mask, 4);
  at += 4;
  for (size_t i = 0; i < length; i++) frame[at++] = ((const unsigned char *)bytes)[i] ^ mask[i & 3];
  return send_all(s->fd, frame, at);
}

long ws_fill(Socket *s) {
  if (s->start > 0) {
    memmove(s->buffer, s->buffer + s->start, s->end - s->start);
    s->end -= s->start;
    s->start = 0;
  }
  size_t room = sizeof s->buffer - s->end;
  if (room > FILL_BYTES) room = FILL_BYTES;
  for (;;) {
    ssize_t n = recv(s->fd, s->buffer + s->end, room, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return WS_QUIET;
    if (n > 0) {
      s->end += (size_t)n;
      s->wire_bytes += (uint64_t)n;
    }
    return n;
  }
}

int ws_next(Socket *s, Message *m) {
  unsigned char *p = s->buffer + s->start;
  size_t left = s->end - s->start, header = 2;
  if (left < 2) return 0;
  uint64_t length = p[1] & 0x7f;
  if (length == 126) {
    if (left < 4) return 0;
    length = (uint64_t)p[2] << 8 | p[3];
    header = 4;
  } else if (length == 127) {
    if (left < 10) return 0;
    length = 0;
    for (int i = 2; i < 10; i++) length = length << 8 | p[i];
    header = 10;
  }
  if (length > sizeof s->buffer - 16) {
    fprintf(stderr, "a message of %llu bytes\n", (unsigned long long)length);
    m->opcode = OP_CLOSE;
    m->length = 0;
    return 1;
  }
  if (left < header + length) return 0;
  m->opcode = p[0] & 0x0f;
  m->bytes = p + header;
  m->length = (size_t)length;
  s->start += header + (size_t)length;
  return 1;
}

void ws_close(Socket *s) {
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
}
