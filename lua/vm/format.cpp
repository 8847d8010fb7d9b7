#include <fmt/format.h>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "vm/digit.hpp"
#include "vm/printing.hpp"
#include "vm/strings.hpp"

namespace shunt::lua {

namespace {

constexpr std::string_view function = "string.format";
constexpr std::size_t widest_number = 512;  // "%99.99f" of the largest number
constexpr std::size_t longest_padded = 100;

/// One "%-10.3f": what stands between % and the conversion, and the conversion.
struct Directive {
  std::string_view options;
  char conversion = '\0';
};

bool is_flag(char byte) {
  return byte == '-' || byte == '+' || byte == ' ' || byte == '#' || byte == '0';
}

// Reads the directive behind the % at `at` - 1 and moves `at` behind it.
Directive read_directive(std::string_view form, std::size_t& at) {
  const std::size_t begin = at;
  const auto skip = [&](auto accepts, int most) {
    for (; most > 0 && at < form.size() && accepts(form[at]); --most) ++at;
  };
  skip(is_flag, 5);
  skip(is_digit, 2);
  if (at < form.size() && form[at] == '.') {
    ++at;
    skip(is_digit, 2);
  }
  if (at >= form.size()) return {};
  const std::string_view options = form.substr(begin, at - begin);
  return {options, form[at++]};
}

// Calls visit(directive, number of its argument) for each directive that takes an argument.
template <typename Visit>
void each_directive(std::string_view form, Visit visit) {
  int argument = 1;
  for (std::size_t at = 0; at < form.size();) {
    if (form[at++] != '%') continue;
    const Directive directive = read_directive(form, at);
    if (directive.conversion != '%' && directive.conversion != '\0') visit(directive, ++argument);
  }
}

// Which flags C defines for a conversion.
std::string_view flags_of(char conversion) {
  switch (conversion) {
    case 'd':
    case 'i':
      return "-+0 ";
    case 'o':
    case 'x':
    case 'X':
      return "-#0";
    case 's':
    case 'p':
      return "-";
    default:
      return "-+#0 ";
  }
}

bool fits(const Directive& directive) {
  const auto flags = directive.options.substr(0, directive.options.find_first_of("123456789."));
  return flags.find_first_not_of(flags_of(directive.conversion)) == std::string_view::npos;
}

template <typename Number>
std::string printed(const Directive& directive, std::string_view suffix, Number number) {
  const std::string form = fmt::format("%{}{}", directive.options, suffix);
  std::array<char, widest_number> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), form.c_str(), number);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

// A number as it must be written in Lua to be read back the same.
std::string quoted_number(lua_State* lua, int index) {
  if (lua_isinteger(lua, index) != 0) {
    const lua_Integer number = lua_tointeger(lua, index);
    return number == LUA_MININTEGER ? "0x8000000000000000" : fmt::format("{}", number);
  }
  const lua_Number number = lua_tonumber(lua, index);
  if (std::isnan(number)) return "(0/0)";
  if (std::isinf(number)) return number > 0 ? "1e9999" : "-1e9999";
  if (number == std::floor(number) && std::fabs(number) < 1e15) return fmt::format("{:.0f}.0", number);
  return printed(Directive{}, "a", number);
}

std::string quoted_text(std::string_view text) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (byte == '"' || byte == '\\' || byte == '\n') {
      result += '\\';
      result += byte;
    } else if (static_cast<unsigned char>(byte) < ' ' || byte == 0x7F) {
      const bool digit_follows = i + 1 < text.size() && is_digit(text[i + 1]);
      result +=
          digit_follows ? fmt::format("\\{:03}", static_cast<int>(byte)) : fmt::format("\\{}", static_cast<int>(byte));
    } else {
      result += byte;
    }
  }
  return result + '"';
}

/// Writes the result; by now every argument of %s and %p is a string.
class Writer {
 public:
  explicit Writer(Arguments& in) : in_(in), form_(in.text(1)) {}

  Answer run();

 private:
  bool add(const Directive& directive);
  void add_integer(const Directive& directive);
  void add_real(const Directive& directive);
  bool add_text(const Directive& directive);
  void add_quoted();

  Arguments& in_;
  std::string_view form_;
  int argument_ = 1;
  std::string result_;
};

