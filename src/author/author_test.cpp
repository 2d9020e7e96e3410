// SPDX-License-Identifier: Apache-2.0
// From a model to a package and back: init, pack and inspect.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "author/init.h"
#include "author/inspect.h"
#include "author/pack.h"
#include "package/verification.h"
#include "store/archive.h"
#include "testing/faulty_file_system.h"
#include "testing/gguf_decoder.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using json::Value;
using testing::made;
using testing::set_member;
using testing::write_file;

template <typename T>
void expect_refused(const Result<T> &result, Code code, std::string_view subject) {
    ASSERT_FALSE(result) << "accepted what is wrong with " << subject;
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_EQ(result.error().subject, subject) << result.error().message;
}

class AuthorTest : public ::testing::Test {
protected:
    AuthorTest()
        : model_path_(testing::write_classifier_model(folder_ / "model.gguf")),
          document_(testing::skill_document(model_path_)) {
        request_.model_path = model_path_;
        request_.skill_path = folder_ / "skill.json";
        request_.output_path = folder_ / "out.skill";
    }

    // Packs document_ with request_.
    Result<Packed> pack_document() {
        write_file(request_.skill_path, json::pretty(document_));
        return pack(*files_, request_);
    }
    // What pack_document() refuses, and without a trace.
    void expect_not_packed(Code code, std::string_view subject) {
        expect_refused(pack_document(), code, subject);
        for (const std::string &name : made(files_->list(folder_.path()))) {
            EXPECT_EQ(name.find("out.skill"), std::string::npos) << name << " was left behind";
        }
    }
    std::string attach(const Value &document) {
        const std::string path = folder_ / "attachment.json";
        request_.attachments = {write_file(path, json::pretty(document))};
        return path;
    }
    static std::string bytes_of(const std::string &path) {
        return made(read_all(made(FileSlice::open(path)), 1 << 20));
    }
    Result<Value> init(const testing::GgufWriter &writer, const InitOptions &options = valid) {
        const std::string path = write_file(folder_ / "other.gguf", writer.bytes());
        return init_skill(made(FileSlice::open(path)), options);
    }

    static inline const InitOptions valid = {"org.example.test", "1.0.0"};

    testing::TempDir folder_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    std::string model_path_;
    Value document_;
    PackRequest request_;
};

TEST_F(AuthorTest, init_writes_a_document_that_packs_as_it_is) {
    const Packed packed = made(pack_document());
    const Archive archive = made(Archive::open(made(FileSlice::open(request_.output_path))));
    const Report report = made(verify_package(archive, made(only_package(archive))));
    const Package &package = *report.package;
    EXPECT_EQ(package.skill.json, testing::json_of(json::canonical(document_)));
    EXPECT_EQ(packed.id, "org.example.test");
    EXPECT_EQ(packed.version, "1.0.0");
    EXPECT_EQ(packed.digest, package.descriptor.digest);
}

TEST_F(AuthorTest, init_takes_from_the_model_what_it_says_about_itself) {
    EXPECT_EQ(*document_.object()->find("title"), Value("test classifier"));
    EXPECT_EQ(*document_.object()->find("license"), Value("Apache-2.0"));
    EXPECT_EQ(*json::resolve(document_, "/contract/labels"), Value(json::Array{"ham", "spam"}));
    EXPECT_EQ(*json::resolve(document_, "/contract/limits/input_tokens"), Value(14));

    auto nameless = testing::tiny_classifier();
    nameless.remove_key("general.name").remove_key("general.license");
    const Value document = made(init(nameless));
    EXPECT_EQ(*document.object()->find("title"), Value(valid.id));
    EXPECT_EQ(*document.object()->find("license"), Value("LicenseRef-unknown"));
}

