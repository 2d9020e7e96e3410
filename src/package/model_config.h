// SPDX-License-Identifier: Apache-2.0
// ModelPack's own description of the model, for tools that know nothing of skills. All of it
// follows from skill.json.
#pragma once

#include <string_view>

#include "base/result.h"
#include "json/value.h"
#include "manifest/skill.h"

namespace skillet {

// The config of a package with this skill.
[[nodiscard]] json::Value model_config(const Skill &skill);

// Whether somebody's config says the same. It may say more, and may leave out what is not needed;
// where it contradicts skill.json: SKL_E_MANIFEST_INVALID naming the member.
[[nodiscard]] Result<void> check_model_config(std::string_view text, const Skill &skill);

}  // namespace skillet
