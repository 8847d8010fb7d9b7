// The most memory that a whole deployment takes, behind a real HAProxy, above what curl takes to fetch one page there.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <exception>
#include <stdexcept>

#include "bench/numbers.hpp"
#include "e2e/site.hpp"

using namespace shunt;
using namespace shunt::bench;

extern char** environ;

namespace {

constexpr int repetitions = 3;
constexpr double most_above_curl_mib = 10;

double in_mib(const rusage& usage) {
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Linux counts what the parent had before the exec, too: what is measured must be larger than the bench itself.
double memory_of(std::vector<std::string> argv) {
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t silent;
  ::posix_spawn_file_actions_init(&silent);
  ::posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failed = ::posix_spawnp(&pid, words[0], &silent, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&silent);
  int status = 0;
  rusage usage{};
  rusage own{};
  if (failed != 0 || ::wait4(pid, &status, 0, &usage) != pid || status != 0)
    throw std::runtime_error(argv[0] + " failed");
  ::getrusage(RUSAGE_SELF, &own);
  if (usage.ru_maxrss <= own.ru_maxrss) throw std::runtime_error(argv[0] + " takes less than this bench: not measured");
  return in_mib(usage);
}

std::vector<std::string> deploy(const e2e::Site& site, int version) {
  return {harness::shunt_program().string(), "-f", site.app_file().string(), "--state", site.state().string(), "deploy",
          fmt::format("v{}", version)};
}

}  // namespace

int main() {
  try {
    e2e::SiteOptions options;
    options.options = "soak = \"1s\"";
    e2e::Site site(options);
    static_cast<void>(memory_of(deploy(site, 1)));
    std::vector<double> ours, curls;
    for (int i = 0; i < repetitions; ++i) {
      ours.push_back(memory_of(deploy(site, i + 2)));
      curls.push_back(memory_of({"curl", "-sS", "--fail", site.url()}));
    }
    fmt::print("a deployment, MiB:     {}\ncurl for a page, MiB:  {}\n", shown(ours), shown(curls));
    at_most("deployment_above_curl_mib", median(ours) - median(curls), most_above_curl_mib);
    note("deployment_to_curl", median(ours) / median(curls));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_memory: {}\n", error.what());
    return 2;
  }
}
