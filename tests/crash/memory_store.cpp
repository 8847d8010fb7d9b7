#include "memory_store.hpp"

namespace shunt::crash {

namespace {

Error gone() {
  return {"SH1804", Kind::adapter, "the process is dead", ""};
}

Error full() {
  return {"SH1804", Kind::adapter, "the disk is full", "make room"};
}

template <typename Item>
std::optional<Item> find(const std::map<std::string, Item>& items, const std::string& key) {
  const auto found = items.find(key);
  return found == items.end() ? std::nullopt : std::optional<Item>(found->second);
}

template <typename Item>
std::vector<Item> newest_first(const std::map<std::string, Item>& items) {
  std::vector<Item> list;
  for (auto item = items.rbegin(); item != items.rend(); ++item) list.push_back(item->second);
  return list;
}

}  // namespace

void MemoryStore::crash(bool power) {
  collected_.clear();
  if (power && unsynced_) kept_ = synced_;
  unsynced_ = false;
  last_seq_ = kept_.entries.empty() ? 0 : kept_.entries.back().seq;
  dead_ = false;
}

Result<void> MemoryStore::collect(std::function<void(Kept&)> change) {
  if (dead_) return gone();
  collected_.push_back(std::move(change));
  return {};
}

Result<void> MemoryStore::append(store::Entry& entry) {
  if (!dead_ && dies_at_append && dies_at_append(entry)) die();
  if (dead_) return gone();
  entry.seq = ++last_seq_;
  entry.epoch = epoch_;
  return collect([entry](Kept& kept) { kept.entries.push_back(entry); });
}

Result<void> MemoryStore::save(const store::Run& run) {
  return collect([run](Kept& kept) { kept.runs[run.id] = run; });
}
Result<void> MemoryStore::save(const store::Release& release) {
  return collect([release](Kept& kept) { kept.releases[release.id] = release; });
}
Result<void> MemoryStore::save(const store::AppState& state) {
  return collect([state](Kept& kept) { kept.state = state; });
}
Result<void> MemoryStore::save(const store::Notice& notice) {
  return collect([notice](Kept& kept) { kept.notices[notice.id] = notice; });
}
Result<void> MemoryStore::take(const store::Message& message) {
  return collect([id = message.id](Kept& kept) { kept.inbox.at(static_cast<std::size_t>(id - 1)).taken = true; });
}

Result<std::string> MemoryStore::put_blob(std::string bytes) {
  auto sha = sha256(bytes);
  auto kept = collect([sha, bytes = std::move(bytes)](Kept& to) { to.blobs[sha] = bytes; });
  if (!kept) return kept.error();
  return sha;
}

void MemoryStore::write() {
  for (const auto& change : collected_) change(kept_);
  collected_.clear();
}

Result<void> MemoryStore::commit() {
  if (dead_) return gone();
  if (!collected()) return {};
  if (full_from != 0 && commits_ + 1 >= full_from) return full();
  if (dies_before_commit && dies_before_commit()) {
    die();
    return gone();
  }
  write();
  unsynced_ = false;
  ++commits_;
  if (!dies_after_commit || !dies_after_commit()) return {};
  die();
  return gone();
}

Result<void> MemoryStore::flush() {
  if (dead_) return gone();
  if (collected_.empty()) return {};
  if (!unsynced_) synced_ = kept_;
  unsynced_ = true;
  write();
  return {};
}

Result<std::vector<store::Entry>> MemoryStore::entries(const std::string&) {
  return kept_.entries;
}
Result<std::optional<store::Run>> MemoryStore::run(const std::string& id) {
  return find(kept_.runs, id);
}
Result<std::vector<store::Run>> MemoryStore::runs(int) {
  return newest_first(kept_.runs);
}
Result<std::optional<store::Release>> MemoryStore::release(const std::string& id) {
  return find(kept_.releases, id);
}
Result<std::vector<store::Release>> MemoryStore::releases() {
  return newest_first(kept_.releases);
}
Result<std::optional<std::string>> MemoryStore::blob(const std::string& sha) {
  return find(kept_.blobs, sha);
}

Result<std::vector<store::Notice>> MemoryStore::notices(const std::string& state) {
  std::vector<store::Notice> found;
  for (const auto& [id, notice] : kept_.notices)
    if (notice.state == state) found.push_back(notice);
  return found;
}
Result<std::vector<store::Notice>> MemoryStore::notices_of(const std::string& run) {
  std::vector<store::Notice> found;
  for (const auto& [id, notice] : kept_.notices)
    if (notice.run == run) found.push_back(notice);
  return found;
}

Result<std::int64_t> MemoryStore::post(store::Message message) {
  message.id = static_cast<std::int64_t>(kept_.inbox.size()) + 1;
  kept_.inbox.push_back(message);
  if (unsynced_) synced_.inbox.push_back(message);
  return message.id;
}
Result<std::vector<store::Message>> MemoryStore::inbox(const std::string& run) {
  std::vector<store::Message> found;
  for (const auto& message : kept_.inbox)
    if (message.run == run) found.push_back(message);
  return found;
}

}  // namespace shunt::crash
