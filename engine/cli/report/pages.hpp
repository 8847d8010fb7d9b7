// A deployment as a file to keep or to send: Markdown or HTML, complete in itself.
#pragma once

#include <string>

#include "shunt/value.hpp"

namespace shunt::cli {

/// From a `show` document. Text from outside cannot become markup.
std::string markdown_page(const Value& run);
std::string html_page(const Value& run);

/// `text` as plain text of HTML, in an element or in a quoted attribute.
std::string html_escaped(const std::string& text);

/// `text` as plain text of Markdown, in a paragraph or in a cell of a table.
std::string markdown_escaped(const std::string& text);

/// `text` as a fenced block that nothing inside can close.
std::string markdown_block(const std::string& text);

}  // namespace shunt::cli
