// What `require` of the addon gives.
#include <napi.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

#include "addon/errors.h"
#include "addon/kernel_engine.h"
#include "addon/prober.h"
#include "codec/requests.h"
#include "system/datagram.h"
#include "system/exchange.h"
#include "system/namespace.h"
#include "system/namespace_lock.h"
#include "system/output.h"
#include "system/peer.h"

namespace ipmp {
namespace {

Napi::Value send_datagram_method(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::chrono::milliseconds wait(info[2].ToNumber().Uint32Value());
    send_datagram(info[0].ToString(), info[1].ToString(), wait);
    return info.Env().Undefined();
  });
}

// 0 where the kernel has next-hop objects, else the errno of asking for them.
Napi::Value probe_next_hops(const Napi::CallbackInfo& info) {
  int error = 0;
  try {
    Exchange(64 * 1024).dump(next_hops_dump(), [](const MessageView&) {}, [] {});
  } catch (const SystemError& refusal) {
    error = refusal.error;
  }
  return Napi::Number::New(info.Env(), error);
}

// The descriptor, which JavaScript closes to give the lock back.
Napi::Value take_namespace_lock_method(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto id = static_cast<std::uint16_t>(info[0].ToNumber().Uint32Value());
    return Napi::Number::New(info.Env(), take_namespace_lock(id).release());
  });
}

Napi::Value peer_user_method(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), peer_user(info[0].ToNumber().Int32Value()));
  });
}

// How many bytes of the buffer, from an offset on, were taken.
Napi::Value write_now_method(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto bytes = info[1].As<Napi::Uint8Array>();
    const std::size_t offset = std::min<std::size_t>(info[2].ToNumber().Uint32Value(), bytes.ByteLength());
    const int descriptor = info[0].ToNumber().Int32Value();
    const auto taken = write_now(descriptor, bytes.Data() + offset, bytes.ByteLength() - offset);
    return Napi::Number::New(info.Env(), static_cast<double>(taken));
  });
}

// In digits: JavaScript's numbers do not reach that far.
Napi::Value namespace_cookie(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::String::New(info.Env(), std::to_string(NetworkNamespace(info[0].ToString()).cookie()));
  });
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  KernelEngine::define(env, exports);
  Prober::define(env, exports);
  exports.Set("sendDatagram", Napi::Function::New<send_datagram_method>(env, "sendDatagram"));
  exports.Set("probeNextHops", Napi::Function::New<probe_next_hops>(env, "probeNextHops"));
  exports.Set("takeNamespaceLock", Napi::Function::New<take_namespace_lock_method>(env, "takeNamespaceLock"));
  exports.Set("peerUser", Napi::Function::New<peer_user_method>(env, "peerUser"));
  exports.Set("writeNow", Napi::Function::New<write_now_method>(env, "writeNow"));
  exports.Set("namespaceCookie", Napi::Function::New<namespace_cookie>(env, "namespaceCookie"));
  return exports;
}

}  // namespace
}  // namespace ipmp

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  return ipmp::initialize(env, exports);
}

NODE_API_MODULE(ipmp_native, initialize)
