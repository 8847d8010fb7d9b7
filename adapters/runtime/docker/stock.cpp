#include "adapters/runtime/docker/stock.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace shunt::adapters::docker {

namespace {

Error missing(const std::string& image) {
  return {"SH1435", Kind::adapter,
          fmt::format("the image {} is not here, and pull = \"never\" forbids to fetch it", image),
          "build or load it on the engine's machine, or let shunt pull it: pull = \"missing\""};
}

Error another_image(const std::string& image, const Kept& kept) {
  return Error("SH1439", Kind::adapter,
               fmt::format("the image of release {} is gone: {} means another one now", kept.release, image),
               "deploy that version anew; give each version a tag of its own: image = \"NAME:{version}\"")
      .with({{"wanted", kept.id}});
}

Value provided(const std::string& image, const std::string& id, const std::string& how) {
  return {{"image", image}, {"id", id}, {"how", how}};
}

}  // namespace

/// How it was got.
Task<Result<std::string>> Stock::get(InstanceSpec spec, Source source, Told told) {
  if (source.is_built) co_return std::string("built");
  if (source.build) {
    auto build = std::move(*source.build);
    build.image = source.image;
    build.scratch = folder_;
    build.labels = {
        {"shunt.app", spec.labels.app}, {"shunt.service", spec.labels.service}, {"shunt.version", spec.labels.version}};
    std::error_code ignored;
    std::filesystem::create_directories(folder_, ignored);
    auto built = co_await images_.build(std::move(build), std::move(told));
    if (!built) co_return std::move(built).error();
    co_return std::string("built");
  }
  auto there = co_await images_.find(source.image);
  if (!there) co_return std::move(there).error();
  if (*there && source.pull != "always") co_return std::string("here");
  if (source.pull == "never") {
    auto error = missing(source.image);
    co_return error;
  }
  auto pulled = co_await images_.pull(source.image, std::move(told));
  if (!pulled) co_return std::move(pulled).error();
  co_return std::string("pulled");
}

Task<Result<Value>> Stock::provide(InstanceSpec spec, Source source, Told told) {
  const auto own = own_name(spec.labels.app, spec.labels.service, spec.release);
  const auto known = read_kept(folder_, spec.labels.service, spec.release);
  auto kept_image = co_await find_own(spec);
  if (!kept_image) co_return std::move(kept_image).error();
  if (*kept_image) {
    auto before = provided(source.image, (*kept_image)->id, "here");
    co_return before;
  }
  const auto image = source.image;
  auto how = co_await get(spec, std::move(source), std::move(told));
  if (!how) co_return std::move(how).error();
  auto found = co_await images_.find(image);
  if (!found) co_return std::move(found).error();
  if (!*found) {
    auto error = missing(image);
    co_return error;
  }
  if (known && known->id != (*found)->id && *how != "built") {
    auto error = another_image(image, *known);
    co_return error;
  }
  auto result = provided(image, (*found)->id, *how);
  if (spec.release.empty()) co_return result;
  auto named = co_await images_.tag((*found)->id, own);
  if (!named) co_return std::move(named).error();
  Kept kept;
  kept.app = spec.labels.app;
  kept.service = spec.labels.service;
  kept.release = spec.release;
  kept.image = image;
  kept.id = (*found)->id;
  kept.fetched = *how != "here";
  auto written = write_kept(folder_, kept);
  if (!written) co_return std::move(written).error();
  co_return result;
}

/// By its second name. What belongs to no release has none.
Task<Result<std::optional<Image>>> Stock::find_own(InstanceSpec spec) {
  std::optional<Image> none;
  if (spec.release.empty()) co_return none;
  auto found = co_await images_.find(own_name(spec.labels.app, spec.labels.service, spec.release));
  co_return found;
}

Task<Result<bool>> Stock::holds(InstanceSpec spec) {
  auto found = co_await find_own(std::move(spec));
  if (!found) co_return std::move(found).error();
  co_return found->has_value();
}

Task<Result<std::string>> Stock::name_for(InstanceSpec spec, std::string image) {
  const auto own = own_name(spec.labels.app, spec.labels.service, spec.release);
  auto kept = co_await find_own(spec);
  if (!kept) co_return std::move(kept).error();
  auto named = co_await images_.find(image);
  if (!named) co_return std::move(named).error();
  if (*kept && (!*named || (*named)->id != (*kept)->id)) co_return own;
  if (*named) co_return image;
  co_return std::string();
}

std::vector<Kept> Stock::surplus(const Wanted& wanted, int keep) const {
  const std::set<std::string> in_use(wanted.in_use.begin(), wanted.in_use.end());
  std::vector<Kept> gone;
  std::map<std::string, int> held;  // releases whose image stays, by service
  auto all = all_kept(folder_);
  std::erase_if(all, [&](const Kept& kept) { return kept.app != wanted.app; });
  for (const auto& kept : all) held[kept.service] += in_use.contains(kept.release) ? 1 : 0;
  // The newest first; ids are in order of time.
  std::sort(all.begin(), all.end(), [](const Kept& one, const Kept& other) { return one.release > other.release; });
  for (const auto& kept : all) {
    if (in_use.contains(kept.release)) continue;
    const bool is_good = std::find(wanted.earlier.begin(), wanted.earlier.end(), kept.release) != wanted.earlier.end();
    if (is_good && held[kept.service] < keep) {
      ++held[kept.service];
    } else {
      gone.push_back(kept);
    }
  }
  return gone;
}

/// Whether another release was started from the same name.
bool Stock::is_wanted_by_others(const Kept& kept) const {
  const auto all = all_kept(folder_);
  return std::any_of(all.begin(), all.end(),
                     [&](const Kept& other) { return other.release != kept.release && other.image == kept.image; });
}

Task<Result<std::vector<std::string>>> Stock::prune(Wanted wanted, int keep) {
  std::vector<std::string> removed;
  for (const auto& kept : surplus(wanted, keep)) {
    std::vector<std::string> names = {own_name(kept.app, kept.service, kept.release)};
    auto named = co_await images_.find(kept.image);
    if (!named) co_return std::move(named).error();
    // What shunt did not bring is its owner's; and a name may mean something newer by now.
    const bool is_ours = kept.fetched && *named && (*named)->id == kept.id && !is_wanted_by_others(kept);
    if (is_ours) names.push_back(kept.image);
    bool all_gone = true;
    for (auto& name : names) {
      auto gone = co_await images_.remove(name);
      if (!gone) co_return std::move(gone).error();
      all_gone = all_gone && *gone;
      if (*gone) removed.push_back(name);
    }
    if (all_gone) forget_kept(folder_, kept);
  }
  co_return removed;
}

}  // namespace shunt::adapters::docker
