#include "adapters/runtime/docker/schema.hpp"

#include <utility>

namespace shunt::adapters::docker {

namespace {

Key key_of(std::string name, Type type, std::string doc) {
  Key key;
  key.name = std::move(name);
  key.type = type;
  key.doc = std::move(doc);
  return key;
}

Key choice_of(std::string name, std::vector<std::string> values, std::string doc) {
  Key key = key_of(std::move(name), Type::string, std::move(doc));
  key.fallback = values.front();
  key.one_of = std::move(values);
  return key;
}

Key image_key() {
  Key key = key_of("image", Type::string, "what it is started from, with the version in its name: \"shop:{version}\"");
  key.required = true;
  key.versioned =
      "two releases would share a tag; shunt keeps them apart here by a second name, but the registry has only the "
      "newer one";
  return key;
}

Key publish_key() {
  Key key = key_of("publish", Type::per_color,
                   "the port of this machine for each color, or several for as many instances; on 127.0.0.1, unless an "
                   "address is given (\"10.0.0.5:3000\")");
  key.item = Type::any;
  return key;
}

Key env_key() {
  Key key = key_of("env", Type::map, "variables of its environment; values may be secrets");
  key.secret = true;
  return key;
}

Key build_key() {
  Key context = key_of("context", Type::string, "the folder it is built from");
  context.required = true;
  context.path = true;
  Key args = key_of("args", Type::map, "build arguments; values may be secrets");
  args.secret = true;
  Key key = key_of("build", Type::table, "the image is built for each deployment, and not pulled");
  key.nested = {context, key_of("file", Type::string, "the Dockerfile, from the context on (\"Dockerfile\")"), args,
                key_of("target", Type::string, "the stage to build (the last)")};
  return key;
}

Key keep_key() {
  Key key = key_of("keep", Type::integer, "of how many releases the image stays, those in use among them");
  key.fallback = 3;
  return key;
}

Key volumes_key() {
  Key key =
      key_of("volumes", Type::strings,
             "\"NAME:/path\", \"/host/path:/path:ro\"; a host path with a dot first starts at the app file's folder");
  key.path = true;
  return key;
}

}  // namespace

Schema docker_schema() {
  Schema schema;
  schema.keys = {
      image_key(),
      key_of("port", Type::integer, "the port that it serves at inside the container"),
      publish_key(),
      key_of("command", Type::strings, "arguments in place of the image's own command"),
      key_of("entrypoint", Type::strings, "in place of the image's own entry point"),
      key_of("user", Type::string, "who it runs as, in place of the image's own user"),
      env_key(),
      volumes_key(),
      key_of("networks", Type::strings,
             "the networks that it joins, which must exist (default: the engine's own bridge)"),
      key_of("aliases", Type::strings,
             "its names in those networks, besides the instance's id (default: \"{service}-{color}\")"),
      key_of("memory", Type::any, "the most it may use: \"512m\", \"2g\", or bytes (no limit)"),
      key_of("cpus", Type::number, "processors it may use, 0.5 for half of one (no limit)"),
      choice_of("pull", {"missing", "always", "never"}, "when the image is fetched from its registry"),
      build_key(),
      keep_key(),
      choice_of("restart", {"always", "never"}, "whether it is started again when it ends"),
      key_of("host", Type::string,
             "the engine's socket, tcp://HOST:PORT or https://HOST:PORT (default: DOCKER_HOST, else "
             "/var/run/docker.sock)"),
  };
  return schema;
}

}  // namespace shunt::adapters::docker
