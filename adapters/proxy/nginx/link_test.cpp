#include "adapters/proxy/nginx/link.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include "harness/folder.hpp"

namespace shunt::nginx {

namespace {

namespace fs = std::filesystem;

struct Place {
  harness::TemporaryFolder folder;
  fs::path link = folder / "shares/live";

  Pointer read() const {
    auto pointer = read_link(link);
    if (!pointer) FAIL(pointer.error().message);
    return *pointer;
  }

  void by_hand(const fs::path& target) const {
    fs::remove(link);
    fs::create_symlink(target, link);
  }
};

mode_t mode_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

TEST_CASE("shares are the nearest whole ones, and nobody who has a weight is left out") {
  CHECK(share_of(Weights(100, 100)) == 50);
  CHECK(share_of(Weights(100, 1)) == 1);
  CHECK(share_of(Weights(1, 100)) == 99);
  CHECK(share_of(Weights(70, 30)) == 30);
  CHECK(share_of(Weights(100, 50)) == 33);
  CHECK(share_of(Weights(5, 0)) == 0);
  CHECK(share_of(Weights(0, 5)) == 100);
  CHECK(share_of(Weights(0, 0)) == -1);
}

TEST_CASE("every pair of weights comes back") {
  const Place place;
  REQUIRE(bool(make_folders(place.link)));
  for (int blue = 0; blue <= 100; blue += 10)
    for (int green = 0; green <= 100; green += 10) {
      REQUIRE(bool(point(place.link, Weights(blue, green))));
      const auto pointer = place.read();
      REQUIRE(pointer.leads);
      REQUIRE(pointer.weights == Weights(blue, green));
      const int share = share_of(Weights(blue, green));
      REQUIRE(pointer.shares == (share < 0 ? Weights(0, 0) : Weights(100 - share, share)));
      REQUIRE(fs::canonical(place.link).parent_path() == folder_of_link(place.link));
    }
}

TEST_CASE("weights that add up to 100 lead to the folder itself") {
  CHECK(target_for(Weights(70, 30)) == "30");
  CHECK(target_for(Weights(100, 100)) == "weights-100-100");
  CHECK(target_for(Weights(0, 0)) == "nobody");
}

TEST_CASE("a link that somebody changed is read, however he wrote it") {
  const Place place;
  REQUIRE(bool(make_folders(place.link)));
  for (const auto& target : {fs::path("70"), fs::path("./70"), place.folder / "shares/70", fs::path("../shares/70")}) {
    place.by_hand(target);
    CHECK(place.read().weights == Weights(30, 70));
    CHECK(place.read().leads);
  }
  fs::create_symlink("20", place.folder / "shares/weights-100-100");
  place.by_hand("weights-100-100");
  CHECK(place.read().weights == Weights(80, 20));
}

TEST_CASE("a link that is missing or leads elsewhere leaves everything to blue, and says so") {
  const Place place;
  CHECK_FALSE(place.read().present);
  REQUIRE(bool(make_folders(place.link)));
  fs::create_directories(place.folder / "elsewhere/50");
  for (const auto& target : {place.folder / "elsewhere/50", fs::path("101"), fs::path("007"), fs::path("live")}) {
    place.by_hand(target);
    const auto pointer = place.read();
    CHECK(pointer.present);
    CHECK_FALSE(pointer.leads);
    CHECK(pointer.target == target.string());
    CHECK(pointer.weights == Weights(100, 0));
    CHECK(pointer.shares == Weights(100, 0));
  }
}

TEST_CASE("folders are for everybody, whatever the umask, and made again") {
  const Place place;
  const auto before = ::umask(0077);
  REQUIRE(bool(make_folders(place.link)));
  fs::permissions(place.folder / "shares/50", fs::perms::owner_all);
  fs::remove(place.folder / "shares/7");
  REQUIRE(bool(make_folders(place.link)));
  ::umask(before);
  for (const char* name : {"shares", "shares/0", "shares/7", "shares/50", "shares/100", "shares/nobody"})
    CHECK(mode_of(place.folder / name) == 0755);
}

TEST_CASE("what stands in the way is named") {
  const Place place;
  place.folder.write("shares/live/file", "");
  CHECK(point(place.link, Weights(100, 0)).error().message.find("shares/live") != std::string::npos);
  CHECK(read_link(place.link).error().code == "SH1508");
  place.folder.write("shares/50", "");
  CHECK(make_folders(place.link).error().message.find("shares/50 cannot be made: something else") != std::string::npos);
  CHECK(bool(make_folders(place.folder / "a/b/live")));
  CHECK(make_folders(place.folder / "shares/50/live").error().code == "SH1508");
}

TEST_CASE("names that shunt uses itself are not free") {
  for (const char* name : {"", "0", "50", "100", "nobody", "weights-1-2"}) CHECK_FALSE(is_free_name(name));
  for (const char* name : {"live", "101", "007", "shop"}) CHECK(is_free_name(name));
}

}  // namespace

}  // namespace shunt::nginx
