/*
 * The floor: the fastest way to have a program's terminal output is to read it and drop it.
 *
 *   raw-reader COMMAND [ARG ...]
 *         Runs the command in a pseudo-terminal of 80 x 24, types one byte, reads to the end and prints
 *         one line of JSON. `cpuSeconds` is this process's own, without the command's.
 *   raw-reader --echo KEYS COMMAND [ARG ...]
 *         Waits for READY, then types one letter after the other, 5 ms apart, and waits for each.
 *         A holder that repaints nothing has said READY before: it gets a second.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_WITHIN_MS 1000

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int echo(int master, int keys) {
  char buffer[65536];
  size_t used = 0;
  struct pollfd p = {.fd = master, .events = POLLIN};
  while (!memmem(buffer, used, "READY", 5) && poll(&p, 1, READY_WITHIN_MS) > 0) {
    ssize_t n = read(master, buffer + used, sizeof buffer - used);
    if (n <= 0) return 1;
    used += (size_t)n;
  }
  usleep(300 * 1000);
  printf("{\"keys\":%d,\"ms\":[", keys);
  for (int i = 0; i < keys; i++) {
    char key = (char)('a' + i % 26);
    double start = now();
    if (write(master, &key, 1) != 1) return 1;
    ssize_t n;
    do {
      if ((n = read(master, buffer, sizeof buffer)) <= 0) return 1;
    } while (!memchr(buffer, key, (size_t)n));
    printf("%s%.4f", i ? "," : "", (now() - start) * 1e3);
    usleep(5000);
  }
  printf("]}\n");
  return 0;
}

int main(int argc, char **argv) {
  int keys = 0;
  if (argc > 3 && strcmp(argv[1], "--echo") == 0) {
    keys = atoi(argv[2]);
    argv += 2;
    argc -= 2;
  }
  if (argc < 2) return 2;
  struct winsize size = {.ws_row = 24, .ws_col = 80};
  int master;
  pid_t child = forkpty(&master, NULL, NULL, &size);
  if (child < 0) return perror("forkpty"), 1;
  if (child == 0) {
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  if (keys > 0) return echo(master, keys);
  usleep(300 * 1000);
  static char buffer[65536];
  unsigned long long total = 0, reads = 0;
  double start = now(), last = start;
  if (write(master, "g", 1) != 1) return perror("write"), 1;
  for (;;) {
    ssize_t n = read(master, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break; /* EIO: the last slave was closed */
    total += (unsigned long long)n;
    reads++;
    last = now();
  }
  struct rusage mine;
  getrusage(RUSAGE_SELF, &mine);
  waitpid(child, NULL, 0);
  printf("{\"bytes\":%llu,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"reads\":%llu}\n", total, last - start,
         (double)mine.ru_utime.tv_sec + (double)mine.ru_utime.tv_usec / 1e6 +
             (double)mine.ru_stime.tv_sec + (double)mine.ru_stime.tv_usec / 1e6,
         reads);
  return 0;
}
