#include "adapters/runtime/docker/reference.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace shunt::adapters::docker {

namespace {

const std::string some_digest = "sha256:" + std::string(64, 'a');

std::string full(const std::string& text) {
  const auto reference = parse_reference(text);
  return reference ? full_name(*reference) : reference.error().code;
}

TEST_CASE("what people leave out of an image's name is filled in") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"shop", "docker.io/library/shop:latest"},
      {"shop:v1", "docker.io/library/shop:v1"},
      {"team/shop", "docker.io/team/shop:latest"},
      {"team/part/shop:V1.2_x-3", "docker.io/team/part/shop:V1.2_x-3"},
      {"docker.io/shop", "docker.io/library/shop:latest"},
      {"index.docker.io/team/shop", "docker.io/team/shop:latest"},
      {"index.docker.io/shop", "docker.io/library/shop:latest"},
      {"localhost/shop", "localhost/shop:latest"},
      {"localhost:5000/shop:v1", "localhost:5000/shop:v1"},
      {"localhost:5000", "docker.io/library/localhost:5000"},
      {"ghcr.io/team/shop:v1", "ghcr.io/team/shop:v1"},
      {"127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest"},
      {"[2001:db8::1]:5000/shop:v1", "[2001:db8::1]:5000/shop:v1"},
      {"[::1]/shop", "[::1]/shop:latest"},
      {"Registry/shop", "Registry/shop:latest"},
      {"a--b/c__d/e.f-g", "docker.io/a--b/c__d/e.f-g:latest"},
      {"shop@" + some_digest, "docker.io/library/shop@" + some_digest},
      {"shop:v1@" + some_digest, "docker.io/library/shop:v1@" + some_digest},
      {"r.example/shop@sha512:" + std::string(128, '0'), "r.example/shop@sha512:" + std::string(128, '0')},
      {std::string(64, 'a') + ":v1", "docker.io/library/" + std::string(64, 'a') + ":v1"},
      {std::string(64, 'g'), "docker.io/library/" + std::string(64, 'g') + ":latest"},
  };
  for (const auto& one : cases) CHECK_MESSAGE(full(one.first) == one.second, one.first);
}

TEST_CASE("the parts of a reference stand apart") {
  const auto reference = parse_reference("localhost:5000/team/shop:v1@" + some_digest);
  REQUIRE(reference);
  CHECK(reference->domain == "localhost:5000");
  CHECK(reference->path == "team/shop");
  CHECK(reference->tag == "v1");
  CHECK(reference->digest == some_digest);
  CHECK(repository(*reference) == "localhost:5000/team/shop");
}

TEST_CASE("what is no reference says which part is wrong") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "empty"},
      {std::string(64, 'a'), "ID"},
      {"Shop", "capital"},
      {"team/Shop:v1", "capital"},
      {"shop:", "'' is no tag"},
      {"shop:-v1", "'-v1' is no tag"},
      {"shop:.v1", "'.v1' is no tag"},
      {"shop:v 1", "'v 1' is no tag"},
      {"shop:" + std::string(129, 'a'), "no tag"},
      {"shop@sha256:abc", "digest"},
      {"shop@" + std::string(64, 'a'), "digest"},
      {"shop@md5:" + std::string(32, 'a'), "digest"},
      {"shop@sha256:" + std::string(64, 'A'), "digest"},
      {"shop@" + some_digest + "@" + some_digest, "digest"},
      {"shop:v1:v2", "'library/shop:v1' is no name"},
      {"-shop", "no name"},
      {"shop-", "no name"},
      {"sh..op", "no name"},
      {"sh___op", "no name"},
      {"sh_-op", "no name"},
      {"team//shop", "no name"},
      {"/shop", "no name"},
      {"shop/", "no name"},
      {"localhost:5000/", "no name"},
      {"sh op", "no name"},
      {"sh\xc3\xa4p", "no name"},
      {"https://r.example/shop", "'https:' is no registry"},
      {"-r.example/shop", "no registry"},
      {"r..example/shop", "no registry"},
      {"r.example:/shop", "no registry"},
      {"r.example:80x/shop", "no registry"},
      {"user:password@r.example/shop", "digest"},
      {"[::1/shop", "no registry"},
      {"[::g]:5000/shop", "no registry"},
      {std::string(256, 'a'), "255"},
      {"{version}", "no name"},
  };
  for (const auto& one : cases) {
    const auto reference = parse_reference(one.first);
    REQUIRE_MESSAGE(!reference, one.first);
    CHECK(reference.error().code == "SH1410");
    CHECK(reference.error().kind == Kind::config);
    CHECK(!reference.error().remedy.empty());
    CHECK_MESSAGE(reference.error().message.find(one.second) != std::string::npos, reference.error().message);
  }
}

TEST_CASE("the familiar form is short, and means the same") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"docker.io/library/shop", "shop:latest"},
      {"shop@" + some_digest, "shop@" + some_digest},
      {"docker.io/team/shop:v1", "team/shop:v1"},
      {"docker.io/library/part/shop", "library/part/shop:latest"},
      {"docker.io/localhost/shop", "docker.io/localhost/shop:latest"},
      {"docker.io/a.b/shop:v1", "docker.io/a.b/shop:v1"},
      {"docker.io/library/a.b:v1", "a.b:v1"},
      {"localhost:5000/library/shop", "localhost:5000/library/shop:latest"},
  };
  for (const auto& one : cases) {
    const auto reference = parse_reference(one.first);
    REQUIRE_MESSAGE(reference, one.first);
    CHECK(familiar(*reference) == one.second);
    CHECK(full(one.second) == full_name(*reference));
  }
}

TEST_CASE("a registry's login has its domain as key, the hub's an old address") {
  CHECK(registry_key("docker.io") == "https://index.docker.io/v1/");
  CHECK(registry_key("localhost:5000") == "localhost:5000");
}

}  // namespace

}  // namespace shunt::adapters::docker
