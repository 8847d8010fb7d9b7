// A store that keeps nothing, for what must not be recorded again.
#pragma once

#include "store/store.hpp"

namespace shunt::store {

class NullStore : public Store {
 public:
  Result<std::int64_t> take_epoch() override { return 0; }
  Result<std::int64_t> append(Entry) override { return 0; }
  Result<void> save(const Run&) override { return {}; }
  Result<void> save(const Release&) override { return {}; }
  Result<void> save(const AppState&) override { return {}; }
  Result<void> save(const Notice&) override { return {}; }
  Result<void> take(const Message&) override { return {}; }
  Result<std::string> put_blob(std::string bytes) override { return sha256(bytes); }
  bool collected() const override { return false; }
  Result<void> commit() override { return {}; }
  Result<void> flush() override { return {}; }
  Result<std::vector<Entry>> entries(const std::string&) override { return std::vector<Entry>(); }
  Result<std::optional<Run>> run(const std::string&) override { return std::optional<Run>(); }
  Result<std::vector<Run>> runs(int) override { return std::vector<Run>(); }
  Result<std::optional<Release>> release(const std::string&) override { return std::optional<Release>(); }
  Result<std::vector<Release>> releases() override { return std::vector<Release>(); }
  Result<AppState> state() override { return AppState(); }
  Result<std::optional<std::string>> blob(const std::string&) override { return std::optional<std::string>(); }
  Result<std::vector<Notice>> notices(const std::string&) override { return std::vector<Notice>(); }
  Result<std::vector<Notice>> notices_of(const std::string&) override { return std::vector<Notice>(); }
  Result<std::int64_t> post(Message) override { return 0; }
  Result<std::vector<Message>> inbox(const std::string&) override { return std::vector<Message>(); }
  Result<void> verify(const std::string&) override { return {}; }
};

}  // namespace shunt::store
