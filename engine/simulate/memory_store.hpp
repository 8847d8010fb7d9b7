// A store in memory, for simulated deaths: what was not committed is gone.
#pragma once

#include <functional>
#include <map>
#include <variant>
#include <vector>

#include "store/store.hpp"

namespace shunt::simulate {

/// Keeps everything; nothing is hashed or checked. `crash` forgets what was collected. Loop thread only.
class MemoryStore : public store::Store {
 public:
  /// Asked before an entry is collected, and before and after each commit that has something to write; true: the engine
  /// dies there, and from then on nothing is kept until `crash`.
  std::function<bool(const store::Entry&)> dies_at_append;
  std::function<bool()> dies_before_commit;
  std::function<bool()> dies_after_commit;

  /// Whether the machine may fail, and not only the process: what a flush made visible is kept apart from what is
  /// durable.
  bool power_may_fail = false;

  /// From that commit on (they are counted from 1, over all lives) the disk is full, until this is 0 again.
  int full_from = 0;

  bool dead() const { return dead_; }
  void die() { dead_ = true; }

  /// The process is gone; `power`: the machine was, too, and what was only flushed with it.
  void crash(bool power = false);

  int commits() const { return commits_; }
  const std::vector<store::Entry>& journal() const { return kept_.entries; }
  const std::vector<store::Entry>& appended() const { return appended_; }  ///< what is not written yet

  Result<std::int64_t> take_epoch() override { return ++epoch_; }
  Result<std::int64_t> append(store::Entry entry) override;
  Result<void> save(const store::Run& run) override;
  Result<void> save(const store::Release& release) override;
  Result<void> save(const store::AppState& state) override;
  Result<void> save(const store::Notice& notice) override;
  Result<void> take(const store::Message& message) override;
  Result<std::string> put_blob(std::string bytes) override;
  bool collected() const override { return !nothing_new() || unsynced_; }
  Result<void> commit() override;
  Result<void> flush() override;

  Result<std::vector<store::Entry>> entries(const std::string& run) override;
  Result<std::optional<store::Run>> run(const std::string& id) override;
  Result<std::vector<store::Run>> runs(int limit) override;
  Result<std::optional<store::Release>> release(const std::string& id) override;
  Result<std::vector<store::Release>> releases() override;
  Result<store::AppState> state() override { return kept_.state; }
  Result<std::optional<std::string>> blob(const std::string& sha) override;
  Result<std::vector<store::Notice>> notices(const std::string& state) override;
  Result<std::vector<store::Notice>> notices_of(const std::string& run) override;
  Result<std::int64_t> post(store::Message message) override;
  Result<std::vector<store::Message>> inbox(const std::string& run) override;
  Result<void> verify(const std::string&) override { return {}; }

 private:
  struct Taken {
    std::int64_t id;  ///< of a message
  };
  struct Blob {
    std::string sha;
    std::string bytes;
  };
  using Change = std::variant<store::Run, store::Release, store::AppState, store::Notice, Taken, Blob>;

  struct Kept {
    void put(store::Run run);
    void put(store::Release release);
    void put(store::AppState now);
    void put(store::Notice notice);
    void put(Taken taken);
    void put(Blob blob);

    std::vector<store::Entry> entries;
    std::map<std::string, store::Run> runs;
    std::map<std::string, store::Release> releases;
    std::map<std::string, store::Notice> notices;
    std::map<std::string, std::string> blobs;
    std::vector<store::Message> inbox;
    store::AppState state;
  };

  bool nothing_new() const { return appended_.empty() && collected_.empty(); }
  Result<void> collect(Change change);
  void write();

  Kept kept_;    ///< what a reader sees
  Kept synced_;  ///< what outlives the machine, where that differs
  std::vector<store::Entry> appended_;
  std::vector<Change> collected_;
  std::int64_t epoch_ = 0;
  std::int64_t last_seq_ = 0;
  int commits_ = 0;
  bool unsynced_ = false;
  bool dead_ = false;
};

}  // namespace shunt::simulate
