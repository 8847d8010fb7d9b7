#include "cli/follow.hpp"

#include <fmt/format.h>
#include <chrono>
#include <set>
#include <thread>

#include "cli/report/documents.hpp"
#include "cli/report/json_lines.hpp"
#include "cli/report/text.hpp"
#include "cli/report/timeline.hpp"
#include "deploy/claim.hpp"
#include "shunt/duration.hpp"

namespace shunt::cli {

namespace {

constexpr auto pause = std::chrono::milliseconds(300);
constexpr int patience = 7;  ///< looks without a holder until it counts as left alone

bool has_ended(const Value& run) {
  return !text_at(run, "exit").empty();
}

// What is new since the last look: a step is printed when it is done, everything else at once.
class Follower {
 public:
  explicit Follower(Session& session) : session_(session) {}

  void print(const Value& run) {
    if (!headed_ && !session_.options().json) session_.print(show_head(run, session_.style()));
    headed_ = true;
    if (session_.options().json) return print_entries(run);
    for (const auto& moment : moments_of(member(run, "timeline"))) {
      const bool open = moment.sort == Moment::Sort::step && moment.took_ms < 0 && !has_ended(run);
      if (open || !printed_.insert(moment.seq).second) continue;
      session_.print(moment_text(moment, session_.style()) + "\n");
    }
  }

 private:
  void print_entries(const Value& run) {
    for (const auto& entry : member(run, "timeline")) {
      if (!printed_.insert(number_at(entry, "seq")).second) continue;
      Event event("entry", entry);
      event.deployment = text_at(run, "id");
      event.time = wall_clock_ms();
      session_.print(json_line(event));
    }
  }

  Session& session_;
  std::set<std::int64_t> printed_;
  bool headed_ = false;
};

Ending left_alone(const std::string& run) {
  Ending ending(3, Error("SH1919", Kind::adapter, fmt::format("nobody runs {} any more", run),
                         fmt::format("run `shunt resume {}`", run)));
  ending.run = run;
  return ending;
}

}  // namespace

int follow_run(Session& session, const std::string& run) {
  Follower follower(session);
  std::string followed = run;
  int alone = 0;
  for (;;) {
    const auto found = session.engine().show(session.options().file, followed);
    if (found.error || !found.document.is_object()) return session.end(found);
    followed = found.run;
    follower.print(found.document);
    session.out().flush();
    if (session.out().gone()) return 0;
    if (has_ended(found.document)) {
      if (!session.options().json) session.print(show_end(found.document, session.style()));
      return static_cast<int>(number_at(found.document, "exit"));
    }
    const auto folder = deploy::state_folder(session.settings(), text_at(found.document, "app"));
    alone = store::Lock::holder(store::app_lock_file(folder)) ? 0 : alone + 1;
    if (alone >= patience) return session.end(left_alone(followed));
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace shunt::cli
