// What ties an object that has a thread of its own to its environment: a function that the thread has the event loop call, a
// hook for the end of the environment, and a reference that keeps the object in memory until it is closed.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

namespace ipmp {

// `Owner` is an ObjectWrap with a method deliver(env, callback), which hands over what `Work` has got: on the event loop, in a
// handle scope, for each ring of Work's thread. `Work` has start(bell), and ends its thread in its destructor.
//
// A member of its owner: where the owner's constructor throws, its destructor takes away as much as there is by then.
template <typename Owner, typename Work>
class Lifeline {
 public:
  explicit Lifeline(Owner& owner) : owner_(owner) {}
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline() { end(); }

  // For the owner's constructor. `name` is what diagnostics show. Throws what is refused.
  void tie(const Napi::Function& callback, const char* name, std::unique_ptr<Work> work) {
    const Napi::Env env = callback.Env();
    env_ = env;
    const auto resource = Napi::String::New(env, name);
    require(napi_create_threadsafe_function(env, callback, nullptr, resource, 0, 1, nullptr, nullptr, this, &on_ring, &function_));
    callback_ = Napi::Persistent(callback);
    work_ = std::move(work);
    work_->start([function = function_] { napi_call_threadsafe_function(function, nullptr, napi_tsfn_nonblocking); });
    require(napi_add_env_cleanup_hook(env, &on_environment_end, this));
    hooked_ = true;
    owner_.Ref();
  }

  // Nothing once it has ended.
  Work* work() const { return work_.get(); }

  // As for a ring.
  void deliver() {
    if (work_) owner_.deliver(env_, callback_.Value());
  }

  // Ends the thread and lets go of the owner; once is enough.
  void cut() {
    if (!work_) return;
    end();
    owner_.Unref();
  }

 private:
  void require(napi_status status) {
    if (status != napi_ok) throw Napi::Error::New(env_, "ipmp native: the environment is ending");
  }

  // The thread is joined before the function that it calls is released; the other way round it would call into nothing.
  void end() {
    if (std::exchange(hooked_, false)) napi_remove_env_cleanup_hook(env_, &on_environment_end, this);
    work_.reset();
    if (function_) napi_release_threadsafe_function(std::exchange(function_, nullptr), napi_tsfn_abort);
  }

  // The hook is removed by having run.
  static void on_environment_end(void* line) {
    static_cast<Lifeline*>(line)->hooked_ = false;
    static_cast<Lifeline*>(line)->end();
  }

  static void on_ring(napi_env env, napi_value callback, void* line, void*) {
    if (env == nullptr) return;  // the environment is going away, and the owner with it: touch nothing
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    auto& owner = static_cast<Lifeline*>(line)->owner_;
    // The callback may close and forget the owner; this handle keeps it in memory until we are back.
    napi_value keep_alive = nullptr;
    if (static_cast<Lifeline*>(line)->work_ && napi_get_reference_value(env, owner, &keep_alive) == napi_ok) {
      owner.deliver(env, callback);
    }
    napi_close_handle_scope(env, scope);
  }

  Owner& owner_;
  napi_env env_ = nullptr;
  napi_threadsafe_function function_ = nullptr;
  Napi::FunctionReference callback_;
  bool hooked_ = false;
  std::unique_ptr<Work> work_;
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
