#include "deploy/courier.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <random>

#include "deploy/outbox.hpp"
#include "loop/all.hpp"

namespace shunt::deploy {

namespace {

using namespace std::chrono_literals;

constexpr std::array<Milliseconds, 7> pauses = {5s, 1min, 5min, 30min, 2h, 5h, 10h};
constexpr Milliseconds one_attempt{10'000};

// Many that failed at the same moment shall not come again at the same moment.
Milliseconds with_jitter(Milliseconds pause) {
  std::random_device seed;
  std::uniform_real_distribution<double> factor(0.8, 1.2);
  return Milliseconds(std::int64_t(double(pause.count()) * factor(seed)));
}

bool same_channel(const store::Notice& one, const store::Notice& two) {
  return one.channel == two.channel && one.config == two.config;
}

Milliseconds since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
}

}  // namespace

Milliseconds pause_after(std::int64_t attempts) {
  const auto index = static_cast<std::size_t>(std::max<std::int64_t>(attempts, 1) - 1);
  return index < pauses.size() ? pauses.at(index) : Milliseconds(0);
}

bool Courier::has_mail() const {
  const auto queued = store_.notices("queued");
  return queued && !queued->empty();
}

std::vector<Channel> Courier::off_among(const std::vector<Channel>& channels) const {
  std::vector<Channel> off;
  const auto refused = store_.notices("off");
  if (!refused) return off;
  for (const auto& channel : channels)
    for (const auto& notice : *refused)
      if (notice.channel == channel.type && notice.config == channel.config) {
        off.push_back(channel);
        break;
      }
  return off;
}

Task<std::vector<std::string>> Courier::deliver(Milliseconds budget) {
  std::vector<Task<std::string>> rounds;
  for (auto& letters : due_by_channel()) rounds.push_back(deliver_to_one(std::move(letters), budget));
  auto failures = co_await loop::all(std::move(rounds));
  std::erase(failures, "");
  co_return failures;
}

std::vector<Courier::Letters> Courier::due_by_channel() const {
  std::vector<Letters> channels;
  const auto queued = store_.notices("queued");
  if (!queued) return channels;
  for (const auto& letter : *queued) {
    if (letter.due > wall_clock_ms()) continue;
    const auto known = std::find_if(channels.begin(), channels.end(),
                                    [&](const Letters& letters) { return same_channel(letters.front(), letter); });
    if (known == channels.end()) {
      channels.push_back({letter});
    } else {
      known->push_back(letter);
    }
  }
  return channels;
}

Task<std::string> Courier::deliver_to_one(Letters letters, Milliseconds budget) {
  const auto began = std::chrono::steady_clock::now();
  const auto adapter = registry_.notify(letters.front().channel);
  if (!adapter) {
    const Result<void> unknown = adapter.error();
    for (auto& letter : letters) record(letter, unknown);
    co_return letters.front().error;
  }
  const auto channel = (*adapter)->make(context_, letters.front().config);
  for (auto& letter : letters) {
    const auto left = budget - since(began);
    if (left <= Milliseconds(0)) break;
    auto notification = notification_in(letter);
    const auto sent = co_await channel->send(std::move(notification), std::min(left, one_attempt));
    record(letter, sent);
    if (!sent) co_return fmt::format("{} was not told of {}: {}", letter.channel, letter.event, letter.error);
  }
  co_return std::string();
}

void Courier::record(store::Notice& letter, const Result<void>& sent) {
  ++letter.attempts;
  letter.state = "sent";
  letter.error.clear();
  if (!sent) {
    const auto& error = sent.error();
    const auto asked = error.evidence.is_object() ? error.evidence.value("retry_after_ms", std::int64_t{0}) : 0;
    const auto pause = pause_after(letter.attempts);
    letter.state = pause == Milliseconds(0) ? "failed" : "queued";
    letter.due = wall_clock_ms() + std::max(with_jitter(pause).count(), asked);
    letter.error = context_.secrets.mask(to_line(error));
    if (error.code == "SH2002") turn_off(letter);
    if (error.code == "SH2002") letter.state = "off";
  }
  static_cast<void>(store_.save(letter));
  static_cast<void>(store_.commit());
}

// What else waits for a channel that wants no more will never be sent.
void Courier::turn_off(const store::Notice& letter) {
  const auto queued = store_.notices("queued");
  if (!queued) return;
  for (auto other : *queued) {
    if (other.id == letter.id || !same_channel(other, letter)) continue;
    other.state = "off";
    other.error = letter.error;
    static_cast<void>(store_.save(other));
  }
}

}  // namespace shunt::deploy
