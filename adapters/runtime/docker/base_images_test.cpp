#include "adapters/runtime/docker/base_images.hpp"

#include <doctest/doctest.h>

#include <string>

namespace shunt::adapters::docker {

namespace {

/// Their full names, each with its space before it; "*" follows where the platform is said.
std::string needed(std::string_view dockerfile, const Value& args = Value::object()) {
  std::string names;
  for (const auto& image : base_images(dockerfile, args))
    names += " " + full_name(image.name) + (image.of_platform ? "*" : "");
  return names;
}

TEST_CASE("what a Dockerfile starts from, or copies out of, is found; its own stages and scratch are none") {
  CHECK(needed("") == "");
  CHECK(needed("FROM debian:12\nRUN make\n") == " docker.io/library/debian:12");
  CHECK(needed("from r.io/a\ncopy --chown=1 --from=r.io/b:v1 /x /y") == " r.io/a:latest r.io/b:v1");
  CHECK(needed("FROM r.io/go AS Build\nFROM scratch\nCOPY --from=build /x /\nCOPY --from=0 /y /\n") ==
        " r.io/go:latest");
  CHECK(needed("FROM r.io/go as one\nFROM one AS two\nFROM two\n") == " r.io/go:latest");
  CHECK(needed("FROM --platform=linux/arm64 r.io/a\nFROM r.io/b\n") == " r.io/a:latest* r.io/b:latest");
  CHECK(needed("FROM r.io/a@sha256:" + std::string(64, 'a')) == " r.io/a@sha256:" + std::string(64, 'a'));
  CHECK(needed("RUN echo FROM r.io/a\nCOPY from --from=r.io/b /\nFROM\nFROM --platform=x\nFROM No/Image\n") == "");
}

TEST_CASE("lines go on behind a backslash, and comments are passed over, also between them") {
  CHECK(needed("# FROM r.io/a\n  FROM \\\n# a note\n\n  r.io/b \\\r\n AS c\r\nFROM c\n") == " r.io/b:latest");
  CHECK(needed("RUN echo \\\nFROM r.io/a\nFROM r.io/b \\") == " r.io/b:latest");
}

TEST_CASE("variables are build arguments, or the defaults of the lines above the first FROM") {
  const std::string file = "ARG AT=r.io NAME=\"shop\"\nARG TAG\nARG ALL=$AT/${NAME}:${TAG:-v1}\nFROM $ALL\n";
  CHECK(needed(file) == " r.io/shop:v1");
  CHECK(needed(file, {{"TAG", "v2"}, {"AT", "s.io"}}) == " s.io/shop:v2");
  CHECK(needed(file, {{"ALL", "t.io/all"}}) == " t.io/all:latest");
  CHECK(needed("ARG SLIM\nFROM r.io/a:v1${SLIM:+-slim}\n", {{"SLIM", "yes"}}) == " r.io/a:v1-slim");
  CHECK(needed("ARG SLIM\nFROM r.io/a:v1${SLIM:+-slim}\n") == " r.io/a:v1");
  CHECK(needed("ARG A=x\nARG B=${A:-${C}}\nFROM r.io/${D:-${B}y}\n") == " r.io/xy:latest");
  CHECK(needed("ARG A=one\nFROM r.io/$A\nARG A=two\nFROM r.io/$A\n") == " r.io/one:latest r.io/one:latest");
  CHECK(needed("FROM r.io/a\nARG B=r.io/b\nCOPY --from=$B / /\n") == " r.io/a:latest");
  CHECK(needed("FROM $NOT_DECLARED\n", {{"NOT_DECLARED", "r.io/a"}}) == "");
  CHECK(needed("ARG A=r.io/a\nFROM ${\nFROM $\nFROM \\$A\n") == "");
}

}  // namespace

}  // namespace shunt::adapters::docker
