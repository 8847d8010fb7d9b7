// Ctrl-C at a terminal while containers are deployed.
#include <doctest/doctest.h>

#include "e2e/container_story.hpp"
#include "e2e/terminal.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

void type_ctrl_c(ContainerSite& site, Terminal& terminal) {
  terminal.type("\x03");
  const auto exit = terminal.wait(30s);
  CAPTURE(terminal.output());
  REQUIRE(exit);
  CHECK(exit->code == 130);
  CHECK(site.serving() == "v1");
  CHECK(site.containers() == std::vector<std::string>{"shop-web-blue-0"});
  CHECK(site.shunt({"status"}).code == 0);
}

}  // namespace

TEST_CASE("Ctrl-C goes back while a container is waited for, and while it is watched; the next deployment works") {
  ContainerSiteOptions options;
  options.options = "soak = \"30s\"";
  ContainerSite site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  Trickle visitor(site.url());
  {
    INFO("while it is watched");
    Terminal terminal(site.command({"deploy", "v2"}));
    REQUIRE(site.soaks());
    type_ctrl_c(site, terminal);
  }
  {
    INFO("while it is waited for");
    options.runtime_more =
        R"(command = { "/shop", "--host", "0.0.0.0", "--port", "8080", "--version", "v2", "--start-delay", "60000" },)";
    site.configure(options);
    Terminal terminal(site.command({"deploy", "v2"}));
    REQUIRE(eventually(20s, [&] { return site.containers().size() == 2; }));
    type_ctrl_c(site, terminal);
  }
  options.runtime_more.clear();
  site.configure(options);
  succeed(site, {"deploy", "v2", "--set", "soak=0s"}, "v2");
  CHECK(visitor.stop() == "");
}
