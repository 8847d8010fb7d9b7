#include "deploy/outbox.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "shunt/duration.hpp"

namespace shunt::deploy {

namespace {

std::string event_name(const Event& event) {
  return event.name == "ended" ? event.fields.value("state", "") : event.name;
}

std::string what_runs(const Deployment& deployment) {
  if (deployment.verb == "rollback") return fmt::format("rollback to {}", deployment.next.version);
  return fmt::format("{} {}", deployment.verb, deployment.next.version);
}

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

// Why a deployment went back is where its chain of causes ends.
std::string reason_in(const Value& fields) {
  const auto error = fields.find("error");
  return error == fields.end() || !error->is_object() ? "" : error->value("message", "");
}

std::string text_for(const std::string& event, const Deployment& deployment, const Value& fields) {
  const auto what = fmt::format("{}: {}", deployment.app, what_runs(deployment));
  const auto serves =
      fields.contains("serves") && fields["serves"].is_string() ? fields["serves"].get<std::string>() : "";
  const auto elapsed = to_text(Milliseconds(fields.value("elapsed_ms", std::int64_t{0})));
  if (event == "message") return fields.value("text", "");
  if (event == "started") return what + " has started.";
  if (event == "waiting")
    return fmt::format("{} waits until {} for an answer: {} (`shunt approve {}` or `shunt reject {}`)", what,
                       fields.value("until", ""), fields.value("question", ""), deployment.id, deployment.id);
  if (event == "rolling_back") return sentence(fmt::format("{} goes back: {}", what, fields.value("reason", "")));
  if (event == "succeeded") return sentence(fmt::format("{} succeeded after {}: {}", what, elapsed, serves));
  if (event == "rolled_back")
    return sentence(fmt::format("{} was rolled back: {}. {}", what, reason_in(fields), serves));
  const auto remedy = fields.contains("error") ? fields["error"].value("remedy", "") : "";
  return sentence(fmt::format("{} needs an operator: {}. {}", what, reason_in(fields), remedy));
}

}  // namespace

Value Outbox::facts_of(const Event& event) const {
  Value facts = {{"app", deployment_.app},
                 {"deployment", deployment_.id},
                 {"verb", deployment_.verb},
                 {"strategy", deployment_.strategy},
                 {"version", deployment_.next.version},
                 {"previous_version", deployment_.prior.version},
                 {"color", name_of(deployment_.to)}};
  for (const char* key : {"question", "until", "reason", "exit", "serves", "elapsed_ms", "fields"})
    if (event.fields.contains(key) && !event.fields[key].is_null()) facts[key] = event.fields[key];
  if (const auto error = event.fields.find("error"); error != event.fields.end() && error->is_object())
    facts["error"] = {{"code", error->value("code", "")},
                      {"message", error->value("message", "")},
                      {"remedy", error->value("remedy", "")}};
  return facts;
}

std::vector<store::Notice> Outbox::notices_for(const Event& event) {
  std::vector<store::Notice> notices;
  const auto name = event_name(event);
  if (event.time != last_time_) counts_.clear();
  last_time_ = event.time;
  for (const auto& channel : deployment_.channels) {
    const bool wanted = std::find(channel.on.begin(), channel.on.end(), name) != channel.on.end();
    if (!wanted && name != "message") continue;
    store::Notice notice;
    notice.id = fmt::format("{}-{}-{}-{}", deployment_.id, event.time, name, ++counts_[name]);
    notice.run = deployment_.id;
    notice.event = name;
    notice.channel = channel.type;
    notice.config = channel.config;
    notice.payload =
        secrets_.mask_all({{"text", text_for(name, deployment_, event.fields)}, {"facts", facts_of(event)}});
    notice.state = "queued";
    notice.created = notice.due = event.time;
    notices.push_back(std::move(notice));
  }
  return notices;
}

Notification notification_in(const store::Notice& notice) {
  Notification notification;
  notification.id = notice.id;
  notification.event = notice.event;
  notification.time = notice.created;
  notification.text = notice.payload.value("text", "");
  notification.facts = notice.payload.value("facts", Value::object());
  return notification;
}

}  // namespace shunt::deploy
