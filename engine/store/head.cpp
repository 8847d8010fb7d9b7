#include "store/head.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fstream>
#include <iterator>

namespace shunt::store {

namespace {

// Longer than any head is, shorter than what a disk writes at once.
constexpr std::size_t record_size = 256;
constexpr int most_looks = 100;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A reader takes no lock: what it sees while a commit writes may be half of one head and half of the next.
std::string settled_text_of(const std::filesystem::path& file) {
  std::string text = text_of(file);
  for (int look = 0; look < most_looks; ++look) {
    std::string again = text_of(file);
    if (again == text) break;
    text = std::move(again);
  }
  return text;
}

}  // namespace

std::optional<Head> read_head(const std::filesystem::path& folder) {
  const std::string text = settled_text_of(folder / "head");
  const Value value = Value::parse(text, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  try {
    Head head;
    head.run = value.at("run").get<std::string>();
    head.seq = value.at("seq").get<std::int64_t>();
    head.hash = value.at("hash").get<std::string>();
    head.changes = value.at("changes").get<std::int64_t>();
    return head;
  } catch (const Value::exception&) {
    return std::nullopt;
  }
}

void write_head(const std::filesystem::path& folder, const Head& head) {
  std::string text = to_text({{"run", head.run}, {"seq", head.seq}, {"hash", head.hash}, {"changes", head.changes}});
  if (text.size() < record_size) text.resize(record_size - 1, ' ');
  text += '\n';
  const int descriptor = ::open((folder / "head").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  ::fchmod(descriptor, 0600);
  [[maybe_unused]] const auto written = ::pwrite(descriptor, text.data(), text.size(), 0);
  ::close(descriptor);
}

}  // namespace shunt::store
