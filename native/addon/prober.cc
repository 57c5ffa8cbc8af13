#include "addon/prober.h"

#include <algorithm>

#include "addon/errors.h"
#include "addon/from_javascript.h"
#include "addon/options.h"

namespace ipmp {
namespace {

// A Float64Array, by the plain C API: see to_javascript.h. nullptr where the environment is being torn down.
napi_value float_array(napi_env env, const std::vector<double>& numbers) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  if (napi_create_arraybuffer(env, numbers.size() * sizeof(double), &data, &buffer) != napi_ok) return nullptr;
  std::ranges::copy(numbers, static_cast<double*>(data));
  const auto status = napi_create_typedarray(env, napi_float64_array, numbers.size(), buffer, 0, &array);
  return status == napi_ok ? array : nullptr;
}

}  // namespace

void Prober::define(Napi::Env env, Napi::Object exports) {
  exports.Set("Prober", DefineClass(env, "Prober",
                                    {
                                        InstanceMethod<&Prober::link_indexes>("linkIndexes"),
                                        InstanceMethod<&Prober::change>("change"),
                                        InstanceMethod<&Prober::statistics>("statistics"),
                                        InstanceMethod<&Prober::record_answers>("recordAnswers"),
                                        InstanceMethod<&Prober::status>("status"),
                                        InstanceMethod<&Prober::drain>("drain"),
                                        InstanceMethod<&Prober::close>("close"),
                                    }));
}

Prober::Prober(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Prober>(info) {
  guarded(info.Env(), [&] { open(info[0].As<Napi::Object>(), info[1].As<Napi::Function>()); });
}

void Prober::open(const Napi::Object& options, const Napi::Function& callback) {
  const Napi::Env env = options.Env();
  const Napi::Value records = options.Get("records");
  if (!records.IsArrayBuffer()) throw Napi::TypeError::New(env, "ipmp native: records is needed to be an ArrayBuffer");
  auto buffer = records.As<Napi::ArrayBuffer>();
  records_ = {static_cast<std::uint8_t*>(buffer.Data()), buffer.ByteLength()};
  if (records_.size() < sizeof(ProbeRecord)) throw Napi::TypeError::New(env, "ipmp native: records holds no record");
  buffer_ = Napi::Reference<Napi::ArrayBuffer>::New(buffer, 1);
  namespace_ = std::make_unique<NetworkNamespace>(options.Get("netns").ToString());
  const ProberOptions thread{options.Get("realtime").ToBoolean(), number_option(options, "ringRecords")};
  line_.tie(callback, "ipmp:prober", std::make_unique<ProberThread>(thread, *namespace_));
}

Napi::Value Prober::close(const Napi::CallbackInfo& info) {
  line_.cut();
  namespace_.reset();
  return info.Env().Undefined();
}

ProberThread& Prober::thread(Napi::Env env) {
  if (!line_.work()) throw Napi::Error::New(env, "ipmp native: the prober is closed");
  return *line_.work();
}

Napi::Value Prober::drain(const Napi::CallbackInfo& info) {
  line_.deliver();
  return info.Env().Undefined();
}

// As much as one buffer holds, and then the event loop has its turn, however much is left: the thread does not ring again before
// drain() has found nothing.
void Prober::deliver(napi_env env, napi_value callback) {
  ProberThread& thread = *line_.work();
  do {
    napi_value arguments[2];
    const std::uint32_t count = collect(thread);
    const auto numbers = thread.take_statistics();
    if (count == 0 && !numbers) continue;
    if (napi_create_uint32(env, count, &arguments[0]) != napi_ok) return;
    if (!numbers && napi_get_undefined(env, &arguments[1]) != napi_ok) return;
    if (numbers) arguments[1] = float_array(env, *numbers);
    if (arguments[1] != nullptr) call_back(env, callback, arguments, 2);
    return;
  } while (!thread.end_drain());
}

// As many records as the buffer holds; all are of one size.
std::uint32_t Prober::collect(ProberThread& thread) {
  std::uint32_t count = 0;
  for (auto rest = records_; rest.size() >= sizeof(ProbeRecord) && thread.next_record(record_); ++count) {
    std::ranges::copy(record_, rest.begin());
    rest = rest.subspan(record_.size());
  }
  return count;
}

Napi::Value Prober::link_indexes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    thread(env);
    const auto found = namespace_->link_indexes(texts_from(info[0]));
    auto indexes = Napi::Array::New(env, found.size());
    for (std::uint32_t i = 0; i < found.size(); ++i) indexes.Set(i, found[i]);
    return indexes;
  });
}

Napi::Value Prober::change(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    thread(info.Env()).change(paths_from(info[0]), indexes_from(info[1]));
    return info.Env().Undefined();
  });
}

Napi::Value Prober::statistics(const Napi::CallbackInfo& info) {
  thread(info.Env()).ask_statistics();
  return info.Env().Undefined();
}

Napi::Value Prober::record_answers(const Napi::CallbackInfo& info) {
  thread(info.Env()).want_answers(info[0].ToBoolean());
  return info.Env().Undefined();
}

Napi::Value Prober::status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ProberThread& open = thread(env);
  const ProberShare& share = open.share();
  const auto count = [&](const std::atomic<std::uint64_t>& counter) {
    return Napi::Number::New(env, static_cast<double>(counter.load(std::memory_order_relaxed)));
  };
  Napi::Object status = Napi::Object::New(env);
  status.Set("realtime", true_or(env, open.realtime_refusal()));
  status.Set("locked", true_or(env, open.locking_refusal()));
  status.Set("stalls", count(share.stalls));
  status.Set("longestStallMs", milliseconds(share.longest_stall_ns.load(std::memory_order_relaxed)));
  status.Set("unsent", count(share.unsent));
  status.Set("forged", count(share.forged));
  status.Set("wrongInterface", count(share.wrong_interface));
  status.Set("dropped", static_cast<double>(share.recorder.dropped()));
  return status;
}

}  // namespace ipmp
