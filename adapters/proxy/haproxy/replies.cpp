#include "adapters/proxy/haproxy/replies.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>

namespace shunt::haproxy {

namespace {

constexpr std::size_t longest_evidence = 2'000;
constexpr std::string_view stat_head = "# pxname,";
constexpr int check_enabled = 0x04;  ///< of srv_check_state, by HAProxy's management guide

Error unexpected(std::string message, std::string_view text) {
  return Error("SH1503", Kind::adapter, std::move(message),
               "check that the socket is HAProxy's runtime socket, and its version (2.2 or later)")
      .with({{"text", std::string(text.substr(0, longest_evidence))}});
}

Error unreadable(std::string_view what, std::string_view text) {
  return unexpected(fmt::format("HAProxy's answer to `{}` cannot be understood", what), text);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The error that HAProxy's own words stand for.
Error refusal(std::string_view text, std::string_view command) {
  const auto words = text.substr(0, text.find('\n'));
  const auto said = fmt::format("HAProxy refused `{}`: {}", command, words.substr(0, 200));
  const Value facts = {{"text", std::string(text.substr(0, longest_evidence))}};
  if (contains(text, "No such server") || contains(text, "No such backend") || contains(text, "No such proxy") ||
      contains(text, "Can't find backend"))
    return Error("SH1504", Kind::config, said, "correct `backend` or `servers`, or add them to haproxy.cfg and reload")
        .with(facts);
  if (contains(text, "static LB algorithm"))
    return Error("SH1505", Kind::config, said, "use `balance roundrobin`, `leastconn` or `random` in this backend")
        .with(facts);
  if (contains(text, "address family"))
    return Error("SH1505", Kind::config, said,
                 "give the server an address in haproxy.cfg to begin with: `init-addr last,127.0.0.1`")
        .with(facts);
  if (contains(text, "Permission denied"))
    return Error("SH1505", Kind::config, said, "give the socket `level admin` in haproxy.cfg").with(facts);
  return unexpected(said, text);
}

/// Takes the first line off `text`, without its line feed.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

/// Fields of one record of comma separated values, which ends at a line feed outside quotes. Nothing when it does not
/// end.
std::optional<std::vector<std::string>> take_record(std::string_view& text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      fields.back() += text[i++];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c == '\n' && !quoted) {
      text.remove_prefix(i + 1);
      return fields;
    } else {
      fields.back() += c;
    }
  }
  return std::nullopt;
}

/// Takes one reply off `text`, up to the empty line that ends it. A health check's words in `show stat` may hold line
/// feeds, in quotes.
std::optional<std::string> take_reply(std::string_view& text) {
  const auto whole = text;
  const bool is_stat = text.starts_with(stat_head);
  while (!text.empty()) {
    if (text.front() == '\n') {
      const auto reply = whole.substr(0, whole.size() - text.size());
      text.remove_prefix(1);
      return std::string(reply);
    }
    if (is_stat && !take_record(text)) return std::nullopt;
    if (is_stat) continue;
    if (!contains(text, "\n")) return std::nullopt;
    take_line(text);
  }
  return std::nullopt;
}

/// Whether half a reply is one of HAProxy's, as far as it goes.
bool begins_well(std::string_view half) {
  constexpr std::string_view beginnings[] = {"Name: ", stat_head, "1\n", "admin\n", "operator\n", "user\n"};
  return std::any_of(std::begin(beginnings), std::end(beginnings), [&](std::string_view beginning) {
    const auto length = std::min(half.size(), beginning.size());
    return half.substr(0, length) == beginning.substr(0, length);
  });
}

/// Columns by name.
class Table {
 public:
  explicit Table(const std::vector<std::string>& head) {
    for (std::size_t i = 0; i < head.size(); ++i) columns_.emplace(head[i], i);
  }

  bool has(const std::string& name) const { return columns_.contains(name); }

  /// "" when there is no such column, or none in this record.
  std::string text(const std::vector<std::string>& record, const std::string& name) const {
    const auto column = columns_.find(name);
    return column == columns_.end() || column->second >= record.size() ? "" : record[column->second];
  }

  /// Marks the table as bad when it is no number of 0 or more.
  int number(const std::vector<std::string>& record, const std::string& name) {
    const auto number = number_in<int>(text(record, name));
    is_good_ = is_good_ && number && *number >= 0;
    return number.value_or(0);
  }

  bool is_good() const { return is_good_; }

 private:
  std::map<std::string, std::size_t> columns_;
  bool is_good_ = true;
};

StatRow stat_row(Table& table, const std::vector<std::string>& record) {
  StatRow row;
  row.server = table.text(record, "svname");
  row.is_backend = table.number(record, "type") == 1;
  row.status = table.text(record, "status");
  row.weight = table.number(record, "weight");
  row.configured = table.has("uweight") ? table.number(record, "uweight") : row.weight;
  row.is_backup = !row.is_backend && table.number(record, "bck") > 0;
  row.queued = table.number(record, "qcur");
  row.sessions = table.number(record, "scur");
  row.address = table.text(record, "addr");
  row.algorithm = table.text(record, "algo");
  row.cookie = table.text(record, "cookie");
  return row;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end > 0) words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::string joined(const std::string& host, int port) {
  return contains(host, ":") ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

/// HAProxy writes "-" for nothing.
bool has_text(const std::string& field) {
  return !field.empty() && field != "-";
}

/// The value of "Name: value".
std::string info_field(std::string_view reply, std::string_view name) {
  while (!reply.empty()) {
    const auto line = take_line(reply);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": "))
      return std::string(line.substr(name.size() + 2));
  }
  return "";
}

}  // namespace

