// A machine whose limit of threads is reached, to be preloaded: the thread number $REFUSE_THREAD that is started by a library, not
// by the program itself, is refused as the kernel would refuse it. Counted anew whenever the number changes; not set: none is.
#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <string>

namespace {

using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

// The program itself is named as it was called, its libraries by their paths.
bool is_of_a_library(const void* caller) {
  Dl_info where{};
  return dladdr(caller, &where) != 0 && where.dli_fname != nullptr &&
         std::string(where.dli_fname).find(".so") != std::string::npos;
}

bool is_refused(const void* caller) {
  static std::mutex mutex;
  static std::string last;
  static int started = 0;
  const char* number = std::getenv("REFUSE_THREAD");
  if (number == nullptr || !is_of_a_library(caller)) return false;
  const std::lock_guard lock(mutex);
  if (last != number) started = 0;
  last = number;
  return ++started == std::atoi(number);
}

}  // namespace

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  if (is_refused(__builtin_return_address(0))) return EAGAIN;
  return create(thread, attributes, run, argument);
}
