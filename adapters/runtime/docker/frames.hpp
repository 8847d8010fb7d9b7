#pragma once
#include <string>
#include <string_view>
#include "shunt/error.hpp"
namespace shunt::adapters::docker {
Result<std::string> text_of_frames(std::string_view bytes, bool raw);
}
