#include "shunt/registry.hpp"

#include <fmt/format.h>
#include <array>
#include <stdexcept>

namespace shunt {

namespace {

template <typename Interface>
void add_to(std::map<std::string, Adapter<Interface>>& adapters, Adapter<Interface> adapter) {
  const std::string name = adapter.info.name;
  if (!adapters.emplace(name, std::move(adapter)).second)
    throw std::logic_error(fmt::format("the adapter '{}' is registered twice", name));
}

template <typename Interface>
Result<const Adapter<Interface>*> find_in(const std::map<std::string, Adapter<Interface>>& adapters, bool announced,
                                          std::string_view kind, const std::string& name) {
  if (const auto found = adapters.find(name); found != adapters.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [known_name, adapter] : adapters) known.push_back(known_name);
  if (announced)
    return Error("SH1004", Kind::config, fmt::format("the {} '{}' is not available yet", kind, name),
                 fmt::format("use {}, or a version of shunt that has it", fmt::join(known, " or ")));
  const auto near = nearest(name, known);
  const auto list = fmt::format("{}", fmt::join(known, ", "));
  return Error("SH1005", Kind::config, fmt::format("there is no {} of type '{}'", kind, name),
               near.empty() ? fmt::format("the known types are {}", list)
                            : fmt::format("did you mean '{}'? The known types are {}", near, list));
}

}  // namespace

std::string_view name_of(EffectClass effect) {
  static constexpr std::array<std::string_view, 5> names = {"observe", "ensure", "compare-and-set", "keyed",
                                                            "one-shot"};
  return names.at(static_cast<std::size_t>(effect));
}

void Registry::add(Adapter<Runtime> adapter) {
  add_to(runtimes_, std::move(adapter));
}
void Registry::add(Adapter<Proxy> adapter) {
  add_to(proxies_, std::move(adapter));
}
void Registry::add(Adapter<Metrics> adapter) {
  add_to(metrics_, std::move(adapter));
}
void Registry::add(Adapter<Notify> adapter) {
  add_to(channels_, std::move(adapter));
}
void Registry::announce(const std::string& kind, const std::string& name) {
  announced_[kind].insert(name);
}

Result<const Adapter<Runtime>*> Registry::runtime(const std::string& name) const {
  return find_in(runtimes_, is_announced("runtime", name), "runtime", name);
}
Result<const Adapter<Proxy>*> Registry::proxy(const std::string& name) const {
  return find_in(proxies_, is_announced("proxy", name), "proxy", name);
}
Result<const Adapter<Metrics>*> Registry::metrics(const std::string& name) const {
  return find_in(metrics_, is_announced("metrics", name), "metrics provider", name);
}

Result<const Adapter<Notify>*> Registry::notify(const std::string& name) const {
  return find_in(channels_, is_announced("notify", name), "notification channel", name);
}

bool Registry::is_announced(const std::string& kind, const std::string& name) const {
  const auto found = announced_.find(kind);
  return found != announced_.end() && found->second.count(name) != 0;
}

std::vector<AdapterInfo> Registry::all() const {
  std::vector<AdapterInfo> infos;
  for (const auto& [name, adapter] : runtimes_) infos.push_back(adapter.info);
  for (const auto& [name, adapter] : proxies_) infos.push_back(adapter.info);
  for (const auto& [name, adapter] : metrics_) infos.push_back(adapter.info);
  for (const auto& [name, adapter] : channels_) infos.push_back(adapter.info);
  return infos;
}

}  // namespace shunt
