#include "adapters/runtime/docker/releases.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "adapters/runtime/docker/daemon.hpp"
#include "supervise/process_table.hpp"
#include "supervise/record.hpp"
#include "supervise/witness.hpp"

namespace shunt::adapters::docker {

namespace {

std::filesystem::path record_for(const std::filesystem::path& folder, const std::string& service,
                                 const std::string& release) {
  return folder / fmt::format("{}.{}", escaped(release), escaped(service));
}

std::optional<Kept> kept_in(const std::filesystem::path& file) {
  const auto bytes = supervise::read_file(file.string());
  const auto record = bytes ? supervise::decode(*bytes) : std::nullopt;
  if (!record) return std::nullopt;
  const auto text = [&](const char* name) { return std::string(supervise::value_of(*record, name)); };
  Kept kept;
  kept.app = text("app");
  kept.service = text("service");
  kept.release = text("release");
  kept.image = text("image");
  kept.id = text("id");
  kept.fetched = supervise::number_of(*record, "fetched") == 1;
  if (kept.release.empty() || kept.id.empty()) return std::nullopt;
  return kept;
}

}  // namespace

std::string own_name(const std::string& app, const std::string& service, const std::string& release) {
  return fmt::format("shunt/{}-{}:{}", app, service, release);
}

std::optional<Kept> read_kept(const std::filesystem::path& folder, const std::string& service,
                              const std::string& release) {
  return kept_in(record_for(folder, service, release));
}

std::vector<Kept> all_kept(const std::filesystem::path& folder) {
  std::vector<Kept> all;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (auto kept = kept_in(entry.path())) all.push_back(std::move(*kept));
  return all;
}

Result<void> write_kept(const std::filesystem::path& folder, const Kept& kept) {
  const supervise::Record record = {{"app", kept.app},         {"service", kept.service},
                                    {"release", kept.release}, {"image", kept.image},
                                    {"id", kept.id},           {"fetched", kept.fetched ? "1" : "0"}};
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  ::chmod(folder.c_str(), 0700);
  const auto file = record_for(folder, kept.service, kept.release);
  if (!failed && supervise::replace_file(file.string(), record)) return {};
  const std::string reason = failed ? failed.message() : std::strerror(errno);
  return Error("SH1404", Kind::adapter, fmt::format("cannot write {}: {}", file.string(), reason),
               "make it writable for the user that runs shunt");
}

void forget_kept(const std::filesystem::path& folder, const Kept& kept) {
  ::unlink(record_for(folder, kept.service, kept.release).c_str());
}

}  // namespace shunt::adapters::docker
