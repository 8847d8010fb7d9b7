#include "adapters/runtime/docker/base_images.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace shunt::adapters::docker {

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view platform_flag = "--platform=";
constexpr std::string_view from_flag = "--from=";

std::string in_capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char byte) { return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte; });
  return text;
}

/// The words of the next instruction, which is taken from `text`: its lines but the last end with a backslash, and
/// comments may stand between them.
std::vector<std::string> next_instruction(std::string_view& text) {
  std::vector<std::string> words;
  for (bool more = true; more && !text.empty();) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto begin = line.find_first_not_of(blanks);
    const bool empty = begin == std::string_view::npos || line[begin] == '#';
    if (empty && !words.empty()) continue;
    if (empty) break;
    line = line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
    more = line.ends_with('\\');
    if (more) line.remove_suffix(1);
    for (auto start = line.find_first_not_of(blanks); start < line.size();) {
      const auto end = std::min(line.find_first_of(blanks, start), line.size());
      words.emplace_back(line.substr(start, end - start));
      start = line.find_first_not_of(blanks, end);
    }
  }
  return words;
}

std::string expand(std::string_view text, const Variables& known);

bool is_of_name(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

std::size_t end_of_name(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_of_name) - text.begin());
}

/// Where the brace is closed that `text` begins with; its size, when it never is.
std::size_t end_of_braces(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return text.size();
}

/// The value of the variable that `text` begins with, behind its dollar, and which is taken from `text`: NAME, {NAME},
/// {NAME:-otherwise}, {NAME:+instead}.
std::string take_variable(std::string_view& text, const Variables& known) {
  const bool braces = text.starts_with('{');
  const auto end = braces ? end_of_braces(text) : end_of_name(text);
  auto inner = braces ? text.substr(1, end - 1) : text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + (braces ? 1 : 0)));
  const auto name = inner.substr(0, end_of_name(inner));
  inner.remove_prefix(name.size());
  const auto found = known.find(name);
  const auto value = found == known.end() ? "" : found->second;
  if (inner.starts_with(":-")) return value.empty() ? expand(inner.substr(2), known) : value;
  if (inner.starts_with(":+")) return value.empty() ? "" : expand(inner.substr(2), known);
  return value;
}

/// Without its quotes, and with values in place of its variables.
std::string expand(std::string_view text, const Variables& known) {
  std::string expanded;
  while (!text.empty()) {
    const char byte = text.front();
    text.remove_prefix(1);
    if (byte == '$') {
      expanded += take_variable(text, known);
    } else if (byte == '\\' && !text.empty()) {
      expanded += text.front();
      text.remove_prefix(1);
    } else if (byte != '"' && byte != '\'') {
      expanded += byte;
    }
  }
  return expanded;
}

/// Reads one instruction after the other, and keeps what they name.
class Reader {
 public:
  explicit Reader(const Value& args) : args_(args) {}

  void read(const std::vector<std::string>& words) {
    const auto instruction = in_capitals(words.front());
    if (instruction == "ARG" && !in_stage_) read_arguments(words);
    if (instruction == "FROM") read_from(words);
    if (instruction == "COPY") read_copy(words);
  }

  std::vector<BaseImage> images;

 private:
  void read_arguments(const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto equals = words[i].find('=');
      const auto name = words[i].substr(0, equals);
      if (args_.contains(name) && args_[name].is_string()) {
        known_[name] = args_[name];
      } else if (equals != std::string::npos) {
        known_[name] = expand(words[i].substr(equals + 1), known_);
      }
    }
  }

  /// FROM --platform=... IMAGE AS STAGE
  void read_from(const std::vector<std::string>& words) {
    in_stage_ = true;
    const auto image = std::find_if(words.begin() + 1, words.end(), [](auto& word) { return !word.starts_with("--"); });
    if (image == words.end()) return;
    const bool of_platform =
        std::any_of(words.begin() + 1, image, [](auto& word) { return word.starts_with(platform_flag); });
    add(expand(*image, known_), of_platform);
    if (words.end() - image == 3) stages_.insert(in_capitals(image[2]));
  }

  /// COPY --from=IMAGE ..., in which no variables are replaced.
  void read_copy(const std::vector<std::string>& words) {
    for (auto word = words.begin() + 1; word != words.end() && word->starts_with("--"); ++word)
      if (word->starts_with(from_flag)) add(word->substr(from_flag.size()), false);
  }

  void add(const std::string& text, bool of_platform) {
    // A stage without a name is called by its number.
    const bool number = text.find_first_not_of("0123456789") == std::string::npos;
    if (number || text == "scratch" || stages_.contains(in_capitals(text))) return;
    auto reference = parse_reference(text);
    if (!reference) return;
    BaseImage image;
    image.name = std::move(*reference);
    image.of_platform = of_platform;
    images.push_back(std::move(image));
  }

  const Value& args_;
  Variables known_;
  std::set<std::string> stages_;
  bool in_stage_ = false;
};

}  // namespace

std::vector<BaseImage> base_images(std::string_view dockerfile, const Value& args) {
  Reader reader(args);
  while (!dockerfile.empty())
    if (const auto words = next_instruction(dockerfile); !words.empty()) reader.read(words);
  return std::move(reader.images);
}

}  // namespace shunt::adapters::docker
