#include "adapters/runtime/docker/tar.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace shunt::adapters::docker {

namespace {

/// The bytes of a tar with one entry that has no content.
std::string tar_with(const Tar::Entry& entry) {
  std::string file = (std::filesystem::temp_directory_path() / "shunt-tar-XXXXXX").string();
  ::close(::mkstemp(file.data()));
  auto tar = Tar::create(file);
  REQUIRE(tar);
  REQUIRE(tar->add(entry));
  const auto size = tar->finish();
  REQUIRE(size);
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  std::filesystem::remove(file);
  CHECK(bytes.str().size() == static_cast<std::size_t>(*size));
  return bytes.str();
}

Tar::Entry some_file() {
  Tar::Entry entry;
  entry.name = "a";
  entry.mode = S_IFREG | 0640;
  return entry;
}

std::string bytes_of(std::initializer_list<int> numbers) {
  std::string bytes;
  for (const int number : numbers) bytes += static_cast<char>(number);
  return bytes;
}

TEST_CASE("a header is that of GNU tar, with its sum") {
  const auto bytes = tar_with(some_file());
  REQUIRE(bytes.size() == 512 + 1024);
  CHECK(bytes.substr(0, 2) == std::string("a\0", 2));
  CHECK(bytes.substr(100, 8) == std::string("0000640\0", 8));
  CHECK(bytes.substr(124, 12) == std::string("00000000000\0", 12));
  CHECK(bytes.substr(257, 8) == std::string("ustar  \0", 8));
  unsigned sum = 8 * ' ';
  for (std::size_t i = 0; i < 512; ++i)
    if (i < 148 || i >= 156) sum += static_cast<unsigned char>(bytes[i]);
  CHECK(std::strtoul(bytes.substr(148, 6).c_str(), nullptr, 8) == sum);
  CHECK(bytes.substr(154, 3) == std::string("\0 0", 3));
  CHECK(bytes.substr(512) == std::string(1024, '\0'));
}

TEST_CASE("numbers that octal digits cannot hold are binary") {
  auto entry = some_file();
  entry.size = (std::int64_t{1} << 33) - 1;
  CHECK(tar_with(entry).substr(124, 12) == std::string("77777777777\0", 12));
  entry.size += 1;
  CHECK(tar_with(entry).substr(124, 12) == bytes_of({0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0}));
  entry.size = 0;
  entry.modified = -2;
  CHECK(tar_with(entry).substr(136, 12) == bytes_of({255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 254}));
}

TEST_CASE("a name is in the header, or before it when it is too long") {
  auto entry = some_file();
  entry.name = std::string(99, 'x');
  CHECK(tar_with(entry).size() == 512 + 1024);
  entry.name += 'y';
  const auto bytes = tar_with(entry);
  REQUIRE(bytes.size() == 3 * 512 + 1024);
  CHECK(bytes.substr(0, 14) == std::string("././@LongLink\0", 14));
  CHECK(bytes[156] == 'L');
  CHECK(bytes.substr(124, 11) == "00000000145");
  CHECK(bytes.substr(512, 101) == entry.name + std::string(1, '\0'));
  CHECK(bytes.substr(1024, 99) == entry.name.substr(0, 99));
}

}  // namespace

}  // namespace shunt::adapters::docker
