// SPDX-License-Identifier: Apache-2.0
// The vectors are shared with the other implementations of this step.
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "json/parse.h"
#include "prepare/prepare.h"

namespace skillet {
namespace {

std::string read(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string repeated(std::string_view text, size_t count) {
    std::string result;
    result.reserve(text.size() * count);
    for (size_t i = 0; i < count; ++i) result += text;
    return result;
}

TEST(StripHtml, gives_what_the_shared_vectors_say) {
    const auto vectors = json::parse(read(SKILLET_SOURCE_DIR "/tests/vectors/strip_html_1.json"),
                                     SKL_E_INTERNAL, "strip_html_1.json");
    ASSERT_TRUE(vectors) << vectors.error().message;
    ASSERT_NE(vectors->array(), nullptr);
    EXPECT_GE(vectors->array()->size(), 80u);
    for (const json::Value &vector : *vectors->array()) {
        const auto member = [&vector](const char *name) {
            return *vector.object()->find(name)->string();
        };
        EXPECT_EQ(strip_html(member("in")), member("out")) << member("name");
    }
}

TEST(StripHtml, copies_bytes_that_are_no_utf8) {
    const std::string bytes("\x80\xFF\0\xC3(", 5);
    EXPECT_EQ(strip_html(bytes), bytes);
    EXPECT_EQ(strip_html("<b>" + bytes), " " + bytes);
}

TEST(StripHtml, ends_anywhere) {
    const std::string text = "<script>x</script><!-- c --><b a>&nbsp;&#65;&#x41;<!d><?p>";
    for (size_t size = 0; size <= text.size(); ++size) {
        EXPECT_LE(strip_html(text.substr(0, size)).size(), size);
    }
}

// A quadratic search would need hours here.
TEST(StripHtml, takes_linear_time_for_openings_that_nothing_closes) {
    for (const char *opening :
         {"<a ", "<!--", "<script>", "<style></style <script>", "</script ", "<!a", "<?a", "<", "&",
          "&#", "&#x", "&#1", "<a", "</", "<script></scrip>", "<a<!--", "<!-- --", "<script></"}) {
        const std::string text = repeated(opening, (1u << 20) / std::string_view(opening).size());
        EXPECT_LE(strip_html(text).size(), text.size()) << opening;
    }
}

TEST(StripHtml, takes_linear_time_when_the_last_closing_tag_has_no_end) {
    const std::string text = repeated("<script>", 1u << 19);
    EXPECT_EQ(strip_html(text + "</script").size(), (1u << 19) + 8);
    EXPECT_EQ(strip_html(text + "</script>"), " ");
}

}  // namespace
}  // namespace skillet
