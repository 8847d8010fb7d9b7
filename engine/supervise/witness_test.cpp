#include "supervise/witness.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace shunt::supervise {

namespace {

TEST_CASE("a spec comes back as it was") {
  Spec spec;
  spec.id = "shop-web-blue-0";
  spec.ticket = "t";
  spec.sha = "s";
  spec.folder = "/f";
  spec.labels = {"shunt.app=shop", "shunt.version=a=b\n"};
  spec.argv = {"sh", "-c", ""};
  spec.cwd = "/tmp";
  spec.env = {"A=1", "B="};
  spec.restart = false;
  spec.stop_signal = 3;
  spec.grace_ms = 77;
  const auto again = Spec::from_record(spec.to_record());
  CHECK(again.to_record() == spec.to_record());
  CHECK(again.env == spec.env);
  CHECK_FALSE(again.restart);
}

TEST_CASE("what is written down of a spec names its variables and holds none of their values") {
  Spec spec;
  spec.argv = {"sh"};
  spec.env = {"PASSWORD=hunter2", "EMPTY="};
  const auto text = encode(spec.to_public_record());
  CHECK(text.find("PASSWORD") != std::string::npos);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(Spec::from_record(spec.to_public_record()).env.empty());
}

TEST_CASE("a witness comes back as it was, through its file") {
  std::string name = (std::filesystem::temp_directory_path() / "shunt-witness-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  const Paths paths{name};
  CHECK_FALSE(read_witness(paths).has_value());
  Witness witness;
  witness.id = "shop-web-blue-0";
  witness.ticket = "t";
  witness.sha = "s";
  witness.labels = {"shunt.app=shop"};
  witness.boot = "b";
  witness.supervisor = {12, 345678901234};
  witness.session = 11;
  witness.child = {13, 99};
  witness.state = "running";
  witness.stopping = true;
  witness.started_ms = 1'700'000'000'123;
  witness.restarts = 4;
  witness.stop_signal = 3;
  REQUIRE(replace_file(paths.witness(), witness.to_record()));
  auto again = read_witness(paths);
  REQUIRE(again.has_value());
  CHECK(again->to_record() == witness.to_record());
  CHECK(again->supervisor == witness.supervisor);
  CHECK_FALSE(again->exit_code.has_value());
  witness.exit_code = 0;
  REQUIRE(replace_file(paths.witness(), witness.to_record()));
  CHECK(read_witness(paths)->exit_code == 0);
  struct stat facts = {};
  REQUIRE(::stat(paths.witness().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  std::filesystem::resize_file(paths.witness(), std::filesystem::file_size(paths.witness()) - 3);
  CHECK_FALSE(read_witness(paths).has_value());
  CHECK_FALSE(replace_file("/nonexistent/witness", witness.to_record()));
  std::filesystem::remove_all(name);
}

}  // namespace

}  // namespace shunt::supervise
