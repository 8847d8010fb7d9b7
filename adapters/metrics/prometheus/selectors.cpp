#include "adapters/metrics/prometheus/selectors.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <functional>

namespace shunt::prometheus {

namespace {

constexpr std::size_t most_selectors = 20;
constexpr int looks_per_window = 60;
constexpr Milliseconds shortest_step{1'000};

// The words of PromQL that look like names of metrics, in lower case (they are not case-sensitive).
constexpr std::array<std::string_view, 6> label_list_words = {"by",       "without",    "on",
                                                              "ignoring", "group_left", "group_right"};
constexpr std::array<std::string_view, 10> other_words = {"and",   "or",  "unless", "bool", "offset",
                                                          "start", "end", "inf",    "nan",  "atan2"};
constexpr std::array<std::string_view, 14> aggregators = {"sum",    "min",      "max",          "avg",        "group",
                                                          "stddev", "stdvar",   "count",        "topk",       "bottomk",
                                                          "limitk", "quantile", "count_values", "limit_ratio"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// Walks over an expression.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char next() const { return at_end() ? '\0' : text_[at_]; }
  void skip() { at_ = std::min(at_ + 1, text_.size()); }

  void skip_space() {
    while (!at_end() && (is_space(next()) || next() == '#')) {
      if (next() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      skip();
    }
  }

  std::string_view take(const std::function<bool(char)>& fits) {
    const auto begin = at_;
    while (!at_end() && fits(next())) skip();
    return text_.substr(begin, at_ - begin);
  }

  /// From a quote to its end.
  void skip_string() {
    const char quote = next();
    skip();
    while (!at_end() && next() != quote) {
      if (next() == '\\' && quote != '`') skip();
      skip();
    }
    skip();
  }

  /// From a bracket to `close`, whatever strings hold. The text with both.
  std::string_view take_to(char close) {
    const auto begin = at_;
    while (!at_end() && next() != close) {
      if (next() == '"' || next() == '\'' || next() == '`') {
        skip_string();
      } else {
        skip();
      }
    }
    skip();
    return text_.substr(begin, at_ - begin);
  }

  /// The word that comes next, in lower case, without taking it.
  std::string peek_word() const {
    auto ahead = *this;
    ahead.skip_space();
    return in_lower_case(ahead.take([](char c) { return is_letter(c) || is_digit(c); }));
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// At a name: takes what belongs to it. The selector, or "" when the name is something else.
std::string take_selector(Scanner& scanner) {
  const auto name = scanner.take([](char c) { return is_letter(c) || is_digit(c); });
  const auto word = in_lower_case(name);
  scanner.skip_space();
  if (is_one_of(word, label_list_words)) {
    if (scanner.next() == '(') scanner.take_to(')');
    return "";
  }
  if (is_one_of(word, other_words) || scanner.next() == '(') return "";
  const auto after = scanner.peek_word();
  if (is_one_of(word, aggregators) && (after == "by" || after == "without")) return "";
  std::string selector(name);
  if (scanner.next() == '{') selector += scanner.take_to('}');
  return selector;
}

using OfOne = std::function<std::string(const std::string& selector)>;

/// The largest of several values. Each gets a label of its own: `or` would drop all but the first.
std::optional<std::string> largest(const std::vector<std::string>& selectors, const OfOne& of_one) {
  if (selectors.empty() || selectors.size() > most_selectors) return std::nullopt;
  std::string all;
  for (std::size_t i = 0; i < selectors.size(); ++i) {
    const auto one = fmt::format("max({})", of_one(selectors[i]));
    if (selectors.size() == 1) return one;
    all += fmt::format(R"({}label_replace({}, "n", "{}", "", ""))", i == 0 ? "" : " or ", one, i);
  }
  return fmt::format("max({})", all);
}

}  // namespace

std::vector<std::string> selectors_of(std::string_view expression) {
  std::vector<std::string> selectors;
  Scanner scanner(expression);
  while (true) {
    scanner.skip_space();
    if (scanner.at_end()) return selectors;
    const char c = scanner.next();
    std::string selector;
    if (is_letter(c)) {
      selector = take_selector(scanner);
    } else if (c == '{') {
      selector = scanner.take_to('}');
    } else if (c == '[') {
      scanner.take_to(']');
    } else if (c == '"' || c == '\'' || c == '`') {
      scanner.skip_string();
    } else if (is_digit(c) || c == '.') {
      scanner.take([](char d) { return is_digit(d) || is_letter(d) || d == '.'; });
    } else {
      scanner.skip();
    }
    const bool is_new = std::find(selectors.begin(), selectors.end(), selector) == selectors.end();
    if (!selector.empty() && is_new) selectors.push_back(std::move(selector));
  }
}

std::optional<std::string> newest_sample(const std::vector<std::string>& selectors) {
  return largest(selectors, [](const std::string& selector) { return fmt::format("timestamp({})", selector); });
}

std::optional<std::string> newest_sample_within(const std::vector<std::string>& selectors, Milliseconds window) {
  const auto step = std::max(window / looks_per_window, shortest_step);
  const auto range = fmt::format("[{}ms:{}ms]", std::max(window, step).count(), step.count());
  return largest(selectors, [&](const std::string& selector) {
    return fmt::format("max_over_time(timestamp({}){})", selector, range);
  });
}

}  // namespace shunt::prometheus
