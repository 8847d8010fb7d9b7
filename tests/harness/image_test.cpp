#include "harness/image.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

#include "harness/folder.hpp"
#include "harness/program.hpp"

using namespace shunt::harness;

TEST_CASE("an image is packed with its files, their modes, and links") {
  const TemporaryFolder folder;
  const auto script = folder.write("script", "#!/bin/sh\n");
  std::filesystem::permissions(script, std::filesystem::perms(0755));
  const auto tar = pack({"registry.test/shop:v1", {{"/opt/run", script}}, {{"/bin/sh", "busybox"}}}, folder.path());
  CHECK(tar == folder / "registry.test_shop_v1.tar");
  const auto list = run({{"tar", "-tvf", tar}}).out;
  CHECK_MESSAGE(list.find("-rwxr-xr-x root/root") != std::string::npos, list);
  CHECK_MESSAGE(list.find("./opt/run\n") != std::string::npos, list);
  CHECK_MESSAGE(list.find("./bin/sh -> busybox\n") != std::string::npos, list);
  CHECK_FALSE(std::filesystem::exists(folder / "registry.test_shop_v1"));
  CHECK_THROWS_AS(pack({"shop:v1", {{"/shop", folder / "missing"}}}, folder.path()), std::runtime_error);
}

TEST_CASE("programs of images need nothing else") {
  const TemporaryFolder folder;
  for (const auto& image : {busybox_image(), shop_image("shop:v1", "v1"), instance_image()})
    for (const auto& [path, file] : image.files) {
      const auto ran = run({{"ldd", file}});
      CHECK_MESSAGE(ran.code() != 0, (path + ": " + ran.output()));
    }
}

TEST_CASE("a program of this machine comes with what it is linked to") {
  const auto image = program_image("haproxy:host", "haproxy");
  const auto has = [&](const std::string& part) {
    return std::any_of(image.files.begin(), image.files.end(),
                       [&](const auto& file) { return file.first.find(part) != std::string::npos; });
  };
  for (const auto* part : {"/haproxy", "/ld-linux", "/libc.so", "/libssl.so", "/etc/passwd", "/bin/busybox"}) {
    CAPTURE(part);
    CHECK(has(part));
  }
  CHECK_THROWS(program_image("none", "no-such-program"));
}
