// What an engine tells while it pulls, pushes or builds an image.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shunt/duration.hpp"
#include "shunt/error.hpp"

namespace shunt::adapters::docker {

/// One line; what it does not say is empty or 0.
struct ProgressLine {
  std::string status;        ///< "Downloading"
  std::string id;            ///< of the layer that `status` is about, or another thing's
  std::int64_t current = 0;  ///< bytes of `total`; it may be more, as engines estimate the total
  std::int64_t total = 0;
  std::string stream;  ///< the output of a build, with its line ends, without colours
  std::string image;   ///< the ID of what was built: "sha256:..."
  std::string digest;  ///< of what was pulled or pushed: "sha256:..."
  std::string error;   ///< why it failed; the answer's status does not say so

  ProgressLine() = default;
};

/// Reads the lines of JSON that /images/create, /images/NAME/push and /build answer with
/// (https://docs.docker.com/reference/api/engine/), in whatever pieces they come. Unknown keys are passed over. A line
/// has at most 1 MiB; memory is bounded. Of Docker and Podman.
class Progress {
 public:
  /// `what` begins every summary: "pulling shop:v2".
  explicit Progress(std::string what) : what_(std::move(what)) {}

  /// The lines that are complete with these bytes. SH1415 for one that is no JSON object, or too long; then no more can
  /// be taken.
  Result<std::vector<ProgressLine>> take(std::string_view bytes);

  /// The last line, where it has no end. SH1415 when it was cut off.
  Result<std::vector<ProgressLine>> finish();

  const std::string& image() const { return image_; }    ///< the last one told
  const std::string& digest() const { return digest_; }  ///< the last one told
  const std::string& error() const { return error_; }    ///< the first one told

  /// For people, in one line: "pulling shop:v2: 3 of 7 layers, 12 of 40 MB", "building shop:v2: step 3/7: RUN make".
  std::string summary() const;

  /// The summary, when it is another one than last time, and a second has passed since or a build has come to another
  /// step, which may be silent for long. `now` is of any clock.
  std::optional<std::string> news(Milliseconds now);

 private:
  struct Layer {
    bool done = false;
    std::int64_t current = 0;
    std::int64_t total = 0;
  };

  std::optional<Error> read(std::string_view line, std::vector<ProgressLine>& lines);
  void note(const ProgressLine& line);
  void note_layer(const ProgressLine& line);

  std::string what_;
  std::string waiting_;  ///< the beginning of a line
  std::map<std::string, Layer> layers_;
  std::string step_;
  std::string image_;
  std::string digest_;
  std::string error_;
  std::string told_;
  std::string told_step_;
  std::optional<Milliseconds> told_at_;
};

}  // namespace shunt::adapters::docker
