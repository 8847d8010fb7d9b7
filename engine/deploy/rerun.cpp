#include "deploy/rerun.hpp"

#include <algorithm>
#include <asio/io_context.hpp>

#include "effects/nowhere.hpp"
#include "store/null_store.hpp"

namespace shunt::deploy {

namespace {

struct Unheard : Reporter {
  void report(const Event& /*event*/) override {}
  bool listens() const override { return false; }
};

}  // namespace

std::vector<store::Entry> up_to_force(std::vector<store::Entry> entries) {
  const auto forced = std::find_if(entries.begin(), entries.end(), [](const store::Entry& one) {
    return one.kind == "decision" && (one.verb == "killed" || one.verb == "by hooks");
  });
  entries.erase(forced, entries.end());
  return entries;
}

Ending rerun(const Deployment& deployment, const store::Run& row, std::vector<store::Entry> entries,
             const Secrets& secrets, const std::function<Body(Run&)>& body_for) {
  asio::io_context loop{1};
  effects::Nowhere nowhere;
  store::NullStore nothing;
  Unheard unheard;
  RunParts parts{nowhere, loop.get_executor(), [] { return false; }, secrets,    nothing, unheard, deployment,
                 row,     store::AppState(),   Value::object(),      row.boot_id};
  parts.only_replays = true;
  Run run(std::move(parts));
  return run.resume(std::move(entries), body_for(run));
}

}  // namespace shunt::deploy
