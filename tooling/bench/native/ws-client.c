/*
 * The viewer of every measurement: one process, any number of connections, no thread.
 *
 *   ws-client MODE [--host 127.0.0.1] --port N [--path /ws/ID] [--dialect conductor|ttyd|gotty|wetty]
 *             [--header 'Name: value'] ... [--ack-bytes 262144]
 *
 * flood   [--viewers N] [--go] [--total BYTES]
 *         Reads to the exit or to BYTES. --go: types one byte when all are attached, and counts from there.
 * echo    [--keys N] [--pause-us N]
 *         Waits for READY, then types one letter after the other and waits for each.
 * stall   --seconds N [--go]
 *         Attaches, reads for eight seconds, reads nothing for N seconds, then reads for a second more.
 * follow  [--redial-ms 20]
 *         Reads for ever; where the connection drops, dials again every 20 ms from the offset it has.
 *         One line of JSON per event: attached, caughtUp (all that was in the log at the attach), lost.
 *
 * Times are of CLOCK_MONOTONIC, as process.hrtime() has them. Everything else prints one line of JSON.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dialect.h"

static struct {
  const char *host, *path;
  int port, viewers, go, keys, pause_us, seconds, redial_ms;
  uint64_t total;
  Dialect dialect;
  char headers[1024];
} options = {.host = "127.0.0.1", .path = "/", .viewers = 1, .keys = 200, .pause_us = 5000, .seconds = 20, .redial_ms = 20};

static void die(const char *what) {
  fprintf(stderr, "ws-client: %s\n", what);
  exit(1);
}

typedef struct {
  char wanted[8];
  size_t matched;
  int seen;
} Search;

static void search(void *context, const unsigned char *bytes, size_t length) {
  Search *s = context;
  size_t size = strlen(s->wanted);
  for (size_t i = 0; i < length && !s->seen; i++) {
    s->matched = bytes[i] == (unsigned char)s->wanted[s->matched] ? s->matched + 1 : bytes[i] == (unsigned char)s->wanted[0];
    if (s->matched == size) s->seen = 1;
  }
}

/* Output may come together with the answer to the attach: who looks for something looks from the start. */
static Terminal *open_terminal(int number, Search *looked_for) {
  Terminal *t = calloc(1, sizeof *t);
  const char *why = "memory";
  if (!t) die(why);
  if (looked_for) {
    t->on_output = search;
    t->context = looked_for;
  }
  t->dialect = options.dialect;
  snprintf(t->client_id, sizeof t->client_id, "bench-%d-%d", (int)getpid(), number);
  if (terminal_open(t, options.host, options.port, options.path, options.headers, &why) != 0) die(why);
  while (!t->attached)
    if (!terminal_step(t)) die("not attached");
  return t;
}

static double cpu_seconds(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6 + (double)r.ru_stime.tv_sec +
         (double)r.ru_stime.tv_usec / 1e6;
}

static int finished(const Terminal *t) {
  return t->closed || t->exited || (options.total > 0 && t->output_bytes + t->gap_bytes >= options.total);
}

