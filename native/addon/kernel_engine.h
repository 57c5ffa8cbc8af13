// The JavaScript class `KernelEngine`: requests go out on the calling thread, notices come in through the I/O thread.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/lifeline.h"
#include "engine/io_thread.h"
#include "system/exchange.h"
#include "system/namespace.h"
#include "system/packet_socket.h"

namespace ipmp {

// new KernelEngine({ netns, realtime, ringBytes, receiveBufferBytes }, (notices, overrun) => void); see src/kernel/native.ts.
//
// One per environment and namespace as one likes; lives until close() or until its environment ends.
class KernelEngine : public Napi::ObjectWrap<KernelEngine> {
 public:
  static void define(Napi::Env env, Napi::Object exports);

  explicit KernelEngine(const Napi::CallbackInfo& info);

 private:
  // Everything that has to be opened inside the namespace.
  struct Doors {
    explicit Doors(const IoThreadOptions& options);
    void start(std::function<void()> bell) { io.start(std::move(bell)); }
    Exchange requests;
    PacketSocket packets;
    IoThread io;
  };

  Napi::Value dump(const Napi::CallbackInfo& info);
  Napi::Value read_other_routes(const Napi::CallbackInfo& info);
  Napi::Value find_link(const Napi::CallbackInfo& info);
  Napi::Value apply(const Napi::CallbackInfo& info);
  Napi::Value announce(const Napi::CallbackInfo& info);
  Napi::Value arm(const Napi::CallbackInfo& info);
  Napi::Value fire(const Napi::CallbackInfo& info);
  Napi::Value watch(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value read_files(const Napi::CallbackInfo& info);
  Napi::Value write_file(const Napi::CallbackInfo& info);
  Napi::Value drain(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  // Throws a JavaScript error once closed.
  Doors& doors(Napi::Env env);
  void open(const Napi::Object& options, const Napi::Function& callback);
  friend class Lifeline<KernelEngine, Doors>;
  void deliver(napi_env env, napi_value callback);
  bool collect(napi_env env, IoThread& io, napi_value notices, std::uint32_t& count);

  std::unique_ptr<NetworkNamespace> namespace_;
  Lifeline<KernelEngine, Doors> line_{*this};
  Bytes record_;
};

}  // namespace ipmp
