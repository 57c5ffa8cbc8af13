// The JavaScript class `Prober`: paths go down to the probing thread, what became of their probes comes up.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/lifeline.h"
#include "prober/prober_thread.h"

namespace ipmp {

// new Prober({ netns, realtime, ringRecords, records }, (count, statistics) => void); see src/kernel/native-prober.ts.
class Prober : public Napi::ObjectWrap<Prober> {
 public:
  static void define(Napi::Env env, Napi::Object exports);

  explicit Prober(const Napi::CallbackInfo& info);

 private:
  Napi::Value link_indexes(const Napi::CallbackInfo& info);
  Napi::Value change(const Napi::CallbackInfo& info);
  Napi::Value statistics(const Napi::CallbackInfo& info);
  Napi::Value record_answers(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value drain(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  // Throws a JavaScript error once closed.
  ProberThread& thread(Napi::Env env);
  void open(const Napi::Object& options, const Napi::Function& callback);
  friend class Lifeline<Prober, ProberThread>;
  void deliver(napi_env env, napi_value callback);
  std::uint32_t collect(ProberThread& thread);

  std::unique_ptr<NetworkNamespace> namespace_;
  // JavaScript reads records from here; the reference keeps the memory in its place.
  Napi::Reference<Napi::ArrayBuffer> buffer_;
  std::span<std::uint8_t> records_;
  Bytes record_;
  // Ends before what its thread uses.
  Lifeline<Prober, ProberThread> line_{*this};
};

}  // namespace ipmp
