/*
 * What a busy session says: coloured build and test output, lines of varied length, some progress
 * bars, some UTF-8. The text is made once (4 MiB, from a fixed seed) and then written again and
 * again in 128 KiB pieces, as `cat` of a large file would, so that making it costs no one anything.
 *
 *   generator BYTES [wait]    writes BYTES bytes; with `wait` only after one byte came in
 *   generator BYTES count     prints how many bytes a terminal makes of them (each \n becomes \r\n)
 *   generator forever [wait]  writes until it is ended
 *   generator short BYTES …   lines of a few digits, as `seq` prints them
 *   generator tick            a numbered line every 10 ms
 * With `hold` as the last word it stays after the last byte, so that its session can be looked at.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define POOL_BYTES (4u << 20)
#define WRITE_BYTES (128u << 10)

static char pool[POOL_BYTES + 512];
static uint32_t seed = 20251;

static uint32_t random_below(uint32_t limit) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed % limit;
}

static const char *const words[] = {
    "compiled", "src/server/session", "packages/protocol", "warning:", "in", "module", "test",
    "passed", "resolved", "dependency", "node_modules", "GET", "/api/sessions", "200", "retry",
    "const", "export", "function", "return", "await", "✓", "→", "größer", "日本語", "0x7ffe",
    "index.ts:42:17", "ms", "kB", "cached", "linking"};

static size_t make_pool(void) {
  size_t used = 0;
  unsigned line = 0;
  while (used < POOL_BYTES - 400) {
    char *out = pool + used;
    int n = sprintf(out, "\x1b[90m%06u\x1b[0m \x1b[%um%s\x1b[0m ", line++, 31 + random_below(6),
                    words[random_below(30)]);
    uint32_t target = random_below(8) == 0 ? 160 + random_below(120) : 20 + random_below(80);
    while ((uint32_t)n < target) {
      const char *word = words[random_below(30)];
      if (random_below(7) == 0)
        n += sprintf(out + n, "\x1b[1;3%um%s\x1b[0m ", random_below(8), word);
      else
        n += sprintf(out + n, "%s ", word);
    }
    out[n++] = random_below(40) == 0 ? '\r' : '\n';
    used += (size_t)n;
  }
  return used;
}

static size_t make_short_pool(void) {
  size_t used = 0;
  for (unsigned i = 1000000; used < POOL_BYTES - 400; i++) used += (size_t)sprintf(pool + used, "%u\n", i);
  return used;
}

static int write_all(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return 1;
    bytes += written;
    length -= (size_t)written;
  }
  return 0;
}

int main(int argc, char **argv) {
  int lines_are_short = argc > 1 && strcmp(argv[1], "short") == 0;
  if (lines_are_short) argv++, argc--;
  if (argc < 2) return 2;
  if (strcmp(argv[1], "tick") == 0)
    for (unsigned i = 0;; i++) {
      printf("tick %u\n", i);
      if (fflush(stdout) != 0) return 1;
      usleep(10 * 1000);
    }
  int hold = strcmp(argv[argc - 1], "hold") == 0;
  uint64_t left = strcmp(argv[1], "forever") == 0 ? UINT64_MAX : strtoull(argv[1], NULL, 10);
  size_t size = lines_are_short ? make_short_pool() : make_pool();

  if (argc > 2 && strcmp(argv[2], "count") == 0) {
    uint64_t newlines = 0, last = 0;
    for (size_t i = 0; i < size; i++) newlines += pool[i] == '\n';
    for (size_t i = 0; i < left % size; i++) last += pool[i] == '\n';
    printf("%llu\n", (unsigned long long)(left + left / size * newlines + last));
    return 0;
  }
  if (argc > 2 && strcmp(argv[2], "wait") == 0) {
    struct termios tty;
    if (tcgetattr(0, &tty) == 0) {
      tty.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
      tcsetattr(0, TCSANOW, &tty);
    }
    char go;
    if (read(0, &go, 1) != 1) return 1;
  }
  while (left > 0) {
    for (size_t at = 0; at < size && left > 0;) {
      size_t piece = size - at < WRITE_BYTES ? size - at : WRITE_BYTES;
      if (piece > left) piece = (size_t)left;
      if (write_all(pool + at, piece)) return 1;
      at += piece;
      left -= piece;
    }
  }
  while (hold) pause();
  return 0;
}
