// A store in memory, for simulated deaths: what was not committed is gone.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "store/store.hpp"

namespace shunt::crash {

/// Keeps everything; nothing is hashed or checked. `crash` forgets what was collected.
class MemoryStore : public store::Store {
 public:
  /// Asked before an entry is collected, and before and after each commit that has something to write; true: the engine
  /// dies there, and from then on nothing is kept until `crash`.
  std::function<bool(const store::Entry&)> dies_at_append;
  std::function<bool()> dies_before_commit;
  std::function<bool()> dies_after_commit;

  /// From that commit on (they are counted from 1, over all lives) the disk is full, until this is 0 again.
  int full_from = 0;

  bool dead() const { return dead_; }
  void die() { dead_ = true; }

  /// The process is gone; `power`: the machine was, too, and what was only flushed with it.
  void crash(bool power = false);

  int commits() const { return commits_; }
  const std::vector<store::Entry>& journal() const { return kept_.entries; }

  Result<std::int64_t> take_epoch() override { return ++epoch_; }
  Result<void> append(store::Entry& entry) override;
  Result<void> save(const store::Run& run) override;
  Result<void> save(const store::Release& release) override;
  Result<void> save(const store::AppState& state) override;
  Result<void> save(const store::Notice& notice) override;
  Result<void> take(const store::Message& message) override;
  Result<std::string> put_blob(std::string bytes) override;
  bool collected() const override { return !collected_.empty() || unsynced_; }
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
  struct Kept {
    std::vector<store::Entry> entries;
    std::map<std::string, store::Run> runs;
    std::map<std::string, store::Release> releases;
    std::map<std::string, store::Notice> notices;
    std::map<std::string, std::string> blobs;
    std::vector<store::Message> inbox;
    store::AppState state;
  };

  Result<void> collect(std::function<void(Kept&)> change);
  void write();

  Kept kept_;    ///< what a reader sees
  Kept synced_;  ///< what outlives the machine, where that differs
  std::vector<std::function<void(Kept&)>> collected_;
  std::int64_t epoch_ = 0;
  std::int64_t last_seq_ = 0;
  int commits_ = 0;
  bool unsynced_ = false;
  bool dead_ = false;
};

}  // namespace shunt::crash
