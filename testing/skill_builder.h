// SPDX-License-Identifier: Apache-2.0
// A whole skill for tests, made as an author makes one: a model file, its skill.json, what is
// measured for it, and the .skill archive of these.
//
//     TempDir folder;
//     const auto model = write_classifier_model(folder / "model.gguf");
//     auto document = skill_document(model);
//     set_member(document, "/contract/confidence/abstain_below", 0.9);
//     const auto archive = pack_skill(folder.path(), model, document,
//                                     {calibration_document(document, 1.5)});
//
// The functions throw std::runtime_error if they cannot make what they are asked for: a test that
// expects a refusal calls the library itself.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "author/init.h"
#include "author/pack.h"
#include "json/write.h"
#include "manifest/skill.h"
#include "testing/document_edit.h"
#include "testing/gguf_classifier.h"
#include "testing/made.h"

namespace skillet::testing {

// Replaces the file. Gives the path back.
inline std::string write_file(const std::string &path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << bytes;
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
    return path;
}

// A model that the engine runs; by default it reads 16 tokens and says "ham" or "spam".
inline std::string write_classifier_model(const std::string &path,
                                          const ClassifierShape &shape = {}) {
    return write_file(path, tiny_classifier(shape).bytes());
}

// What `skillet init` writes for the model: its input is {"text": …}.
inline json::Value skill_document(const std::string &model_path,
                                  const std::string &id = "org.example.test",
                                  const std::string &version = "1.0.0") {
    return made(init_skill(made(FileSlice::open(model_path)), {id, version}));
}

// The pair of digests that a measurement of this skill is bound to.
inline json::Value subject_of(const json::Value &document) {
    const Skill skill = made(Skill::from_json(document));
    return json::Object{{"artifact", skill.artifact_digest.to_string()},
                        {"contract", skill.contract.core_digest().to_string()}};
}

inline json::Value calibration_document(const json::Value &skill, double temperature) {
    return json::Object{{"schema", "skillet.calibration/1"},
                        {"subject", subject_of(skill)},
                        {"method", "temperature"},
                        {"temperature", temperature},
                        {"cases", 100},
                        {"fitted_on", "held-out cases of a test"},
                        {"quality", json::Object{{"ece", 0.02},
                                                 {"brier", 0.1},
                                                 {"ece_interval", json::Array{0.01, 0.03}},
                                                 {"risk_coverage", json::Array{}},
                                                 {"measured_on", "other cases of a test"},
                                                 {"cases", 200}}}};
}

inline json::Value evidence_document(const json::Value &skill) {
    return json::Object{{"schema", "skillet.evidence/2"},
                        {"subject", subject_of(skill)},
                        {"kind", "evaluated"},
                        {"method", "a test of ours"},
                        {"by", "a test"},
                        {"at", "2026-11-23"},
                        {"environment", json::Object{{"machine", "any"}}},
                        {"cases", json::Object{{"name", "cases of a test"}, {"count", 200}}},
                        {"results", json::Object{{"accuracy", 0.9}}}};
}

// Packs FOLDER/ID-VERSION.skill and gives its path back; leaves the documents beside it.
inline std::string pack_skill(const std::string &folder, const std::string &model_path,
                              const json::Value &document,
                              const std::vector<json::Value> &attachments = {}) {
    const auto text_of = [&](const char *name) {
        return *json::resolve(document, std::string("/") + name)->string();
    };
    const std::string stem = folder + "/" + text_of("id") + "-" + text_of("version");
    PackRequest request;
    request.skill_path = write_file(stem + ".skill.json", json::pretty(document));
    request.model_path = model_path;
    request.output_path = stem + ".skill";
    for (size_t i = 0; i < attachments.size(); ++i) {
        const std::string path = stem + ".attachment-" + std::to_string(i) + ".json";
        request.attachments.push_back(write_file(path, json::pretty(attachments[i])));
    }
    made(pack(*posix_file_system(), request));
    return request.output_path;
}

}  // namespace skillet::testing
