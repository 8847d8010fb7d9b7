// For tests: a store that tells what each commit made durable, and can be made to fail.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/store.hpp"

namespace shunt::store {

/// Hands everything on to the store that it is given.
class WatchedStore : public Store {
 public:
  explicit WatchedStore(std::unique_ptr<Store> below) : below_(std::move(below)) {}

  /// Per commit that had something to write: "kind verb" of its entries, in order.
  std::vector<std::vector<std::string>> commits;
  /// Commits fail from the one of that number (from 1) on.
  int fails_from = 0;

  Result<std::int64_t> append(Entry entry) override {
    open_.push_back(entry.kind + " " + entry.verb);
    return below_->append(std::move(entry));
  }
  Result<void> commit() override {
    if (open_.empty() && !below_->collected()) return below_->commit();
    commits.push_back(std::exchange(open_, {}));
    if (fails_from != 0 && static_cast<int>(commits.size()) >= fails_from)
      return Error("SH1804", Kind::adapter, "the disk is full", "make room");
    return below_->commit();
  }

  Result<std::int64_t> take_epoch() override { return below_->take_epoch(); }
  Result<void> save(const Run& run) override { return below_->save(run); }
  Result<void> save(const Release& release) override { return below_->save(release); }
  Result<void> save(const AppState& state) override { return below_->save(state); }
  Result<void> save(const Notice& notice) override { return below_->save(notice); }
  Result<void> take(const Message& message) override { return below_->take(message); }
  Result<std::string> put_blob(std::string bytes) override { return below_->put_blob(std::move(bytes)); }
  bool collected() const override { return below_->collected(); }
  Result<void> flush() override { return below_->flush(); }
  Result<std::vector<Entry>> entries(const std::string& run) override { return below_->entries(run); }
  Result<std::optional<Run>> run(const std::string& id) override { return below_->run(id); }
  Result<std::vector<Run>> runs(int limit) override { return below_->runs(limit); }
  Result<std::optional<Release>> release(const std::string& id) override { return below_->release(id); }
  Result<std::vector<Release>> releases() override { return below_->releases(); }
  Result<AppState> state() override { return below_->state(); }
  Result<std::optional<std::string>> blob(const std::string& sha) override { return below_->blob(sha); }
  Result<std::int64_t> post(Message message) override { return below_->post(std::move(message)); }
  Result<std::vector<Message>> inbox(const std::string& run) override { return below_->inbox(run); }
  Result<std::vector<Notice>> notices(const std::string& state) override { return below_->notices(state); }
  Result<std::vector<Notice>> notices_of(const std::string& run) override { return below_->notices_of(run); }
  Result<void> verify(const std::string& run) override { return below_->verify(run); }

 private:
  std::unique_ptr<Store> below_;
  std::vector<std::string> open_;
};

}  // namespace shunt::store
