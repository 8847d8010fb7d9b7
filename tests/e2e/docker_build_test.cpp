// A team's own strategy builds the image of its version, pushes it to a registry that knows the team by a password, and
// deploys what the registry has.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "e2e/container_site.hpp"
#include "e2e/switch_story.hpp"
#include "harness/image_registry.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

constexpr const char* password = "correct horse";
constexpr const char* login = "aGFyYm91cjpjb3JyZWN0IGhvcnNl";  // "harbour:correct horse" in base64
constexpr const char* token = "hush-hush";

constexpr const char* ship = R"(return {
  api = 1,
  summary = "Builds the image of this version, pushes it, and deploys it.",
  options = {
    repository = { type = "string", default = "", doc = "where its images are kept" },
    token = { type = "string", default = "", doc = "for the packages that the build fetches" },
  },
  run = function(deploy, options)
    local name = options.repository .. ":" .. deploy.version
    image.build { image = "shop:built", context = "web", args = { VERSION = deploy.version, TOKEN = options.token } }
    image.tag { image = "shop:built", as = name }
    image.push { image = name }
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
    deploy:retire_old()
  end,
}
)";

/// Its last step is `step`.
std::string dockerfile(const std::string& step) {
  return "FROM shop:v1\nARG VERSION\nARG TOKEN\nENV VERSION=$VERSION\n" + step +
         "\nCMD [\"/bin/sh\", \"-c\", \"exec /shop --host 0.0.0.0 --port 8080 --version $VERSION\"]\n";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// v1 serves, shipped by the team itself.
class Team {
 public:
  Team() : registry(site.folder, {"harbour", password}) {
    ContainerSiteOptions options;
    options.image = registry.image("shop:{version}");
    options.runtime_more = "pull = \"always\",";  // what is started has been in the registry
    options.options = fmt::format("repository = \"{}\", token = secret \"file:token\"", registry.image("shop"));
    site.configure(options);
    site.folder.write("ship.lua", ship);
    site.folder.write("token", token);
    write_dockerfile("RUN echo fetching with $TOKEN");
    log_in(password);
    const auto first = run("deploy", "v1");
    CAPTURE(first.text());
    REQUIRE(first.code == 0);
    REQUIRE(site.serving() == "v1");
  }

  void write_dockerfile(const std::string& step) {
    std::filesystem::create_directories(site.folder / "web");
    site.folder.write("web/Dockerfile", dockerfile(step));
  }

  void log_in(const char* word) { site.engine->log_in(registry.address(), "harbour", word); }

  std::map<std::string, std::string> environment() const {
    return {{"DOCKER_CONFIG", site.engine->environment().at("DOCKER_CONFIG")}};
  }

  Ended run(const std::string& verb, const std::string& version, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {verb, version, "--strategy", "ship.lua"});
    return site.shunt(std::move(more), environment());
  }

  /// Of the shop, as the registry lists them: `["v1","v2"]`.
  std::string tags() const {
    const auto answer = shunt::harness::http_get(registry.port(), "/v2/shop/tags/list",
                                                 {{"Authorization", fmt::format("Basic {}", login)}});
    auto tags = Json::parse(answer.body)["tags"];
    std::sort(tags.begin(), tags.end());
    return tags.dump();
  }

  /// "NAME ID" of each image of the engine.
  std::string images() const {
    std::istringstream lines(
        site.engine->docker({"images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"}));
    std::set<std::string> images;
    for (std::string line; std::getline(lines, line);) images.insert(line);
    return fmt::format("{}", fmt::join(images, "\n"));
  }

  /// How many contexts of builds lie about.
  long tars() const {
    const std::filesystem::directory_iterator files(site.state() / "shop/runtime-docker/images");
    return std::count_if(begin(files), end(files), [](const auto& file) { return has(file.path(), "context."); });
  }

  /// The old version serves, and nobody has the new one.
  void check_nothing_lost() {
    CHECK(site.serving() == "v1");
    CHECK(site.containers() == std::vector<std::string>{"shop-web-blue-0"});
    CHECK(tags() == R"(["v1"])");
  }

  /// No secret is in what the last deployment left and shows.
  void check_no_secrets(const Ended& ended) {
    std::string all = ended.text() + site.shunt({"show"}).text() + site.shunt({"show", "--json"}).text();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(site.state())) {
      std::ostringstream text;
      if (entry.is_regular_file()) text << std::ifstream(entry.path()).rdbuf();
      all += text.str();
    }
    CHECK(has(all, "image.push"));
    for (const auto* secret : {password, login, token, "wrong horse"}) CHECK_FALSE(has(all, secret));
  }

  ContainerSite site;
  shunt::harness::ImageRegistry registry;
};

}  // namespace

