// Interposes the calls that change files, by LD_PRELOAD, in a program that knows nothing of it.
//
//   CRASHPOINT_ROOT=DIR       only calls on DIR and below count; without it the library does nothing
//   CRASHPOINT_AT=N           SIGKILL right before the N-th counted call
//   CRASHPOINT_FAIL=N:ERROR   the N-th call fails with errno ERROR (a number or one of the names below), does nothing;
//                             N+:ERROR fails every call from the N-th on, as a full disk does;
//                             N:SHORT makes a write take only half of its bytes and leaves other calls alone
//   CRASHPOINT_COUNT=FILE     the number of counted calls, written to FILE at exit
//   CRASHPOINT_TRACE=FILE     one line a counted call, "N CALL PATH", appended to FILE as it happens
//   CRASHPOINT_OPEN=1         open with O_CREAT counts too
//
// Counted: write, writev, pwrite, pwritev, copy_file_range, sendfile, ftruncate, truncate, fallocate, posix_fallocate,
// fsync, fdatasync, rename, renameat, renameat2, link, linkat, symlink, symlinkat, unlink, unlinkat, mkdir, mkdirat,
// rmdir, and open on wish. A rename counts by the path it leads to. Not seen: calls from inside the C library itself
// (stdio), raw syscall(), and stores into mapped files.
//
// The counter is one for all threads. Nothing here waits for another thread, so any of them may be inside.
#define _GNU_SOURCE
#include "crashpoint.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum action { PROCEED, FAIL, SHORT };

static struct {
  bool active;
  bool counts_open;
  char root[PATH_MAX];
  char real_root[PATH_MAX];
  unsigned long kill_at;
  unsigned long fail_at;
  bool fails_on;
  bool shortens;
  int error;
  char count_path[PATH_MAX];
  int trace;
} settings = {.trace = -1};

static atomic_ulong counter;

unsigned long crashpoint_count(void) { return atomic_load(&counter); }

