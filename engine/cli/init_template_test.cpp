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

TEST_CASE("the template is a good app file") {
  const auto parts = make_parts();
  const auto text = app_file_template("shop", parts->registry);
  const auto loaded = parts->scripts->load_app(
      "shunt.lua", [&](const std::string& name) { return name == "shunt.lua" ? std::optional(text) : std::nullopt; },
      [](const std::string&) { return std::nullopt; });
  REQUIRE_MESSAGE(loaded, (loaded ? "" : to_paragraph(loaded.error())));
  CHECK(loaded->table["app"] == "shop");
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
