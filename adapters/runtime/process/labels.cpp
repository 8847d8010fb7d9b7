#include "adapters/runtime/process/labels.hpp"

#include <charconv>
#include <map>
#include <string_view>

namespace shunt::adapters::process {

namespace {

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::vector<std::string> labels_of(const InstanceSpec& spec) {
  const Labels& labels = spec.labels;
  return {"shunt.app=" + labels.app,
          "shunt.service=" + labels.service,
          "shunt.color=" + text_of(labels.color),
          "shunt.version=" + labels.version,
          "shunt.run=" + labels.run,
          "shunt.seq=" + std::to_string(labels.seq),
          "shunt.epoch=" + std::to_string(labels.epoch),
          "shunt.index=" + std::to_string(spec.index),
          "shunt.address=" + spec.address};
}

void read_labels(const std::vector<std::string>& labels, InstanceState& state) {
  std::map<std::string_view, std::string_view> found;
  for (const std::string_view label : labels)
    if (const auto equals = label.find('='); equals != std::string_view::npos)
      found[label.substr(0, equals)] = label.substr(equals + 1);
  state.labels.app = found["shunt.app"];
  state.labels.service = found["shunt.service"];
  state.labels.color = colour_named(found["shunt.color"]).value_or(Colour::blue);
  state.labels.version = found["shunt.version"];
  state.labels.run = found["shunt.run"];
  state.labels.seq = number_in(found["shunt.seq"]);
  state.labels.epoch = number_in(found["shunt.epoch"]);
  state.index = static_cast<int>(number_in(found["shunt.index"]));
  state.address = found["shunt.address"];
}

}  // namespace shunt::adapters::process
