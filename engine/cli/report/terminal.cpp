#include "cli/report/terminal.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "cli/report/label.hpp"
#include "cli/report/narration.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

namespace {

constexpr int label_columns = 34;
constexpr int bar_cells = 10;
constexpr std::size_t full_columns = 80;
constexpr std::array<const char*, 4> ascii_frames = {"|", "/", "-", "\\"};
constexpr std::array<const char*, 8> frames = {"⠋", "⠙", "⠹", "⠸", "⠴", "⠦", "⠧", "⠇"};

// The pieces of a larger step say nothing new, except in a rollback, where each is what people look for.
bool is_piece_of(const std::string& verb, const std::string& parent) {
  if (parent == "retire_old" || parent == "stop_old" || parent == "launch") return verb == "retire" || verb == "drain";
  if (parent == "retire") return verb == "drain";
  return parent == "revive" && verb == "await_healthy";
}

}  // namespace

void Terminal::report(const Event& event) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto& fields = event.fields;
  erase();
  if (event.name != "step" && event.name != "gate" && event.name != "traffic") question_.clear();
  if (event.name == "started") {
    out_ += style_.bold(narrate_start(fields)) + "  " + style_.dim(event.deployment) + "\n";
  } else if (event.name == "phase") {
    const bool begins = text_at(fields, "state") == "begin";
    if (begins) say(style_.bold(text_at(fields, "name")));
    phases_ = std::max(0, phases_ + (begins ? 1 : -1));
  } else if (event.name == "step") {
    if (text_at(fields, "state") == "begin") {
      begin(fields);
    } else if (text_at(fields, "state") == "progress") {
      if (!open_.empty()) open_.back().progress = text_at(fields, "text");
    } else {
      finish(fields);
    }
  } else if (event.name == "gate") {
    gate(fields);
  } else if (event.name == "traffic") {
    shares_[text_at(fields, "service")] = {number_at(fields, "blue"), number_at(fields, "green")};
  } else if (event.name == "waiting") {
    question_ = text_at(fields, "question");
    say(style_.yellow("? " + question_));
    say(fmt::format("  answer with `shunt approve` or `shunt reject` before {}", text_at(fields, "until")));
  } else if (event.name == "warning") {
    say(style_.warning_mark() + " " + text_at(fields, "message"));
  } else if (event.name == "rolling_back") {
    open_.clear();
    phases_ = 0;
    say(style_.failed_mark() + " " + style_.bold("rolling back: ") + text_at(fields, "reason"));
  } else if (event.name == "ended") {
    open_.clear();
    const bool good = text_at(fields, "state") == "succeeded";
    out_ += fmt::format("{} {}\n", good ? style_.done_mark() : style_.failed_mark(), style_.bold(narrate_end(fields)));
  } else {
    say(narrate(event));
  }
  draw();
}

void Terminal::tick() {
  const std::lock_guard<std::mutex> guard(mutex_);
  ++frame_;
  erase();
  draw();
}

void Terminal::clear() {
  const std::lock_guard<std::mutex> guard(mutex_);
  erase();
  open_.clear();
  draw();
}

void Terminal::begin(const Value& fields) {
  Open step;
  step.verb = text_at(fields, "step");
  step.label = label_of(step.verb, member(fields, "args"));
  step.since = screen_.now_ms();
  step.shown = open_.empty() || !is_piece_of(step.verb, open_.back().verb);
  open_.push_back(std::move(step));
}

void Terminal::finish(const Value& fields) {
  const auto label = label_of(text_at(fields, "step"), member(fields, "args"));
  const auto found = std::find_if(open_.rbegin(), open_.rend(), [&](const Open& step) { return step.label == label; });
  if (found == open_.rend()) return;
  const Open step = *found;
  open_.erase(std::next(found).base());
  const bool failed = text_at(fields, "state") == "failed";
  std::string line = fmt::format("{} {} {:>6}", failed ? style_.failed_mark() : style_.done_mark(),
                                 padded(label, label_columns), elapsed_text(number_at(fields, "elapsed_ms")));
  if (failed) line += "  " + text_at(member(fields, "error"), "message");
  if (!failed && (step.verb == "shift" || step.verb == "restore")) line += "  " + traffic_text();
  if (!failed && step.verb == "soak")
    for (const auto& [name, text] : gates_) line += "  " + text;
  if (step.verb == "soak") gates_.clear();
  if (step.shown || failed) say(line);
}

void Terminal::gate(const Value& fields) {
  const auto verdict = text_at(fields, "verdict");
  auto text = gate_text(fields);
  if (verdict == "fail") text = style_.red(text);
  if (verdict == "error" || verdict == "inconclusive") text = style_.yellow(text + " " + verdict);
  gates_[text_at(fields, "name")] = text;
}

void Terminal::say(const std::string& line) {
  out_ += "  " + indent() + line + "\n";
}

std::string Terminal::indent() const {
  const bool in_rollback = !open_.empty() && open_.front().verb == "rollback";
  return std::string(static_cast<std::size_t>(phases_ + (in_rollback ? 1 : 0)) * 2, ' ');
}

void Terminal::erase() {
  if (drawn_) out_ += "\r\x1b[2K";
  drawn_ = false;
}

// All at once, so that nothing flickers.
void Terminal::draw() {
  drawn_ = !open_.empty();
  if (drawn_) out_ += live_line();
  if (!out_.empty()) screen_.write(out_);
  out_.clear();
}

// It must stay one row: a second one could not be erased. So colours wait until the step is done.
std::string Terminal::live_line() const {
  const auto& step = open_.back();
  const auto* frame =
      style_.unicode ? frames.at(frame_ % frames.size()) : ascii_frames.at(frame_ % ascii_frames.size());
  const auto columns = static_cast<std::size_t>(std::max(screen_.columns(), 20));
  // On a narrow screen the numbers of a gate are worth more than straight columns.
  const auto label = columns < full_columns ? step.label : padded(step.label, label_columns);
  std::string line =
      fmt::format("  {}{} {} {:>6}", indent(), frame, label, elapsed_text(screen_.now_ms() - step.since));
  if (!step.progress.empty()) line += "  " + step.progress;
  if (!question_.empty()) line += "  waiting for `shunt approve`";
  for (const auto& [name, text] : gates_)
    if (text.find('\x1b') == std::string::npos) line += "  " + text;
  const auto bars = traffic_text();
  if (!bars.empty() && width_of(line) + 2 + width_of(bars) < columns) return line + "  " + bars;
  return cut(line, columns - 1);
}

std::string Terminal::traffic_text() const {
  std::string text;
  for (const auto& [service, shares] : shares_) {
    const auto all = shares.blue + shares.green;
    const auto green = all == 0 ? 0 : shares.green * 100 / all;
    text += fmt::format("{}{} {} {} % green", text.empty() ? "" : "  ", service, bar(shares), green);
  }
  return text;
}

std::string Terminal::bar(const Shares& shares) const {
  const auto all = shares.blue + shares.green;
  std::string left;
  std::string right;
  for (int cell = 0; cell < bar_cells; ++cell) {
    if (all == 0) {
      right += ".";
    } else if (cell * all < shares.blue * bar_cells) {
      left += style_.unicode ? "█" : "#";
    } else {
      right += style_.unicode ? (style_.color ? "█" : "░") : "=";
    }
  }
  return style_.blue(left) + style_.green(right);
}

}  // namespace shunt::cli
