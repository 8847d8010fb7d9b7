#include "adapters/runtime/docker/context.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace shunt::adapters::docker {

namespace {

namespace fs = std::filesystem;

/// What a tar has under one name.
struct Packed {
  char type = '0';
  int mode = 0;
  long modified = 0;
  int owner = 0;
  std::string target;
  std::string content;
};

long octal(const std::string& text) {
  return std::strtol(text.c_str(), nullptr, 8);
}

/// Reads the format of GNU tar (https://www.gnu.org/software/tar/manual/html_node/Standard.html) by itself.
std::map<std::string, Packed> entries_of(const fs::path& tar) {
  std::ifstream in(tar, std::ios::binary);
  std::map<std::string, Packed> entries;
  std::map<char, std::string> longer;  // names that come before the entry they belong to
  const auto until_zero = [](const std::string& text) { return std::string(text.c_str()); };
  std::string header(512, '\0');
  while (in.read(header.data(), 512) && header[0] != '\0') {
    REQUIRE(header.substr(257, 6) == "ustar ");
    const auto size = static_cast<std::size_t>(octal(header.substr(124, 11)));
    std::string content((size + 511) / 512 * 512, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(size);
    const char type = header[156];
    if (type == 'L' || type == 'K') {
      longer[type] = until_zero(content);
      continue;
    }
    Packed entry;
    entry.type = type;
    entry.mode = static_cast<int>(octal(header.substr(100, 7)));
    entry.owner = static_cast<int>(octal(header.substr(108, 7)) + octal(header.substr(116, 7)));
    entry.modified = octal(header.substr(136, 11));
    entry.target = longer.contains('K') ? longer['K'] : until_zero(header.substr(157, 100));
    entry.content = content;
    const auto name = longer.contains('L') ? longer['L'] : until_zero(header.substr(0, 100));
    CHECK_MESSAGE(!entries.contains(name), name, " is there twice");
    entries[name] = entry;
    longer.clear();
  }
  CHECK(in.good());
  return entries;
}

/// A context in a folder of its own; the tar lies beside it.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "shunt-context-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    folder = fs::canonical(name);
    fs::create_directory(context());
  }
  ~Place() { fs::remove_all(folder); }

  fs::path context() const { return folder / "context"; }
  fs::path tar() const { return folder / "context.tar"; }

  void write(const std::string& name, const std::string& content = "") const {
    const auto file = context() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }

  std::map<std::string, Packed> pack(const std::string& dockerfile = "") {
    auto written = write_context(context(), dockerfile, tar());
    if (!written) FAIL(to_paragraph(written.error()));
    CHECK(written->file == tar());
    CHECK(written->bytes == static_cast<std::int64_t>(fs::file_size(tar())));
    called = written->dockerfile;
    return entries_of(tar());
  }

  std::string names(const std::string& dockerfile = "") {
    std::string all;
    for (const auto& [name, entry] : pack(dockerfile)) all += (all.empty() ? "" : " ") + name;
    return all;
  }

  fs::path folder;
  std::string called;  ///< the Dockerfile, in the tar
};

