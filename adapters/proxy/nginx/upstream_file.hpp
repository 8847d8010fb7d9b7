// A file of nginx's configuration in which shunt writes some blocks, and an operator may have written others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"

namespace shunt::nginx {

/// One `server` line of an upstream.
struct Server {
  std::string address;  ///< host:port, as it stands there
  long weight = 1;
  bool down = false;
  bool backup = false;
  std::string more{};  ///< its other parameters, each as one word: "max_fails=0 max_conns=10"

  bool operator==(const Server&) const = default;
};

/// An `upstream` block.
struct Upstream {
  std::string name;
  std::size_t begin = 0;  ///< of its first byte in the file
  std::size_t end = 0;    ///< behind its last byte
  std::vector<Server> servers{};
  std::vector<std::string> lines{};  ///< other directives, as they stand there: "keepalive 32;"
  std::vector<std::string> notes{};  ///< what follows "# shunt " in its comments
};

/// A `map` or `split_clients` block.
struct Variable {
  std::string name;  ///< with its dollar sign
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct UpstreamFile {
  std::vector<Upstream> upstreams;
  std::vector<Variable> variables;

  /// Nothing when there is no such block.
  const Upstream* upstream(std::string_view name) const;
  bool has_variable(std::string_view name) const;
};

/// Reads a file as nginx does (words, quotes, escapes, comments, blocks); what is no upstream, map or split_clients is
/// passed over. A pure function of any bytes. SH1508 for what nginx would not read either, "line 3: ...": a quote or a
/// block that is not closed, a directive without its semicolon, a server without an address or with a weight that is no
/// number above 0; and for more than 4 MiB, a NUL, or a server whose words are not plain.
Result<UpstreamFile> parse_upstreams(std::string_view text);

/// Whether nginx reads it as one word, or `words` as several, when it stands there without quotes and escapes.
bool is_plain_word(std::string_view word);
bool are_plain_words(std::string_view words);

/// `text`, which was read as `file`, with `section` in place of the blocks that belong to the service of that upstream:
/// `upstream NAME`, NAME_blue, NAME_green, NAME_nobody, and the variables $shunt_NAME and $shuntN_NAME. Where there are
/// none, it is appended. All other bytes stay.
std::string with_section(std::string_view text, const UpstreamFile& file, const std::string& name,
                         const std::string& section);

}  // namespace shunt::nginx
