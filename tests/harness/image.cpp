#include "harness/image.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "harness/paths.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

namespace {

namespace fs = std::filesystem;

fs::path inside(const fs::path& tree, const std::string& path) {
  const auto place = tree / fs::path(path).relative_path();
  fs::create_directories(place.parent_path());
  return place;
}

void lay_out(const Image& image, const fs::path& tree) {
  fs::create_directories(tree / "tmp");
  for (const auto& [path, file] : image.files) fs::copy_file(file, inside(tree, path));
  for (const auto& [path, target] : image.links) fs::create_symlink(target, inside(tree, path));
}

std::string file_name_of(std::string image) {
  std::replace_if(
      image.begin(), image.end(), [](char c) { return c == '/' || c == ':'; }, '_');
  return image;
}

}  // namespace

Image busybox_image(std::string name) {
  Image image{std::move(name), {{"/bin/busybox", "/bin/busybox"}}, {}, {R"(CMD ["sleep", "1000000"])"}};
  for (const auto* applet :
       {"sh",    "cat", "cp", "echo", "env", "false", "grep",  "hostname", "id",    "ip",   "kill", "ls",
        "mkdir", "mv",  "nc", "ping", "ps",  "rm",    "sleep", "test",     "touch", "true", "wget"})
    image.links[fmt::format("/bin/{}", applet)] = "busybox";
  return image;
}

Image shop_image(std::string name, const std::string& version, const std::vector<std::string>& flags) {
  auto image = busybox_image(std::move(name));
  std::vector<std::string> argv = {"/shop", "--host", "0.0.0.0", "--port", "8080", "--version", version};
  argv.insert(argv.end(), flags.begin(), flags.end());
  image.files["/shop"] = shop_static_program();
  image.changes = {fmt::format(R"(CMD ["{}"])", fmt::join(argv, R"(", ")")), "EXPOSE 8080"};
  return image;
}

Image instance_image(std::string name) {
  auto image = busybox_image(std::move(name));
  image.files["/instance"] = instance_static_program();
  image.changes = {R"(CMD ["/instance", "listen", "8080", "0.0.0.0"])", "EXPOSE 8080"};
  return image;
}

Image program_image(std::string name, const std::string& program) {
  auto image = busybox_image(std::move(name));
  const auto found = run({{"sh", "-c", R"(path=$(command -v "$0") && ldd "$path" && echo "$path")", program}});
  if (found.code() != 0) throw std::runtime_error("there is no program " + program + ": " + found.output());
  std::istringstream words(found.out);
  for (std::string word; words >> word;)
    if (word.starts_with('/')) image.files[word] = word;
  for (const auto* file : {"/etc/passwd", "/etc/group"}) image.files[file] = file;
  return image;
}

fs::path pack(const Image& image, const fs::path& folder) {
  const auto tree = folder / file_name_of(image.name);
  const fs::path tar = tree.string() + ".tar";
  lay_out(image, tree);
  const auto ran = run({{"tar", "--owner=0", "--group=0", "-C", tree, "-cf", tar, "."}});
  fs::remove_all(tree);
  if (ran.code() != 0) throw std::runtime_error("cannot pack the image " + image.name + ": " + ran.output());
  return tar;
}

std::vector<std::string> import_command(std::vector<std::string> engine, const Image& image, const fs::path& tar) {
  engine.emplace_back("import");
  for (const auto& change : image.changes) engine.insert(engine.end(), {"--change", change});
  engine.insert(engine.end(), {tar, image.name});
  return engine;
}

}  // namespace shunt::harness
