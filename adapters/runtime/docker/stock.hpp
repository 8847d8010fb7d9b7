// The images that releases are started from: got before anything starts, kept while somebody may go back to them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/runtime/docker/images.hpp"
#include "adapters/runtime/docker/releases.hpp"
#include "shunt/runtime.hpp"

namespace shunt::adapters::docker {

/// What a service is started from.
struct Source {
  std::string image;
  std::string pull = "missing";  ///< "missing", "always", "never"
  std::optional<Build> build;    ///< it is built, and not pulled
  bool is_built = false;         ///< somebody else has just built it for this release

  Source() = default;
};

/// Each release's image gets a second name (`own_name`) and a record, so that going back to it starts that very image,
/// whatever its first name means by then. Loop thread only.
class Stock {
 public:
  /// `folder` holds the records, and the tar of a build for as long as that is sent.
  Stock(Images& images, std::filesystem::path folder) : images_(images), folder_(std::move(folder)) {}

  /// Sees to it that the release's image is there. { image, id, how }, how is "here", "pulled" or "built". SH1439 when
  /// only another image has its name now; else the failures of Images.
  Task<Result<Value>> provide(InstanceSpec spec, Source source, Told told);

  /// Whether the release's image is there.
  Task<Result<bool>> holds(InstanceSpec spec);

  /// The name to start from: that of the app file where it still means the release's image, else the second name; ""
  /// when neither is there.
  Task<Result<std::string>> name_for(InstanceSpec spec, std::string image);

  /// What may go of `wanted.app`'s images, so that at least `keep` releases keep theirs.
  std::vector<Kept> surplus(const Wanted& wanted, int keep) const;

  /// Removes what may go, and nothing that a container needs; the names that are gone.
  Task<Result<std::vector<std::string>>> prune(Wanted wanted, int keep);

 private:
  Task<Result<std::optional<Image>>> find_own(InstanceSpec spec);
  Task<Result<std::string>> get(InstanceSpec spec, Source source, Told told);
  bool is_wanted_by_others(const Kept& kept) const;

  Images& images_;
  std::filesystem::path folder_;
};

}  // namespace shunt::adapters::docker
