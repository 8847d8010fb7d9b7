#include <doctest/doctest.h>
#include <set>

#include "config/catalogue.hpp"
#include "shunt/error.hpp"

using namespace shunt;

TEST_CASE("an error survives its way through the journal") {
  const Error error = Error("SH1501", Kind::adapter, "cannot reach it", "start it")
                          .at({"deploy.lua", 12})
                          .with({{"tries", 3}})
                          .because(Error("SH1701", Kind::timeout, "refused"));
  const Error back = error_from(decode(encode(to_value(error))));
  CHECK(to_value(back) == to_value(error));
  CHECK(to_line(back) == "deploy.lua:12: cannot reach it (SH1501)");
  CHECK(to_paragraph(back) ==
        "deploy.lua:12: cannot reach it\n  because: refused (SH1701)\n  what to do: start it\n  code: SH1501 (shunt "
        "explain SH1501)\n");
}

TEST_CASE("the catalogue has each code once, complete") {
  std::set<std::string_view> seen;
  for (const auto& info : catalogue()) {
    CAPTURE(info.code);
    CHECK(seen.insert(info.code).second);
    CHECK(!info.title.empty());
    CHECK(!info.meaning.empty());
    CHECK(!info.remedy.empty());
  }
  CHECK(find_code("SH1001") != nullptr);
  CHECK(find_code("SH0000") == nullptr);
}
