#include "store/head.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace shunt::store {

std::optional<Head> read_head(const std::filesystem::path& folder) {
  std::ifstream file(folder / "head", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
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
  const std::string text =
      to_text({{"run", head.run}, {"seq", head.seq}, {"hash", head.hash}, {"changes", head.changes}}) + "\n";
  const auto file = folder / "head.new";
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  ::fchmod(descriptor, 0600);
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(descriptor);
  if (!written || std::rename(file.c_str(), (folder / "head").c_str()) != 0) ::unlink(file.c_str());
}

}  // namespace shunt::store
