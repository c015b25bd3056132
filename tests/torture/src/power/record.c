/* Records every call of a process that changes files below the folder SR_ROOT, in the file SR_TRACE: for LD_PRELOAD, in front of the C library.
 * A record is a header, the path below SR_ROOT (empty: the folder itself), and the bytes of a write. Writes are recorded before they run, since from
 * then on the disk may have them; a sync is recorded after it has returned, since it is no promise before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE, SYNC, CREATE, UNLINK, RENAME, UNSEEN };
enum { MAX_FDS = 4096 };

struct header { uint8_t kind, path_length; uint16_t zero; uint32_t length; uint64_t offset; };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct { char *path; dev_t device; ino_t inode; } files[MAX_FDS]; /* by descriptor: the open files below the root */
static int trace = -1;

static const char *root(void) { return getenv("SR_ROOT"); }

/* The path below the root; NULL for other paths. */
static const char *below(const char *path) {
  const char *folder = root();
  size_t length = folder == NULL ? 0 : strlen(folder);
  if (length == 0 || path == NULL || strncmp(path, folder, length) != 0) return NULL;
  if (path[length] == '\0') return path + length;
  return path[length] == '/' ? path + length + 1 : NULL;
}

static void put(int kind, const char *path, uint64_t offset, const void *bytes, size_t length) {
  if (trace < 0) trace = (int)syscall(SYS_openat, AT_FDCWD, getenv("SR_TRACE"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  struct header header = { (uint8_t)kind, (uint8_t)strlen(path), 0, (uint32_t)length, offset };
  struct iovec parts[3] = { { &header, sizeof header }, { (void *)path, strlen(path) }, { (void *)bytes, length } };
  /* one call, so that other processes and threads write before or after it */
  if (syscall(SYS_writev, trace, parts, 3) != (long)(sizeof header + strlen(path) + length)) abort();
}

/* The path of an open file; NULL for others. The descriptor may be another file's by now: libuv closes some without the C library. */
static const char *path_of(int fd) {
  struct stat now;
  if (fd < 0 || fd >= MAX_FDS || files[fd].path == NULL || fstat(fd, &now) != 0) return NULL;
  return now.st_dev == files[fd].device && now.st_ino == files[fd].inode ? files[fd].path : NULL;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (real == NULL) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int opened(int fd, const char *path, int flags, int existed) {
  const char *found = fd < 0 ? NULL : below(path);
  if (found == NULL || fd >= MAX_FDS) return fd;
  struct stat now;
  if (fstat(fd, &now) != 0) abort();
  pthread_mutex_lock(&mutex);
  free(files[fd].path);
  files[fd].path = strdup(found);
  files[fd].device = now.st_dev;
  files[fd].inode = now.st_ino;
  if (!existed && (flags & O_CREAT)) put(CREATE, found, 0, NULL, 0);
  else if (flags & O_TRUNC) put(TRUNCATE, found, 0, NULL, 0);
  pthread_mutex_unlock(&mutex);
  return fd;
}

#define OPEN(symbol)                                                     \
  int symbol(const char *path, int flags, ...) {                         \
    REAL(int, #symbol, const char *, int, ...);                          \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;                  \
    va_end(rest);                                                        \
    int existed = below(path) != NULL && access(path, F_OK) == 0;        \
    return opened(real(path, flags, mode), path, flags, existed);        \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(symbol)                                                   \
  int symbol(int at, const char *path, int flags, ...) {                 \
    REAL(int, #symbol, int, const char *, int, ...);                     \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;                  \
    va_end(rest);                                                        \
    int existed = below(path) != NULL && access(path, F_OK) == 0;        \
    return opened(real(at, path, flags, mode), path, flags, existed);    \
  }
OPENAT(openat)
OPENAT(openat64)

static void wrote(int fd, const void *bytes, size_t length, off_t offset) {
  pthread_mutex_lock(&mutex);
  put(WRITE, path_of(fd), (uint64_t)offset, bytes, length);
  pthread_mutex_unlock(&mutex);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  if (path_of(fd) != NULL) wrote(fd, bytes, length, lseek(fd, 0, SEEK_CUR));
  return real(fd, bytes, length);
}

#define PWRITE(symbol)                                                          \
  ssize_t symbol(int fd, const void *bytes, size_t length, off_t offset) {      \
    REAL(ssize_t, #symbol, int, const void *, size_t, off_t);                   \
    if (path_of(fd) != NULL) wrote(fd, bytes, length, offset);                  \
    return real(fd, bytes, length, offset);                                     \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

static void wrote_parts(int fd, const struct iovec *parts, int count, off_t offset) {
  for (int n = 0; n < count; offset += (off_t)parts[n].iov_len, n++) wrote(fd, parts[n].iov_base, parts[n].iov_len, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  if (path_of(fd) != NULL) wrote_parts(fd, parts, count, lseek(fd, 0, SEEK_CUR));
  return real(fd, parts, count);
}

#define PWRITEV(symbol)                                                           \
  ssize_t symbol(int fd, const struct iovec *parts, int count, off_t offset) {    \
    REAL(ssize_t, #symbol, int, const struct iovec *, int, off_t);                \
    if (path_of(fd) != NULL) wrote_parts(fd, parts, count, offset);               \
    return real(fd, parts, count, offset);                                        \
  }
PWRITEV(pwritev)
PWRITEV(pwritev64)

#define TRUNCATED(symbol)                                                \
  int symbol(int fd, off_t size) {                                       \
    REAL(int, #symbol, int, off_t);                                      \
    if (path_of(fd) != NULL) {                                           \
      pthread_mutex_lock(&mutex);                                        \
      put(TRUNCATE, path_of(fd), (uint64_t)size, NULL, 0);               \
      pthread_mutex_unlock(&mutex);                                      \
    }                                                                    \
    return real(fd, size);                                               \
  }
TRUNCATED(ftruncate)
TRUNCATED(ftruncate64)

#define SYNCED(symbol)                                                   \
  int symbol(int fd) {                                                   \
    REAL(int, #symbol, int);                                             \
    int result = real(fd);                                               \
    if (result == 0 && path_of(fd) != NULL) {                            \
      pthread_mutex_lock(&mutex);                                        \
      put(SYNC, path_of(fd), 0, NULL, 0);                                \
      pthread_mutex_unlock(&mutex);                                      \
    }                                                                    \
    return result;                                                       \
  }
SYNCED(fsync)
SYNCED(fdatasync)

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  if (below(path) != NULL && access(path, F_OK) == 0) {
    pthread_mutex_lock(&mutex);
    put(UNLINK, below(path), 0, NULL, 0);
    pthread_mutex_unlock(&mutex);
  }
  return real(path);
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  if (below(from) != NULL && below(to) != NULL) {
    pthread_mutex_lock(&mutex);
    put(RENAME, below(from), 0, below(to), strlen(below(to)));
    pthread_mutex_unlock(&mutex);
  }
  return real(from, to);
}

/* What this does not follow is recorded as such, so that nothing passes unseen. */
#define MAPPED(symbol)                                                                       \
  void *symbol(void *at, size_t length, int protection, int flags, int fd, off_t offset) {   \
    REAL(void *, #symbol, void *, size_t, int, int, int, off_t);                             \
    if (path_of(fd) != NULL && (flags & MAP_SHARED) && (protection & PROT_WRITE)) {          \
      pthread_mutex_lock(&mutex);                                                            \
      put(UNSEEN, path_of(fd), 0, "mmap", 4);                                                \
      pthread_mutex_unlock(&mutex);                                                          \
    }                                                                                        \
    return real(at, length, protection, flags, fd, offset);                                  \
  }
MAPPED(mmap)
MAPPED(mmap64)

#define ALLOCATED(symbol)                                                \
  int symbol(int fd, off_t from, off_t length) {                         \
    REAL(int, #symbol, int, off_t, off_t);                               \
    if (path_of(fd) != NULL) {                                           \
      pthread_mutex_lock(&mutex);                                        \
      put(UNSEEN, path_of(fd), 0, "fallocate", 9);                       \
      pthread_mutex_unlock(&mutex);                                      \
    }                                                                    \
    return real(fd, from, length);                                       \
  }
ALLOCATED(posix_fallocate)
ALLOCATED(posix_fallocate64)
