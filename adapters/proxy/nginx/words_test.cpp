#include "adapters/proxy/nginx/words.hpp"

#include <doctest/doctest.h>

#include "adapters/proxy/nginx/schema.hpp"
#include "adapters/proxy/nginx/workers.hpp"
#include "harness/folder.hpp"

namespace shunt::nginx {

namespace {

TEST_CASE("the reason is nginx's gravest line, without its time") {
  CHECK(reason_in(
            "2026/11/24 19:00:00 [emerg] 7#7: unknown directive \"x\" in /a:3\nnginx: configuration test failed\n") ==
        "[emerg] 7#7: unknown directive \"x\" in /a:3");
  CHECK(reason_in("one\n\n\x1b[1mtwo\n") == "[1mtwo");
  CHECK(reason_in("").empty());
  CHECK(reason_in(std::string(1000, 'x')).size() == 300);
}

TEST_CASE("a tail begins with a line") {
  const std::string text = std::string(3000, 'a') + "\n" + std::string(3000, 'b') + "\n";
  CHECK(tail_of(text) == std::string(3000, 'b') + "\n");
  CHECK(tail_of("short") == "short");
}

TEST_CASE("a log is read from where it ended before") {
  const harness::TemporaryFolder folder;
  const auto log = folder.write("log", "before\nafter\n");
  CHECK(log_since(log, 7) == "after\n");
  CHECK(log_since(folder / "none", 0).empty());
}

TEST_CASE("workers are told by their titles") {
  CHECK(is_worker("nginx: worker process"));
  CHECK(is_worker("nginx: worker process is shutting down"));
  CHECK(is_leaving("nginx: worker process is shutting down"));
  CHECK_FALSE(is_leaving("nginx: worker process"));
  CHECK_FALSE(is_worker("nginx: master process nginx"));
  CHECK_FALSE(is_worker("nginx: cache manager process"));
}

TEST_CASE("an nginx that is not there is said to be unreachable") {
  const harness::TemporaryFolder folder;
  for (const auto* text : {"", "x", "0", "-3", "99999999", "1 2"}) {
    const auto found = find_nginx(folder.write("pid", text));
    REQUIRE_FALSE(bool(found));
    CHECK(found.error().code == "SH1501");
    CHECK(found.error().retryable);
  }
  CHECK(find_nginx(folder / "none").error().code == "SH1501");
  const auto self = find_nginx(folder.write("pid", std::to_string(::getpid()) + "\n"));
  REQUIRE_FALSE(bool(self));
  CHECK(self.error().message.find("no master process of nginx") != std::string::npos);
}

TEST_CASE("only what cannot end its quotes may stand in split, upstream and link") {
  for (const char* split : {"$request_id", "$remote_addr", "$cookie_user", "$remote_addr:$http_x"})
    CHECK(is_split(split));
  for (const char* split : {"", "user", "$a\"", "$a b", "$a;", "${a}", "$a\\", "$a\n", "$\xc3\xa4"})
    CHECK_FALSE(is_split(split));
  for (const char* name : {"shop", "_Shop_1"}) CHECK(is_upstream_name(name));
  for (const char* name : {"", "1shop", "sh-op", "sh op", "shop;", "sh\xc3\xb6p"}) CHECK_FALSE(is_upstream_name(name));
  CHECK(is_quotable("/a b'\"\\{};#"));
  for (const char* path : {"/a\nb", "/a$b", "/a\x7f"}) CHECK_FALSE(is_quotable(path));
}

TEST_CASE("a version is read, or missing") {
  CHECK(version_in("nginx version: nginx/1.22.1\n") == " 1.22.1");
  CHECK(version_in("nginx version: nginx/").empty());
  CHECK(version_in("openresty").empty());
}

TEST_CASE("an included file is found however its path is written") {
  const harness::TemporaryFolder folder;
  const auto file = folder.write("a/shop.conf", "");
  std::filesystem::create_symlink("a", folder / "b");
  const auto dump =
      "# configuration file /etc/nginx/nginx.conf:\nhttp {}\n# configuration file " + file.string() + ":\n";
  CHECK(includes(dump, file));
  CHECK(includes(dump, folder / "b/shop.conf"));
  CHECK(includes(dump, folder / "a/../a//shop.conf"));
  CHECK_FALSE(includes(dump, folder / "a/other.conf"));
  CHECK_FALSE(includes("# configuration file " + file.string(), file));
  CHECK_FALSE(includes("", file));
}

}  // namespace

}  // namespace shunt::nginx
