#include "adapters/runtime/docker/labels.hpp"

#include <fmt/format.h>
#include <charconv>

#include "adapters/runtime/spec_sha.hpp"

namespace shunt::adapters::docker {

namespace {

std::string encoded_label(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter >= ' ' && letter <= '~' && letter != '%')
      result += letter;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return result;
}

std::string decoded_label(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    const bool is_code =
        text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    result += is_code ? static_cast<char>(byte) : text[i];
    if (is_code) i += 2;
  }
  return result;
}

std::string label_in(const Value& labels, const char* name) {
  const auto found = labels.find(name);
  return found != labels.end() && found->is_string() ? decoded_label(found->get<std::string>()) : "";
}

std::int64_t number_label(const Value& labels, const char* name) {
  const auto text = label_in(labels, name);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Value labels_of(const InstanceSpec& spec) {
  const auto& labels = spec.labels;
  return {{"shunt.app", encoded_label(labels.app)},
          {"shunt.service", encoded_label(labels.service)},
          {"shunt.color", text_of(labels.color)},
          {"shunt.version", encoded_label(labels.version)},
          {"shunt.run", encoded_label(labels.run)},
          {"shunt.seq", std::to_string(labels.seq)},
          {"shunt.epoch", std::to_string(labels.epoch)},
          {"shunt.instance", encoded_label(spec.id)},
          {"shunt.index", std::to_string(spec.index)},
          {"shunt.port", std::to_string(spec.config.value("port", 0))},
          {"shunt.spec", spec_sha(spec)}};
}

bool read_labels(const Value& labels, InstanceState& state) {
  if (!labels.is_object() || !labels.contains("shunt.instance")) return false;
  state.id = label_in(labels, "shunt.instance");
  state.labels.app = label_in(labels, "shunt.app");
  state.labels.service = label_in(labels, "shunt.service");
  state.labels.color = colour_named(label_in(labels, "shunt.color")).value_or(Colour::blue);
  state.labels.version = label_in(labels, "shunt.version");
  state.labels.run = label_in(labels, "shunt.run");
  state.labels.seq = number_label(labels, "shunt.seq");
  state.labels.epoch = number_label(labels, "shunt.epoch");
  state.index = static_cast<int>(number_label(labels, "shunt.index"));
  state.spec_sha = label_in(labels, "shunt.spec");
  return !state.id.empty();
}

}  // namespace shunt::adapters::docker
