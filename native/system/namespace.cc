#include "system/namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <exception>
#include <thread>

#include "system/error.h"

namespace ipmp {

NetworkNamespace::NetworkNamespace(const std::string& path) {
  if (path.empty()) return;
  descriptor_ = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor_) fail("opening network namespace " + path);
}

void NetworkNamespace::run(const std::function<void()>& work) const {
  if (!descriptor_) return work();
  std::exception_ptr failure;
  std::thread inside([&] {
    try {
      enter();
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  inside.join();
  if (failure) std::rethrow_exception(failure);
}

void NetworkNamespace::enter() const {
  if (descriptor_ && setns(descriptor_.number(), CLONE_NEWNET) != 0) fail("entering the network namespace");
}

}  // namespace ipmp
