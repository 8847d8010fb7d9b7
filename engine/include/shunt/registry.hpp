// Which adapters exist. The list is explicit: adapters/registered.cpp, made by CMake.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shunt/context.hpp"
#include "shunt/metrics.hpp"
#include "shunt/notify.hpp"
#include "shunt/proxy.hpp"
#include "shunt/runtime.hpp"
#include "shunt/schema.hpp"

namespace shunt {

/// What is promised when an effect is in doubt (see docs/architecture.md).
enum class EffectClass { observe, ensure, compare_and_set, keyed, one_shot };

std::string_view name_of(EffectClass effect);

struct AdapterInfo {
  std::string kind;                               ///< "runtime", "proxy", "metrics", "notify"
  std::string name;                               ///< the `type` in an app file
  std::string status;                             ///< "stable" or "beta"
  std::string summary;                            ///< one line
  Schema schema;                                  ///< the keys of its table, without `type`
  std::map<std::string, EffectClass> operations;  ///< per method of its kind
  std::string paste;  ///< lines for the other side's configuration, with {KEY} where a key's value stands; "": none
};

template <typename Interface>
struct Adapter {
  AdapterInfo info;
  /// `config` passed `info.schema`.
  std::function<std::unique_ptr<Interface>(Context& context, const Value& config)> make;
};

/// Knows every adapter by kind and name; refuses a double name at start (std::logic_error).
class Registry {
 public:
  void add(Adapter<Runtime> adapter);
  void add(Adapter<Proxy> adapter);
  void add(Adapter<Metrics> adapter);
  void add(Adapter<Notify> adapter);

  /// Names an adapter that comes with a later version.
  void announce(const std::string& kind, const std::string& name);

  /// SH1004 when it is only announced. SH1005 when there is none of that name; the error lists the known ones and
  /// suggests the nearest.
  Result<const Adapter<Runtime>*> runtime(const std::string& name) const;
  Result<const Adapter<Proxy>*> proxy(const std::string& name) const;
  Result<const Adapter<Metrics>*> metrics(const std::string& name) const;
  Result<const Adapter<Notify>*> notify(const std::string& name) const;

  std::vector<AdapterInfo> all() const;

  /// Those that are announced, by kind.
  const std::map<std::string, std::set<std::string>>& announced() const { return announced_; }

 private:
  bool is_announced(const std::string& kind, const std::string& name) const;

  std::map<std::string, Adapter<Runtime>> runtimes_;
  std::map<std::string, Adapter<Proxy>> proxies_;
  std::map<std::string, Adapter<Metrics>> metrics_;
  std::map<std::string, Adapter<Notify>> channels_;
  std::map<std::string, std::set<std::string>> announced_;
};

}  // namespace shunt
