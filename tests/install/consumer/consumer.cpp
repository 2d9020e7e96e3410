// SPDX-License-Identifier: Apache-2.0
// A C++17 program over the installed library, through the wrapper: the same as consumer.c.
#include <cstdio>

#include <skillet/authoring/authoring.h>
#include <skillet/skillet.hpp>

static_assert(__cplusplus < 202002L, "the wrapper must do with C++17");

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    skl::RuntimeOptions options;
    options.root = argv[1];
    auto runtime = skl::Runtime::open(options);
    if (!runtime) return 3;
    auto module = runtime->open_module("org.example.absent");
    const bool passed = !module && module.error().code() == SKL_E_NOT_FOUND;
    std::printf("%s\n", skl_build_info());
    return passed ? 0 : 1;
}
