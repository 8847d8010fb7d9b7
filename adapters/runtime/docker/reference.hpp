// The name of an image, as people write it and as it is meant.
#pragma once

#include <string>
#include <string_view>

#include "shunt/error.hpp"

namespace shunt::adapters::docker {

/// Everything is said: what people leave out has been filled in.
struct Reference {
  std::string domain;  ///< the registry, with its port: "docker.io", "localhost:5000", "[::1]:5000"
  std::string path;    ///< the repository there: "library/shop", "team/shop"
  std::string tag;     ///< empty only where there is a digest
  std::string digest;  ///< "sha256:" and 64 digits, or empty

  Reference() = default;
};

/// Reads a reference by the grammar of the distribution project (https://pkg.go.dev/github.com/distribution/reference)
/// and fills in what Docker fills in: "shop" is docker.io/library/shop:latest, "team/shop" is on docker.io, too; what
/// stands before the first slash is a registry when it has a dot, a colon or a capital letter, or is "localhost".
/// SH1410 when it is none; the message says which part is wrong.
Result<Reference> parse_reference(std::string_view text);

/// "docker.io/library/shop": without tag and digest, understood by every engine.
std::string repository(const Reference& reference);

/// All of it: "docker.io/library/shop:latest", "localhost:5000/shop:v1@sha256:...".
std::string full_name(const Reference& reference);

/// The shortest text that is parsed to the same: "shop:latest", "team/shop:v1".
std::string familiar(const Reference& reference);

/// Under which name a registry's login stands in config.json: its domain, but "https://index.docker.io/v1/" for
/// docker.io.
std::string registry_key(const std::string& domain);

}  // namespace shunt::adapters::docker
