// Images for container engines, made of programs that this machine has: no registry is asked.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace shunt::harness {

/// What an image is made of.
struct Image {
  std::string name;                                      ///< "shop:v1"
  std::map<std::string, std::filesystem::path> files{};  ///< path in the image → file of this machine, with its mode
  std::map<std::string, std::string> links{};            ///< path in the image → what the symbolic link there says
  std::vector<std::string> changes{};                    ///< as in a Dockerfile: R"(CMD ["/shop"])", "EXPOSE 8080"
};

/// /bin/busybox, and links to it for what scripts use: sh, sleep, cat, wget ... Its command is `sleep 1000000`. (A name
/// that only DNS knows is looked up by `ping` there; the static busybox of Debian 12 crashes in wget and nslookup.)
Image busybox_image(std::string name = "busybox:test");

/// busybox_image() with the shop at /shop, which it runs: on each address of the container, port 8080. `flags` are
/// further ones of `shop --help`.
Image shop_image(std::string name, const std::string& version, const std::vector<std::string>& flags = {});

/// busybox_image() with tests' instance program at /instance, which listens at port 8080.
Image instance_image(std::string name = "instance:test");

/// busybox_image() with a program of this machine (in PATH), what it is linked to, and this machine's users and groups,
/// all at their own paths.
Image program_image(std::string name, const std::string& program);

/// Writes the image's files into a new tar file inside `folder`; its path. Throws std::runtime_error when one of them
/// cannot be read.
std::filesystem::path pack(const Image& image, const std::filesystem::path& folder);

/// The command line that imports the packed image: `engine` import --change ... TAR NAME.
std::vector<std::string> import_command(std::vector<std::string> engine, const Image& image,
                                        const std::filesystem::path& tar);

}  // namespace shunt::harness
