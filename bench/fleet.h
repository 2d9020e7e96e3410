// SPDX-License-Identifier: Apache-2.0
// A fleet of synthetic skills for measurements of residency: BERT classifiers in Q8_0 of about 1 to
// 17 MB with vocabularies of 4,000 to 32,000 tokens, sizes mixed, weights random; and who is asked
// for, request by request. The same seeds make the same fleet everywhere.
//
// In FOLDER: models/NAME.gguf, for whoever runs bare models; root/, with all of them installed;
// fleet.json, which says what there is.
#pragma once

#include <cmath>
#include <filesystem>
#include <random>

#include "assembly/runtime.h"
#include "json/parse.h"
#include "json/write.h"
#include "samples.h"
#include "testing/skill_builder.h"

namespace skillet::bench {

struct Member {
    std::string name;
    std::string id;
    std::string model;  // path
    uint64_t tokens = 0;
    uint64_t bytes = 0;
};

struct Fleet {
    std::string root;
    std::vector<Member> members;
    std::vector<size_t> trace;  // positions in `members`, Zipf 1.0
};

constexpr size_t fleet_size = 64;
constexpr size_t trace_length = 4000;
constexpr size_t prompt_words = 24;

// The word that a token of this number is; all vocabularies begin alike.
inline std::string fleet_word(uint64_t number) {
    std::string word = "q";
    for (; number > 0 || word.size() < 4; number /= 20) {
        word += "abcdefghijklmnoprstuvwxyz"[number % 20 + (word.size() % 2)];
    }
    return word;
}

// A text of words that every member knows, another one for each number.
inline std::string fleet_text(uint64_t number) {
    std::mt19937_64 random(number);
    std::string text;
    for (size_t i = 0; i < prompt_words; ++i) {
        text += (text.empty() ? "" : " ") + fleet_word(random() % 3900);
    }
    return text;
}

inline std::string fleet_input(uint64_t number) {
    return json::compact(json::Value(json::Object{{"text", fleet_text(number)}}));
}

namespace fleet_detail {

// Blocks of a small scale and 32 random signed bytes.
inline std::string random_q8_0(uint64_t count, uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string bytes;
    bytes.reserve(count / 32 * 34);
    for (uint64_t block = 0; block < count / 32; ++block) {
        bytes += testing::gguf_bytes<uint16_t>(0x1400);  // about 0.001
        for (int i = 0; i < 4; ++i) bytes += testing::gguf_bytes<uint64_t>(random());
    }
    return bytes;
}

struct ModelSize {
    uint64_t tokens = 0;
    uint32_t width = 0;
    uint32_t blocks = 0;
    uint32_t context = 128;
};

inline std::string model_bytes(const ModelSize &size, uint64_t seed) {
    constexpr uint32_t q8_0 = 8;
    const auto &[tokens, width, blocks, context] = size;
    testing::ClassifierShape shape;
    shape.context = context;
    shape.embedding = width;
    shape.heads = width / 32;
    shape.feed_forward = 4 * width;
    shape.blocks = blocks;
    shape.words.clear();
    for (uint64_t i = 0; i + 5 < tokens; ++i) shape.words.push_back("\u2581" + fleet_word(i));
    testing::GgufWriter writer;
    testing::add_classifier_keys(writer, shape);
    writer.u32("general.file_type", 7);
    writer.string("general.name", std::to_string(seed));  // so that no two are equal
    testing::add_classifier_tensors(writer, shape);
    for (auto &tensor : writer.tensors) {
        const bool matrix = tensor.shape.size() == 2 && tensor.name != "token_types.weight";
        if (!matrix) continue;
        tensor.type = q8_0;
        tensor.data = random_q8_0(tensor.shape[0] * tensor.shape[1], ++seed);
    }
    return writer.bytes();
}

inline std::vector<size_t> zipf_trace() {
    std::mt19937_64 random(20261123);
    std::vector<size_t> order;
    for (size_t i = 0; i < fleet_size; ++i) {
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(random() % (i + 1)), i);
    }
    double sum = 0;
    for (size_t rank = 0; rank < fleet_size; ++rank) sum += 1.0 / static_cast<double>(rank + 1);
    std::vector<size_t> trace;
    while (trace.size() < trace_length) {
        double left = static_cast<double>(random() >> 11) * 0x1p-53 * sum;
        size_t rank = 0;
        while (rank + 1 < fleet_size && (left -= 1.0 / static_cast<double>(rank + 1)) >= 0) ++rank;
        trace.push_back(order[rank]);
    }
    return trace;
}

inline void make(const std::string &folder, const std::vector<Member> &members) {
    std::filesystem::create_directories(folder + "/models");
    RuntimeOptions options;
    options.root = folder + "/root";
    const auto runtime = must(Runtime::open(std::move(options)));
    constexpr uint32_t widths[] = {128, 192, 256, 384};
    for (size_t i = 0; i < members.size(); ++i) {
        const uint32_t width = widths[i / 4 % 4];
        testing::write_file(members[i].model,
                            model_bytes({members[i].tokens, width, 768 / width}, i * 1000));
        const std::string archive = testing::pack_skill(
            folder, members[i].model, testing::skill_document(members[i].model, members[i].id));
        must(must(runtime->root())->install(archive, {}));
        std::filesystem::remove(archive);
    }
}

}  // namespace fleet_detail

// Makes the fleet in FOLDER unless it is there.
inline Fleet fleet_in(const std::string &folder) {
    Fleet fleet{folder + "/root", {}, fleet_detail::zipf_trace()};
    constexpr uint64_t vocabularies[] = {4000, 8000, 16000, 32000};
    for (size_t i = 0; i < fleet_size; ++i) {
        const std::string name = fmt::format("m{:02}", i);
        fleet.members.push_back({name, "org.bench.fleet." + name,
                                 fmt::format("{}/models/{}.gguf", folder, name),
                                 vocabularies[i % 4], 0});
    }
    const std::string facts = folder + "/fleet.json";
    const bool there = std::filesystem::exists(facts);
    if (!there) fleet_detail::make(folder, fleet.members);
    json::Array members, trace, texts;
    for (Member &member : fleet.members) {
        member.bytes = std::filesystem::file_size(member.model);
        members.push_back(json::Object{{"name", member.name},
                                       {"id", member.id},
                                       {"tokens", member.tokens},
                                       {"bytes", member.bytes}});
    }
    for (size_t i = 0; i < fleet.trace.size(); ++i) {
        trace.push_back(fleet.trace[i]);
        texts.push_back(fleet_text(i));
    }
    if (!there) {
        testing::write_file(facts, json::compact(json::Value(json::Object{
                                       {"members", members}, {"trace", trace}, {"texts", texts}})));
    }
    return fleet;
}

}  // namespace skillet::bench
