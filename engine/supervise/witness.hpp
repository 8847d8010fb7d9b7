// What a supervisor is asked to keep running, and what it writes down about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "supervise/process_table.hpp"
#include "supervise/record.hpp"

namespace shunt::supervise {

/// The files of one instance, all in one folder of its own (0700).
struct Paths {
  std::string folder;
  std::string spec() const { return folder + "/spec"; }  ///< what was asked for, without values of the environment
  std::string witness() const { return folder + "/witness"; }  ///< what is so; replaced as a whole
  std::string lock() const { return folder + "/lock"; }        ///< held as long as the supervisor lives; never removed
  std::string log() const { return folder + "/log"; }
  std::string old_log() const { return folder + "/log.1"; }
};

/// What to run. It comes through a pipe, because the environment may hold secrets.
struct Spec {
  std::string id;
  std::string ticket;  ///< must stand in the spec file, too: who removes that file has called the start off
  std::string sha;     ///< told again in the witness
  std::string folder;  ///< where the files of the instance are (Paths)
  std::vector<std::string> labels;  ///< "NAME=VALUE", told again in the witness
  std::vector<std::string> argv;    ///< argv[0] is looked up in PATH when it has no slash
  std::string cwd;                  ///< empty: "/"
  std::vector<std::string> env;     ///< "NAME=VALUE", added to the starter's environment
  bool restart = true;              ///< start it again when it ends
  int stop_signal = 15;
  std::int64_t grace_ms = 10'000;  ///< between that signal and KILL, where `stop` says nothing else

  Record to_record() const;

  /// SHUNT_INSTANCE in the environment of everything that belongs to this start: "ID/TICKET".
  std::string mark() const { return id + "/" + ticket; }

  /// The same without what may be secret: values of the environment.
  Record to_public_record() const;
  static Spec from_record(const Record& record);
};

/// What a supervisor knows of its instance. Written before the command is executed, and at every change.
struct Witness {
  std::string id;
  std::string ticket;  ///< of the start it speaks of
  std::string sha;
  std::vector<std::string> labels;
  std::string boot;  ///< boot_id() when it was written: after a restart of the machine all numbers are stale
  Identity supervisor;
  pid_t session = 0;  ///< of the supervisor and of everything below it that made none of its own
  Identity child;     ///< the command itself; 0 where there is none
  /// "starting", "running", "restarting", "ending" (the command has ended, what it left is being ended), "exited"
  /// (nothing of it is left)
  std::string state;
  bool stopping = false;        ///< it was told to end
  std::int64_t started_ms = 0;  ///< wall clock, of the last start
  int restarts = 0;
  std::optional<int> exit_code;  ///< of the last end, 128 + signal when a signal ended it
  int stop_signal = 15;

  std::string mark() const { return id + "/" + ticket; }  ///< Spec::mark
  Record to_record() const;
  static Witness from_record(const Record& record);
};

/// Nothing when there is none, or it cannot be read.
std::optional<Witness> read_witness(const Paths& paths);

/// Replaces the file `path` (0600) by `record`, so that a reader sees the old or the new one whole. False, with errno,
/// when that failed.
bool replace_file(const std::string& path, const Record& record);

}  // namespace shunt::supervise