TEST_F(AuthorTest, init_writes_the_models_license_as_spdx_does) {
    for (const auto &[said, written] : {std::pair{"apache-2.0", "Apache-2.0"},
                                        {"llama3.2", "LicenseRef-llama3.2"},
                                        {"my own terms", "LicenseRef-my-own-terms"},
                                        {"mit OR isc", "MIT OR ISC"}}) {
        auto model = testing::tiny_classifier();
        model.remove_key("general.license").string("general.license", said);
        EXPECT_EQ(*made(init(model)).object()->find("license"), Value(written));
    }
}

TEST_F(AuthorTest, init_refuses_names_and_versions_that_no_package_can_have) {
    expect_refused(init(testing::tiny_classifier(), {"spam", "1.0.0"}), SKL_E_INVALID_ARGUMENT,
                   "spam");
    expect_refused(init(testing::tiny_classifier(), {"org.example.test", "1"}),
                   SKL_E_INVALID_ARGUMENT, "1");
}

TEST_F(AuthorTest, init_says_what_would_make_a_decoder_fit) {
    testing::DecoderShape shape;
    shape.context = 65;
    EXPECT_TRUE(init(testing::tiny_decoder(shape)));
    EXPECT_TRUE(init(testing::tiny_decoder(shape, true)));
    auto endless = testing::tiny_decoder(shape);
    endless.remove_key("tokenizer.ggml.eos_token_id");
    expect_refused(init(endless), SKL_E_FORMAT_UNSUPPORTED, "tokenizer.ggml.eos_token_id");
    shape.context = 64;
    expect_refused(init(testing::tiny_decoder(shape)), SKL_E_FORMAT_UNSUPPORTED,
                   "llama.context_length");
}

TEST_F(AuthorTest, init_says_what_would_make_a_model_fit) {
    auto headless = testing::tiny_classifier();
    headless.remove_key("bert.classifier.output_labels");
    auto foreign = testing::tiny_classifier();
    foreign.string("general.architecture", "qwen2");
    auto pooled = testing::tiny_classifier();
    pooled.u32("bert.pooling_type", 1);
    for (const auto &[writer, subject] : {std::pair{&headless, "bert.classifier.output_labels"},
                                          {&foreign, "general.architecture"},
                                          {&pooled, "bert.pooling_type"}}) {
        const auto document = init(*writer);
        expect_refused(document, SKL_E_FORMAT_UNSUPPORTED, subject);
        EXPECT_FALSE(document.error().hint.empty()) << subject;
    }
    auto incomplete = testing::tiny_classifier();
    incomplete.remove_tensor("cls.bias");
    expect_refused(init(incomplete), SKL_E_MALFORMED_ARTIFACT, "cls.bias");
}

TEST_F(AuthorTest, pack_gives_the_same_bytes_for_the_same_content) {
    request_.attachments = {
        write_file(folder_ / "a.json", json::pretty(testing::calibration_document(document_, 1.5))),
        write_file(folder_ / "b.json", json::pretty(testing::evidence_document(document_)))};
    request_.documents = {write_file(folder_ / "README.md", "read me")};
    const Packed first = made(pack_document());
    const std::string bytes = bytes_of(request_.output_path);

    // Written by another layout, in another order, to another place.
    request_.skill_path = write_file(folder_ / "canonical.json", json::canonical(document_));
    write_file(request_.attachments[0],
               json::canonical(testing::calibration_document(document_, 1.5)));
    request_.output_path = folder_ / "again.skill";
    const Packed second = made(pack(*files_, request_));
    EXPECT_EQ(first.digest, second.digest);
    EXPECT_EQ(bytes, bytes_of(request_.output_path));
}

TEST_F(AuthorTest, pack_counts_each_blob_once) {
    request_.attachments = {
        write_file(folder_ / "a.json", json::pretty(testing::calibration_document(document_, 1.5))),
        write_file(folder_ / "b.json", json::pretty(testing::evidence_document(document_)))};
    request_.documents = {write_file(folder_ / "LICENSE", "same"),
                          write_file(folder_ / "COPYING", "same")};
    const Packed packed = made(pack_document());
    const Archive archive = made(Archive::open(made(FileSlice::open(request_.output_path))));
    const Package package = made(read_package(archive, made(only_package(archive))));
    EXPECT_EQ(packed.bytes, package.total_bytes());
    EXPECT_TRUE(package.calibration);
    EXPECT_EQ(package.evidence.size(), 1u);
    EXPECT_EQ(package.manifest.layers.size(), 4u);
    EXPECT_EQ(package.manifest.layers[3].annotation(annotation_filepath), "COPYING");
}

