#include "cli/init_template.hpp"

#include <doctest/doctest.h>

#include "cli/keys.hpp"
#include "cli/parts.hpp"

using namespace shunt;
using namespace shunt::cli;

TEST_CASE("an app is named like its folder, as far as the rules for names allow") {
  CHECK(app_name_for("shop") == "shop");
  CHECK(app_name_for("My Shop_2") == "my-shop-2");
  CHECK(app_name_for("2024-shop--x-") == "shop-x");
  CHECK(app_name_for("...") == "app");
  CHECK(app_name_for("") == "app");
  CHECK(app_name_for("l\xC3\xA4"
                     "den") == "l-den");
  CHECK(app_name_for(std::string(60, 'a')).size() == 40);
  CHECK(app_name_for(std::string(39, 'a') + "-b") == std::string(39, 'a'));
}

TEST_CASE("the template has the app's name, and the keys that adapters declare") {
  const auto parts = make_parts();
  const auto text = app_file_template("shop", parts->registry);
  CHECK(text.find('@') == std::string::npos);
  CHECK(text.find("app = \"shop\"") != std::string::npos);
  CHECK(text.find("-- state_file: ") != std::string::npos);
  CHECK(text.find("-- command: ") == std::string::npos);
}

TEST_CASE("every key of a runtime stands in its template, once") {
  const auto parts = make_parts();
  const std::vector<std::pair<Platform, std::string>> platforms = {
      {Platform::process, "process"}, {Platform::docker, "docker"}, {Platform::compose, "compose"}};
  for (const auto& one : platforms) {
    const auto& name = one.second;
    const auto text = app_file_template("shop", parts->registry, one.first);
    CHECK(text.find('@') == std::string::npos);
    const auto begin = text.find("runtime = {");
    const auto runtime = text.substr(begin, text.find("\n      },", begin) - begin);
    CHECK(runtime.find("type = \"" + name) != std::string::npos);
    for (const auto& key : (*parts->registry.runtime(name))->info.schema.keys) {
      INFO(name, ".", key.name);
      const bool is_written = runtime.find("\n        " + key.name + " = ") != std::string::npos ||
                              runtime.find("\n        -- " + key.name + " = ") != std::string::npos;
      const bool is_listed = runtime.find("\n        -- " + key.name + ": ") != std::string::npos;
      CHECK(is_written != is_listed);
      if (key.required) CHECK(is_written);
    }
  }
}

TEST_CASE("the template is a good app file, for each platform") {
  const auto parts = make_parts();
  for (const auto platform : {Platform::process, Platform::docker, Platform::compose}) {
    const auto text = app_file_template("shop", parts->registry, platform, "docker-compose.yml");
    const auto loaded = parts->scripts->load_app(
        "shunt.lua", [&](const std::string& name) { return name == "shunt.lua" ? std::optional(text) : std::nullopt; },
        [](const std::string&) { return std::nullopt; });
    REQUIRE_MESSAGE(loaded, (loaded ? "" : to_paragraph(loaded.error())));
    CHECK(loaded->table["app"] == "shop");
    const auto& runtime = loaded->table["services"]["web"]["runtime"];
    if (platform == Platform::docker) CHECK(runtime["image"] == "shop:{version}");
    if (platform == Platform::compose) CHECK(runtime["files"] == Value::array({"docker-compose.yml"}));
  }
}

TEST_CASE("keys as people read them") {
  Key key;
  key.name = "servers";
  key.type = Type::per_color;
  key.required = true;
  CHECK(type_text(key) == "{ blue =, green = } of string");
  Key timeout;
  timeout.name = "timeout";
  timeout.type = Type::duration;
  timeout.fallback = 2'000;
  CHECK(default_text(timeout) == "\"2s\"");
  CHECK(example_table("thing", Schema{{key, timeout}}) ==
        "{ type = \"thing\", servers = { blue = \"...\", green = \"...\" } }");
  Key mode;
  mode.one_of = {"a", "b"};
  mode.secret = true;
  CHECK(type_text(mode) == "string or secret: a, b");
}
