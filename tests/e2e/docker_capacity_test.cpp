// Room for both versions, where they are containers: whose memory counts.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "e2e/container_site.hpp"
#include "harness/enclosure.hpp"

using namespace shunt::e2e;
using shunt::harness::Enclosure;

namespace {

constexpr long mib = 1024 * 1024;
constexpr long kept = 300 * mib;  ///< in the memory of each instance of v1

/// v1 keeps a lot in memory, later versions little.
ContainerSiteOptions with_large_v1() {
  ContainerSiteOptions options;
  options.runtime_more = fmt::format(
      "command = {{ \"/bin/sh\", \"-c\", [[\n"
      "  if [ {{version}} = v1 ]; then\n"
      "    {{ head -c {0} /dev/zero; exec sleep 9999; }} | tail -c {0} >/dev/null &\n"
      "  fi\n"
      "  exec /shop --host 0.0.0.0 --port 8080 --version {{version}}]] }},",
      kept);
  return options;
}

/// Sets what the control group of an enclosure may use; version 1 or 2.
std::vector<std::string> limit_to(long bytes) {
  const auto script = fmt::format(
      "for file in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do "
      "if [ -e $file ]; then echo {} >$file; fi; done",
      bytes);
  return {"sh", "-c", script};
}

/// What it uses.
long used_by(const shunt::harness::ContainerEngine& engine) {
  const auto ran = engine.inside(
      {"sh", "-c", "cat /sys/fs/cgroup/memory/memory.usage_in_bytes /sys/fs/cgroup/memory.current 2>/dev/null"});
  return std::stol(ran.out);
}

long memory_of(const ContainerSite& site, const std::string& container) {
  const auto text = site.engine->docker({"stats", "--no-stream", "--format", "{{.MemUsage}}", container});
  return text.find("MiB") == std::string::npos ? 0 : std::stol(text) * mib;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an engine under the same limits as shunt: refused with numbers before anything starts; --force overrides") {
  ContainerSite site(with_large_v1());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(
      shunt::harness::eventually(std::chrono::seconds(20), [&] { return memory_of(site, "shop-web-blue-0") >= kept; }));
  REQUIRE(site.engine->inside(limit_to(used_by(*site.engine) + kept / 2)).code() == 0);
  const auto refused = site.engine->inside(site.command({"deploy", "v2"}).argv);
  CAPTURE(refused.output());
  CHECK(refused.code() == 2);
  CHECK(has(refused.output(), "SH1939"));
  CHECK(has(refused.output(), "would need about 30"));  // 300 MiB, and what the shop itself has
  CHECK(has(refused.output(), "--strategy recreate"));
  CHECK(site.containers() == std::vector<std::string>{"shop-web-blue-0"});
  CHECK(site.serving() == "v1");
  const auto forced = site.engine->inside(site.command({"deploy", "v2", "--force", "--reason", "v2 is small"}).argv);
  CAPTURE(forced.output());
  CHECK(forced.code() == 0);
  CHECK(has(forced.output(), "SH1939"));
  CHECK(site.serving() == "v2");
}

// As in a container of a CI system to which the engine's socket was given.
TEST_CASE("an engine outside of the container that shunt runs in: that one's limits are not those of the instances") {
  ContainerSite site(with_large_v1());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(
      shunt::harness::eventually(std::chrono::seconds(20), [&] { return memory_of(site, "shop-web-blue-0") >= kept; }));
  std::filesystem::create_directories(site.folder / "job");
  const Enclosure job(site.folder / "job");
  REQUIRE(shunt::harness::run({job.command(limit_to(kept / 2))}).code() == 0);
  const auto deployed = shunt::harness::run({job.command(site.command({"deploy", "v2"}).argv)});
  CAPTURE(deployed.output());
  CHECK(deployed.code() == 0);
  CHECK(site.serving() == "v2");
}
