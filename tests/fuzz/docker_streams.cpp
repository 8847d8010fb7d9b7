// What a container engine streams: lines of progress, and the output of a container in frames. All of it comes at once,
// and again in pieces, whose size the first byte says.
#include <algorithm>

#include "adapters/runtime/docker/frames.hpp"
#include "adapters/runtime/docker/progress.hpp"
#include "fuzz/target.hpp"

namespace shunt::fuzz {

namespace {

using namespace adapters::docker;  // NOLINT(google-build-using-namespace): it is what is tried here

constexpr std::size_t longest_summary = 200;

void check_broken(const Error& error) {
  expect(error.code == "SH1415", "what is broken has its code");
  expect(!to_paragraph(error).empty() && !to_text(to_value(error)).empty(), "an error can be printed");
}

/// What was understood, as one text.
std::string read_progress(std::string_view input, std::size_t piece) {
  Progress progress("pulling shop");
  std::size_t count = 0;
  bool broken = false;
  const auto note = [&](const Result<std::vector<ProgressLine>>& lines) {
    broken = !lines;
    if (!lines) return check_broken(lines.error());
    for (const auto& line : *lines) expect(line.current >= 0 && line.total >= 0, "bytes are counted");
    count += lines->size();
  };
  for (std::size_t at = 0; at < input.size() && !broken; at += piece) note(progress.take(input.substr(at, piece)));
  if (!broken) note(progress.finish());
  expect(progress.summary().size() <= longest_summary, "a summary is short");
  expect(progress.summary().find('\n') == std::string::npos, "a summary is one line");
  // Lines that came with a broken one are told only where it came apart from them.
  return (broken ? "broken" : std::to_string(count)) + progress.summary() + "|" + progress.image() + "|" +
         progress.digest() + "|" + progress.error();
}

std::string read_frames(std::string_view input, std::size_t piece, bool terminal) {
  Frames frames(terminal);
  std::string text;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    const auto part = frames.take(input.substr(at, piece));
    if (!part) {
      check_broken(part.error());
      return "broken";
    }
    text += *part;
  }
  const auto end = frames.finish();
  if (!end) check_broken(end.error());
  expect(text.size() <= input.size(), "nothing is added to the output");
  return end ? text : "cut off";
}

}  // namespace

void take(std::string_view input) {
  if (input.empty()) return;
  const auto piece = std::max<std::size_t>(static_cast<unsigned char>(input.front()), 1);
  const auto whole = input.size();
  expect(read_progress(input, piece) == read_progress(input, whole), "progress is the same in pieces");
  expect(read_frames(input, piece, false) == read_frames(input, whole, false), "output is the same in pieces");
  expect(read_frames(input, piece, true) == input, "a terminal's output is passed on");
}

}  // namespace shunt::fuzz