static int flood(void) {
  Terminal **all = calloc((size_t)options.viewers, sizeof *all);
  struct pollfd *polls = calloc((size_t)options.viewers, sizeof *polls);
  double *seconds = calloc((size_t)options.viewers, sizeof *seconds);
  uint64_t *seen = calloc((size_t)options.viewers, sizeof *seen);
  uint64_t bytes = 0, frames = 0, holes = 0, gaps = 0;
  for (int i = 0; i < options.viewers; i++) {
    all[i] = open_terminal(i, NULL);
    polls[i].fd = all[i]->socket.fd;
    polls[i].events = POLLIN;
  }
  usleep(300 * 1000);
  double cpu = cpu_seconds();
  uint64_t start = now_ns();
  if (options.go && terminal_type(all[0], "g", 1) != 0) die("go");
  for (int left = options.viewers; left > 0;) {
    if (options.viewers > 1 && poll(polls, (nfds_t)options.viewers, QUIET_MS) == 0) {
      for (int i = 0; i < options.viewers; i++)
        if (polls[i].fd >= 0) terminal_quiet(all[i]);
      continue;
    }
    for (int i = 0; i < options.viewers; i++) {
      if (polls[i].fd < 0 || (options.viewers > 1 && polls[i].revents == 0)) continue;
      terminal_step(all[i]);
      /* The clock stops at the last byte: how soon an exit is told is another figure. */
      if (all[i]->output_bytes > seen[i]) seconds[i] = (double)(now_ns() - start) / 1e9;
      seen[i] = all[i]->output_bytes;
      if (!finished(all[i])) continue;
      polls[i].fd = -1;
      left--;
    }
  }
  printf("{\"seconds\":[");
  for (int i = 0; i < options.viewers; i++) {
    printf("%s%.6f", i ? "," : "", seconds[i]);
    bytes += all[i]->output_bytes;
    frames += all[i]->frames;
    holes += all[i]->holes;
    gaps += all[i]->gap_bytes;
  }
  printf("],\"bytes\":%llu,\"frames\":%llu,\"holes\":%llu,\"gapBytes\":%llu,\"cpuSeconds\":%.6f}\n",
         (unsigned long long)bytes, (unsigned long long)frames, (unsigned long long)holes, (unsigned long long)gaps,
         cpu_seconds() - cpu);
  return 0;
}

/* Waits for what is searched, at most PATIENCE_MS: an echo that never comes must say so. */
#define PATIENCE_MS 10000

static void await_seen(Terminal *t, const Search *s) {
  struct pollfd p = {.fd = t->socket.fd, .events = POLLIN};
  uint64_t until = now_ns() + (uint64_t)PATIENCE_MS * 1000000;
  while (!s->seen) {
    if (poll(&p, 1, PATIENCE_MS) > 0 && !terminal_step(t)) die("the connection ended");
    if (s->seen || now_ns() < until) continue;
    fprintf(stderr, "ws-client: no \"%s\" within %d ms; typed %llu, accepted %llu, offset %llu\n", s->wanted, PATIENCE_MS,
            (unsigned long long)t->input_seq, (unsigned long long)t->accepted, (unsigned long long)t->offset);
    exit(1);
  }
}

static int echo(void) {
  Search s = {.wanted = "READY"};
  Terminal *t = open_terminal(0, &s);
  await_seen(t, &s);
  usleep(200 * 1000);
  uint64_t *took = calloc((size_t)options.keys, sizeof *took);
  for (int i = 0; i < options.keys; i++) {
    char key[2] = {(char)('a' + i % 26), 0};
    s = (Search){0};
    strcpy(s.wanted, key);
    uint64_t start = now_ns();
    if (terminal_type(t, key, 1) != 0) die("typing");
    await_seen(t, &s);
    took[i] = now_ns() - start;
    /* What else arrives (an acceptance) is read in the pause, as a browser would. */
    struct pollfd p = {.fd = t->socket.fd, .events = POLLIN};
    for (uint64_t until = now_ns() + (uint64_t)options.pause_us * 1000, at; (at = now_ns()) < until;) {
      struct timespec left = {.tv_nsec = (long)(until - at) % 1000000000, .tv_sec = (long)((until - at) / 1000000000)};
      if (ppoll(&p, 1, &left, NULL) > 0 && !terminal_step(t)) die("the connection ended");
    }
  }
  printf("{\"keys\":%d,\"ms\":[", options.keys);
  for (int i = 0; i < options.keys; i++) printf("%s%.4f", i ? "," : "", (double)took[i] / 1e6);
  printf("]}\n");
  return 0;
}

static void read_for(Terminal *t, double seconds) {
  struct pollfd p = {.fd = t->socket.fd, .events = POLLIN};
  for (uint64_t until = now_ns() + (uint64_t)(seconds * 1e9); now_ns() < until;)
    if (poll(&p, 1, QUIET_MS) > 0 ? !terminal_step(t) : !terminal_quiet(t)) return;
}

