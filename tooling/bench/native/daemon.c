/*
 * The smallest daemon there is. It says when it was born, and then does as it is told:
 *
 *   daemon REPORTS NUMBER sleep         waits for its end
 *   daemon REPORTS NUMBER listen        accepts connections and closes them, at SOCKET_PATH, or REPORTS.NUMBER
 *   daemon REPORTS NUMBER write BYTES   writes so much to its stdout in 64 KiB pieces, says so, and ends
 *
 * REPORTS is a FIFO. A report is one line in one write, which the kernel does not mix with others:
 * `born` or `done`, NUMBER, its pid, CLOCK_MONOTONIC and the processor time it has used, both in ns.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PIECE_BYTES 65536

static long long now_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void report(const char *path, const char *what, const char *number, long long at_ns) {
  char line[128];
  int length = snprintf(line, sizeof line, "%s %s %d %lld %lld\n", what, number, (int)getpid(),
                        at_ns, now_ns(CLOCK_PROCESS_CPUTIME_ID));
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, line, (size_t)length) != length) exit(1);
  close(fd);
}

static void serve(const char *reports, const char *number) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const size_t room = sizeof address.sun_path;
  const char *path = getenv("SOCKET_PATH");
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int length = path ? snprintf(address.sun_path, room, "%s", path)
                    : snprintf(address.sun_path, room, "%s.%s", reports, number);
  if (length < 0 || (size_t)length >= room) exit(1);
  unlink(address.sun_path);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 16)) exit(1);
  for (;;) close(accept(fd, NULL, NULL));
}

static void write_all(long long bytes) {
  static char piece[PIECE_BYTES];
  for (int at = 0; at < PIECE_BYTES; at++) piece[at] = at % 64 == 63 ? '\n' : 'a' + at % 26;
  while (bytes > 0) {
    ssize_t put = write(1, piece, bytes < PIECE_BYTES ? (size_t)bytes : PIECE_BYTES);
    if (put < 0) exit(1);
    bytes -= put;
  }
}

int main(int argc, char **argv) {
  long long born_ns = now_ns(CLOCK_MONOTONIC);
  if (argc < 4) return 2;
  report(argv[1], "born", argv[2], born_ns);
  if (strcmp(argv[3], "listen") == 0) serve(argv[1], argv[2]);
  if (strcmp(argv[3], "write") == 0 && argc > 4) {
    write_all(atoll(argv[4]));
    report(argv[1], "done", argv[2], now_ns(CLOCK_MONOTONIC));
    return 0;
  }
  for (;;) pause();
}
