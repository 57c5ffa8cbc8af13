// A function of JavaScript that another thread asks the event loop to call.
#pragma once

#include <napi.h>

#include <functional>
#include <utility>

namespace ipmp {

class WakeUp {
 public:
  // `deliver(env, callback, owner)` runs on the event loop, in a handle scope, for each ring of the bell. `name` is what
  // diagnostics show.
  using Deliver = void (*)(napi_env env, napi_value callback, void* owner);

  template <Deliver deliver>
  void open(Napi::Env env, const Napi::Function& callback, const char* name, void* owner) {
    const auto resource = Napi::String::New(env, name);
    if (napi_create_threadsafe_function(env, callback, nullptr, resource, 0, 1, nullptr, nullptr, owner, &on_ring<deliver>,
                                        &function_) != napi_ok) {
      throw Napi::Error::New(env, "ipmp native: no thread-safe function");
    }
  }

  // For the other thread. It must have ended before close().
  std::function<void()> bell() const {
    return [function = function_] { napi_call_threadsafe_function(function, nullptr, napi_tsfn_nonblocking); };
  }

  void close() {
    if (function_) napi_release_threadsafe_function(std::exchange(function_, nullptr), napi_tsfn_abort);
  }

 private:
  template <Deliver deliver>
  static void on_ring(napi_env env, napi_value callback, void* owner, void*) {
    if (env == nullptr) return;  // the environment is going away, and the owner with it: touch nothing
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    deliver(env, callback, owner);
    napi_close_handle_scope(env, scope);
  }

  napi_threadsafe_function function_ = nullptr;
};

// Calls it from the event loop. An exception of the callback becomes an ordinary uncaught exception; Node 20 would only print a
// warning. False where no more calls are possible: the environment is terminating.
inline bool call_back(napi_env env, napi_value callback, napi_value* arguments, std::size_t count) {
  napi_value global = nullptr;
  napi_value result = nullptr;
  if (napi_get_global(env, &global) != napi_ok) return false;
  if (napi_call_function(env, global, callback, count, arguments, &result) == napi_ok) return true;
  bool pending = false;
  napi_value error = nullptr;
  if (napi_is_exception_pending(env, &pending) != napi_ok || !pending) return false;
  return napi_get_and_clear_last_exception(env, &error) == napi_ok && napi_fatal_exception(env, error) == napi_ok;
}

}  // namespace ipmp
