#include "adapters/proxy/nginx/upstream_file.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <utility>

namespace shunt::nginx {

namespace {

constexpr std::size_t most_bytes = 4 << 20;
constexpr int most_depth = 100;
constexpr std::string_view note_start = "# shunt ";

bool is_space(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

/// A word, or one of ; { }.
struct Token {
  enum class Kind { word, semicolon, open, close, end };
  Kind kind = Kind::end;
  std::string value;  ///< of a word: without quotes and escapes
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The words of a directive that ended with `last`.
struct Directive {
  std::vector<Token> words;
  Token last;

  std::string_view name() const { return words.front().value; }
};

/// nginx's own rules (ngx_conf_read_token). Throws Failure.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  UpstreamFile read();

  /// Whether the text begins with `word` and that is what a bare word there means.
  bool begins_with_bare(std::string_view word);

 private:
  [[noreturn]] void fail(std::size_t at, std::string_view what) const;
  void skip_space();
  Token next();
  Token quoted();
  Token bare();
  std::string unescaped(std::string_view raw) const;
  bool read_directive(Directive& directive, bool inside);
  void skip_block(std::size_t begin);
  Upstream read_upstream(const Directive& head);
  Server read_server(const Directive& directive) const;
  void read_parameter(Server& server, const Token& word) const;
  const std::string& plain(const Token& word) const;
  std::string source(std::size_t begin, std::size_t end) const { return std::string(text_.substr(begin, end - begin)); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string>* notes_ = nullptr;  ///< of the upstream that is being read
  bool amid_ = false;                          ///< a directive has begun: notes stand between directives
};

void Reader::fail(std::size_t at, std::string_view what) const {
  const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw Failure(Error("SH1508", Kind::config, fmt::format("line {}: {}", line, what), "correct that line"));
}

void Reader::skip_space() {
  while (at_ < text_.size()) {
    if (is_space(text_[at_])) {
      ++at_;
      continue;
    }
    if (text_[at_] != '#') return;
    const auto end = std::min(text_.find('\n', at_), text_.size());
    auto comment = text_.substr(at_, end - at_);
    while (!comment.empty() && is_space(comment.back())) comment.remove_suffix(1);
    if (notes_ != nullptr && !amid_ && comment.starts_with(note_start))
      notes_->emplace_back(comment.substr(note_start.size()));
    at_ = end;
  }
}

std::string Reader::unescaped(std::string_view raw) const {
  std::string value;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      value += raw[i];
      continue;
    }
    const char next = raw[++i];
    if (next == '"' || next == '\'' || next == '\\')
      value += next;
    else if (next == 't' || next == 'r' || next == 'n')
      value += next == 't' ? '\t' : next == 'r' ? '\r' : '\n';
    else
      value += {'\\', next};
  }
  return value;
}

Token Reader::quoted() {
  Token token;
  token.kind = Token::Kind::word;
  token.begin = at_;
  const char quote = text_[at_++];
  while (at_ < text_.size() && text_[at_] != quote) at_ += text_[at_] == '\\' ? 2 : 1;
  if (at_ >= text_.size()) fail(token.begin, "a quote is not closed");
  token.value = unescaped(text_.substr(token.begin + 1, at_ - token.begin - 1));
  token.end = ++at_;
  if (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ';' && text_[at_] != '{' && text_[at_] != ')')
    fail(at_, "something follows a closing quote");
  return token;
}

Token Reader::bare() {
  Token token;
  token.kind = Token::Kind::word;
  token.begin = at_;
  for (; at_ < text_.size(); ++at_) {
    const char letter = text_[at_];
    const bool in_variable = letter == '{' && at_ > token.begin && text_[at_ - 1] == '$';
    if (is_space(letter) || letter == ';' || (letter == '{' && !in_variable)) break;
    if (letter == '\\') ++at_;
  }
  at_ = std::min(at_, text_.size());
  token.end = at_;
  token.value = unescaped(text_.substr(token.begin, token.end - token.begin));
  return token;
}

bool Reader::begins_with_bare(std::string_view word) {
  const bool begins_otherwise = word.empty() || std::string_view("\"'}#").find(word.front()) != std::string_view::npos;
  if (begins_otherwise || std::any_of(word.begin(), word.end(), is_space)) return false;
  const auto token = bare();
  return token.end == word.size() && token.value == word;
}

Token Reader::next() {
  skip_space();
  Token token;
  token.begin = at_;
  token.end = std::min(at_ + 1, text_.size());
  if (at_ >= text_.size()) return token;
  switch (text_[at_]) {
    case '"':
    case '\'':
      return quoted();
    case ';':
      token.kind = Token::Kind::semicolon;
      break;
    case '{':
      token.kind = Token::Kind::open;
      break;
    case '}':
      token.kind = Token::Kind::close;
      break;
    default:
      return bare();
  }
  ++at_;
  return token;
}

/// False at the end of the file, or `inside` a block at its closing brace.
bool Reader::read_directive(Directive& directive, bool inside) {
  directive = Directive();
  for (;;) {
    amid_ = !directive.words.empty();
    auto token = next();
    if (token.kind == Token::Kind::word) {
      directive.words.push_back(std::move(token));
      continue;
    }
    directive.last = token;
    const bool ends_block = token.kind == Token::Kind::close || token.kind == Token::Kind::end;
    if (!ends_block) {
      if (directive.words.empty()) fail(token.begin, "a directive has no name");
      return true;
    }
    if (!directive.words.empty()) fail(directive.words.front().begin, "a directive does not end with a semicolon");
    if (inside != (token.kind == Token::Kind::close))
      fail(token.begin, inside ? "a block is not closed" : "a closing brace has no block");
    return false;
  }
}

/// From behind the opening brace to behind the closing one.
void Reader::skip_block(std::size_t begin) {
  Directive directive;
  auto* const notes = std::exchange(notes_, nullptr);
  for (int depth = 1; depth > 0;) {
    if (!read_directive(directive, true)) {
      --depth;
    } else if (directive.last.kind == Token::Kind::open && ++depth > most_depth) {
      fail(begin, "blocks are nested too deeply");
    }
  }
  notes_ = notes;
}

const std::string& Reader::plain(const Token& word) const {
  if (!is_plain_word(word.value)) fail(word.begin, "a server has a word that is one only by quotes or escapes");
  return word.value;
}

void Reader::read_parameter(Server& server, const Token& word) const {
  if (word.value == "down") {
    server.down = true;
  } else if (word.value == "backup") {
    server.backup = true;
  } else if (word.value.starts_with("weight=")) {
    const char* begin = word.value.data() + 7;
    const char* end = word.value.data() + word.value.size();
    const auto [stop, error] = std::from_chars(begin, end, server.weight);
    if (error != std::errc() || stop != end || server.weight < 1 || server.weight > 1'000'000'000)
      fail(word.begin, "a server's weight is no number above 0");
  } else {
    server.more += (server.more.empty() ? "" : " ") + plain(word);
  }
}

Server Reader::read_server(const Directive& directive) const {
  if (directive.words.size() < 2) fail(directive.last.begin, "a server has no address");
  Server server;
  server.address = plain(directive.words[1]);
  for (std::size_t i = 2; i < directive.words.size(); ++i) read_parameter(server, directive.words[i]);
  return server;
}

Upstream Reader::read_upstream(const Directive& head) {
  Upstream upstream;
  upstream.name = head.words[1].value;
  upstream.begin = head.words.front().begin;
  notes_ = &upstream.notes;
  Directive directive;
  while (read_directive(directive, true)) {
    const auto begin = directive.words.front().begin;
    if (directive.last.kind == Token::Kind::open) {
      skip_block(begin);
    } else if (directive.name() == "server") {
      upstream.servers.push_back(read_server(directive));
      continue;
    }
    upstream.lines.push_back(source(begin, at_));
  }
  notes_ = nullptr;
  upstream.end = at_;
  return upstream;
}

UpstreamFile Reader::read() {
  if (text_.size() > most_bytes) fail(0, "the file has more than 4 MiB");
  if (const auto nul = text_.find('\0'); nul != std::string_view::npos) fail(nul, "there is a NUL");
  UpstreamFile file;
  Directive directive;
  while (read_directive(directive, false)) {
    if (directive.last.kind != Token::Kind::open) continue;
    const auto begin = directive.words.front().begin;
    if (directive.name() == "upstream" && directive.words.size() == 2) {
      file.upstreams.push_back(read_upstream(directive));
      continue;
    }
    skip_block(begin);
    if ((directive.name() == "map" || directive.name() == "split_clients") && directive.words.size() == 3)
      file.variables.push_back({directive.words[2].value, begin, at_});
  }
  return file;
}

/// Whether `variable` is $shunt_NAME, or $shuntN_NAME for a number N.
bool is_variable_of(std::string_view variable, std::string_view name) {
  constexpr std::string_view start = "$shunt";
  if (!variable.starts_with(start)) return false;
  variable.remove_prefix(start.size());
  while (!variable.empty() && variable.front() >= '0' && variable.front() <= '9') variable.remove_prefix(1);
  return variable.size() == name.size() + 1 && variable.front() == '_' && variable.substr(1) == name;
}

bool is_upstream_of(std::string_view upstream, std::string_view name) {
  if (!upstream.starts_with(name)) return false;
  upstream.remove_prefix(name.size());
  return upstream.empty() || upstream == "_blue" || upstream == "_green" || upstream == "_nobody";
}

using Span = std::pair<std::size_t, std::size_t>;

std::vector<Span> spans_of(const UpstreamFile& file, const std::string& name) {
  std::vector<Span> spans;
  for (const auto& upstream : file.upstreams)
    if (is_upstream_of(upstream.name, name)) spans.emplace_back(upstream.begin, upstream.end);
  for (const auto& variable : file.variables)
    if (is_variable_of(variable.name, name)) spans.emplace_back(variable.begin, variable.end);
  std::sort(spans.begin(), spans.end());
  return spans;
}

}  // namespace

const Upstream* UpstreamFile::upstream(std::string_view name) const {
  const auto found =
      std::find_if(upstreams.begin(), upstreams.end(), [&](const Upstream& upstream) { return upstream.name == name; });
  return found == upstreams.end() ? nullptr : &*found;
}

bool UpstreamFile::has_variable(std::string_view name) const {
  return std::any_of(variables.begin(), variables.end(),
                     [&](const Variable& variable) { return variable.name == name; });
}

bool is_plain_word(std::string_view word) {
  const std::string line = std::string(word) + ';';
  return Reader(line).begins_with_bare(word);
}

bool are_plain_words(std::string_view words) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (end > 0 && !is_plain_word(words.substr(0, end))) return false;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return true;
}

Result<UpstreamFile> parse_upstreams(std::string_view text) {
  try {
    return Reader(text).read();
  } catch (const Failure& failure) {
    return failure.error;
  }
}

std::string with_section(std::string_view text, const UpstreamFile& file, const std::string& name,
                         const std::string& section) {
  const auto spans = spans_of(file, name);
  std::string out;
  std::size_t from = 0;
  for (const auto& [begin, end] : spans) {
    out += text.substr(from, begin - from);
    if (from == 0) out += section;
    from = end;
    if (from < text.size() && text[from] == '\n') ++from;  // the section brings its own line end
  }
  out += text.substr(from);
  if (!spans.empty()) return out;
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  return out + section;
}

}  // namespace shunt::nginx
