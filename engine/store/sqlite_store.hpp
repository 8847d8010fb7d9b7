// The Store on one SQLite file.
#pragma once

#include <unordered_map>

#include "store/documents.hpp"
#include "store/journal.hpp"

namespace shunt::store {

/// The file `state.db` in one folder, with `head` beside it. Thread-safe only as far as the contract asks: one thread
/// at a time, any thread.
class SqliteStore final : public Store {
 public:
  /// Throws Failure and std::system_error.
  SqliteStore(std::filesystem::path folder, Mode mode);

  /// Moves the log into the main file when no run is open. What is collected and was never committed is dropped.
  ~SqliteStore() override;

  Result<std::int64_t> take_epoch() override;
  Result<std::int64_t> append(Entry entry) override;
  Result<void> save(const Run& run) override;
  Result<void> save(const Release& release) override;
  Result<void> save(const AppState& state) override;
  Result<void> save(const Notice& notice) override;
  Result<void> take(const Message& message) override;
  Result<std::string> put_blob(std::string bytes) override;
  bool collected() const override;
  Result<void> commit() override;
  Result<void> flush() override;
  Result<std::vector<Entry>> entries(const std::string& run) override;
  Result<std::optional<Run>> run(const std::string& id) override;
  Result<std::vector<Run>> runs(int limit) override;
  Result<std::optional<Release>> release(const std::string& id) override;
  Result<std::vector<Release>> releases() override;
  Result<AppState> state() override;
  Result<std::optional<std::string>> blob(const std::string& sha) override;
  Result<std::vector<Notice>> notices(const std::string& state) override;
  Result<std::vector<Notice>> notices_of(const std::string& run) override;
  Result<std::int64_t> post(Message message) override;
  Result<std::vector<Message>> inbox(const std::string& run) override;
  Result<void> verify(const std::string& run) override;

 private:
  /// A row that waits for its transaction.
  struct Pending {
    enum class Kind { entry, run, release, app, taken, blob, notice };
    Kind kind;
    Row row;
  };

  Result<void> collect(Pending::Kind kind, Row row);
  void write(Durability durability);
  void write_one(const Pending& pending, Totals& totals);
  Tail& tail(const std::string& run);
  void require_epoch(const Totals& totals) const;
  void witness(const Totals& totals);

  std::filesystem::path folder_;
  Mode mode_;
  Database database_;
  std::int64_t epoch_ = 0;  ///< 0: none was taken, nothing may be written
  std::vector<Pending> pending_;
  bool unsynced_ = false;                        ///< flushed rows wait for a commit
  std::unordered_map<std::string, Tail> tails_;  ///< of the runs written here, collected entries included
  Tail last_;                                    ///< the last entry committed, of whatever run
  std::string last_run_;
};

}  // namespace shunt::store