static int stall(void) {
  Terminal *t = open_terminal(0, NULL);
  if (options.go && terminal_type(t, "g", 1) != 0) die("go");
  read_for(t, 8);
  uint64_t before = t->output_bytes;
  printf("{\"event\":\"stalled\",\"ns\":%llu}\n", (unsigned long long)now_ns());
  fflush(stdout);
  sleep((unsigned)options.seconds);
  printf("{\"event\":\"resumed\",\"ns\":%llu}\n", (unsigned long long)now_ns());
  fflush(stdout);
  read_for(t, 1);
  printf("{\"event\":\"ended\",\"bytesBefore\":%llu,\"bytesAfter\":%llu,\"gapBytes\":%llu,\"holes\":%llu,\"closed\":%d}\n",
         (unsigned long long)before, (unsigned long long)(t->output_bytes - before),
         (unsigned long long)t->gap_bytes, (unsigned long long)t->holes, t->closed);
  return 0;
}

static void say(const char *event, const Terminal *t) {
  printf("{\"event\":\"%s\",\"ns\":%llu,\"offset\":%llu,\"bytes\":%llu,\"holes\":%llu}\n", event, (unsigned long long)now_ns(),
         (unsigned long long)t->offset, (unsigned long long)t->output_bytes, (unsigned long long)t->holes);
  fflush(stdout);
}

static int follow(void) {
  Terminal *t = calloc(1, sizeof *t);
  const char *why;
  if (!t) die("memory");
  t->dialect = options.dialect;
  snprintf(t->client_id, sizeof t->client_id, "bench-%d", (int)getpid());
  for (;;) {
    uint64_t had = t->offset;
    if (terminal_open(t, options.host, options.port, options.path, options.headers, &why) == 0) {
      int caught_up = 0, told = 0;
      while (terminal_step(t)) {
        if (t->attached && !told) {
          told = 1;
          /* A first attach begins where the log does; any other must go on where we were. */
          if (had > 0 && t->output_bytes == 0) t->holes++;
          say("attached", t);
        }
        if (t->attached && !caught_up && t->offset >= t->replay_end) {
          caught_up = 1;
          say("caughtUp", t);
        }
        if (t->exited) return say("exit", t), 0;
      }
      if (t->exited) return say("exit", t), 0;
      if (t->refused) die("refused");
      ws_close(&t->socket);
      say("lost", t);
    }
    usleep((useconds_t)options.redial_ms * 1000);
  }
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc < 2) die("which mode?");
  for (int i = 2; i < argc; i++) {
    const char *name = argv[i];
    if (strcmp(name, "--go") == 0) {
      options.go = 1;
      continue;
    }
    if (i + 1 >= argc) die("an option without its value");
    const char *value = argv[++i];
    if (strcmp(name, "--host") == 0) options.host = value;
    else if (strcmp(name, "--port") == 0) options.port = atoi(value);
    else if (strcmp(name, "--path") == 0) options.path = value;
    else if (strcmp(name, "--viewers") == 0) options.viewers = atoi(value);
    else if (strcmp(name, "--total") == 0) options.total = strtoull(value, NULL, 10);
    else if (strcmp(name, "--ack-bytes") == 0) ack_every_bytes = strtoull(value, NULL, 10);
    else if (strcmp(name, "--keys") == 0) options.keys = atoi(value);
    else if (strcmp(name, "--pause-us") == 0) options.pause_us = atoi(value);
    else if (strcmp(name, "--seconds") == 0) options.seconds = atoi(value);
    else if (strcmp(name, "--redial-ms") == 0) options.redial_ms = atoi(value);
    else if (strcmp(name, "--dialect") == 0) {
      if (dialect_of(value, &options.dialect) != 0) die("unknown dialect");
    } else if (strcmp(name, "--header") == 0) {
      size_t used = strlen(options.headers);
      if ((size_t)snprintf(options.headers + used, sizeof options.headers - used, "%s\r\n", value) >= sizeof options.headers - used)
        die("too many headers");
    } else die(name);
  }
  if (strcmp(argv[1], "flood") == 0) return flood();
  if (strcmp(argv[1], "echo") == 0) return echo();
  if (strcmp(argv[1], "stall") == 0) return stall();
  if (strcmp(argv[1], "follow") == 0) return follow();
  die("unknown mode");
  return 2;
}
