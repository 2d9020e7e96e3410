// SPDX-License-Identifier: Apache-2.0
// make_skill FOLDER: writes a tiny .skill file that the engine runs to FOLDER/tiny.skill.
#include <exception>
#include <filesystem>
#include <iostream>

#include "testing/skill_builder.h"

int main(int argc, char **argv) {
    using namespace skillet::testing;
    if (argc != 2) return 2;
    try {
        const std::string folder = argv[1];
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        const std::string model = write_classifier_model(folder + "/tiny.gguf");
        const skillet::json::Value document = skill_document(model, "org.example.tiny");
        const std::string archive =
            pack_skill(folder, model, document, {calibration_document(document, 1.5)});
        std::filesystem::rename(archive, folder + "/tiny.skill");
    } catch (const std::exception &exception) {
        std::cerr << "make_skill: " << exception.what() << '\n';
        return 1;
    }
    return 0;
}
