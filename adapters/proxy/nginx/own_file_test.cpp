#include "adapters/proxy/nginx/own_file.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <asio/io_context.hpp>

#include "harness/folder.hpp"
#include "loop/run.hpp"

namespace shunt::nginx {

namespace {

struct Place {
  harness::TemporaryFolder folder;
  std::filesystem::path file = folder / "upstream.conf";

  Content read() const { return *read_file(file); }
  std::string text() const { return folder.read("upstream.conf"); }
  Replacement replace(const Content& before, const std::string& text) const {
    auto made = Replacement::make(file, before, text);
    if (!made) FAIL(made.error().message);
    return std::move(*made);
  }
  int files() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) count += entry.exists() ? 1 : 0;
    return count;
  }
};

TEST_CASE("a replacement that is kept stays, for everybody to read, and leaves nothing beside it") {
  const Place place;
  place.folder.write("upstream.conf", "old");
  const auto umask_before = ::umask(0077);
  place.replace(place.read(), "new").keep();
  ::umask(umask_before);
  CHECK(place.text() == "new");
  CHECK(place.files() == 1);
  struct stat facts {};
  REQUIRE(::stat(place.file.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0644);
}

TEST_CASE("a replacement that is not kept goes, and the old file is back with its time") {
  const Place place;
  place.folder.write("upstream.conf", "old");
  const auto before = place.read();
  {
    const auto replacement = place.replace(before, "new");
    CHECK(replacement.made());
    CHECK(place.text() == "new");
  }
  CHECK(place.text() == "old");
  CHECK(place.read().modified == before.modified);
  CHECK(place.files() == 1);
}

TEST_CASE("a file that was not there is not there again") {
  const Place place;
  CHECK_FALSE(place.read().exists);
  {
    const auto replacement = place.replace(place.read(), "new");
    CHECK(place.text() == "new");
  }
  CHECK(place.files() == 0);
}

TEST_CASE("what somebody wrote since it was read is never written over") {
  const Place place;
  place.folder.write("upstream.conf", "old");
  const auto before = place.read();
  place.folder.write("upstream.conf", "edited");
  CHECK_FALSE(place.replace(before, "new").made());
  CHECK(place.text() == "edited");
  std::filesystem::remove(place.file);
  CHECK_FALSE(place.replace(before, "new").made());
  CHECK(place.files() == 0);
  place.folder.write("upstream.conf", "made");
  CHECK_FALSE(place.replace(Content(), "new").made());
  CHECK(place.text() == "made");
  CHECK(place.files() == 1);
}

TEST_CASE("what somebody wrote since it was replaced is not taken back") {
  const Place place;
  place.folder.write("upstream.conf", "old");
  {
    const auto replacement = place.replace(place.read(), "new");
    place.folder.write("upstream.conf", "edited");
  }
  CHECK(place.text() == "edited");
  CHECK(place.files() == 1);
}

TEST_CASE("a file that cannot be read or written is an error with its path") {
  const Place place;
  std::filesystem::create_directory(place.file);
  CHECK(read_file(place.file).error().code == "SH1508");
  const auto missing = place.folder / "no/such/file";
  CHECK(Replacement::make(missing, Content(), "x").error().message.find("no/such/file") != std::string::npos);
}

TEST_CASE("one shunt at a time writes, the other waits for so long") {
  const Place place;
  asio::io_context loop;
  auto first = loop::run(loop, lock_file(place.file, Milliseconds(10)));
  REQUIRE(bool(first));
  const auto second = loop::run(loop, lock_file(place.file, Milliseconds(30)));
  REQUIRE_FALSE(bool(second));
  CHECK(second.error().code == "SH1508");
  CHECK(second.error().retryable);
  { const auto gone = std::move(*first); }
  CHECK(bool(loop::run(loop, lock_file(place.file, Milliseconds(10)))));
}

}  // namespace

}  // namespace shunt::nginx
