// The lines before the body of an answer, and what may stand in those of a request.
#pragma once

#include <string_view>

#include "shunt/http.hpp"

namespace shunt::http {

/// Takes in one line as it came from the peer, with or without its line end: a status line begins the list anew (the
/// answer before it was an interim one), a header is added with its name in lower case and its value trimmed, a folded
/// line continues the header before it, and what is none of these is passed over.
void add_line(Headers& headers, std::string_view line);

/// Whether it may be a method or the name of a header (RFC 9110, token).
bool is_token(std::string_view text);

/// Whether it may be the value of a header: no control character but the tab.
bool is_header_value(std::string_view text);

}  // namespace shunt::http
