// Counts a program's allocations, through LD_PRELOAD (glibc). Every process leaves its count as one 64-bit number in
// $MALLOC_COUNT_FOLDER/NAME.PID. The number lives in the file's own page: it is right however the process ends.

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic unsigned long before_the_file;
static _Atomic unsigned long *count = &before_the_file;

__attribute__((constructor)) static void open_the_file(void) {
  const char *folder = getenv("MALLOC_COUNT_FOLDER");
  if (folder == NULL) return;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.%d", folder, program_invocation_short_name, (int)getpid());
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (ftruncate(file, sizeof *count) == 0) {
    void *page = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) count = page;
  }
  close(file);
  atomic_fetch_add(count, before_the_file);
}

static void add_one(void) { atomic_fetch_add_explicit(count, 1, memory_order_relaxed); }

void *malloc(size_t size) {
  add_one();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  add_one();
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  add_one();
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  add_one();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  add_one();
  *memory = __libc_memalign(alignment, size);
  return *memory == NULL ? ENOMEM : 0;
}
