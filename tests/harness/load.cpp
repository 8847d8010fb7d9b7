#include "harness/load.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace shunt::harness {

namespace {

bool says(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The number after the first `label`, 0 when `text` has no such place.
double number_after(std::string_view text, std::string_view label) {
  const auto at = text.find(label);
  if (at == std::string_view::npos) return 0;
  const auto start = text.find_first_not_of(" \t", at + label.size());
  double number = 0;
  if (start != std::string_view::npos) std::from_chars(text.data() + start, text.data() + text.size(), number);
  return number;
}

long count_after(std::string_view text, std::string_view label) {
  return static_cast<long>(number_after(text, label));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

// hey lists what it counted as lines `  [STATUS]\tCOUNT responses` and, below "Error distribution:", `  [COUNT]\tTEXT`.
struct HeyLine {
  long bracketed = 0;
  std::string_view rest;
};

std::optional<HeyLine> hey_line(std::string_view line) {
  const auto open = line.find_first_not_of(' ');
  if (open == std::string_view::npos || line[open] != '[') return std::nullopt;
  const auto rest = line.find_first_not_of(" \t", line.find(']') + 1);
  return HeyLine{count_after(line, "["), rest == std::string_view::npos ? "" : line.substr(rest)};
}

void add_hey_error(std::string_view text, long count, LoadResult::SocketErrors& errors) {
  if (says(text, "imeout") || says(text, "deadline"))
    errors.timeout += count;
  else if (says(text, "dial") || says(text, "connect:"))
    errors.connect += count;
  else if (says(text, "write") || says(text, "broken pipe"))
    errors.write += count;
  else
    errors.read += count;
}

void refuse_other_machines(const std::string& url) {
  if (!url.starts_with("http://127.")) throw std::invalid_argument("load goes to 127.0.0.0/8 only, not to " + url);
}

}  // namespace

long LoadResult::failed() const {
  return non_2xx + socket_errors.connect + socket_errors.read + socket_errors.write + socket_errors.timeout;
}

std::string LoadResult::text() const {
  return fmt::format(
      "{} requests ({:.0f}/s), {} of 400 and above, socket errors: connect {}, read {}, write {}, timeout {}", requests,
      requests_per_second, non_2xx, socket_errors.connect, socket_errors.read, socket_errors.write,
      socket_errors.timeout);
}

LoadResult parse_wrk(const std::string& text) {
  LoadResult result;
  bool report = false;
  for (const auto line : lines_of(text)) {
    if (says(line, " requests in ")) {
      report = true;
      result.requests = count_after(line, "");
    } else if (says(line, "Socket errors:")) {
      result.socket_errors = {count_after(line, "connect"), count_after(line, "read"), count_after(line, "write"),
                              count_after(line, "timeout")};
    }
  }
  if (!report) throw std::runtime_error("this is no report of wrk: " + text);
  result.non_2xx = count_after(text, "Non-2xx or 3xx responses:");
  result.requests_per_second = number_after(text, "Requests/sec:");
  return result;
}

LoadResult parse_hey(const std::string& text) {
  if (!says(text, "Requests/sec:")) throw std::runtime_error("this is no report of hey: " + text);
  LoadResult result;
  result.requests_per_second = number_after(text, "Requests/sec:");
  bool errors = false;
  for (const auto line : lines_of(text)) {
    errors = errors || says(line, "Error distribution:");
    const auto counted = hey_line(line);
    if (!counted) continue;
    if (errors) {
      add_hey_error(counted->rest, counted->bracketed, result.socket_errors);
    } else if (says(counted->rest, " responses")) {
      const long count = count_after(counted->rest, "");
      result.requests += count;
      if (counted->bracketed >= 400) result.non_2xx += count;
    }
  }
  return result;
}

Load::Load(Command command, LoadResult (*parse)(const std::string&), std::chrono::seconds longest)
    : program_(std::move(command)), parse_(parse), longest_(longest) {
  program_.start();
}

Load Load::wrk(const std::string& url, int connections, std::chrono::seconds longest) {
  refuse_other_machines(url);
  return {{{"wrk", "-t1", fmt::format("-c{}", connections), fmt::format("-d{}s", longest.count()), url}},
          parse_wrk,
          longest};
}

Load Load::hey(const std::string& url, int connections, std::chrono::seconds longest, std::vector<std::string> flags) {
  refuse_other_machines(url);
  std::vector<std::string> argv = {"hey", "-c", fmt::to_string(connections), "-z", fmt::format("{}s", longest.count())};
  argv.insert(argv.end(), flags.begin(), flags.end());
  argv.push_back(url);
  return {{argv}, parse_hey, longest};
}

LoadResult Load::finish() {
  if (!program_.wait(longest_ + std::chrono::seconds(20)))
    throw std::runtime_error("the load generator does not end: " + program_.output());
  return parse_(program_.out());
}

LoadResult Load::stop() {
  program_.signal(SIGINT);
  return finish();
}

LoadResult run_wrk(const std::string& url, int connections, std::chrono::seconds duration) {
  return Load::wrk(url, connections, duration).finish();
}

LoadResult run_hey(const std::string& url, int connections, std::chrono::seconds duration) {
  return Load::hey(url, connections, duration).finish();
}

}  // namespace shunt::harness
