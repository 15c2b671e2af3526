// Counts allocations and samples program counters, by LD_PRELOAD, in a program that knows nothing of it.
//
//   PROBE_ALLOCATIONS=FILE  the number of allocations, written to FILE at exit
//   PROBE_SAMPLES=FILE      where the CPU was, written to FILE at exit: the mappings of the process as /proc/self/maps
//                           shows them, a line "samples", then one line a sample: "u ADDRESS", or "k ADDRESS" when the
//                           thread was inside a system call
//
// Samples are taken by SIGPROF, which the kernel sends by CPU time of all threads together, to one that runs. A signal
// that arrives inside a system call is delivered at its return, so that the address is the one after the `syscall`
// instruction; that is how the kernel's share is told apart. Page faults count for the code that made them.
// Nothing here allocates or waits, so any thread may be inside at any time.
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum { CAPACITY = 1 << 18, MICROSECONDS = 1000 };

// The C library's own names, which need no look-up: dlsym may itself allocate.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_ulong allocations;
static uintptr_t samples[CAPACITY];
static atomic_uint sample_count;

unsigned long probe_allocations(void) { return atomic_load(&allocations); }

static void count(void) { atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed); }

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count();
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  count();
  void *memory = __libc_memalign(alignment, size);
  if (memory == NULL) return ENOMEM;
  *result = memory;
  return 0;
}

// The lowest bit, which no interesting address needs, says that the sample was inside a system call.
static void sample(int signal, siginfo_t *information, void *context) {
  (void)signal;
  (void)information;
  unsigned place = atomic_fetch_add_explicit(&sample_count, 1, memory_order_relaxed);
  if (place >= CAPACITY) return;
#if defined(__x86_64__)
  uintptr_t address = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  const unsigned char *before = (const unsigned char *)address - 2;
  int is_kernel = before[0] == 0x0F && before[1] == 0x05;
#elif defined(__aarch64__)
  uintptr_t address = (uintptr_t)((ucontext_t *)context)->uc_mcontext.pc;
  int is_kernel = *(const uint32_t *)(address - 4) == 0xD4000001;
#else
#error "no way known to read the program counter here"
#endif
  samples[place] = (address << 1) | (uintptr_t)is_kernel;
}

__attribute__((constructor)) static void start(void) {
  if (getenv("PROBE_SAMPLES") == NULL) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = sample;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGPROF, &action, NULL);
  struct itimerval every = {{0, MICROSECONDS}, {0, MICROSECONDS}};
  setitimer(ITIMER_PROF, &every, NULL);
}

static void write_samples(const char *path) {
  struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_PROF, &never, NULL);
  FILE *out = fopen(path, "w");
  FILE *maps = fopen("/proc/self/maps", "r");
  if (out == NULL || maps == NULL) return;
  char line[4096];
  while (fgets(line, sizeof line, maps) != NULL) fputs(line, out);
  fclose(maps);
  fputs("samples\n", out);
  unsigned number = atomic_load(&sample_count);
  if (number > CAPACITY) number = CAPACITY;
  for (unsigned i = 0; i < number; i++) {
    fprintf(out, "%c %lx\n", samples[i] & 1 ? 'k' : 'u', (unsigned long)(samples[i] >> 1));
  }
  fclose(out);
}

__attribute__((destructor)) static void finish(void) {
  unsigned long number = probe_allocations();
  const char *path = getenv("PROBE_ALLOCATIONS");
  if (path != NULL) {
    FILE *out = fopen(path, "w");
    if (out != NULL) {
      fprintf(out, "%lu\n", number);
      fclose(out);
    }
  }
  path = getenv("PROBE_SAMPLES");
  if (path != NULL) write_samples(path);
}