TEST_CASE("a context is packed with contents, rights and times, but without owners") {
  Place place;
  place.write("Dockerfile", "FROM scratch\n");
  place.write("bin/run", std::string(1'000'000, 'x') + "end");
  place.write("empty");
  place.write("n\xc3\xa4me \xff", "bytes");
  ::chmod((place.context() / "bin/run").c_str(), 04751);
  ::chmod((place.context() / "bin").c_str(), 0700);
  ::chown((place.context() / "empty").c_str(), 1234, 1234);
  const struct timespec times[2] = {{1'000'000'000, 0}, {1'234'567'890, 999'999'999}};
  ::utimensat(AT_FDCWD, (place.context() / "empty").c_str(), times, 0);
  const auto entries = place.pack();
  CHECK(place.called == "Dockerfile");
  CHECK(entries.size() == 5);
  CHECK(entries.at("Dockerfile").content == "FROM scratch\n");
  CHECK(entries.at("bin/").type == '5');
  CHECK(entries.at("bin/").mode == 0700);
  CHECK(entries.at("bin/run").content == std::string(1'000'000, 'x') + "end");
  CHECK(entries.at("bin/run").mode == 04751);
  CHECK(entries.at("empty").content.empty());
  CHECK(entries.at("empty").modified == 1'234'567'890);
  CHECK(entries.at("empty").owner == 0);
  CHECK(entries.at("n\xc3\xa4me \xff").content == "bytes");
  struct stat facts = {};
  REQUIRE(::stat(place.tar().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("symbolic links stay links, and what is no file is left out") {
  Place place;
  place.write("Dockerfile");
  place.write("d/file");
  fs::create_symlink("d/file", place.context() / "link");
  fs::create_symlink("/etc", place.context() / "folder-link");
  fs::create_symlink(std::string(150, 'x'), place.context() / "dangling");
  ::mkfifo((place.context() / "pipe").c_str(), 0600);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (place.context() / "socket").c_str(), sizeof(address.sun_path) - 1);
  REQUIRE(::bind(socket, reinterpret_cast<struct sockaddr*>(&address), sizeof address) == 0);
  ::close(socket);
  const auto entries = place.pack();
  CHECK(entries.size() == 6);
  CHECK(entries.at("link").type == '2');
  CHECK(entries.at("link").target == "d/file");
  CHECK(entries.at("folder-link").target == "/etc");
  CHECK(entries.at("dangling").target == std::string(150, 'x'));
}

TEST_CASE("long names are kept") {
  Place place;
  place.write("Dockerfile");
  std::string name;
  for (int i = 0; i < 15; ++i) name += std::string(200, static_cast<char>('a' + i)) + "/";
  place.write(name + "file", "deep");
  const auto entries = place.pack();
  CHECK(entries.at(name + "file").content == "deep");
  CHECK(entries.contains(name));
  CHECK(entries.size() == 17);
}

TEST_CASE("the same folder gives the same bytes") {
  Place place;
  for (const char* name : {"Dockerfile", "b", "a", "d/b", "d/a"}) place.write(name, name);
  const auto bytes = [&] {
    place.pack();
    std::ostringstream text;
    text << std::ifstream(place.tar(), std::ios::binary).rdbuf();
    return text.str();
  };
  const auto first = bytes();
  CHECK(first == bytes());
}

TEST_CASE("what is ignored is not packed; what is included again comes with its folders") {
  Place place;
  for (const char* name : {"Dockerfile", "a/b/c", "a/b/d", "a/x", "e/f", "e/g/h", "k"}) place.write(name);
  place.write(".dockerignore", "a\ne\n!a/b/c\n!e/*/h\n");
  CHECK(place.names() == ".dockerignore Dockerfile a/ a/b/ a/b/c e/ e/g/ e/g/h k");
  place.write(".dockerignore", "*\n");
  CHECK(place.names() == ".dockerignore Dockerfile");
  place.write("build/web.Dockerfile");
  CHECK(place.names("build/web.Dockerfile") == ".dockerignore build/ build/web.Dockerfile");
  CHECK(place.called == "build/web.Dockerfile");
}

TEST_CASE("the ignore file of a Dockerfile wins, and the engine gets what counts") {
  Place place;
  for (const char* name : {"web.Dockerfile", "a", "b"}) place.write(name);
  place.write(".dockerignore", "a\n");
  place.write("web.Dockerfile.dockerignore", "b");
  CHECK(place.names("web.Dockerfile") == ".dockerignore a web.Dockerfile web.Dockerfile.dockerignore");
  CHECK(place.pack("web.Dockerfile").at(".dockerignore").content == "b\n");
  fs::remove(place.context() / ".dockerignore");
  CHECK(place.pack("web.Dockerfile").at(".dockerignore").content == "b\n.dockerignore\n");
}

TEST_CASE("a Dockerfile from outside comes along, and is left out of the image") {
  Place place;
  place.write("a", "1");
  std::ofstream(place.folder / "Dockerfile") << "FROM scratch\n";
  for (const auto& dockerfile : {(place.folder / "Dockerfile").string(), std::string("../Dockerfile")}) {
    const auto entries = place.pack(dockerfile);
    CHECK(place.called.starts_with(".dockerfile."));
    CHECK(entries.size() == 3);
    CHECK(entries.at(place.called).content == "FROM scratch\n");
    CHECK(entries.at(".dockerignore").content == ".dockerignore\n" + place.called + "\n");
  }
  place.write(".dockerignore", "# mine\nb");
  CHECK(place.pack("../Dockerfile").at(".dockerignore").content == "# mine\nb\n" + place.called + "\n");
  std::ofstream(place.folder / "Dockerfile.dockerignore") << "a";
  const auto entries = place.pack("../Dockerfile");
  CHECK(entries.at(".dockerignore").content == "a\n" + place.called + "\n");
  CHECK(entries.size() == 2);
}

TEST_CASE("a Dockerfile that is a link is called by what it leads to") {
  Place place;
  place.write("docker/real", "FROM scratch\n");
  fs::create_symlink("docker/real", place.context() / "Dockerfile");
  place.write(".dockerignore", "docker\nDockerfile\n");
  CHECK(place.names() == ".dockerignore docker/ docker/real");
  CHECK(place.called == "docker/real");
  fs::create_symlink(place.context(), place.folder / "context-link");
  CHECK(write_context(place.folder / "context-link", "", place.tar())->dockerfile == "docker/real");
}

TEST_CASE("the tar does not pack itself") {
  Place place;
  place.write("Dockerfile");
  const auto target = place.context() / "x.tar";
  REQUIRE(write_context(place.context(), "", target));
  REQUIRE(write_context(place.context(), "", target));
  CHECK(entries_of(target).size() == 1);
}

/// The error; there must be one, and no tar.
Error error_of(const Result<ContextFile>& written, const fs::path& target) {
  REQUIRE(!written);
  CHECK(!fs::exists(target));
  CHECK(!written.error().remedy.empty());
  return written.error();
}

bool tells(const Error& error, const std::string& words) {
  CAPTURE(error.message);
  return error.message.find(words) != std::string::npos;
}

TEST_CASE("what is missing is named") {
  Place place;
  const auto nowhere = error_of(write_context(place.folder / "nowhere", "", place.tar()), place.tar());
  CHECK(nowhere.code == "SH1414");
  CHECK(nowhere.kind == Kind::config);
  CHECK(tells(nowhere, "nowhere: No such file"));
  std::ofstream(place.folder / "file") << "";
  CHECK(tells(error_of(write_context(place.folder / "file", "", place.tar()), place.tar()), "Not a directory"));
  CHECK(tells(error_of(write_context(place.context(), "", place.tar()), place.tar()), "context/Dockerfile: No such"));
  fs::create_directory(place.context() / "Dockerfile");
  CHECK(tells(error_of(write_context(place.context(), "", place.tar()), place.tar()), "no Dockerfile at"));
  place.write("web");
  const auto target = place.folder / "no/such/folder.tar";
  CHECK(tells(error_of(write_context(place.context(), "web", target), target), "no/such/folder.tar: No such file"));
}

TEST_CASE("a malformed or unreadable ignore file is named") {
  Place place;
  place.write("Dockerfile");
  place.write(".dockerignore", "a\n[\n");
  const auto malformed = error_of(write_context(place.context(), "", place.tar()), place.tar());
  CHECK(malformed.code == "SH1413");
  CHECK(malformed.where.file == (place.context() / ".dockerignore").string());
  CHECK(malformed.where.line == 2);
  fs::create_directory(place.context() / "Dockerfile.dockerignore");
  const auto folder = error_of(write_context(place.context(), "", place.tar()), place.tar());
  CHECK(folder.code == "SH1413");
  CHECK(tells(folder, "Dockerfile.dockerignore"));
}

// Files of the kernel say that they are empty, or a page long, and have another content.
TEST_CASE("a file that changes while it is read is named") {
  Place place;
  place.write("Dockerfile");
  const auto dockerfile = (place.context() / "Dockerfile").string();
  const std::vector<std::pair<fs::path, std::string>> folders = {
      {"/proc/sys/kernel/random", "boot_id: it changed"},
      {"/sys/kernel/mm/transparent_hugepage", "it became shorter"},
      {"/proc/self/fd", "it vanished"},  // of the folder itself, while its names are read
  };
  for (const auto& [folder, words] : folders) {
    if (!fs::exists(folder)) continue;
    const auto error = error_of(write_context(folder, dockerfile, place.tar()), place.tar());
    CHECK(error.code == "SH1414");
    CHECK(error.retryable);
    CHECK(tells(error, words));
  }
}

TEST_CASE("a file that is written anew while it is read is named, also when it keeps its size") {
  Place place;
  place.write("Dockerfile");
  place.write("busy", std::string(4'000'000, 'x'));
  std::atomic<bool> packed = false;
  std::thread writer([&] {
    for (long time = 1; !packed; ++time) {
      const struct timespec times[2] = {{0, UTIME_OMIT}, {time, 0}};
      ::utimensat(AT_FDCWD, (place.context() / "busy").c_str(), times, 0);
    }
  });
  auto written = write_context(place.context(), "", place.tar());
  for (int i = 0; i < 100 && written; ++i) written = write_context(place.context(), "", place.tar());
  packed = true;
  writer.join();
  CHECK(tells(error_of(written, place.tar()), "busy: it changed while it was read"));
}

TEST_CASE("a tar that cannot be written whole is named, and removed") {
  Place place;
  place.write("Dockerfile");
  place.write("big", std::string(1'000'000, 'x'));
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto limited = before;
  limited.rlim_cur = 300'000;
  ::setrlimit(RLIMIT_FSIZE, &limited);
  const auto written = write_context(place.context(), "", place.tar());
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(tells(error_of(written, place.tar()), "context.tar: File too large"));
}

TEST_CASE("what a link leads to is not overwritten") {
  Place place;
  place.write("Dockerfile", "mine");
  fs::create_symlink(place.context() / "Dockerfile", place.tar());
  const auto written = write_context(place.context(), "", place.tar());
  REQUIRE(!written);
  CHECK(tells(written.error(), "context.tar: Too many levels of symbolic links"));
  CHECK(fs::file_size(place.context() / "Dockerfile") == 4);
}

TEST_CASE("contexts are packed on several threads at once") {
  Place one;
  Place two;
  for (auto* place : {&one, &two})
    for (int i = 0; i < 50; ++i) place->write("d" + std::to_string(i % 7) + "/f" + std::to_string(i), "x");
  one.write("Dockerfile", "one");
  two.write("Dockerfile", "two");
  std::vector<std::thread> threads;
  std::vector<std::int64_t> sizes(2);
  threads.emplace_back([&] { sizes[0] = write_context(one.context(), "", one.tar())->bytes; });
  threads.emplace_back([&] { sizes[1] = write_context(two.context(), "", two.tar())->bytes; });
  for (auto& thread : threads) thread.join();
  CHECK(sizes[0] == sizes[1]);
  CHECK(entries_of(one.tar()).at("Dockerfile").content == "one");
  CHECK(entries_of(two.tar()).at("Dockerfile").content == "two");
}

}  // namespace

}  // namespace shunt::adapters::docker
