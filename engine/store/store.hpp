// Where everything that must survive lives: journal, runs, releases, the app's recorded state, the inbox.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shunt/colour.hpp"
#include "shunt/error.hpp"
#include "shunt/value.hpp"

namespace shunt::store {

/// One deployment, rollback or other verb that changes things.
struct Run {
  std::string id;    ///< time-ordered and short, e.g. "20261121-043713-k3x9"
  std::string verb;  ///< "deploy", "rollback", "repair", "cleanup", ...
  std::string strategy;
  std::string version;
  std::string reason;
  std::string by;       ///< user@host
  std::string state;    ///< running, waiting, rolling_back, succeeded, rolled_back, needs_operator
  std::string release;  ///< id of the release it makes, "" for none
  std::string boot_id;
  std::string bundle_sha;
  int engine_abi = 0;
  std::int64_t epoch = 0;
  std::int64_t started = 0;  ///< unix ms
  std::int64_t ended = 0;    ///< unix ms, 0 while it is open
  int exit = -1;             ///< exit code, -1 while it is open
  Value inputs;              ///< everything the run was started from: services of both colours, options, environment
  Value report;              ///< how it ended: error, evidence, hooks, times

  Run() = default;
};

/// One line of a run's journal.
struct Entry {
  std::string run;
  std::int64_t seq = 0;    ///< 1, 2, 3 ... within the run; given by append
  std::string branch;      ///< "0", "0/3.1", ...
  std::int64_t index = 0;  ///< position within the branch
  std::string kind;        ///< intent, progress, result, decision, timer, resolved, hook, operator
  std::string verb;
  Value args;
  Value body;
  std::int64_t epoch = 0;
  std::int64_t time = 0;  ///< unix ms
  std::string hash;       ///< of this entry and the one before; given by append

  Entry() = default;
};

/// A version as it was deployed.
struct Release {
  std::string id;
  std::string version;
  std::string run;    ///< that made it
  std::string ended;  ///< "", "succeeded", "rolled_back", ...
  bool rolled_back_from = false;
  bool adopted = false;
  std::string app_sha;  ///< of the app file's text
  std::string bundle_sha;
  std::int64_t created = 0;
  Value services;  ///< per service the resolved specs, with absolute paths

  Release() = default;
};

/// What is true of an app between runs; one document, saved in the same transaction as the entries that made it true.
struct AppState {
  std::optional<Colour> live;
  Value colors = Value::object();   ///< color → { release, version, run, hold_until (unix ms, 0 none), adopted }
  Value shares = Value::object();   ///< service → { blue, green, proxy_started }: the last confirmed
  Value targets = Value::object();  ///< service → proxy target

  AppState() = default;
};

/// One `approve`, `reject` or `abort`, put in by a process that does not hold the lock.
struct Message {
  std::int64_t id = 0;
  std::string run;
  std::string question;  ///< "" for abort
  std::string verb;      ///< approve, reject, abort
  std::string by;
  std::string reason;
  std::int64_t time = 0;
  bool taken = false;  ///< the holder has journaled it

  Message() = default;
};

/// What one channel is to be told, kept until it was: one row for each event and channel, the same for every attempt.
struct Notice {
  std::string id;  ///< what the receiver can tell repeats by
  std::string run;
  std::string event;    ///< as in the app file's `on`, or "message"
  std::string channel;  ///< the adapter
  Value config;         ///< its keys, secrets as handles
  Value payload;        ///< what is told; masked
  std::string state;    ///< queued, sent, failed (given up), off (the channel wants no more)
  std::int64_t attempts = 0;
  std::int64_t created = 0;  ///< unix ms
  std::int64_t due = 0;      ///< unix ms: not before
  std::string error;         ///< of the last attempt

  Notice() = default;
};

enum class Mode { write, read };

/// One app's store. Writes are collected in memory, in order, and become durable together: `commit` is one transaction
/// and one fsync; `flush` makes them visible to readers without one. A failed commit (SH1804: disk full, I/O error)
/// leaves everything collected as it was and must stop the run. Reads see what was committed or flushed, never what is
/// only collected. One thread at a time.
class Store {
 public:
  virtual ~Store() = default;

  /// Raises the epoch, durably, and makes this store the only one whose writes count; before, nothing can be committed.
  /// Only for the holder of the app's lock. SH1802 when the store lost what the head file names.
  virtual Result<std::int64_t> take_epoch() = 0;

  /// Collects an entry, with its seq, epoch and hash; the seq. SH1803 (control) at commit time if another epoch has
  /// been taken since.
  virtual Result<std::int64_t> append(Entry entry) = 0;
  virtual Result<void> save(const Run& run) = 0;          ///< inserts or replaces by id
  virtual Result<void> save(const Release& release) = 0;  ///< inserts or replaces by id
  virtual Result<void> save(const AppState& state) = 0;
  virtual Result<void> save(const Notice& notice) = 0;          ///< inserts or replaces by id
  virtual Result<void> take(const Message& message) = 0;        ///< marks it as taken
  virtual Result<std::string> put_blob(std::string bytes) = 0;  ///< returns its sha256; the same bytes are stored once

  virtual bool collected() const = 0;  ///< whether anything waits for a commit; what was flushed does
  virtual Result<void> commit() = 0;  ///< durable (WAL, synchronous=FULL), then the head file (seq, hash) without fsync
  virtual Result<void> flush() = 0;   ///< visible, not durable

  virtual Result<std::vector<Entry>> entries(const std::string& run) = 0;  ///< in order of seq
  virtual Result<std::optional<Run>> run(const std::string& id) = 0;
  virtual Result<std::vector<Run>> runs(int limit) = 0;  ///< newest first
  virtual Result<std::optional<Release>> release(const std::string& id) = 0;
  virtual Result<std::vector<Release>> releases() = 0;  ///< newest first
  virtual Result<AppState> state() = 0;                 ///< SH1802 when the store lost what the head file names
  virtual Result<std::optional<std::string>> blob(const std::string& sha) = 0;

  virtual Result<std::vector<Notice>> notices(const std::string& state) = 0;   ///< in that state, oldest first
  virtual Result<std::vector<Notice>> notices_of(const std::string& run) = 0;  ///< oldest first

  /// The inbox takes no lock and is no part of the chain; `post` commits at once and returns the message's id.
  virtual Result<std::int64_t> post(Message message) = 0;
  virtual Result<std::vector<Message>> inbox(const std::string& run) = 0;  ///< in order of arrival

  /// Recomputes the chain of a run and compares it with the head file. SH1802 names the first bad entry.
  virtual Result<void> verify(const std::string& run) = 0;
};

/// Opens (for writing: creates, 0600 in a 0700 folder) the store in `folder`. SH1801 when it cannot, with the reason;
/// reading where there is none gives SH1805; SH1808 when a newer shunt made it.
Result<std::unique_ptr<Store>> open(std::filesystem::path folder, Mode mode);

}  // namespace shunt::store