// The next definition of `name`, which is the C library's, looked up once a place. Two threads that meet here store the
// same.
#define REAL(name)                                                 \
  ({                                                               \
    static _Atomic(void *) found;                                  \
    if (!atomic_load(&found)) atomic_store(&found, dlsym(RTLD_NEXT, #name)); \
    (__typeof__(&name))atomic_load(&found);                        \
  })

static const struct {
  const char *name;
  int code;
} errors[] = {
  {"EACCES", EACCES}, {"EAGAIN", EAGAIN}, {"EBADF", EBADF}, {"EDQUOT", EDQUOT},
  {"EEXIST", EEXIST}, {"EINTR", EINTR}, {"EINVAL", EINVAL}, {"EIO", EIO},
  {"EMFILE", EMFILE}, {"ENFILE", ENFILE}, {"ENOENT", ENOENT}, {"ENOSPC", ENOSPC},
  {"EPERM", EPERM}, {"EROFS", EROFS}, {"ESTALE", ESTALE}, {"EXDEV", EXDEV},
};

static void read_failure(const char *text) {
  char *end;
  settings.fail_at = strtoul(text, &end, 10);
  if (*end == '+') {
    settings.fails_on = true;
    end++;
  }
  if (*end != ':') return;
  const char *what = end + 1;
  settings.shortens = strcmp(what, "SHORT") == 0;
  settings.error = (int)strtol(what, NULL, 10);
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (strcmp(what, errors[i].name) == 0) settings.error = errors[i].code;
}

static void copy_text(char *to, const char *from) {
  if (from) snprintf(to, PATH_MAX, "%s", from);
}

__attribute__((constructor)) static void crashpoint_begin(void) {
  const char *root = getenv("CRASHPOINT_ROOT");
  if (!root || !*root) return;
  copy_text(settings.root, root);
  for (size_t n = strlen(settings.root); n > 1 && settings.root[n - 1] == '/'; n--) settings.root[n - 1] = 0;
  if (!realpath(root, settings.real_root)) copy_text(settings.real_root, settings.root);
  const char *at = getenv("CRASHPOINT_AT");
  if (at) settings.kill_at = strtoul(at, NULL, 10);
  const char *failure = getenv("CRASHPOINT_FAIL");
  if (failure) read_failure(failure);
  copy_text(settings.count_path, getenv("CRASHPOINT_COUNT"));
  const char *trace = getenv("CRASHPOINT_TRACE");
  if (trace) settings.trace = REAL(open)(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const char *opens = getenv("CRASHPOINT_OPEN");
  settings.counts_open = opens && strcmp(opens, "1") == 0;
  settings.active = true;
}

// Runs at exit, and at _exit for programs that leave by it.
__attribute__((destructor)) static void crashpoint_end(void) {
  if (!settings.active || !settings.count_path[0]) return;
  settings.active = false;
  int fd = REAL(open)(settings.count_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return;
  char text[32];
  int length = snprintf(text, sizeof text, "%lu\n", crashpoint_count());
  if (REAL(write)(fd, text, (size_t)length) != length) abort();
  close(fd);
}

void _exit(int status) {
  crashpoint_end();
  REAL(_exit)(status);
  __builtin_unreachable();
}

static bool is_below(const char *path, const char *root) {
  size_t n = strlen(root);
  return strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static bool path_of_descriptor(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0) return false;
  path[n] = 0;
  return true;
}

// Counts one call on an absolute path, when it is below the root, and says what is to become of it.
static enum action pass(const char *call, const char *path) {
  if (!is_below(path, settings.root) && !is_below(path, settings.real_root)) return PROCEED;
  unsigned long n = atomic_fetch_add(&counter, 1) + 1;
  if (settings.trace >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%lu %s %s\n", n, call, path);
    if (REAL(write)(settings.trace, line, (size_t)length) < 0) abort();
  }
  if (n == settings.kill_at) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  if (settings.fail_at == 0 || !(n == settings.fail_at || (settings.fails_on && n > settings.fail_at))) return PROCEED;
  if (settings.shortens) return SHORT;
  errno = settings.error;
  return FAIL;
}

static enum action pass_descriptor(const char *call, int fd) {
  if (!settings.active) return PROCEED;
  int saved = errno;
  char path[PATH_MAX];
  bool known = path_of_descriptor(fd, path);
  errno = saved;
  return known ? pass(call, path) : PROCEED;
}

static enum action pass_path(const char *call, int directory, const char *name) {
  if (!settings.active || !name) return PROCEED;
  if (name[0] == '/') return pass(call, name);
  int saved = errno;
  char path[2 * PATH_MAX];
  bool known = directory == AT_FDCWD ? getcwd(path, PATH_MAX) != NULL : path_of_descriptor(directory, path);
  errno = saved;
  if (!known) return PROCEED;
  size_t n = strlen(path);
  snprintf(path + n, sizeof path - n, "/%s", name);
  return pass(call, path);
}

// Half of a write; a single byte can not be halved.
static size_t shortened(size_t count) { return count > 1 ? count / 2 : count; }

ssize_t write(int fd, const void *bytes, size_t count) {
  enum action action = pass_descriptor("write", fd);
  if (action == FAIL) return -1;
  return REAL(write)(fd, bytes, action == SHORT ? shortened(count) : count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  enum action action = pass_descriptor("pwrite", fd);
  if (action == FAIL) return -1;
  return REAL(pwrite)(fd, bytes, action == SHORT ? shortened(count) : count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  enum action action = pass_descriptor("pwrite", fd);
  if (action == FAIL) return -1;
  return REAL(pwrite64)(fd, bytes, action == SHORT ? shortened(count) : count, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  enum action action = pass_descriptor("writev", fd);
  if (action == FAIL) return -1;
  return REAL(writev)(fd, parts, action == SHORT && count > 1 ? count / 2 : count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  enum action action = pass_descriptor("pwritev", fd);
  if (action == FAIL) return -1;
  return REAL(pwritev)(fd, parts, action == SHORT && count > 1 ? count / 2 : count, offset);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count, unsigned flags) {
  enum action action = pass_descriptor("copy_file_range", to);
  if (action == FAIL) return -1;
  size_t bytes = action == SHORT ? shortened(count) : count;
  return REAL(copy_file_range)(from, from_offset, to, to_offset, bytes, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
  enum action action = pass_descriptor("sendfile", to);
  if (action == FAIL) return -1;
  return REAL(sendfile)(to, from, offset, action == SHORT ? shortened(count) : count);
}

int ftruncate(int fd, off_t length) {
  return pass_descriptor("ftruncate", fd) == FAIL ? -1 : REAL(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length) {
  return pass_descriptor("ftruncate", fd) == FAIL ? -1 : REAL(ftruncate64)(fd, length);
}

int truncate(const char *path, off_t length) {
  return pass_path("truncate", AT_FDCWD, path) == FAIL ? -1 : REAL(truncate)(path, length);
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
  return pass_descriptor("fallocate", fd) == FAIL ? -1 : REAL(fallocate)(fd, mode, offset, length);
}

// posix_fallocate returns its error instead of setting errno.
int posix_fallocate(int fd, off_t offset, off_t length) {
  if (pass_descriptor("posix_fallocate", fd) == FAIL) return settings.error;
  return REAL(posix_fallocate)(fd, offset, length);
}

int fsync(int fd) { return pass_descriptor("fsync", fd) == FAIL ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return pass_descriptor("fdatasync", fd) == FAIL ? -1 : REAL(fdatasync)(fd); }

int rename(const char *from, const char *to) {
  return pass_path("rename", AT_FDCWD, to) == FAIL ? -1 : REAL(rename)(from, to);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
  if (pass_path("rename", to_directory, to) == FAIL) return -1;
  return REAL(renameat)(from_directory, from, to_directory, to);
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
  if (pass_path("rename", to_directory, to) == FAIL) return -1;
  return REAL(renameat2)(from_directory, from, to_directory, to, flags);
}

int link(const char *from, const char *to) {
  return pass_path("link", AT_FDCWD, to) == FAIL ? -1 : REAL(link)(from, to);
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
  if (pass_path("link", to_directory, to) == FAIL) return -1;
  return REAL(linkat)(from_directory, from, to_directory, to, flags);
}

int symlink(const char *from, const char *to) {
  return pass_path("symlink", AT_FDCWD, to) == FAIL ? -1 : REAL(symlink)(from, to);
}

int symlinkat(const char *from, int to_directory, const char *to) {
  return pass_path("symlink", to_directory, to) == FAIL ? -1 : REAL(symlinkat)(from, to_directory, to);
}

int unlink(const char *path) { return pass_path("unlink", AT_FDCWD, path) == FAIL ? -1 : REAL(unlink)(path); }

int unlinkat(int directory, const char *path, int flags) {
  return pass_path("unlink", directory, path) == FAIL ? -1 : REAL(unlinkat)(directory, path, flags);
}

int rmdir(const char *path) { return pass_path("rmdir", AT_FDCWD, path) == FAIL ? -1 : REAL(rmdir)(path); }

int mkdir(const char *path, mode_t mode) {
  return pass_path("mkdir", AT_FDCWD, path) == FAIL ? -1 : REAL(mkdir)(path, mode);
}

int mkdirat(int directory, const char *path, mode_t mode) {
  return pass_path("mkdir", directory, path) == FAIL ? -1 : REAL(mkdirat)(directory, path, mode);
}

// Only creation changes the directory; opening what exists does not count.
static enum action pass_open(int directory, const char *path, int flags) {
  if (!settings.counts_open || !(flags & O_CREAT)) return PROCEED;
  return pass_path("open", directory, path);
}

static bool has_mode(int flags) { return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE; }

#define READ_MODE(flags)                \
  mode_t mode = 0;                      \
  if (has_mode(flags)) {                \
    va_list rest;                       \
    va_start(rest, flags);              \
    mode = (mode_t)va_arg(rest, int);   \
    va_end(rest);                       \
  }

int open(const char *path, int flags, ...) {
  READ_MODE(flags)
  return pass_open(AT_FDCWD, path, flags) == FAIL ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  READ_MODE(flags)
  return pass_open(AT_FDCWD, path, flags) == FAIL ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
  READ_MODE(flags)
  return pass_open(directory, path, flags) == FAIL ? -1 : REAL(openat)(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) {
  READ_MODE(flags)
  return pass_open(directory, path, flags) == FAIL ? -1 : REAL(openat64)(directory, path, flags, mode);
}
