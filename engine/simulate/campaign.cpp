#include "simulate/campaign.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <thread>

#include "simulate/shrink.hpp"

namespace shunt::simulate {

namespace {

constexpr std::size_t batch = 64;  ///< after how many trials findings are looked at
constexpr std::size_t most_pairs = 20'000;

/// One trial that shall be made.
struct Order {
  std::uint64_t seed = 0;
  Faults faults;
  bool replays = true;
};

/// What is kept of it.
struct Tried {
  std::optional<Finding> finding;
  std::string state;
  int calls = 0;
  std::int64_t requests = 0;
  std::int64_t failed = 0;
  std::int64_t elapsed_ms = 0;
  bool replayed = false;
  std::string trace;
  std::map<std::string, bool> undos;
};

Tried try_one(const Subject& subject, const Order& order) {
  Detail detail;
  detail.replays = order.replays;
  detail.hashes = order.replays;
  Trial trial(subject, order.faults, order.seed, detail);
  const auto report = trial.run();
  Tried result;
  result.finding = finding_in(report);
  if (result.finding) {
    result.finding->seed = order.seed;
    result.finding->faults = order.faults;
  }
  result.state = report.ending.state;
  result.calls = report.calls;
  result.requests = report.requests;
  result.failed = report.failed;
  result.elapsed_ms = report.elapsed_ms;
  result.replayed = order.replays;
  result.undos = report.undos;
  result.trace = report.trace;
  return result;
}

std::vector<Tried> try_all(std::vector<Subject>& subjects, const std::vector<Order>& orders) {
  std::vector<Tried> results(orders.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&](const Subject& subject) {
    for (auto i = next++; i < orders.size(); i = next++) results[i] = try_one(subject, orders[i]);
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < subjects.size(); ++i) threads.emplace_back(work, std::cref(subjects[i]));
  work(subjects.front());
  for (auto& thread : threads) thread.join();
  return results;
}

// Whether a guard rail stopped what the script itself asked for. What the engine's own steps are refused on the way is
// what the world made of it; and a script whose last word was 100 % has not asked for less.
bool is_refusal(const Error& error, const Report& report) {
  if (error.kind != Kind::script || error.code < "SH1320" || error.code > "SH1327") return false;
  if (!report.disturbed || error.code == "SH1322" || error.code == "SH1325" || error.code == "SH1327") return true;
  if (error.code == "SH1326") return !report.asked_for_all;
  return error.step == "shift" || error.step == "retire_old";
}

bool is_kill(const Error& error) {
  return error.code.starts_with("SH128");
}

// What only a mistake in the script can be; error() and deploy:fail are its own words.
bool is_broken(const Error& error) {
  static const std::vector<std::string> own_words = {"SH1201", "SH1210", "SH1214", "SH1216"};
  return error.kind == Kind::script && error.code.starts_with("SH12") && !is_kill(error) &&
         std::find(own_words.begin(), own_words.end(), error.code) == own_words.end();
}

// A rollback function of the script that failed by a mistake of its own.
std::optional<Error> broken_undo(const Ending& ending) {
  if (ending.state != "needs_operator" || !ending.document.is_object()) return std::nullopt;
  for (const auto& hook : ending.document.value("hooks", Value::array())) {
    if (hook.value("verb", "") != "script.undo" || !hook.contains("error")) continue;
    auto error = error_from(hook["error"]);
    if (is_broken(error)) return error;
  }
  return std::nullopt;
}

// What the world answers; time and chance always do.
bool can_fail(const std::string& verb) {
  static const std::vector<std::string> groups = {"instances", "proxy", "probe", "http", "exec", "metrics"};
  return std::find(groups.begin(), groups.end(), verb.substr(0, verb.find('.'))) != groups.end() &&
         verb.find('.') != std::string::npos;
}

Course course_of(Trial& trial, const Report& report) {
  Course course;
  for (const auto& entry : trial.store().journal())
    if ((entry.kind == "progress" || entry.kind == "result") && can_fail(entry.verb)) ++course.verbs[entry.verb];
  course.calls = report.calls;
  course.steps = report.steps;
  course.elapsed_ms = report.elapsed_ms;
  return course;
}

std::vector<Order> orders_for(const Subject& subject, const Course& course, const Orders& wanted) {
  std::vector<Order> list;
  if (wanted.crashes || wanted.exhaustive) {
    const auto singles =
        wanted.exhaustive ? every_fault(subject.deployment, course, wanted.kinds) : every_crash(course);
    for (const auto& fault : singles) list.push_back({wanted.seed, {fault}, true});
    const bool small = singles.size() * singles.size() / 2 <= most_pairs;
    for (std::size_t i = 0; wanted.exhaustive && small && i < singles.size(); ++i)
      for (std::size_t j = i + 1; j < singles.size(); ++j)
        list.push_back({wanted.seed, {singles[i], singles[j]}, true});
    return list;
  }
  for (int i = 0; i < wanted.runs; ++i) {
    const auto seed = wanted.seed + static_cast<std::uint64_t>(i);
    list.push_back({seed, draw(subject.deployment, course, wanted.kinds, seed), i % wanted.replay_one_in == 0});
  }
  return list;
}

bool is_new(const std::vector<Finding>& known, const Finding& finding) {
  return std::none_of(known.begin(), known.end(), [&](const Finding& one) {
    return one.kind == finding.kind && one.where.file == finding.where.file && one.where.line == finding.where.line;
  });
}

void add(Outcomes& outcomes, const std::vector<Tried>& results, std::string& trace) {
  for (const auto& result : results) {
    ++outcomes.runs;
    ++outcomes.ends[result.state];
    outcomes.calls += result.calls;
    outcomes.requests += result.requests;
    outcomes.failed += result.failed;
    outcomes.replayed += result.replayed ? 1 : 0;
    for (const auto& [name, performed] : result.undos) outcomes.undos[name] += performed ? 1 : 0;
    trace +=
        fmt::format("{} {} {} {} {}\n", result.state, result.calls, result.elapsed_ms, result.failed, result.trace);
    if (result.finding && is_new(outcomes.findings, *result.finding)) outcomes.findings.push_back(*result.finding);
  }
}

}  // namespace

std::optional<Finding> finding_in(const Report& report) {
  Finding finding;
  if (!report.violations.empty()) {
    const auto& first = report.violations.front();
    finding.kind = first.property;
    finding.what = first.what;
    finding.where = first.where;
    return finding;
  }
  if (auto undo = broken_undo(report.ending)) {
    finding.kind = "broken";
    finding.what = fmt::format("an undo failed: {} ({})", undo->message, undo->code);
    finding.where = undo->where;
    return finding;
  }
  const auto& error = report.ending.error;
  if (!error) return std::nullopt;
  finding.kind = is_refusal(*error, report) ? "refused"
                 : is_kill(*error)          ? "killed"
                 : is_broken(*error)        ? "broken"
                                            : "";
  if (finding.kind.empty()) return std::nullopt;
  finding.what = fmt::format("{} ({})", error->message, error->code);
  finding.where = error->where.file.empty() ? report.last_line : error->where;
  return finding;
}

namespace {

void add_coverage(Outcomes& outcomes, const std::vector<Subject>& subjects) {
  for (const auto& subject : subjects)
    if (subject.coverage)
      for (const auto& [file, lines] : *subject.coverage)
        for (const auto& [line, hits] : lines) outcomes.coverage[file][line] += hits;
}

// The strategy when nothing is wrong: what is wrong then is wrong always.
std::optional<Finding> fault_of_its_own(const Report& report) {
  auto found = finding_in(report);
  if (found || report.ending.state == "succeeded") return found;
  found.emplace();
  found->kind = "never succeeds";
  found->what = report.ending.error ? to_line(*report.ending.error) : report.ending.state;
  if (report.ending.error) found->where = report.ending.error->where;
  return found;
}

}  // namespace

Outcomes run_campaign(const MakeSubject& make, const Orders& orders) {
  Outcomes outcomes;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<Subject> subjects;
  for (unsigned i = 0; i < (orders.workers == 0 ? cores : orders.workers); ++i) subjects.push_back(make());
  auto& subject = subjects.front();

  Trial undisturbed(subject, {});
  const auto report = undisturbed.run();
  outcomes.course = course_of(undisturbed, report);
  if (auto own = fault_of_its_own(report)) {
    outcomes.runs = 1;
    ++outcomes.ends[report.ending.state];
    outcomes.findings = {explain(subject, std::move(*own))};
    return outcomes;
  }

  std::string trace;
  const auto list = orders_for(subject, outcomes.course, orders);
  for (std::size_t at = 0; at < list.size() && outcomes.findings.empty(); at += batch) {
    const auto end = list.begin() + static_cast<std::ptrdiff_t>(std::min(at + batch, list.size()));
    add(outcomes, try_all(subjects, {list.begin() + static_cast<std::ptrdiff_t>(at), end}), trace);
  }
  outcomes.trace = sha256(trace);
  add_coverage(outcomes, subjects);
  for (auto& finding : outcomes.findings) finding = explain(subject, shrink(subject, std::move(finding)));
  return outcomes;
}

}  // namespace shunt::simulate