TEST_CASE("a team builds, pushes and deploys its image; what goes wrong on the way is said, and nothing is lost") {
  Team team;
  auto& site = team.site;
  User user(site.url());
  {
    INFO("a plan touches nothing");
    const auto images = team.images();
    const auto planned = team.run("plan", "v2");
    CAPTURE(planned.text());
    CHECK(planned.code == 0);
    CHECK(has(planned.text(), "build shop:built"));
    CHECK(has(planned.text(), "push " + team.registry.image("shop:v2")));
    CHECK_FALSE(has(planned.text(), "in flight"));  // what the live version answers meanwhile
    CHECK(team.images() == images);
    team.check_nothing_lost();
  }
  {
    INFO("the registry does not know the password");
    team.log_in("wrong horse");
    const auto refused = team.run("deploy", "v2", {"--json"});
    CAPTURE(refused.text());
    CHECK(refused.code == 1);
    CHECK(has(refused.text(), "SH1437"));
    CHECK(has(refused.text(), "docker login " + team.registry.address()));
    team.check_nothing_lost();
    team.check_no_secrets(refused);
    team.log_in(password);
  }
  {
    INFO("a step of the build fails");
    team.write_dockerfile("RUN echo no compiler for $TOKEN >&2 && exit 3");
    const auto refused = team.run("deploy", "v2");
    CAPTURE(refused.text());
    CHECK(refused.code == 1);
    CHECK(has(refused.text(), "SH1436"));
    for (const auto& text : {refused.text(), site.shunt({"show"}).text()}) CHECK(has(text, "| no compiler for ***"));
    team.check_nothing_lost();
    team.check_no_secrets(refused);
    team.write_dockerfile("RUN echo fetching with $TOKEN");
  }
  const auto shipped = team.run("deploy", "v2");
  CAPTURE(shipped.text());
  CHECK(shipped.code == 0);
  CHECK(site.serving() == "v2");
  CHECK(team.tags() == R"(["v1","v2"])");
  CHECK(site.containers() == std::vector<std::string>{"shop-web-green-0"});
  team.check_no_secrets(shipped);
  user.leave();
  CHECK(user.asked > 100);
  CHECK(user.failed == 0);
}

TEST_CASE("shunt is killed while it builds: the old version serves, and resume builds again and goes on") {
  Team team;
  auto& site = team.site;
  team.write_dockerfile("RUN sleep 1000");
  auto running = site.start({"deploy", "v2", "--strategy", "ship.lua"}, team.environment());
  const auto builds = [&] { return has(site.engine->docker({"ps", "--no-trunc"}), "sleep 1000"); };
  REQUIRE(eventually(20s, builds));
  running.kill();
  team.check_nothing_lost();
  CHECK(eventually(20s, [&] { return !builds(); }));  // the engine gave it up
  CHECK(team.tars() == 1);
  team.write_dockerfile("RUN sleep 0");
  const auto resumed = site.shunt({"resume"}, team.environment());
  CAPTURE(resumed.text());
  CHECK(resumed.code == 0);
  CHECK(site.serving() == "v2");
  CHECK(team.tags() == R"(["v1","v2"])");
  CHECK(site.containers() == std::vector<std::string>{"shop-web-green-0"});
  CHECK(site.engine->docker({"ps", "--all", "--quiet"}).find('\n') == std::string::npos);  // no step's container
  CHECK(team.tars() == 0);
  team.check_no_secrets(resumed);
}
