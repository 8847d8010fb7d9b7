// An example as it stands in the repository, copied and run.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "docs/book.hpp"
#include "harness/harness.hpp"

namespace shunt::docs {

using namespace shunt::harness;

/// A copy of an example in a folder of its own, with free ports in place of those that it names.
class Example {
 public:
  Example(std::string name, std::vector<int> ports) : name_(std::move(name)) {
    const auto free = free_ports(static_cast<int>(ports.size()));
    for (std::size_t i = 0; i < ports.size(); ++i) ports_[ports[i]] = free[i];
    std::filesystem::copy(source_folder() / "examples" / name_, folder.path(),
                          std::filesystem::copy_options::recursive);
    for (const auto& [was, is] : ports_) everywhere(fmt::format("{}", was), fmt::format("{}", is));
  }

  // In every file of the example, as often as it stands there.
  void everywhere(const std::string& from, const std::string& to) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      if (!entry.is_regular_file()) continue;
      const auto text = folder.read(entry.path());
      if (text.find(from) != std::string::npos) folder.write(entry.path(), replaced(text, from, to));
    }
  }

  std::string page() const { return "examples/" + name_ + "/README.md"; }
  int port(int written) const { return ports_.at(written); }
  std::string serving(int written) const { return http_get(port(written), "/").header("x-version"); }

  Ran run_here(std::vector<std::string> argv) const {
    Command command;
    command.argv = std::move(argv);
    command.cwd = folder.path();
    command.env = {{"SHUNT_STATE", (folder / "state").string()},
                   {"GITHUB_ACTIONS", ""},
                   {"PATH", shop_program().parent_path().string() + ":" + std::getenv("PATH")}};
    for (const auto& [name, value] : environment) command.env[name] = value;
    return run(std::move(command), limit);
  }

  Ran shunt(std::vector<std::string> words) const {
    words.insert(words.begin(), shunt_program().string());
    return run_here(std::move(words));
  }

  // Every shunt command of the block that contains `words`, each of which must succeed.
  void follow(const std::string& words) {
    for (const auto& command : commands_in(book().take(page(), words))) {
      const auto ran = shunt(command);
      CAPTURE(fmt::format("{}", fmt::join(command, " ")));
      CAPTURE(ran.output());
      CHECK(ran.code() == 0);
    }
  }

  void start_haproxy() {
    for (auto command : commands_in(book().take(page(), "haproxy -D"), "haproxy")) {
      command.erase(command.begin());  // -D: here it is a child
      command.insert(command.begin(), {"haproxy", "-db"});
      Command started{command};
      started.cwd = folder.path();
      proxy_ = std::make_unique<Program>(std::move(started));
      proxy_->start();
    }
    REQUIRE(eventually(std::chrono::seconds(5), [&] { return std::filesystem::exists(folder / "admin.sock"); }));
  }

  TemporaryFolder folder;
  std::map<std::string, std::string> environment;  ///< of what it runs, besides the ordinary
  std::chrono::seconds limit{60};                  ///< for one command

 private:
  std::string name_;
  std::map<int, int> ports_;
  std::unique_ptr<Program> proxy_;
};

}  // namespace shunt::docs
