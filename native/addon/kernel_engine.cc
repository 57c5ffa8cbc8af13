#include "addon/kernel_engine.h"

#include <algorithm>

#include "addon/dumps.h"
#include "addon/errors.h"
#include "addon/from_javascript.h"
#include "addon/options.h"
#include "addon/to_javascript.h"
#include "codec/requests.h"
#include "system/file.h"

namespace ipmp {
namespace {

constexpr int kRequestBufferBytes = 1 << 20;

// One call hands over at most this many notices, so that a storm does not hold the event loop.
constexpr std::uint32_t kNoticesPerCall = 1024;

}  // namespace

KernelEngine::Doors::Doors(const IoThreadOptions& options) : requests(kRequestBufferBytes), io(options) {}

void KernelEngine::define(Napi::Env env, Napi::Object exports) {
  exports.Set("KernelEngine",
              DefineClass(env, "KernelEngine",
                          {
                              InstanceMethod<&KernelEngine::dump>("dump"),
                              InstanceMethod<&KernelEngine::read_other_routes>("otherRoutes"),
                              InstanceMethod<&KernelEngine::find_link>("findLink"),
                              InstanceMethod<&KernelEngine::apply>("apply"),
                              InstanceMethod<&KernelEngine::announce>("announce"),
                              InstanceMethod<&KernelEngine::arm>("arm"),
                              InstanceMethod<&KernelEngine::fire>("fire"),
                              InstanceMethod<&KernelEngine::watch>("watch"),
                              InstanceMethod<&KernelEngine::status>("status"),
                              InstanceMethod<&KernelEngine::read_files>("readFiles"),
                              InstanceMethod<&KernelEngine::write_file>("writeFile"),
                              InstanceMethod<&KernelEngine::drain>("drain"),
                              InstanceMethod<&KernelEngine::close>("close"),
                          }));
}

KernelEngine::KernelEngine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<KernelEngine>(info) {
  guarded(info.Env(), [&] { open(info[0].As<Napi::Object>(), info[1].As<Napi::Function>()); });
}

void KernelEngine::open(const Napi::Object& options, const Napi::Function& callback) {
  const IoThreadOptions io{options.Get("realtime").ToBoolean(), number_option(options, "ringBytes"),
                           static_cast<int>(number_option(options, "receiveBufferBytes"))};
  namespace_ = std::make_unique<NetworkNamespace>(options.Get("netns").ToString());
  std::unique_ptr<Doors> doors;
  namespace_->run([&] { doors = std::make_unique<Doors>(io); });
  line_.tie(callback, "ipmp:kernel", std::move(doors));
}

Napi::Value KernelEngine::close(const Napi::CallbackInfo& info) {
  line_.cut();
  namespace_.reset();
  return info.Env().Undefined();
}

KernelEngine::Doors& KernelEngine::doors(Napi::Env env) {
  if (!line_.work()) throw Napi::Error::New(env, "ipmp native: the kernel engine is closed");
  return *line_.work();
}

Napi::Value KernelEngine::drain(const Napi::CallbackInfo& info) {
  line_.deliver();
  return info.Env().Undefined();
}

// One batch, and then the event loop has its turn: the thread does not ring again before drain() has found nothing.
void KernelEngine::deliver(napi_env env, napi_value callback) {
  IoThread& io = line_.work()->io;
  napi_value arguments[2];
  std::uint32_t count = 0;
  do {
    io.begin_drain();
    if (napi_create_array(env, &arguments[0]) != napi_ok || !collect(env, io, arguments[0], count)) return;
    const bool lost = io.take_loss();
    if (napi_get_boolean(env, lost, &arguments[1]) != napi_ok) return;
    if (count > 0 || lost) return static_cast<void>(call_back(env, callback, arguments, 2));
  } while (!io.end_drain());
}

bool KernelEngine::collect(napi_env env, IoThread& io, napi_value notices, std::uint32_t& count) {
  for (count = 0; count < kNoticesPerCall && io.next_record(record_);) {
    napi_value notice = nullptr;
    if (!notice_from(env, record_, &notice)) continue;
    if (notice == nullptr || napi_set_element(env, notices, count, notice) != napi_ok) return false;
    ++count;
  }
  return true;
}

Napi::Value KernelEngine::dump(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    Doors& open = doors(env);
    const auto denied = [&] { return open.io.denied(); };
    return picture_of(env, open.requests, open.io.routes(), denied, texts_from(info[0]));
  });
}

