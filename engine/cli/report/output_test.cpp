#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "cli/report/output.hpp"

using namespace shunt::cli;

namespace {

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
  }
  std::string read_all_of(std::size_t size) const {
    std::string text;
    std::array<char, 65536> buffer{};
    while (text.size() < size) {
      const auto count = ::read(ends[0], buffer.data(), buffer.size());
      if (count <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
  }
  std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("a reader that is not there makes it silent, not broken") {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  Output output(pipe.ends[1]);
  output.put("one\n");
  CHECK_FALSE(output.gone());
  pipe.close_reader();
  output.put("two\n");
  CHECK(output.gone());
  output.put("three\n");
  output.flush();
}

TEST_CASE("a descriptor that is closed makes it silent") {
  Output output(-1);
  output.put("x");
  output.flush();
  Output closed(1023);
  closed.put("x");
  closed.flush();
  CHECK(closed.gone());
}

TEST_CASE("a reader that does not read never blocks a writer, and gets everything in the end") {
  Pipe pipe;
  Output output(pipe.ends[1]);
  std::string all;
  for (int i = 0; i < 4'000; ++i) {  // far more than a pipe holds
    const auto line = "line " + std::to_string(i) + std::string(100, '.') + "\n";
    all += line;
    output.put(line);
  }
  std::string read;
  std::thread reader([&] { read = pipe.read_all_of(all.size()); });
  output.flush();
  reader.join();
  CHECK(read == all);
}

TEST_CASE("what nobody reads is dropped from the front, in whole texts") {
  Pipe pipe;
  Output output(pipe.ends[1]);
  const std::string chunk(65'536, 'x');
  for (int i = 0; i < 100; ++i) output.put(chunk + "\n");
  output.put("the end\n");
  std::string read;
  std::thread reader([&] { read = pipe.read_all_of(std::size_t{20} * 1024 * 1024); });
  output.flush();
  ::close(pipe.ends[1]);
  reader.join();
  pipe.ends[1] = -1;
  CHECK(read.size() < std::size_t{5} * 1024 * 1024);
  CHECK(read.ends_with("x\nthe end\n"));
}