Answer Writer::run() {
  if (!in_.spend(static_cast<std::int64_t>(form_.size()))) return in_.stop();
  for (std::size_t at = 0; at < form_.size();) {
    const char byte = form_[at++];
    if (byte != '%') {
      result_ += byte;
      continue;
    }
    const std::size_t begin = at;
    const Directive directive = read_directive(form_, at);
    if (directive.conversion == '%' && directive.options.empty()) {
      result_ += '%';
    } else if (!add(directive)) {
      return in_.fail("SH1207", fmt::format("string.format does not know '%{}'", form_.substr(begin, 10)),
                      "use %s, %d, %q, %g, %f, %x or %c, with at most two digits of width and of precision");
    }
    if (in_.wrong()) return in_.complaint();
    if (result_.size() > longest_string)
      return in_.fail("SH1208", "the string would be longer than 1 MiB", "keep less text");
  }
  return in_.text_result(std::move(result_));
}

bool Writer::add(const Directive& directive) {
  if (directive.conversion == '\0' || directive.conversion == '%' || !fits(directive)) return false;
  ++argument_;
  if (lua_isnone(in_.lua(), argument_)) {
    in_.refuse(argument_, "a value for every directive");
    return true;
  }
  switch (directive.conversion) {
    case 'd':
    case 'i':
    case 'o':
    case 'x':
    case 'X':
      add_integer(directive);
      return true;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      add_real(directive);
      return true;
    case 'c':
      if (!directive.options.empty()) return false;
      result_ += static_cast<char>(in_.whole(argument_));
      return true;
    case 's':
    case 'p':
      return add_text(directive);
    case 'q':
      if (!directive.options.empty()) return false;
      add_quoted();
      return true;
    default:
      return false;
  }
}

void Writer::add_integer(const Directive& directive) {
  const lua_Integer number = in_.whole(argument_);
  const std::array<char, 3> suffix = {'l', 'l', directive.conversion};
  if (!in_.wrong()) result_ += printed(directive, {suffix.data(), suffix.size()}, number);
}

void Writer::add_real(const Directive& directive) {
  const lua_Number number = in_.number(argument_);
  if (!in_.wrong())
    result_ += printed(directive, {&directive.conversion, 1}, std::isnan(number) ? std::fabs(number) : number);
}

bool Writer::add_text(const Directive& directive) {
  const auto text = in_.text(argument_);
  if (directive.options.empty() ||
      (text.size() >= longest_padded && directive.options.find('.') == std::string_view::npos)) {
    result_ += text;
    return true;
  }
  if (text.find('\0') != std::string_view::npos) return false;
  result_ += printed(directive, "s", std::string(text).c_str());
  return true;
}

void Writer::add_quoted() {
  switch (lua_type(in_.lua(), argument_)) {
    case LUA_TSTRING:
      result_ += quoted_text(in_.text(argument_));
      return;
    case LUA_TNUMBER:
      result_ += quoted_number(in_.lua(), argument_);
      return;
    case LUA_TNIL:
      result_ += "nil";
      return;
    case LUA_TBOOLEAN:
      result_ += lua_toboolean(in_.lua(), argument_) != 0 ? "true" : "false";
      return;
    default:
      in_.refuse(argument_, "a string, number, boolean or nil");
  }
}

Answer write(Arguments& in) {
  return Writer(in).run();
}

// First everything that may run a script's __tostring, then everything that owns memory.
int string_format(lua_State* lua) {
  if (lua_type(lua, 1) != LUA_TSTRING) return refuse_argument(lua, function.data(), 1, "a string");
  std::size_t size = 0;
  const char* bytes = lua_tolstring(lua, 1, &size);
  each_directive({bytes, size}, [lua](const Directive& directive, int argument) {
    if (lua_isnone(lua, argument)) return;
    if (directive.conversion == 's') {
      push_printed(lua, argument);
    } else if (directive.conversion == 'p') {
      const int type = lua_type(lua, argument);
      if (type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD) {
        push_identity(lua, argument, luaL_typename(lua, argument));
      } else {
        lua_pushliteral(lua, "(null)");
      }
    } else {
      return;
    }
    lua_replace(lua, argument);
  });
  Arguments arguments(lua, function.data());
  const Answer answer = write(arguments);
  return deliver(lua, answer);
}

}  // namespace

Bindings format_bindings() {
  static constexpr Binding bindings[] = {{"string.format", nullptr, &string_format}};
  return bindings;
}

}  // namespace shunt::lua
