#include "adapters/runtime/process/labels.hpp"

#include <doctest/doctest.h>

namespace shunt::adapters::process {

namespace {

TEST_CASE("labels come back as they were") {
  InstanceSpec spec;
  spec.labels.app = "shop";
  spec.labels.service = "web";
  spec.labels.color = Colour::green;
  spec.labels.version = "a=b=\n\xff";
  spec.labels.run = "r";
  spec.labels.seq = 1'234'567'890'123;
  spec.labels.epoch = 5;
  spec.index = 2;
  spec.address = "[::1]:80";
  InstanceState state;
  read_labels(labels_of(spec), state);
  CHECK(state.labels.app == "shop");
  CHECK(state.labels.service == "web");
  CHECK(state.labels.color == Colour::green);
  CHECK(state.labels.version == "a=b=\n\xff");
  CHECK(state.labels.run == "r");
  CHECK(state.labels.seq == 1'234'567'890'123);
  CHECK(state.labels.epoch == 5);
  CHECK(state.index == 2);
  CHECK(state.address == "[::1]:80");
}

TEST_CASE("labels that are absent, unknown or no labels at all do no harm") {
  InstanceState state;
  state.labels.app = "old";
  read_labels({"other=1", "shunt.seq=x", "nonsense", ""}, state);
  CHECK(state.labels.app.empty());
  CHECK(state.labels.seq == 0);
  CHECK(state.labels.color == Colour::blue);
}

}  // namespace

}  // namespace shunt::adapters::process
