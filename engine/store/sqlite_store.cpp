#include "store/sqlite_store.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <system_error>

#include "config/planted.hpp"
#include "store/layout.hpp"

namespace shunt::store {

namespace {

// Failures become results here, and only here.
template <typename Work>
auto attempt(Work work) -> Result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (Failure& failure) {
    return std::move(failure.error);
  }
}

Error read_only() {
  return Error("SH1804", Kind::adapter, "the store was opened for reading and could not be written",
               "Open it for writing, with the app's lock");
}

template <typename Item>
std::vector<Item> items_of(const Database& database, const std::vector<Document>& documents) {
  std::vector<Item> items;
  items.reserve(documents.size());
  for (const auto& document : documents) items.push_back(item_of<Item>(database, document));
  return items;
}

template <typename Item>
std::optional<Item> find_item(Database& database, const sql::Documents& table, const Cell& key) {
  const auto document = find(database, table, key);
  if (!document) return std::nullopt;
  return item_of<Item>(database, *document);
}

}  // namespace

SqliteStore::SqliteStore(std::filesystem::path folder, Mode mode)
    : folder_(std::move(folder)), mode_(mode), database_(prepare_file(folder_, mode), mode) {
  check_layout(database_, mode);
}

SqliteStore::~SqliteStore() {
  if (epoch_ == 0 || !pending_.empty()) return;
  try {
    if (database_.ask(sql::any_open_run)) return;
    database_.set_durability(Durability::synced);
    database_.prepare(sql::checkpoint).step();
  } catch (const Failure&) {
    // The log stays, and is as good: the next store reads it.
  }
}

Result<std::int64_t> SqliteStore::take_epoch() {
  if (mode_ == Mode::read) return read_only();
  if (collected()) {
    auto committed = commit();
    if (!committed) return std::move(committed).error();
  }
  return attempt([this] {
    const auto head = read_head(folder_);
    database_.set_durability(Durability::synced);
    Transaction transaction(database_, Mode::write);
    check_head(database_, head);
    Totals totals = read_totals(database_);
    ++totals.epoch;
    ++totals.changes;
    write_totals(database_, totals);
    transaction.commit();
    tails_.clear();
    last_run_ = head ? head->run : "";
    last_ = head ? Tail{head->seq, head->hash} : Tail{};
    epoch_ = totals.epoch;
    witness(totals);
    return epoch_;
  });
}

Tail& SqliteStore::tail(const std::string& run) {
  const auto known = tails_.find(run);
  if (known != tails_.end()) return known->second;
  return tails_[run] = read_tail(database_, run);
}

Result<void> SqliteStore::collect(Pending::Kind kind, Row row) {
  if (mode_ == Mode::read) return read_only();
  pending_.push_back({kind, std::move(row)});
  return {};
}

Result<std::int64_t> SqliteStore::append(Entry entry) {
  if (mode_ == Mode::read) return read_only();
  return attempt([&] {
    Tail& end = tail(entry.run);
    entry.epoch = epoch_;
    pending_.push_back({Pending::Kind::entry, chain(entry, end)});
    return entry.seq;
  });
}

Result<void> SqliteStore::save(const Run& run) {
  return collect(Pending::Kind::run, to_row(run));
}
Result<void> SqliteStore::save(const Release& release) {
  return collect(Pending::Kind::release, to_row(release));
}
Result<void> SqliteStore::save(const AppState& state) {
  return collect(Pending::Kind::app, to_row(state));
}
Result<void> SqliteStore::save(const Notice& notice) {
  return collect(Pending::Kind::notice, to_row(notice));
}
Result<void> SqliteStore::take(const Message& message) {
  return collect(Pending::Kind::taken, {Cell(message.id)});
}

Result<std::string> SqliteStore::put_blob(std::string bytes) {
  std::string sha = sha256(bytes);
  const auto same = [&](const Pending& other) {
    return other.kind == Pending::Kind::blob && holds(other.row.front(), sha);
  };
  if (std::any_of(pending_.begin(), pending_.end(), same)) return sha;
  auto kept = collect(Pending::Kind::blob, {Cell(sha), Bytes{std::move(bytes)}});
  if (!kept) return std::move(kept).error();
  return sha;
}

