// The JavaScript class `Prober`: paths go down to the probing thread, what became of their probes comes up.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/wake_up.h"
#include "prober/prober_thread.h"

namespace ipmp {

// new Prober({ netns, realtime, ringRecords, records }, (count, statistics) => void); see src/kernel/native-prober.ts.
class Prober : public Napi::ObjectWrap<Prober> {
 public:
  static void define(Napi::Env env, Napi::Object exports);

  explicit Prober(const Napi::CallbackInfo& info);
  ~Prober() override;

 private:
  Napi::Value link_indexes(const Napi::CallbackInfo& info);
  Napi::Value change(const Napi::CallbackInfo& info);
  Napi::Value statistics(const Napi::CallbackInfo& info);
  Napi::Value record_answers(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  // Throws a JavaScript error once closed.
  ProberThread& thread(Napi::Env env);
  void open(const Napi::Object& options);
  void start(const Napi::Function& callback);
  void shut_down();
  static void on_environment_end(void* prober);
  static void deliver_to(napi_env env, napi_value callback, void* prober);
  void deliver(napi_env env, napi_value callback);
  std::uint32_t collect();

  napi_env env_;
  std::unique_ptr<NetworkNamespace> namespace_;
  std::unique_ptr<ProberThread> thread_;
  WakeUp wake_up_;
  // JavaScript reads records from here; the reference keeps the memory in its place.
  Napi::Reference<Napi::ArrayBuffer> buffer_;
  std::span<std::uint8_t> records_;
  Bytes record_;
};

}  // namespace ipmp
