// SPDX-License-Identifier: Apache-2.0
#include "remote/base64.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

TEST(Base64, agrees_with_the_examples_of_its_specification) {
    constexpr std::pair<const char *, const char *> examples[] = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"}};
    for (const auto &[bytes, text] : examples) {
        EXPECT_EQ(base64_encode(bytes), text);
        EXPECT_EQ(base64_decode(text), bytes);
    }
}

TEST(Base64, reads_back_every_byte) {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
}

TEST(Base64, refuses_what_nobody_writes) {
    for (const char *text : {"Z", "Zg", "Zg=", "Zg===", "====", "Zh==", "Zm9=", "Z g=", "Zg==Zg==",
                             "Zm9v\n", "Zm-_"}) {
        EXPECT_FALSE(base64_decode(text)) << text;
    }
}

}  // namespace
}  // namespace skillet