bool SqliteStore::collected() const {
  return unsynced_ || !pending_.empty();
}

Result<void> SqliteStore::commit() {
  if (!collected()) return {};
  return attempt([this] { write(Durability::synced); });
}

Result<void> SqliteStore::flush() {
  if (pending_.empty()) return {};
  return attempt([this] { write(Durability::unsynced); });
}

void SqliteStore::require_epoch(const Totals& totals) const {
  if ((epoch_ != 0 && totals.epoch == epoch_) || is_planted("epoch not checked")) return;
  Error error("SH1803", Kind::cancelled,
              epoch_ == 0
                  ? fmt::format("nothing may be written to {} before its epoch is taken", database_.file().string())
                  : fmt::format("another shunt has taken over {} (epoch {} after {})", database_.file().string(),
                                totals.epoch, epoch_),
              "Leave it to the other one; `shunt status` shows what it does");
  error.control = true;
  throw Failure(std::move(error));
}

void SqliteStore::write(Durability durability) {
  database_.set_durability(is_planted("commit without fsync") ? Durability::unsynced : durability);
  Totals totals;
  {
    Transaction transaction(database_, Mode::write);
    totals = read_totals(database_);
    require_epoch(totals);
    const auto only_chained = [](const Pending& pending) {
      return pending.kind == Pending::Kind::entry || pending.kind == Pending::Kind::blob;
    };
    for (const auto& pending : pending_) write_one(pending, totals);
    // Without a row of its own, a commit after a flush would have nothing to sync.
    if (pending_.empty() || !std::all_of(pending_.begin(), pending_.end(), only_chained)) {
      ++totals.changes;
      write_totals(database_, totals);
    }
    transaction.commit();
  }
  for (const auto& pending : pending_) {
    if (pending.kind != Pending::Kind::entry) continue;
    last_run_ = std::get<std::string>(pending.row.front());
    last_ = {std::get<std::int64_t>(pending.row.at(1)), std::get<std::string>(pending.row.back())};
  }
  pending_.clear();
  unsynced_ = durability == Durability::unsynced;
  if (!unsynced_) witness(totals);
}

void SqliteStore::write_one(const Pending& pending, Totals& totals) {
  const Cell& key = pending.row.front();
  switch (pending.kind) {
    case Pending::Kind::entry:
      return add_entry(database_, pending.row);
    case Pending::Kind::run: {
      Row row = pending.row;
      const Tail& end = tail(std::get<std::string>(key));
      row.insert(row.end(), {Cell(end.seq), Cell(end.hash)});
      put(database_, sql::runs, totals, find(database_, sql::runs, key), row);
      return;
    }
    case Pending::Kind::release:
      put(database_, sql::releases, totals, find(database_, sql::releases, key), pending.row);
      return;
    case Pending::Kind::app:
      put(database_, sql::app, totals, find(database_, sql::app, Cell(std::int64_t{1})), pending.row);
      return;
    case Pending::Kind::notice:
      put(database_, sql::notices, totals, find(database_, sql::notices, key), pending.row);
      return;
    case Pending::Kind::taken: {
      auto message = find(database_, sql::inbox, key);
      if (!message) return;
      Row row = message->row;
      row.back() = std::int64_t{1};
      put(database_, sql::inbox, totals, message, row);
      return;
    }
    case Pending::Kind::blob: {
      auto statement = database_.prepare(sql::add_blob);
      statement.bind(key).bind(pending.row.back());
      statement.step();
      return;
    }
  }
}

void SqliteStore::witness(const Totals& totals) {
  write_head(folder_, {last_run_, last_.seq, last_.hash, totals.changes});
}

Result<std::vector<Entry>> SqliteStore::entries(const std::string& run) {
  return attempt([&] { return read_entries(database_, run); });
}

