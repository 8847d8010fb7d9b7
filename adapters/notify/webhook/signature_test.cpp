#include "adapters/notify/webhook/signature.hpp"

#include <doctest/doctest.h>

namespace shunt::webhook {

TEST_CASE("the signature of Standard Webhooks, by its published example") {
  const std::string expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  for (const char* secret : {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
    const auto key = key_of(secret);
    REQUIRE(key);
    CHECK(key->size() == 24);
    CHECK(standard_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})") ==
          expected);
  }
}

TEST_CASE("the signature that GitHub's webhooks carry, by its published example") {
  CHECK(hub_signature("It's a Secret to Everybody", "Hello, World!") ==
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
}

TEST_CASE("a key is as long as its text says, and what is no base64 is no key") {
  CHECK(key_of("YQ==") == "a");
  CHECK(key_of("YWI=") == "ab");
  CHECK(key_of("YWJj") == "abc");
  for (const char* none : {"", "whsec_", "abc", "a secret!", "YWJj\n", "=", "===="}) CHECK_FALSE(key_of(none));
}

}  // namespace shunt::webhook
