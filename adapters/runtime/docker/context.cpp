#include "adapters/runtime/docker/context.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "adapters/runtime/docker/ignore.hpp"
#include "adapters/runtime/docker/packer.hpp"
#include "adapters/runtime/docker/tar.hpp"
#include "shunt/value.hpp"

namespace shunt::adapters::docker {

namespace {

namespace fs = std::filesystem;

constexpr const char* ignore_name = ".dockerignore";
constexpr mode_t plain_file = S_IFREG | 0644;

/// The Dockerfile, and what it is called in the tar.
struct Recipe {
  fs::path named;  ///< as its author calls it
  fs::path file;   ///< without symbolic links
  std::string name;
  bool inside = false;
};

Error no_file(const fs::path& file, const char* what, const char* remedy, int reason) {
  return Error("SH1414", Kind::config,
               fmt::format("there is no {} at {}: {}", what, file.string(), std::generic_category().message(reason)),
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

std::string rest_of(std::ifstream& in) {
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

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
  ignored.text = rest_of(in);
  if (!in || fs::is_directory(ignored.file, failed))
    return Error("SH1413", Kind::config, fmt::format("{} cannot be read", ignored.file.string()),
                 "make it a file that the user who runs shunt may read");
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
  Packer packer(context, std::move(*list), replaced ? ignore_name : "", tar);
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
  std::ifstream text(recipe->file, std::ios::binary);
  ContextFile written;
  written.recipe = rest_of(text);
  auto tar = Tar::create(target);
  if (!tar) return std::move(tar).error();
  const auto bytes = pack_all(*real, *recipe, *ignored, std::move(*tar));
  if (!bytes) {
    ::unlink(target.c_str());
    return bytes.error();
  }
  written.file = target;
  written.bytes = *bytes;
  written.dockerfile = recipe->name;
  return written;
}

}  // namespace shunt::adapters::docker
