#include "supervise/witness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace shunt::supervise {

namespace {

std::string text_of(Identity identity) {
  return std::to_string(identity.pid) + " " + std::to_string(identity.start_time);
}

Identity identity_in(std::string_view text) {
  Identity identity;
  const auto pid = std::from_chars(text.data(), text.data() + text.size(), identity.pid);
  if (pid.ec != std::errc() || pid.ptr == text.data() + text.size()) return {};
  std::from_chars(pid.ptr + 1, text.data() + text.size(), identity.start_time);
  return identity;
}

void put_all(Record& record, const std::string& name, const std::vector<std::string>& values) {
  for (const auto& value : values) record.emplace_back(name, value);
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Record Spec::to_public_record() const {
  Record record = {{"id", id},
                   {"ticket", ticket},
                   {"sha", sha},
                   {"folder", folder},
                   {"cwd", cwd},
                   {"restart", restart ? "1" : "0"},
                   {"stop-signal", std::to_string(stop_signal)},
                   {"grace-ms", std::to_string(grace_ms)}};
  put_all(record, "label", labels);
  put_all(record, "arg", argv);
  for (const auto& entry : env) record.emplace_back("env-name", entry.substr(0, entry.find('=')));
  return record;
}

Record Spec::to_record() const {
  Record record = to_public_record();
  put_all(record, "env", env);
  return record;
}

Spec Spec::from_record(const Record& record) {
  Spec spec;
  spec.id = value_of(record, "id");
  spec.ticket = value_of(record, "ticket");
  spec.sha = value_of(record, "sha");
  spec.folder = value_of(record, "folder");
  spec.cwd = value_of(record, "cwd");
  spec.restart = number_of(record, "restart", 1) != 0;
  spec.stop_signal = static_cast<int>(number_of(record, "stop-signal", 15));
  spec.grace_ms = number_of(record, "grace-ms", 10'000);
  spec.labels = values_of(record, "label");
  spec.argv = values_of(record, "arg");
  spec.env = values_of(record, "env");
  return spec;
}

Record Witness::to_record() const {
  Record record = {{"id", id},
                   {"ticket", ticket},
                   {"sha", sha},
                   {"boot", boot},
                   {"supervisor", text_of(supervisor)},
                   {"session", std::to_string(session)},
                   {"child", text_of(child)},
                   {"state", state},
                   {"stopping", stopping ? "1" : "0"},
                   {"started-ms", std::to_string(started_ms)},
                   {"restarts", std::to_string(restarts)},
                   {"stop-signal", std::to_string(stop_signal)}};
  if (exit_code) record.emplace_back("exit-code", std::to_string(*exit_code));
  put_all(record, "label", labels);
  return record;
}

Witness Witness::from_record(const Record& record) {
  Witness witness;
  witness.id = value_of(record, "id");
  witness.ticket = value_of(record, "ticket");
  witness.sha = value_of(record, "sha");
  witness.boot = value_of(record, "boot");
  witness.supervisor = identity_in(value_of(record, "supervisor"));
  witness.session = static_cast<pid_t>(number_of(record, "session"));
  witness.child = identity_in(value_of(record, "child"));
  witness.state = value_of(record, "state");
  witness.stopping = number_of(record, "stopping") != 0;
  witness.started_ms = number_of(record, "started-ms");
  witness.restarts = static_cast<int>(number_of(record, "restarts"));
  witness.stop_signal = static_cast<int>(number_of(record, "stop-signal", 15));
  if (!value_of(record, "exit-code").empty()) witness.exit_code = static_cast<int>(number_of(record, "exit-code"));
  witness.labels = values_of(record, "label");
  return witness;
}

std::optional<Witness> read_witness(const Paths& paths) {
  const auto text = read_file(paths.witness());
  const auto record = text ? decode(*text) : std::nullopt;
  if (!record) return std::nullopt;
  return Witness::from_record(*record);
}

bool replace_file(const std::string& path, const Record& record) {
  const std::string next = path + ".new";
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = write_all(file, encode(record));
  const int reason = errno;
  ::close(file);
  if (written && ::rename(next.c_str(), path.c_str()) == 0) return true;
  if (!written) errno = reason;
  return false;
}

}  // namespace shunt::supervise
