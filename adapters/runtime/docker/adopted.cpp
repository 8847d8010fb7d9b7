#include "adapters/runtime/docker/adopted.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "adapters/runtime/docker/daemon.hpp"
#include "supervise/record.hpp"
#include "supervise/witness.hpp"

namespace shunt::adapters::docker {

namespace {

std::filesystem::path file_for(const std::filesystem::path& folder, const std::string& id) {
  return folder / escaped(id);
}

std::optional<Adopted> adopted_in(const std::filesystem::path& file) {
  const auto bytes = supervise::read_file(file.string());
  const auto record = bytes ? supervise::decode(*bytes) : std::nullopt;
  if (!record) return std::nullopt;
  Adopted adopted;
  const auto text = [&](const char* name) { return std::string(supervise::value_of(*record, name)); };
  adopted.container = text("container");
  auto& about = adopted.about;
  about.id = text("id");
  about.adopted = true;
  about.may_stop = supervise::number_of(*record, "stop") == 1;
  about.address = text("address");
  about.index = static_cast<int>(supervise::number_of(*record, "index"));
  about.labels.app = text("app");
  about.labels.service = text("service");
  about.labels.color = colour_named(text("color")).value_or(Colour::blue);
  about.labels.version = text("version");
  about.labels.run = text("run");
  about.labels.seq = supervise::number_of(*record, "seq");
  about.labels.epoch = supervise::number_of(*record, "epoch");
  if (adopted.container.empty() || about.id.empty()) return std::nullopt;
  return adopted;
}

}  // namespace

std::optional<Adopted> read_adopted(const std::filesystem::path& folder, const std::string& id) {
  return adopted_in(file_for(folder, id));
}

std::vector<Adopted> all_adopted(const std::filesystem::path& folder) {
  std::vector<Adopted> all;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (auto adopted = adopted_in(entry.path())) all.push_back(std::move(*adopted));
  return all;
}

Result<void> write_adopted(const std::filesystem::path& folder, const Adopted& adopted) {
  const auto& about = adopted.about;
  const auto& labels = about.labels;
  const supervise::Record record = {{"container", adopted.container},
                                    {"id", about.id},
                                    {"stop", about.may_stop ? "1" : "0"},
                                    {"address", about.address},
                                    {"index", std::to_string(about.index)},
                                    {"app", labels.app},
                                    {"service", labels.service},
                                    {"color", text_of(labels.color)},
                                    {"version", labels.version},
                                    {"run", labels.run},
                                    {"seq", std::to_string(labels.seq)},
                                    {"epoch", std::to_string(labels.epoch)}};
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  ::chmod(folder.c_str(), 0700);
  const auto file = file_for(folder, about.id);
  if (!failed && supervise::replace_file(file.string(), record)) return {};
  const std::string reason = failed ? failed.message() : std::strerror(errno);
  return Error("SH1404", Kind::adapter, fmt::format("cannot write {}: {}", file.string(), reason),
               "make it writable for the user that runs shunt");
}

void forget_adopted(const std::filesystem::path& folder, const std::string& id) {
  ::unlink(file_for(folder, id).c_str());
}

}  // namespace shunt::adapters::docker
