#include "cli/report/pages.hpp"

#include <doctest/doctest.h>

#include "cli/report/test_run.hpp"
#include "cli/test_golden.hpp"

using namespace shunt;
using namespace shunt::cli;

TEST_CASE("HTML: complete in itself, and nothing from outside is markup") {
  const auto page = html_page(shown_run());
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(2)") != std::string::npos);
  CHECK(page.find("http://") == std::string::npos);
  CHECK(page.find("https://") == std::string::npos);
  CHECK(page.find("<polygon points=") != std::string::npos);
  CHECK(page.rfind("<!DOCTYPE html>", 0) == 0);
  CHECK(page.ends_with("</html>\n"));
  CHECK(html_escaped("<a href=\"x\" b='y'>&") == "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
}

TEST_CASE("HTML: a service's name is escaped in the chart too") {
  auto run = shown_run();
  for (auto& entry : run["timeline"])
    if (entry["verb"] == "proxy.set") entry["args"]["service"] = "\"><svg onload=x>";
  CHECK(html_page(run).find("<svg onload") == std::string::npos);
}

TEST_CASE("Markdown: nothing from outside is markup, no block can be closed from inside") {
  const auto page = markdown_page(shown_run());
  check_golden("report_md", page);
  CHECK(page.find("<script>alert(1)") == std::string::npos);
  CHECK(markdown_escaped("a|b `c` *d* <e> [f](g)") == "a\\|b \\`c\\` \\*d\\* &lt;e&gt; \\[f\\]\\(g\\)");
  CHECK(markdown_block("a\n````\nb") == "`````text\na\n````\nb\n`````\n");
}

TEST_CASE("an empty or strange document makes a page all the same") {
  CHECK_FALSE(html_page(Value::object()).empty());
  CHECK_FALSE(markdown_page({{"timeline", 7}, {"report", "x"}}).empty());
}
