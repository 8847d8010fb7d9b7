#include "harness/certificates.hpp"

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/program.hpp"

namespace shunt::harness {

namespace {

constexpr auto openssl_configuration = R"([req]
distinguished_name = name
prompt = no
[name]
CN = shunt test
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
subjectAltName = IP:127.0.0.1, DNS:localhost
extendedKeyUsage = serverAuth
[client]
extendedKeyUsage = clientAuth
)";

}  // namespace

Certificates::Certificates(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "openssl.cnf", std::ios::trunc) << openssl_configuration;
  const auto make = [&](const std::string& kind, const std::filesystem::path& certificate,
                        const std::filesystem::path& key, bool signed_by_authority) {
    std::vector<std::string> argv = {
        "openssl",     "req",     "-x509", "-config",  folder_ / "openssl.cnf",        "-extensions", kind,    "-subj",
        "/CN=" + kind, "-newkey", "ec",    "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",      "-days", "2",
        "-keyout",     key,       "-out",  certificate};
    if (signed_by_authority) argv.insert(argv.end(), {"-CA", authority(), "-CAkey", folder_ / "ca-key.pem"});
    const auto ran = run({argv});
    if (ran.code() != 0) throw std::runtime_error("cannot make the certificate of a " + kind + ": " + ran.output());
  };
  make("authority", authority(), folder_ / "ca-key.pem", false);
  make("server", server(), server_key(), true);
  make("client", client(), client_key(), true);
}

}  // namespace shunt::harness
