#include "simulate/memory_store.hpp"

#include <algorithm>
#include <iterator>

namespace shunt::simulate {

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

void MemoryStore::Kept::put(store::Run run) {
  auto id = run.id;
  runs.insert_or_assign(std::move(id), std::move(run));
}
void MemoryStore::Kept::put(store::Release release) {
  auto id = release.id;
  releases.insert_or_assign(std::move(id), std::move(release));
}
void MemoryStore::Kept::put(store::AppState now) {
  state = std::move(now);
}
void MemoryStore::Kept::put(store::Notice notice) {
  auto id = notice.id;
  notices.insert_or_assign(std::move(id), std::move(notice));
}
void MemoryStore::Kept::put(Taken taken) {
  inbox.at(static_cast<std::size_t>(taken.id - 1)).taken = true;
}
void MemoryStore::Kept::put(Blob blob) {
  blobs.insert_or_assign(std::move(blob.sha), std::move(blob.bytes));
}

void MemoryStore::crash(bool power) {
  appended_.clear();
  collected_.clear();
  if (power && unsynced_) kept_ = synced_;
  unsynced_ = false;
  last_seq_ = kept_.entries.empty() ? 0 : kept_.entries.back().seq;
  dead_ = false;
}

Result<void> MemoryStore::collect(Change change) {
  if (dead_) return gone();
  collected_.push_back(std::move(change));
  return {};
}

Result<std::int64_t> MemoryStore::append(store::Entry entry) {
  if (!dead_ && dies_at_append && dies_at_append(entry)) die();
  if (dead_) return gone();
  entry.seq = ++last_seq_;
  entry.epoch = epoch_;
  appended_.push_back(std::move(entry));
  return last_seq_;
}

Result<void> MemoryStore::save(const store::Run& run) {
  return collect(run);
}
Result<void> MemoryStore::save(const store::Release& release) {
  return collect(release);
}
Result<void> MemoryStore::save(const store::AppState& state) {
  return collect(state);
}
Result<void> MemoryStore::save(const store::Notice& notice) {
  return collect(notice);
}
Result<void> MemoryStore::take(const store::Message& message) {
  return collect(Taken{message.id});
}

Result<std::string> MemoryStore::put_blob(std::string bytes) {
  auto sha = sha256(bytes);
  auto kept = collect(Blob{sha, std::move(bytes)});
  if (!kept) return kept.error();
  return sha;
}

void MemoryStore::write() {
  std::move(appended_.begin(), appended_.end(), std::back_inserter(kept_.entries));
  appended_.clear();
  for (auto& change : collected_) std::visit([this](auto& one) { kept_.put(std::move(one)); }, change);
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
  if (nothing_new()) return {};
  if (power_may_fail && !unsynced_) synced_ = kept_;
  unsynced_ = power_may_fail;
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

}  // namespace shunt::simulate