Result<std::optional<Run>> SqliteStore::run(const std::string& id) {
  return attempt([&] { return find_item<Run>(database_, sql::runs, Cell(id)); });
}

Result<std::vector<Run>> SqliteStore::runs(int limit) {
  return attempt([&] { return items_of<Run>(database_, list(database_, sql::runs, std::max(limit, 0))); });
}

Result<std::optional<Release>> SqliteStore::release(const std::string& id) {
  return attempt([&] { return find_item<Release>(database_, sql::releases, Cell(id)); });
}

Result<std::vector<Release>> SqliteStore::releases() {
  return attempt([&] { return items_of<Release>(database_, list(database_, sql::releases, -1)); });
}

Result<AppState> SqliteStore::state() {
  return attempt([&] {
    const auto head = read_head(folder_);
    Transaction moment(database_, Mode::read);
    check_head(database_, head);
    return find_item<AppState>(database_, sql::app, Cell(std::int64_t{1})).value_or(AppState());
  });
}

Result<std::optional<std::string>> SqliteStore::blob(const std::string& sha) {
  return attempt([&]() -> std::optional<std::string> {
    const Cell key = sha;
    auto statement = database_.prepare(sql::get_blob);
    statement.bind(key);
    if (!statement.step()) return std::nullopt;
    auto found = statement.cell(0);
    auto* bytes = std::get_if<Bytes>(&found);
    if (bytes == nullptr || sha256(bytes->data) != sha)
      throw damaged(database_, fmt::format("the stored file {} is not what was written", sha));
    return std::move(bytes->data);
  });
}

Result<std::vector<Notice>> SqliteStore::notices(const std::string& state) {
  return attempt(
      [&] { return items_of<Notice>(database_, select(database_, sql::notices, sql::get_notices, Cell(state))); });
}

Result<std::vector<Notice>> SqliteStore::notices_of(const std::string& run) {
  return attempt(
      [&] { return items_of<Notice>(database_, select(database_, sql::notices, sql::get_notices_of_run, Cell(run))); });
}

Result<std::int64_t> SqliteStore::post(Message message) {
  return attempt([&] {
    database_.set_durability(Durability::synced);
    Transaction transaction(database_, Mode::write);
    Totals totals = read_totals(database_);
    const std::int64_t id = put(database_, sql::inbox, totals, std::nullopt, to_row(message));
    ++totals.changes;
    write_totals(database_, totals);
    transaction.commit();
    return id;
  });
}

Result<std::vector<Message>> SqliteStore::inbox(const std::string& run) {
  return attempt([&] {
    std::vector<Message> found;
    for (const auto& document : select(database_, sql::inbox, sql::get_messages, Cell(run))) {
      found.push_back(item_of<Message>(database_, document));
      found.back().id = document.number;
    }
    return found;
  });
}

Result<void> SqliteStore::verify(const std::string& run) {
  return attempt([&] {
    const auto head = read_head(folder_);
    Transaction moment(database_, Mode::read);
    Tail least;
    if (const auto document = find(database_, sql::runs, Cell(run))) {
      const std::size_t columns = document->row.size();
      try {
        from_cell(document->row.at(columns - 2), least.seq);
        from_cell(document->row.at(columns - 1), least.hash);
      } catch (const std::invalid_argument& reason) {
        throw damaged(database_, reason.what());
      }
    }
    check_chain(database_, run, least);
    check_head(database_, head);
    check_documents(database_);
  });
}

Result<std::unique_ptr<Store>> open(std::filesystem::path folder, Mode mode) {
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(folder, failed);
  try {
    return std::unique_ptr<Store>(std::make_unique<SqliteStore>(failed ? folder : absolute, mode));
  } catch (Failure& failure) {
    return std::move(failure.error);
  } catch (const std::system_error& error) {
    return Error("SH1801", Kind::adapter,
                 fmt::format("the store in {} could not be opened: {}", folder.string(), error.code().message()),
                 "Check the path and its owner");
  }
}

}  // namespace shunt::store