TEST_F(AuthorTest, pack_fills_in_derived_members_that_are_missing) {
    made(pack_document());
    const std::string complete = bytes_of(request_.output_path);
    for (const char *member : {"/artifact", "/tokenizer", "/engine", "/resources"}) {
        testing::erase_member(document_, member);
    }
    made(pack_document());
    EXPECT_EQ(bytes_of(request_.output_path), complete);
}

TEST_F(AuthorTest, pack_refuses_documents_that_drifted_from_the_model) {
    const Value good = document_;
    for (const auto &[member, claim] :
         {std::pair{"/artifact/digest", Value(sha256("other").to_string())},
          {"/artifact/parameters", Value(1)},
          {"/tokenizer/id", Value("bert/other")},
          {"/engine/abi", Value("skillet.engine/2")},
          {"/resources/estimate/weights_bytes", Value(1)}}) {
        document_ = good;
        set_member(document_, member, claim);
        expect_not_packed(SKL_E_MANIFEST_INVALID, member);
    }
    document_ = good;
    testing::write_classifier_model(model_path_, {.context = 18});
    expect_not_packed(SKL_E_MANIFEST_INVALID, "/artifact/digest");
}

TEST_F(AuthorTest, pack_refuses_measurements_of_something_else) {
    for (const char *member : {"/subject/artifact", "/subject/contract"}) {
        for (Value document : {testing::calibration_document(document_, 1.5),
                               testing::evidence_document(document_)}) {
            set_member(document, member, sha256("other").to_string());
            expect_not_packed(SKL_E_INCOMPATIBLE, attach(document));
            testing::erase_member(document, member);
            expect_not_packed(SKL_E_INCOMPATIBLE, attach(document));
        }
    }
}

TEST_F(AuthorTest, pack_refuses_attachments_that_no_reader_would_take) {
    Value calibration = testing::calibration_document(document_, 1.5);
    expect_not_packed(SKL_E_MANIFEST_INVALID, attach(json::Object{{"schema", "other/1"}}));
    expect_not_packed(SKL_E_MANIFEST_INVALID, attach(json::Array{}));

    const std::string path = attach(calibration);
    request_.attachments.push_back(path);
    expect_not_packed(SKL_E_INVALID_ARGUMENT, path);

    set_member(calibration, "/temperature", 0);
    attach(calibration);
    expect_not_packed(SKL_E_MANIFEST_INVALID, "/temperature");
}

TEST_F(AuthorTest, pack_refuses_files_whose_names_do_not_tell_them_apart) {
    std::filesystem::create_directory(folder_ / "more");
    const std::string first = write_file(folder_ / "README.md", "one");
    for (const char *name : {"more/README.md", "more/model.gguf", "more/skill.json", "\xff.md"}) {
        const std::string path = write_file(folder_ / name, "two");
        request_.documents = {first, path};
        expect_not_packed(SKL_E_INVALID_ARGUMENT, path);
    }
    request_.documents = std::vector<std::string>(1023, first);
    expect_not_packed(SKL_E_INVALID_ARGUMENT, "");
}

TEST_F(AuthorTest, pack_refuses_what_is_no_model_or_no_skill) {
    const std::string text = write_file(folder_ / "text", "neither");
    PackRequest request = request_;
    made(pack_document());
    std::filesystem::remove(request_.output_path);

    request.skill_path = text;
    expect_refused(pack(*files_, request), SKL_E_MANIFEST_INVALID, text);
    write_file(request.skill_path, "[]");
    expect_refused(pack(*files_, request), SKL_E_MANIFEST_INVALID, text);
    request.skill_path = request_.skill_path;
    request.model_path = text;
    expect_refused(pack(*files_, request), SKL_E_FORMAT_UNSUPPORTED, text);
    request.model_path = folder_ / "missing";
    expect_refused(pack(*files_, request), SKL_E_NOT_FOUND, request.model_path);
    EXPECT_FALSE(files_->exists(request.output_path));
}

