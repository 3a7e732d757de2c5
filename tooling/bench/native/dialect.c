#include "dialect.h"

#include <stdio.h>
#include <string.h>

/* The frames of conductor.v1, as in packages/protocol/src/frames.ts. */
enum {
  HELLO = 0x01, ATTACH = 0x02, INPUT = 0x04, ACK = 0x06, PING = 0x08, PONG = 0x09,
  WELCOME = 0x21, ATTACHED = 0x22, OUTPUT = 0x23, GAP = 0x24, ACCEPTED = 0x26, EXIT = 0x28, REFUSED = 0x29
};

uint64_t ack_every_bytes = 262144;
/* wetty's page commits about as often, in characters, and its server waits for it. */
#define COMMIT_EVERY 262144

static size_t put_varint(unsigned char *out, uint64_t value) {
  size_t n = 0;
  for (; value >= 0x80; value >>= 7) out[n++] = (unsigned char)(value | 0x80);
  out[n++] = (unsigned char)value;
  return n;
}

static size_t put_text(unsigned char *out, const char *text) {
  size_t length = strlen(text), n = put_varint(out, length);
  memcpy(out + n, text, length);
  return n + length;
}

static uint64_t take_varint(const unsigned char **at, const unsigned char *end) {
  uint64_t value = 0;
  for (int shift = 0; *at < end && shift < 63; shift += 7) {
    unsigned char byte = *(*at)++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

static void take_text(const unsigned char **at, const unsigned char *end, char *out, size_t room) {
  size_t length = (size_t)take_varint(at, end);
  if (length > (size_t)(end - *at)) length = (size_t)(end - *at);
  size_t kept = length < room - 1 ? length : room - 1;
  memcpy(out, *at, kept);
  out[kept] = 0;
  *at += length;
}

static void deliver(Terminal *t, const unsigned char *bytes, size_t length) {
  t->output_bytes += length;
  t->offset += length;
  t->frames++;
  if (t->on_output) t->on_output(t->context, bytes, length);
}

int dialect_of(const char *name, Dialect *dialect) {
  static const char *const names[] = {"conductor", "ttyd", "gotty", "wetty"};
  for (int i = 0; i < 4; i++)
    if (strcmp(name, names[i]) == 0) return *dialect = (Dialect)i, 0;
  return -1;
}

int terminal_open(Terminal *t, const char *host, int port, const char *path, const char *headers, const char **why) {
  static const char *const protocols[] = {"Sec-WebSocket-Protocol: conductor.v1\r\n", "Sec-WebSocket-Protocol: tty\r\n",
                                          "Sec-WebSocket-Protocol: webtty\r\n", ""};
  char all[2048];
  unsigned char frame[512];
  size_t n = 0;
  t->attached = t->exited = t->closed = t->refused = 0;
  t->acked = t->offset;
  if ((size_t)snprintf(all, sizeof all, "%s%s", protocols[t->dialect], headers) >= sizeof all) return -1;
  if (ws_open(&t->socket, host, port, path, all, why) != 0) return -1;
  *why = "introduction";
  switch (t->dialect) {
    case CONDUCTOR:
      frame[n++] = HELLO;
      n += put_varint(frame + n, 1);
      n += put_text(frame + n, t->client_id);
      if (ws_send(&t->socket, OP_BINARY, frame, n) != 0) return -1;
      n = 0;
      frame[n++] = ATTACH;
      frame[n++] = 0;                      /* channel */
      frame[n++] = 0;                      /* the address names the session */
      n += put_text(frame + n, t->epoch);
      n += put_varint(frame + n, t->offset);
      n += put_varint(frame + n, 80);
      n += put_varint(frame + n, 24);
      frame[n++] = 0; /* driver */
      return ws_send(&t->socket, OP_BINARY, frame, n);
    case TTYD: {
      static const char hello[] = "{\"AuthToken\":\"\",\"columns\":80,\"rows\":24}";
      t->attached = 1;
      return ws_send(&t->socket, OP_BINARY, hello, sizeof hello - 1);
    }
    case GOTTY: {
      static const char hello[] = "{\"Arguments\":\"\",\"AuthToken\":\"\"}";
      t->attached = 1;
      return ws_send(&t->socket, OP_TEXT, hello, sizeof hello - 1);
    }
    case WETTY:
      return ws_send(&t->socket, OP_TEXT, "40", 2);
  }
  return -1;
}

int terminal_type(Terminal *t, const void *bytes, size_t length) {
  unsigned char frame[4096];
  size_t n = 0;
  if (length > 256) return -1;
  switch (t->dialect) {
    case CONDUCTOR:
      frame[n++] = INPUT;
      frame[n++] = 0;
      n += put_varint(frame + n, ++t->input_seq);
      memcpy(frame + n, bytes, length);
      return ws_send(&t->socket, OP_BINARY, frame, n + length);
    case TTYD:
      frame[n++] = '0';
      memcpy(frame + n, bytes, length);
      return ws_send(&t->socket, OP_BINARY, frame, n + length);
    case GOTTY:
      frame[n++] = '1';
      memcpy(frame + n, bytes, length);
      return ws_send(&t->socket, OP_TEXT, frame, n + length);
    case WETTY: /* only plain letters are typed here, so nothing is escaped */
      n = (size_t)sprintf((char *)frame, "42[\"input\",\"%.*s\"]", (int)length, (const char *)bytes);
      return ws_send(&t->socket, OP_TEXT, frame, n);
  }
  return -1;
}

static int acknowledge(Terminal *t) {
  unsigned char frame[16];
  size_t n = 0;
  t->acked = t->offset;
  frame[n++] = ACK;
  frame[n++] = 0;
  n += put_varint(frame + n, t->offset);
  return ws_send(&t->socket, OP_BINARY, frame, n) == 0;
}

static int apply_conductor(Terminal *t, const unsigned char *at, size_t length) {
  const unsigned char *end = at + length;
  unsigned char frame[64];
  char text[256];
  size_t n = 0;
  if (length == 0) return 1;
  switch (*at++) {
    case OUTPUT: {
      take_varint(&at, end);
      uint64_t offset = take_varint(&at, end);
      size_t size = (size_t)(end - at);
      if (offset != t->offset) t->holes++;
      t->offset = offset;
      deliver(t, at, size);
      return t->offset - t->acked < ack_every_bytes || acknowledge(t);
    }
    case ATTACHED:
      take_varint(&at, end);
      take_text(&at, end, t->epoch, sizeof t->epoch);
      t->offset = t->acked = take_varint(&at, end);
      t->replay_end = take_varint(&at, end);
      t->input_seq = take_varint(&at, end);
      t->attached = 1;
      return 1;
    case GAP: {
      take_varint(&at, end);
      take_varint(&at, end);
      uint64_t to = take_varint(&at, end);
      t->gap_bytes += to - t->offset;
      t->offset = to;
      return acknowledge(t);
    }
    case ACCEPTED:
      t->accepted++;
      return 1;
    case EXIT:
      take_varint(&at, end);
      t->final_offset = take_varint(&at, end);
      t->exited = 1;
      return 1;
    case REFUSED:
      take_varint(&at, end);
      t->refused = (int)take_varint(&at, end);
      take_text(&at, end, text, sizeof text);
      fprintf(stderr, "refused %d: %s\n", t->refused, text);
      return 0;
    case PING: {
      uint64_t time = take_varint(&at, end);
      t->pings++;
      frame[n++] = PONG;
      n += put_varint(frame + n, time);
      return ws_send(&t->socket, OP_BINARY, frame, n) == 0;
    }
    default:
      return 1;
  }
}

/* gotty sends base64; its length tells how many bytes it stands for. */
static void apply_gotty(Terminal *t, const unsigned char *bytes, size_t length) {
  static unsigned char plain[BUFFER_BYTES];
  static signed char value[256];
  static int ready;
  if (!ready) {
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    memset(value, -1, sizeof value);
    for (int i = 0; i < 64; i++) value[(unsigned char)alphabet[i]] = (signed char)i;
    ready = 1;
  }
  size_t out = 0;
  uint32_t bits = 0;
  int have = 0;
  for (size_t i = 0; i < length && value[bytes[i]] >= 0; i++) {
    bits = bits << 6 | (uint32_t)value[bytes[i]];
    have += 6;
    if (have >= 8) plain[out++] = (unsigned char)(bits >> (have -= 8));
  }
  deliver(t, plain, out);
}

static int hex(unsigned char digit) { return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10; }

/* `42["data","..."]`: delivered as the bytes behind the escapes, committed in characters as wetty counts. */
static int apply_wetty(Terminal *t, const unsigned char *bytes, size_t length) {
  static unsigned char plain[BUFFER_BYTES];
  static const char prefix[] = "42[\"data\",\"";
  const size_t skip = sizeof prefix - 1;
  if (length == 1 && bytes[0] == '2') return ws_send(&t->socket, OP_TEXT, "3", 1) == 0;
  if (length >= 2 && memcmp(bytes, "40", 2) == 0) t->attached = 1;
  if (length < skip + 2 || memcmp(bytes, prefix, skip) != 0) return 1;
  size_t out = 0;
  for (size_t i = skip; i < length - 2; i++) {
    t->uncommitted += (bytes[i] & 0xc0) != 0x80;
    if (bytes[i] != '\\') {
      plain[out++] = bytes[i];
    } else if (bytes[++i] == 'u') {
      /* Control characters only: 00XX. The rest is sent as it is. */
      plain[out++] = (unsigned char)(hex(bytes[i + 3]) << 4 | hex(bytes[i + 4]));
      i += 4;
    } else {
      plain[out++] = bytes[i] == 'n' ? '\n' : bytes[i] == 'r' ? '\r' : bytes[i] == 't' ? '\t' : bytes[i];
    }
  }
  deliver(t, plain, out);
  if (t->uncommitted < COMMIT_EVERY) return 1;
  char commit[64];
  int n = sprintf(commit, "42[\"commit\",%llu]", (unsigned long long)t->uncommitted);
  t->uncommitted = 0;
  return ws_send(&t->socket, OP_TEXT, commit, (size_t)n) == 0;
}

static int apply(Terminal *t, Message *m) {
  if (m->opcode == OP_CLOSE) return 0;
  if (m->opcode == OP_PING) return ws_send(&t->socket, OP_PONG, m->bytes, m->length) == 0;
  if (m->opcode != OP_TEXT && m->opcode != OP_BINARY) return 1;
  switch (t->dialect) {
    case CONDUCTOR:
      return apply_conductor(t, m->bytes, m->length);
    case TTYD:
      if (m->length > 0 && m->bytes[0] == '0') deliver(t, m->bytes + 1, m->length - 1);
      return 1;
    case GOTTY:
      if (m->length > 0 && m->bytes[0] == '1') apply_gotty(t, m->bytes + 1, m->length - 1);
      return 1;
    case WETTY:
      return apply_wetty(t, m->bytes, m->length);
  }
  return 0;
}

int terminal_quiet(Terminal *t) {
  if (t->dialect != CONDUCTOR || !t->attached || t->offset == t->acked) return 1;
  return acknowledge(t);
}

int terminal_step(Terminal *t) {
  Message m;
  long n = ws_fill(&t->socket);
  if (n == WS_QUIET) return terminal_quiet(t);
  if (n <= 0) return t->closed = 1, 0;
  while (ws_next(&t->socket, &m))
    if (!apply(t, &m)) return t->closed = 1, 0;
  return 1;
}
