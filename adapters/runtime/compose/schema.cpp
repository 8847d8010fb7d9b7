#include "adapters/runtime/compose/schema.hpp"

#include <utility>

namespace shunt::adapters::compose {

namespace {

Key named(std::string name, Type type, std::string doc) {
  Key key;
  key.name = std::move(name);
  key.type = type;
  key.doc = std::move(doc);
  return key;
}

}  // namespace

Schema compose_schema() {
  Key files = named("files", Type::strings, "your Compose files, the base first: { \"compose.yml\" }");
  files.required = true;
  files.path = true;
  files.in_files = "SHUNT_VERSION";
  Key overlay =
      named("overlay", Type::per_color, "further files of each color: { blue = { \"compose.blue.yml\" }, ... }");
  overlay.path = true;
  overlay.in_files = files.in_files;
  Key project = named("project", Type::string, "the Compose project of each color");
  project.fallback = "{app}-{color}";
  Key env = named("env", Type::map,
                  "variables that the files use; values may be secrets. SHUNT_VERSION and SHUNT_COLOR are always set");
  env.secret = true;
  for (Key* key : {&env, &files, &overlay})
    key->versioned =
        "the files would bring up the same for every version, unless they get it in a way that is not to be seen here";
  Key pull = named("pull", Type::string, "when an image is fetched from its registry");
  pull.one_of = {"missing", "always", "never"};
  pull.fallback = "missing";
  Key keep = named("keep", Type::integer, "of how many releases the image stays, those in use among them");
  keep.fallback = 3;
  Schema schema;
  schema.keys = {files,
                 overlay,
                 named("service", Type::string, "its name in the files (default: the service's name here)"),
                 project,
                 named("port", Type::integer, "the port that it serves at inside the container"),
                 env,
                 pull,
                 keep,
                 named("host", Type::string,
                       "the engine's socket, tcp://HOST:PORT or https://HOST:PORT (default: DOCKER_HOST, else "
                       "/var/run/docker.sock)")};
  return schema;
}

}  // namespace shunt::adapters::compose
