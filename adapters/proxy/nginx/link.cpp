#include "adapters/proxy/nginx/link.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "adapters/proxy/nginx/section.hpp"

namespace shunt::nginx {

namespace {

namespace fs = std::filesystem;

constexpr int most_share = 100;
constexpr mode_t for_everybody = 0755;
constexpr std::string_view weights_start = "weights-";

Error link_error(const fs::path& path, const char* wanted, const std::string& reason) {
  return Error("SH1508", Kind::adapter, fmt::format("{} cannot be {}: {}", path.string(), wanted, reason),
               "give shunt the right to read and write in the folder of `link`");
}

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < 0 || number > most_share || text != std::to_string(number))
    return std::nullopt;
  return number;
}

std::optional<Weights> weights_named(std::string_view name) {
  if (!name.starts_with(weights_start)) return std::nullopt;
  name.remove_prefix(weights_start.size());
  const auto dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto blue = number_in(name.substr(0, dash));
  const auto green = number_in(name.substr(dash + 1));
  if (!blue || !green) return std::nullopt;
  return Weights(*blue, *green);
}

/// Of the folder itself.
std::optional<Weights> shares_named(const std::string& folder) {
  if (folder == nobody) return Weights(0, 0);
  const auto green = number_in(folder);
  if (!green) return std::nullopt;
  return Weights(most_share - *green, *green);
}

Result<void> make_folder(const fs::path& folder) {
  struct stat facts {};
  if (::mkdir(folder.c_str(), for_everybody) != 0 && errno != EEXIST)
    return link_error(folder, "made", std::strerror(errno));
  if (::stat(folder.c_str(), &facts) != 0) return link_error(folder, "read", std::strerror(errno));
  if (!S_ISDIR(facts.st_mode)) return link_error(folder, "made", "something else has its name");
  if ((facts.st_mode & for_everybody) == for_everybody) return {};
  if (::chmod(folder.c_str(), for_everybody) != 0)
    return link_error(folder, "opened to nginx's workers", std::strerror(errno));
  return {};
}

/// Makes `link` lead to `target`, or leaves it as it was.
Result<void> replace_link(const fs::path& link, const std::string& target) {
  const fs::path temporary = link.parent_path() / fmt::format(".{}.shunt", link.filename().string());
  ::unlink(temporary.c_str());
  if (::symlink(target.c_str(), temporary.c_str()) == 0 && ::rename(temporary.c_str(), link.c_str()) == 0) return {};
  auto error = link_error(link, "replaced", std::strerror(errno));
  ::unlink(temporary.c_str());
  return error;
}

Result<void> sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) return link_error(folder, "brought to the disk", std::strerror(reason));
  return {};
}

}  // namespace

int share_of(Weights weights) {
  const int sum = weights.blue + weights.green;
  if (sum == 0) return -1;
  const auto share = static_cast<int>(std::lround(100.0 * weights.green / sum));
  return std::clamp(share, weights.green > 0 ? 1 : 0, weights.blue > 0 ? most_share - 1 : most_share);
}

std::string folder_for(Weights weights) {
  const int share = share_of(weights);
  return share < 0 ? std::string(nobody) : std::to_string(share);
}

std::string target_for(Weights weights) {
  const int sum = weights.blue + weights.green;
  if (sum == most_share || sum == 0) return folder_for(weights);
  return fmt::format("{}{}-{}", weights_start, weights.blue, weights.green);
}

fs::path folder_of_link(const fs::path& link) {
  std::error_code error;
  auto folder = fs::weakly_canonical(link.parent_path(), error);
  return error ? link.parent_path() : folder;
}

Result<Pointer> read_link(const fs::path& link) {
  Pointer pointer;
  struct stat facts {};
  if (::lstat(link.c_str(), &facts) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return pointer;
    return link_error(link, "read", std::strerror(errno));
  }
  std::error_code error;
  const auto target = fs::read_symlink(link, error);
  if (error) return link_error(link, "read as a link", error.message());
  pointer.present = true;
  pointer.target = target.string();
  const auto real = fs::canonical(link, error);
  if (error || real.parent_path() != folder_of_link(link)) return pointer;
  const auto shares = shares_named(real.filename().string());
  if (!shares) return pointer;
  pointer.leads = true;
  pointer.shares = *shares;
  const auto named = weights_named(target.filename().string());
  const bool fits = named && folder_for(*named) == real.filename().string();
  pointer.weights = fits ? *named : *shares;
  return pointer;
}

Result<void> make_folders(const fs::path& link) {
  std::error_code ignored;
  const auto folder = link.parent_path();
  fs::path way;
  for (const auto& part : folder) {
    way /= part;
    if (fs::exists(way, ignored)) continue;
    if (auto made = make_folder(way); !made) return made;
  }
  for (int share = 0; share <= most_share; ++share)
    if (auto made = make_folder(folder / std::to_string(share)); !made) return made;
  return make_folder(folder / nobody);
}

Result<void> point(const fs::path& link, Weights weights) {
  const auto target = target_for(weights);
  const auto folder = folder_for(weights);
  std::error_code ignored;
  // A name that nginx may be following just now stays what it is.
  if (target != folder && fs::read_symlink(link.parent_path() / target, ignored) != folder)
    if (auto made = replace_link(link.parent_path() / target, folder); !made) return made;
  if (auto replaced = replace_link(link, target); !replaced) return replaced;
  return sync_folder(link.parent_path());
}

bool is_free_name(const std::string& name) {
  return !name.empty() && name != nobody && !number_in(name) && !name.starts_with(weights_start);
}

}  // namespace shunt::nginx