Result<std::vector<std::string>> split_replies(std::string_view text, std::size_t commands) {
  std::vector<std::string> replies;
  const auto whole = text;
  while (replies.size() < commands) {
    const auto rest = text;
    auto reply = take_reply(text);
    if (!reply && !begins_well(rest)) return unexpected("what answers is not HAProxy's runtime socket", rest);
    if (!reply) {
      auto error =
          unexpected(fmt::format("HAProxy ended the connection in the middle of its answer ({} of {} commands)",
                                 replies.size(), commands),
                     whole);
      error.remedy = "look whether it was restarted just now, and try again";
      error.retryable = true;
      return error;
    }
    replies.push_back(std::move(*reply));
  }
  if (!text.empty()) return unexpected(fmt::format("HAProxy answered more than {} commands ask for", commands), whole);
  return replies;
}

Result<void> parse_done(std::string_view reply, std::string_view command) {
  if (!reply.empty()) return refusal(reply, command);
  return {};
}

Result<void> parse_placed(std::string_view reply, std::string_view command) {
  auto rest = reply;
  auto line = take_line(rest);
  constexpr std::string_view ending = " by 'stats socket command'";
  if (line.ends_with(ending)) line.remove_suffix(ending.size());
  const auto comma = line.find(", ");
  const auto host = line.substr(0, comma);
  const auto port = comma == std::string_view::npos ? std::string_view() : line.substr(comma + 2);
  const bool is_host = host.starts_with("IP changed from ") || host == "no need to change the addr";
  const bool is_port = port.starts_with("port changed from ") || port == "no need to change the port";
  if (!rest.empty() || !is_host || !is_port) return refusal(reply, command);
  return {};
}

Result<Info> parse_info(std::string_view reply) {
  if (!reply.starts_with("Name: ")) return refusal(reply, "show info");
  Info info;
  const auto pid = number_in<std::int64_t>(info_field(reply, "Pid"));
  const auto uptime = number_in<double>(info_field(reply, "Uptime_sec"));
  const auto start_text = info_field(reply, "Start_time_sec");
  const auto started = start_text.empty() ? std::optional(0.0) : number_in<double>(start_text);
  // Times beyond the year 5000 would not fit into milliseconds safely.
  const auto is_time = [](const std::optional<double>& time) { return time && *time >= 0 && *time < 1e11; };
  if (!pid || *pid <= 0 || !is_time(uptime) || !is_time(started)) return unreadable("show info", reply);
  info.pid = *pid;
  info.uptime = *uptime;
  info.started = *started;
  return info;
}

Result<std::vector<StatRow>> parse_stat(std::string_view reply) {
  if (!reply.starts_with(stat_head)) return refusal(reply, "show stat");
  auto rest = reply.substr(2);
  const auto head = take_record(rest);
  if (!head) return unreadable("show stat", reply);
  Table table(*head);
  for (const char* name : {"svname", "type", "status", "weight", "bck", "qcur", "scur"})
    if (!table.has(name)) return unreadable("show stat", reply);
  std::vector<StatRow> rows;
  while (!rest.empty()) {
    const auto record = take_record(rest);
    if (!record) return unreadable("show stat", reply);
    const auto type = table.text(*record, "type");
    if (type == "0" || type == "3") continue;  // frontends and listeners
    rows.push_back(stat_row(table, *record));
    if (!table.is_good() || rows.back().server.empty() || (type != "1" && type != "2"))
      return unreadable("show stat", reply);
  }
  return rows;
}

Result<std::vector<StateRow>> parse_servers_state(std::string_view reply) {
  auto rest = reply;
  if (take_line(rest) != "1") return refusal(reply, "show servers state");
  const auto head = take_line(rest);
  if (!head.starts_with("# ")) return unreadable("show servers state", reply);
  Table table(words_of(head.substr(2)));
  for (const char* name : {"srv_name", "srv_addr", "srv_op_state", "srv_admin_state", "srv_uweight", "srv_port"})
    if (!table.has(name)) return unreadable("show servers state", reply);
  std::vector<StateRow> rows;
  while (!rest.empty()) {
    const auto record = words_of(take_line(rest));
    StateRow row;
    row.server = table.text(record, "srv_name");
    row.address = joined(table.text(record, "srv_addr"), table.number(record, "srv_port"));
    row.running = table.number(record, "srv_op_state");
    row.admin = static_cast<unsigned>(table.number(record, "srv_admin_state"));
    row.weight = table.number(record, "srv_uweight");
    row.is_checked = table.has("srv_check_state") && (table.number(record, "srv_check_state") & check_enabled) != 0;
    row.is_named = has_text(table.text(record, "srv_fqdn"));
    const auto check_address = table.text(record, "srv_check_addr");
    if (has_text(check_address)) row.check_address = check_address;
    if (!table.is_good() || row.server.empty()) return unreadable("show servers state", reply);
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<std::string> parse_level(std::string_view reply) {
  const auto level = take_line(reply);
  if (level != "admin" && level != "operator" && level != "user") return refusal(level, "show cli level");
  return std::string(level);
}

}  // namespace shunt::haproxy
