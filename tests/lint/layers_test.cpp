#include <doctest/doctest.h>

#include <string>

#include "harness/folder.hpp"
#include "harness/paths.hpp"
#include "harness/program.hpp"

using namespace shunt::harness;

namespace {

// A tree in which every rule is kept.
void write_good_tree(const TemporaryFolder& tree) {
  for (const auto* folder :
       {"engine/loop", "engine/cli", "lua/vm", "adapters/proxy/haproxy", "adapters/metrics/prometheus"})
    tree.write(std::string(folder) + "/README.md", "# What may live here\n");
  tree.write("engine/loop/loop.cpp", "#include \"loop/loop.hpp\"\n// HAProxy is only a word here.\nint loops = 0;\n");
  tree.write("engine/loop/loop_test.cpp", "const char* text = \"haproxy\";\n");
  tree.write("engine/cli/deploy.cpp", "#include \"lua/vm/state.hpp\"\n");
  tree.write("engine/cli/init.cpp", "const char* text = \"haproxy\";\n");
  tree.write("lua/vm/state.cpp", "#include <lua5.4/lua.hpp>\n#include <lauxlib.h>\n");
  tree.write("adapters/proxy/haproxy/haproxy.cpp", "const char* name = \"haproxy\";\n");
  tree.write("adapters/metrics/prometheus/prometheus.cpp", "const char* name = \"prometheus\";\n");
}

// What the checker says about the tree once `file` has `text`: "FILE:LINE: RULE" of each finding, "" for none.
std::string findings_with(const std::string& file, const std::string& text) {
  const TemporaryFolder tree;
  write_good_tree(tree);
  if (!file.empty()) tree.write(file, text);
  const auto ran = run({{(source_folder() / "script/check-layers").string(), tree.path().string()}});
  CHECK(ran.err == "");
  CHECK(ran.code() == (ran.out.empty() ? 0 : 1));
  std::string places;
  for (std::size_t start = 0; start < ran.out.size(); start = ran.out.find('\n', start) + 1) {
    const auto advice = ran.out.find(": ", ran.out.find(": ", start) + 1);
    places += (places.empty() ? "" : " | ") + ran.out.substr(start, advice - start);
  }
  return places;
}

}  // namespace

TEST_CASE("a tree that keeps the rules has no findings") {
  CHECK(findings_with("", "") == "");
}

TEST_CASE("only lua/ includes Lua headers") {
  CHECK(findings_with("engine/loop/a.cpp", "#include <lua.hpp>\n") == "engine/loop/a.cpp:1: lua");
  CHECK(findings_with("engine/cli/a.cpp", "\n# include \"lua5.4/lauxlib.h\"\n") == "engine/cli/a.cpp:2: lua");
  CHECK(findings_with("adapters/proxy/haproxy/a.hpp", "#include <lua.h>\n") == "adapters/proxy/haproxy/a.hpp:1: lua");
}

TEST_CASE("the engine includes nothing from above it") {
  CHECK(findings_with("engine/loop/a.cpp", "#include \"lua/vm/state.hpp\"\n") == "engine/loop/a.cpp:1: upward");
  CHECK(findings_with("engine/loop/a.cpp", "#include \"../../adapters/registered.hpp\"\n") ==
        "engine/loop/a.cpp:1: upward");
  CHECK(findings_with("engine/loop/a.cpp", "#include \"cli/deploy.hpp\"\n") == "engine/loop/a.cpp:1: upward");
}

TEST_CASE("only an adapter names its system") {
  CHECK(findings_with("engine/loop/a.cpp", "int a;\nauto name = \"HAProxy\";\n") == "engine/loop/a.cpp:2: name");
  CHECK(findings_with("lua/vm/a.hpp", "void start_nginx();\n") == "lua/vm/a.hpp:1: name");
  CHECK(findings_with("lua/vm/a.lua", "local a = 1 -- nginx\nlocal kind = 'nginx'\n") == "lua/vm/a.lua:2: name");
  CHECK(findings_with("adapters/proxy/haproxy/a.cpp", "auto other = \"prometheus\";\n") ==
        "adapters/proxy/haproxy/a.cpp:1: name");
  CHECK(findings_with("adapters/runtime/docker/a.cpp", "auto other = \"haproxy\";\n")
            .find("adapters/runtime/docker/a.cpp:1: name") != std::string::npos);
  CHECK(findings_with("adapters/runtime/compose/a.cpp", "auto own = \"docker\";\n") ==
        "adapters/runtime/compose/README.md:1: readme");
  CHECK(findings_with("engine/loop/a.cpp", "/* haproxy\n   nginx */ int a; // caddy\n") == "");
}

TEST_CASE("a folder says in a few lines what may live in it") {
  CHECK(findings_with("engine/steps/a.cpp", "int a;\n") == "engine/steps/README.md:1: readme");
  CHECK(findings_with("engine/loop/README.md", "1\n2\n3\n4\n5\n6\n7\n8\n9\n") == "engine/loop/README.md:9: readme");
  CHECK(findings_with("adapters/proxy/haproxy/README.md", "1\n2\n3\n4\n5\n6\n7\n8\n9\n") == "");
}

TEST_CASE("a file holds one idea") {
  std::string lines;
  for (int i = 0; i < 600; ++i) lines += "int line" + std::to_string(i) + ";\n";
  CHECK(findings_with("engine/loop/a.cpp", lines) == "");
  CHECK(findings_with("engine/loop/a.cpp", lines + "\n") == "engine/loop/a.cpp:601: length");
}
