#include "secrets/vault.hpp"

#include <doctest/doctest.h>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "process/posix.hpp"

using namespace shunt;

namespace {

struct Opened {
  process::Posix processes;
  secrets::Vault vault{processes};

  Task<void> reveal_into(Value value, std::optional<Result<Value>>* result) {
    auto opened = co_await vault.reveal(std::move(value));
    result->emplace(std::move(opened));
  }

  Result<Value> reveal(const Value& value) {
    asio::io_context loop;
    std::optional<Result<Value>> result;
    asio::co_spawn(loop, reveal_into(value, &result), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    loop.run();
    return *result;
  }
};

Value handle(const char* how, const Value& what) {
  return {{"$secret", {{how, what}}}};
}

}  // namespace

TEST_CASE("environment, file and command give their value without its last newline") {
  Opened opened;
  setenv("VAULT_TEST", "open sesame", 1);
  const auto path = std::filesystem::temp_directory_path() / "vault_test_secret";
  std::ofstream(path) << "from a file\n";
  const auto all = opened.reveal(
      {handle("env", "VAULT_TEST"), handle("file", path.string()), handle("command", {"echo", "spoken"})});
  std::filesystem::remove(path);
  REQUIRE(all);
  CHECK(*all == Value({"open sesame", "from a file", "spoken"}));
}

TEST_CASE("what was read is masked everywhere, also line by line") {
  Opened opened;
  setenv("VAULT_TEST", "first line\nsecond line", 1);
  REQUIRE(opened.reveal(handle("env", "VAULT_TEST")));
  CHECK(opened.vault.mask("it said: second line!") == "it said: ***!");
  CHECK(opened.vault.mask_all({{"first line", {"a first line"}}}) == Value({{"***", {"a ***"}}}));
}

TEST_CASE("what an adapter has found by itself is masked, too") {
  Opened opened;
  opened.vault.remember("open sesame");
  opened.vault.remember("");
  CHECK(opened.vault.mask("say open sesame") == "say ***");
}

TEST_CASE("a secret that cannot be read names its handle, not its value") {
  Opened opened;
  unsetenv("VAULT_TEST");
  for (const auto& missing :
       {handle("env", "VAULT_TEST"), handle("file", "/nowhere/at/all"), handle("command", {"false"})}) {
    const auto read = opened.reveal(missing);
    REQUIRE(!read);
    CHECK(read.error().code == "SH1009");
  }
}

TEST_CASE("short values are not masked: everything would be black") {
  Opened opened;
  setenv("VAULT_TEST", "on", 1);
  REQUIRE(opened.reveal(handle("env", "VAULT_TEST")));
  CHECK(opened.vault.mask("on and on") == "on and on");
}