Napi::Value KernelEngine::read_other_routes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    Doors& open = doors(env);
    return other_routes_of(env, open.requests, open.io.routes());
  });
}

Napi::Value KernelEngine::find_link(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const auto query = info[0].IsNumber() ? link_query(info[0].ToNumber().Uint32Value())
                                          : link_query(info[0].ToString().Utf8Value());
    const auto link = query_link(doors(env).requests, query);
    return link ? Napi::Value(env, to_javascript(env, *link)) : env.Null();
  });
}

Napi::Value KernelEngine::apply(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    MessageBatch batch = requests_from(info[0]);
    const auto answers = doors(env).requests.apply(batch);
    Napi::Array outcomes = Napi::Array::New(env, answers.size());
    for (std::uint32_t i = 0; i < answers.size(); ++i) {
      outcomes.Set(i, Napi::Value(env, to_javascript(env, answers[i])));
    }
    return outcomes;
  });
}

Napi::Value KernelEngine::announce(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::size_t sent = doors(env).packets.send(frames_from(info[0]));
    return Napi::Number::New(env, static_cast<double>(sent));
  });
}

Napi::Value KernelEngine::arm(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    doors(info.Env()).io.plans().replace(plans_from(info[0]));
    return info.Env().Undefined();
  });
}

Napi::Value KernelEngine::fire(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    Doors& open = doors(env);
    const auto plans = open.io.plans().take_failed(info[0].ToNumber().Uint32Value());
    carry_out(plans, open.packets, open.requests);
    return Napi::Boolean::New(env, !plans.empty());
  });
}

Napi::Value KernelEngine::watch(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Doors& open = doors(info.Env());
    const auto refusal = open.io.watch(indexes_from(info[0]), [&](std::uint32_t index, std::string& name, bool& carrier) {
      const auto link = query_link(open.requests, link_query(index));
      if (link) name = link->name, carrier = link->carrier;
      return link.has_value();
    });
    return Napi::String::New(info.Env(), refusal);
  });
}

Napi::Value KernelEngine::status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const IoThread& io = doors(env).io;
  Napi::Object status = Napi::Object::New(env);
  status.Set("realtime", true_or(env, io.realtime_refusal()));
  status.Set("locked", true_or(env, io.locking_refusal()));
  status.Set("dropped", Napi::Number::New(env, static_cast<double>(io.dropped())));
  status.Set("plansFired", Napi::Number::New(env, static_cast<double>(doors(env).io.plans().taken())));
  return status;
}

Napi::Value KernelEngine::read_files(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    doors(env);
    const auto paths = texts_from(info[0]);
    std::vector<FileText> files(paths.size());
    namespace_->run([&] { std::ranges::transform(paths, files.begin(), read_file); });
    Napi::Array contents = Napi::Array::New(env, files.size());
    for (std::uint32_t i = 0; i < files.size(); ++i) {
      if (files[i].error == 0) contents.Set(i, files[i].text);
      else contents.Set(i, Napi::Number::New(env, files[i].error));
    }
    return contents;
  });
}

Napi::Value KernelEngine::write_file(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    doors(env);
    const std::string path = info[0].ToString();
    const std::string text = info[1].ToString();
    int error = 0;
    namespace_->run([&] { error = ipmp::write_file(path, text); });
    return Napi::Number::New(env, error);
  });
}

}  // namespace ipmp
