#include "adapters/runtime/docker/progress.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "shunt/json.hpp"

namespace shunt::adapters::docker {

namespace {

constexpr std::size_t longest_line = 1024 * 1024;
constexpr std::size_t longest_evidence = 2'000;
constexpr std::size_t most_layers = 1'000;
constexpr std::size_t longest_id = 100;
constexpr std::size_t longest_step = 80;
constexpr std::int64_t most_bytes = std::int64_t{1} << 50;  ///< a thousand layers of this still have a sum
constexpr Milliseconds between_news{1'000};
constexpr std::string_view escape = "\x1b[";
constexpr std::string_view digest_word = "igest: sha256:";

/// How a status begins that says a layer is there, or that its bytes are; Podman says no more than the latter.
constexpr std::array<std::string_view, 7> done_words = {"Download complete", "Extracting", "Pull complete",
                                                        "Already exists",    "Pushed",     "Layer already exists",
                                                        "Mounted from"};
constexpr std::array<std::string_view, 6> waiting_words = {"Pulling fs layer", "Waiting",   "Downloading",
                                                           "Verifying",        "Preparing", "Pushing"};

template <typename Words>
bool begins_with_one_of(const Words& words, std::string_view status) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return status.starts_with(word); });
}

Error not_progress(const char* why, std::string_view line) {
  Error error("SH1415", Kind::adapter, fmt::format("the container engine's progress cannot be understood: {}", why),
              "try again; look at what listens at its address");
  error.retryable = true;
  error.evidence = {{"text", std::string(line.substr(0, longest_evidence))}};
  return error;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// Where the part of `text` ends that has at most `most` bytes and no half of a character.
std::size_t end_of_whole(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
  return most;
}

std::string text_at(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The object under `key`; an empty one where there is none.
Value object_at(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : Value::object();
}

std::int64_t bytes_at(const Value& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(most_bytes))
    return most_bytes;
  return std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, most_bytes);
}

/// Of "Digest: sha256:..." (a pull) or "v2: digest: sha256:... size: 947" (a push, and all that Podman says of one).
std::string digest_in(std::string_view status) {
  const auto found = status.find(digest_word);
  if (found == std::string_view::npos) return "";
  const auto digest = status.substr(status.find("sha256:", found));
  return std::string(digest.substr(0, digest.find(' ')));
}

/// Docker paints what a step of a build writes to standard error.
std::string without_colours(std::string_view text) {
  std::string plain;
  for (;;) {
    const auto begin = text.find(escape);
    plain += text.substr(0, begin);
    if (begin == std::string_view::npos) return plain;
    text.remove_prefix(begin + escape.size());
    const auto end = text.find_first_not_of("0123456789;");
    const bool is_colour = end != std::string_view::npos && text[end] == 'm';
    if (is_colour) text.remove_prefix(end + 1);
    if (!is_colour) plain += escape;
  }
}

ProgressLine line_of(const Value& object) {
  ProgressLine line;
  line.status = text_at(object, "status");
  line.id = text_at(object, "id");
  line.stream = without_colours(text_at(object, "stream"));
  const auto detail = object_at(object, "progressDetail");
  line.current = bytes_at(detail, "current");
  line.total = bytes_at(detail, "total");
  const auto result = object_at(object, "aux");
  line.image = text_at(result, "ID");
  line.digest = text_at(result, "Digest");
  if (line.digest.empty()) line.digest = digest_in(line.status);
  line.error = text_at(object_at(object, "errorDetail"), "message");
  if (line.error.empty()) line.error = text_at(object, "error");
  line.error = trimmed(line.error);
  return line;
}

/// "step 3/7: RUN make" of "Step 3/7 : RUN make"; empty for other output of a build.
std::string step_in(std::string_view stream) {
  if (!stream.starts_with("Step ") && !stream.starts_with("STEP ")) return "";
  const auto colon = stream.find(':');
  if (colon == std::string_view::npos) return "";
  const auto what = trimmed(stream.substr(colon + 1));
  const auto first_line = what.substr(0, what.find('\n'));
  return fmt::format("step {}: {}", trimmed(stream.substr(5, colon - 5)),
                     first_line.substr(0, end_of_whole(first_line, longest_step)));
}

std::string size_text(std::int64_t current, std::int64_t total) {
  const bool small = total < 1'000'000;
  const std::int64_t unit = small ? 1'000 : 1'000'000;
  const auto all = (total + unit - 1) / unit;
  return fmt::format("{} of {} {}", current == total ? all : current / unit, all, small ? "kB" : "MB");
}

}  // namespace

Result<std::vector<ProgressLine>> Progress::take(std::string_view bytes) {
  std::vector<ProgressLine> lines;
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    waiting_ += bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    const auto line = std::exchange(waiting_, std::string());
    if (auto wrong = read(line, lines)) return std::move(*wrong);
  }
  waiting_ += bytes.substr(0, longest_line + 1);
  if (waiting_.size() > longest_line) return not_progress("a line is too long", waiting_);
  return lines;
}

Result<std::vector<ProgressLine>> Progress::finish() {
  std::vector<ProgressLine> lines;
  const auto line = std::exchange(waiting_, std::string());
  if (read(line, lines)) return not_progress("it ended in the middle of a line", line);
  return lines;
}

/// What is wrong with the line, if anything. Blank ones have nothing to say.
std::optional<Error> Progress::read(std::string_view line, std::vector<ProgressLine>& lines) {
  if (line.size() > longest_line) return not_progress("a line is too long", line);
  if (trimmed(line).empty()) return std::nullopt;
  const auto object = parse_json(line);
  if (!object || !object->is_object()) return not_progress("a line is no JSON object", line);
  lines.push_back(line_of(*object));
  note(lines.back());
  return std::nullopt;
}

void Progress::note(const ProgressLine& line) {
  if (!line.image.empty()) image_ = line.image;
  if (!line.digest.empty()) digest_ = line.digest;
  if (error_.empty()) error_ = line.error;
  if (auto step = step_in(line.stream); !step.empty()) step_ = std::move(step);
  note_layer(line);
}

void Progress::note_layer(const ProgressLine& line) {
  const bool done = begins_with_one_of(done_words, line.status);
  if (line.id.empty() || line.id.size() > longest_id) return;
  if (!done && !begins_with_one_of(waiting_words, line.status)) return;
  if (layers_.size() >= most_layers && !layers_.contains(line.id)) return;
  auto& layer = layers_[line.id];
  layer.done = done;
  if (!done && line.total > 0) {
    layer.total = line.total;
    layer.current = std::min(line.current, line.total);
  }
  if (done) layer.current = layer.total;
}

std::string Progress::summary() const {
  if (!step_.empty()) return what_ + ": " + step_;
  if (layers_.empty()) return what_;
  std::size_t done = 0;
  std::int64_t current = 0;
  std::int64_t total = 0;
  for (const auto& [id, layer] : layers_) {
    done += layer.done ? 1 : 0;
    current += layer.current;
    total += layer.total;
  }
  const auto layers = fmt::format("{}: {} of {} layer{}", what_, done, layers_.size(), layers_.size() == 1 ? "" : "s");
  return total == 0 ? layers : layers + ", " + size_text(current, total);
}

std::optional<std::string> Progress::news(Milliseconds now) {
  if (told_at_ && now - *told_at_ < between_news && step_ == told_step_) return std::nullopt;
  auto text = summary();
  if (text == told_) return std::nullopt;
  told_ = text;
  told_step_ = step_;
  told_at_ = now;
  return text;
}

}  // namespace shunt::adapters::docker
