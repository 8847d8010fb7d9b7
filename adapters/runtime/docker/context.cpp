#include "adapters/runtime/docker/context.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/runtime/docker/ignore.hpp"
#include "adapters/runtime/docker/tar.hpp"
#include "process/launch.hpp"
#include "shunt/value.hpp"

namespace shunt::adapters::docker {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_size = 256 * 1024;
constexpr const char* ignore_name = ".dockerignore";
constexpr mode_t plain_file = S_IFREG | 0644;

std::string words_for(int reason) {
  return std::generic_category().message(reason);
}

Error not_packed(const fs::path& source, const std::string& why) {
  return Error("SH1414", Kind::adapter, fmt::format("cannot pack the build context: {}: {}", source.string(), why),
               fmt::format("put it right, or leave it out with {}", ignore_name));
}

Error moving(const fs::path& source, const char* how) {
  auto error = not_packed(source, fmt::format("it {} while it was read", how));
  error.remedy = fmt::format("build when nothing writes there, or leave it out with {}", ignore_name);
  error.retryable = true;
  return error;
}

/// ENOENT is that of a file that was just seen.
Error unreadable(const fs::path& source, int reason) {
  return reason == ENOENT ? moving(source, "vanished") : not_packed(source, words_for(reason));
}

Tar::Entry entry_for(std::string name, const struct stat& facts) {
  Tar::Entry entry;
  entry.name = std::move(name);
  entry.mode = facts.st_mode;
  entry.modified = facts.st_mtim.tv_sec;
  if (S_ISREG(facts.st_mode)) entry.size = facts.st_size;
  return entry;
}

bool same_content(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
         before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

/// Reads up to `room` bytes; fewer only at the end of the file. -1 with errno set when that fails.
ssize_t read_block(int file, char* block, std::size_t room) {
  std::size_t got = 0;
  while (got < room) {
    const auto count = ::read(file, block + got, room - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(got);
}

/// Walks through the context. Names are relative to it.
class Packer {
 public:
  Packer(fs::path context, IgnoreList ignore, Tar& tar, bool own_ignore_file)
      : context_(std::move(context)),
        ignore_(std::move(ignore)),
        tar_(tar),
        own_ignore_file_(own_ignore_file),
        block_(block_size) {}

  /// What lies in the folder; "" is the context.
  Result<void> pack_folder(const std::string& name, const IgnoreList::Verdict& verdict);

  /// The content of `source`, as `name`.
  Result<void> pack_file(const fs::path& source, const std::string& name);

 private:
  Result<std::vector<std::string>> names_in(const std::string& folder) const;
  Result<void> pack(const std::string& name, const IgnoreList::Verdict& above);
  Result<void> pack_below(Tar::Entry folder, const IgnoreList::Verdict& verdict);
  Result<void> pack_link(Tar::Entry link);
  Result<void> copy(int file, const struct stat& facts, const fs::path& source);
  Result<void> add_awaited();

  fs::path context_;
  IgnoreList ignore_;
  Tar& tar_;
  bool own_ignore_file_;  ///< the context's .dockerignore is replaced by another
  std::vector<char> block_;
  std::vector<Tar::Entry> awaited_;  ///< excluded folders above, which are added if something in them is
};

Result<std::vector<std::string>> Packer::names_in(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code failed;
  fs::directory_iterator found(context_ / folder, failed);
  for (; !failed && found != fs::directory_iterator(); found.increment(failed))
    names.push_back(found->path().filename().string());
  if (failed) return unreadable(context_ / folder, failed.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> Packer::pack_folder(const std::string& name, const IgnoreList::Verdict& verdict) {
  auto names = names_in(name);
  if (!names) return std::move(names).error();
  for (const auto& inside : *names) {
    const auto path = name.empty() ? inside : name + "/" + inside;
    if (own_ignore_file_ && path == ignore_name) continue;
    if (auto packed = pack(path, verdict); !packed) return packed;
  }
  return {};
}

Result<void> Packer::pack(const std::string& name, const IgnoreList::Verdict& above) {
  const auto verdict = ignore_.judge(name, above);
  const auto source = context_ / name;
  struct stat facts = {};
  if (::lstat(source.c_str(), &facts) != 0) return unreadable(source, errno);
  if (S_ISDIR(facts.st_mode)) return pack_below(entry_for(name, facts), verdict);
  if (verdict.excluded || tar_.is_at(facts.st_dev, facts.st_ino)) return {};
  if (!S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode)) return {};
  if (auto added = add_awaited(); !added) return added;
  return S_ISLNK(facts.st_mode) ? pack_link(entry_for(name, facts)) : pack_file(source, name);
}

Result<void> Packer::pack_below(Tar::Entry folder, const IgnoreList::Verdict& verdict) {
  if (verdict.excluded && !ignore_.may_include_below(folder.name, verdict)) return {};
  const auto name = folder.name;
  const auto depth = awaited_.size();
  awaited_.push_back(std::move(folder));
  if (!verdict.excluded)
    if (auto added = add_awaited(); !added) return added;
  auto packed = pack_folder(name, verdict);
  awaited_.resize(std::min(depth, awaited_.size()));
  return packed;
}

Result<void> Packer::add_awaited() {
  for (const auto& folder : awaited_)
    if (auto added = tar_.add(folder); !added) return added;
  awaited_.clear();
  return {};
}

Result<void> Packer::pack_link(Tar::Entry link) {
  std::error_code failed;
  const auto source = context_ / link.name;
  link.target = fs::read_symlink(source, failed).string();
  if (failed) return unreadable(source, failed.value());
  return tar_.add(link);
}

Result<void> Packer::pack_file(const fs::path& source, const std::string& name) {
  // Somebody may have put a pipe there meanwhile, which must not be waited for.
  const process::Descriptor file(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat facts = {};
  if (!file || ::fstat(file.get(), &facts) != 0) return unreadable(source, errno);
  if (!S_ISREG(facts.st_mode)) return moving(source, "changed");
  if (auto added = tar_.add(entry_for(name, facts)); !added) return added;
  return copy(file.get(), facts, source);
}

/// As many bytes as `facts` says, of a file that stays as it is meanwhile.
Result<void> Packer::copy(int file, const struct stat& facts, const fs::path& source) {
  auto left = static_cast<std::size_t>(facts.st_size);
  while (left > 0) {
    const auto room = std::min(left, block_.size());
    const auto got = read_block(file, block_.data(), room);
    if (got < 0) return unreadable(source, errno);
    if (static_cast<std::size_t>(got) < room) return moving(source, "became shorter");
    if (auto written = tar_.write({block_.data(), room}); !written) return written;
    left -= room;
  }
  struct stat now = {};
  const auto more = read_block(file, block_.data(), 1);
  if (more < 0 || ::fstat(file, &now) != 0) return unreadable(source, errno);
  if (more > 0 || !same_content(facts, now)) return moving(source, "changed");
  return {};
}

/// The Dockerfile, and what it is called in the tar.
struct Recipe {
  fs::path named;  ///< as its author calls it
  fs::path file;   ///< without symbolic links
  std::string name;
  bool inside = false;
};

Error no_file(const fs::path& file, const char* what, const char* remedy, int reason) {
  return Error("SH1414", Kind::config, fmt::format("there is no {} at {}: {}", what, file.string(), words_for(reason)),
               remedy);
}

Result<fs::path> resolve_context(const fs::path& context) {
  std::error_code failed;
  const auto real = fs::canonical(context, failed);
  if (!failed && fs::is_directory(real, failed)) return real;
  return no_file(context, "build context", "correct `context` in the table `build` of the service's runtime",
                 failed ? failed.value() : ENOTDIR);
}

Result<Recipe> find_recipe(const fs::path& context, const std::string& dockerfile) {
  Recipe recipe;
  recipe.named = context / (dockerfile.empty() ? "Dockerfile" : dockerfile);
  std::error_code failed;
  recipe.file = fs::canonical(recipe.named, failed);
  if (failed || !fs::is_regular_file(recipe.file, failed))
    return no_file(recipe.named, "Dockerfile", "write it, or name another with `file` in the table `build`",
                   failed ? failed.value() : EINVAL);
  const auto relative = recipe.file.lexically_relative(context);
  recipe.inside = *relative.begin() != "..";
  recipe.name = recipe.inside ? relative.string() : ".dockerfile." + sha256(recipe.file.string()).substr(0, 20);
  return recipe;
}

/// The patterns that count, and where they stand.
struct Ignored {
  fs::path file;  ///< empty where there is none
  std::string text;
  bool of_recipe = false;  ///< they stand beside the Dockerfile and not in the context's own file
};

Result<Ignored> read_ignored(const fs::path& context, const Recipe& recipe) {
  Ignored ignored;
  const fs::path beside = recipe.named.string() + ignore_name;
  std::error_code failed;
  ignored.of_recipe = fs::exists(beside, failed);
  ignored.file = ignored.of_recipe ? beside : context / ignore_name;
  if (!ignored.of_recipe && !fs::exists(ignored.file, failed)) {
    ignored.file.clear();
    return ignored;
  }
  std::ifstream in(ignored.file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || fs::is_directory(ignored.file, failed))
    return Error("SH1413", Kind::config, fmt::format("{} cannot be read", ignored.file.string()),
                 "make it a file that the user who runs shunt may read");
  ignored.text = text.str();
  return ignored;
}

/// What the engine gets as .dockerignore; nothing when the context's own file, or none, will do. A Dockerfile from
/// outside must not be in the image, and neither must a .dockerignore that was not there before.
std::optional<std::string> ignore_file_for_engine(const Ignored& ignored, const Recipe& recipe,
                                                  const fs::path& context) {
  if (recipe.inside && !ignored.of_recipe) return std::nullopt;
  auto text = ignored.text;
  if (!text.empty() && text.back() != '\n') text += '\n';
  std::error_code failed;
  if (!fs::exists(context / ignore_name, failed)) text += std::string(ignore_name) + "\n";
  if (!recipe.inside) text += recipe.name + "\n";
  return text;
}

Result<void> add_text(Tar& tar, const std::string& name, const std::string& text, const fs::path& like) {
  struct stat facts = {};
  ::stat(like.c_str(), &facts);
  facts.st_mode = plain_file;
  facts.st_size = static_cast<off_t>(text.size());
  if (auto added = tar.add(entry_for(name, facts)); !added) return added;
  return tar.write(text);
}

Result<std::int64_t> pack_all(const fs::path& context, const Recipe& recipe, const Ignored& ignored, Tar tar) {
  auto list = IgnoreList::parse(ignored.text, ignored.file.string());
  if (!list) return std::move(list).error();
  if (recipe.inside) list->keep(recipe.name);
  list->keep(ignore_name);
  const auto replaced = ignore_file_for_engine(ignored, recipe, context);
  Packer packer(context, std::move(*list), tar, replaced.has_value());
  auto packed = packer.pack_folder("", IgnoreList::Verdict());
  if (packed && replaced)
    packed = add_text(tar, ignore_name, *replaced, ignored.file.empty() ? recipe.file : ignored.file);
  if (packed && !recipe.inside) packed = packer.pack_file(recipe.file, recipe.name);
  if (!packed) return std::move(packed).error();
  return tar.finish();
}

}  // namespace

Result<ContextFile> write_context(const fs::path& context, const std::string& dockerfile, const fs::path& target) {
  auto real = resolve_context(context);
  if (!real) return std::move(real).error();
  const auto recipe = find_recipe(*real, dockerfile);
  if (!recipe) return recipe.error();
  const auto ignored = read_ignored(*real, *recipe);
  if (!ignored) return ignored.error();
  auto tar = Tar::create(target);
  if (!tar) return std::move(tar).error();
  const auto bytes = pack_all(*real, *recipe, *ignored, std::move(*tar));
  if (!bytes) {
    ::unlink(target.c_str());
    return bytes.error();
  }
  ContextFile written;
  written.file = target;
  written.bytes = *bytes;
  written.dockerfile = recipe->name;
  return written;
}

}  // namespace shunt::adapters::docker