TEST_F(AuthorTest, pack_leaves_all_or_nothing_on_a_disk_that_fails) {
    made(pack_document());
    const std::string complete = bytes_of(request_.output_path);
    testing::FaultyFileSystem faulty(*files_);
    for (uint64_t operation = 0;; ++operation) {
        std::filesystem::remove(request_.output_path);
        faulty.fail_at(operation, ENOSPC);
        const auto packed = pack(faulty, request_);
        if (!faulty.has_failed()) break;
        EXPECT_FALSE(packed) << operation;
        if (files_->exists(request_.output_path)) {
            EXPECT_EQ(bytes_of(request_.output_path), complete) << operation;
        }
        const auto names = made(files_->list(folder_.path()));
        EXPECT_LE(std::count_if(names.begin(), names.end(),
                                [](const std::string &name) { return name.starts_with("out."); }),
                  1)
            << operation;
    }
    EXPECT_EQ(bytes_of(request_.output_path), complete);
}

TEST_F(AuthorTest, inspect_describes_a_model_that_runs) {
    const Value found = made(inspect_file(model_path_));
    EXPECT_EQ(*json::resolve(found, "/schema"), Value("skillet.gguf/1"));
    EXPECT_EQ(*json::resolve(found, "/digest"), Value(sha256(bytes_of(model_path_)).to_string()));
    EXPECT_EQ(*json::resolve(found, "/architecture"), Value("bert"));
    EXPECT_EQ(*json::resolve(found, "/labels"), Value(json::Array{"ham", "spam"}));
    EXPECT_EQ(*json::resolve(found, "/tensors/0/name"), Value("token_embd.weight"));
    EXPECT_EQ(*json::resolve(found, "/runnable"), Value(true));
    EXPECT_TRUE(json::resolve(found, "/obstacle")->is_null());
}

TEST_F(AuthorTest, inspect_describes_a_model_that_does_not_run_and_why) {
    auto headless = testing::tiny_classifier();
    headless.remove_key("bert.classifier.output_labels");
    const Value found = made(inspect_file(write_file(model_path_, headless.bytes())));
    EXPECT_EQ(*json::resolve(found, "/runnable"), Value(false));
    EXPECT_EQ(*json::resolve(found, "/obstacle/subject"), Value("bert.classifier.output_labels"));
    EXPECT_NE(*json::resolve(found, "/obstacle/hint"), Value(""));
}

TEST_F(AuthorTest, inspect_describes_a_package) {
    attach(testing::calibration_document(document_, 1.5));
    const Packed packed = made(pack_document());
    const Value found = made(inspect_file(request_.output_path));
    EXPECT_EQ(*json::resolve(found, "/schema"), Value("skillet.package/1"));
    EXPECT_EQ(*json::resolve(found, "/digest"), Value(packed.digest.to_string()));
    EXPECT_EQ(*json::resolve(found, "/bytes"), Value(packed.bytes));
    EXPECT_EQ(*json::resolve(found, "/evidence_status"), Value("structural"));
    EXPECT_EQ(*json::resolve(found, "/calibration_document/temperature"), Value(1.5));
    EXPECT_EQ(*json::resolve(found, "/skill/id"), Value("org.example.test"));
}

TEST_F(AuthorTest, inspect_refuses_other_files) {
    for (const char *bytes : {"", "GGU", "a text", "GGUF and no more"}) {
        const std::string path = write_file(folder_ / "other", bytes);
        EXPECT_FALSE(inspect_file(path)) << bytes;
    }
}

}  // namespace
}  // namespace skillet
