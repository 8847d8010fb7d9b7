#include "cli/report/github.hpp"

#include <fmt/format.h>

#include "cli/report/narration.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

namespace {

std::string escaped(const std::string& text, bool property) {
  std::string result;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    result += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return result;
}

}  // namespace

std::string command_data(const std::string& text) {
  return escaped(text, false);
}

std::string error_annotation(const Error& error) {
  std::string properties;
  if (!error.where.file.empty()) properties = "file=" + escaped(error.where.file, true) + ",";
  if (!error.where.file.empty() && error.where.line > 0) properties += fmt::format("line={},", error.where.line);
  std::string message = error.message;
  if (!error.remedy.empty()) message += "\nwhat to do: " + error.remedy;
  return fmt::format("::error {}title={}::{}\n", properties, escaped(error.code, true), command_data(message));
}

void Github::open(const std::string& title) {
  close();
  write_("::group::" + command_data(title) + "\n");
  open_ = true;
}

void Github::close() {
  if (open_) write_("::endgroup::\n");
  open_ = false;
}

void Github::report(const Event& event) {
  if (event.name == "started") open(narrate_start(event.fields));
  if (event.name == "rolling_back") open("roll back");
  if (event.name == "ended") close();
  if (event.name == "warning") {
    const auto code = text_at(event.fields, "code");
    write_(fmt::format("::warning{}::{}\n", code.empty() ? "" : " title=" + escaped(code, true),
                       command_data(text_at(event.fields, "message"))));
  }
  plain_.report(event);
}

}  // namespace shunt::cli
