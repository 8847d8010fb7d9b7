#include "adapters/proxy/caddy/share_file.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>

#include "adapters/proxy/caddy/spread.hpp"
#include "files/whole_file.hpp"

namespace shunt::caddy {

namespace {

namespace fs = std::filesystem;

constexpr int parts = 100 / share_step;

fs::path share_path(const fs::path& folder, const std::string& service, const std::string& share) {
  return folder / (service + "." + share);
}

/// "100 50", as it stands in the file.
std::string content_for(Weights weights) {
  return fmt::format("{} {}\n", weights.blue, weights.green);
}

std::optional<Weights> weights_in(const fs::path& file) {
  std::ifstream text(file);
  Weights weights;
  if (!(text >> weights.blue >> weights.green)) return std::nullopt;
  for (const Colour color : both_colours)
    if (weights[color] < 0 || weights[color] > 100) return std::nullopt;
  return weights;
}

Weights weights_named(const std::string& share) {
  const auto part = parts_of(share);
  return Weights(part.blue * share_step, part.green * share_step);
}

}  // namespace

Error file_error(const fs::path& path, const char* wanted, const std::string& reason) {
  return Error("SH1508", Kind::adapter, fmt::format("{} cannot be {}: {}", path.string(), wanted, reason),
               "give shunt the right to read and write in the folder of `folder`");
}

std::string share_name(Weights weights) {
  const int sum = weights.blue + weights.green;
  return sum == 0 ? nobody : std::to_string(percent(weights.green, sum, share_step));
}

const std::vector<std::string>& share_names() {
  static const auto names = [] {
    std::vector<std::string> list = {"100", "0", nobody};
    for (int part = 1; part < parts; ++part) list.push_back(std::to_string(part * share_step));
    return list;
  }();
  return names;
}

Weights parts_of(const std::string& share) {
  if (share == nobody) return Weights(0, 0);
  const int green = share.empty() ? 0 : std::stoi(share) / share_step;
  return Weights(parts - green, green);
}

Result<Told> read_told(const fs::path& folder, const std::string& service) {
  Told told;
  std::error_code error;
  for (const auto& share : share_names()) {
    const bool there = fs::exists(fs::symlink_status(share_path(folder, service, share), error));
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
      return file_error(folder, "read", error.message());
    if (!there) continue;
    if (told.shares.empty()) told.share = share;
    told.shares.insert(share);
  }
  if (told.shares.empty()) return told;
  const auto written = weights_in(share_path(folder, service, told.share));
  const bool fits = written && share_name(*written) == told.share;
  told.weights = fits ? *written : weights_named(told.share);
  return told;
}

Result<void> tell(const fs::path& folder, const std::string& service, Weights weights) {
  const auto before = read_told(folder, service);
  if (!before) return before.error();
  const auto share = share_name(weights);
  const auto file = share_path(folder, service, share);
  const auto old = before->share.empty() ? file : share_path(folder, service, before->share);
  // What the file says first, then its name: as long as the two do not fit, the name counts.
  if (const auto error = files::write_whole(old, content_for(weights)))
    return file_error(old, "written", error.message());
  if (old != file && std::rename(old.c_str(), file.c_str()) != 0) return file_error(file, "made", std::strerror(errno));
  for (const auto& other : before->shares) {
    std::error_code error;
    if (other == share || other == before->share) continue;
    std::filesystem::remove(share_path(folder, service, other), error);
    if (error) return file_error(share_path(folder, service, other), "removed", error.message());
  }
  if (const auto error = files::sync_folder(folder)) return file_error(folder, "brought to the disk", error.message());
  return {};
}

}  // namespace shunt::caddy
