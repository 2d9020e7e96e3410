/* SPDX-License-Identifier: Apache-2.0 */
/* A C99 program over the installed library: opens a root, and is told what is not in it. */
#include <stdio.h>
#include <string.h>

#include <skillet/authoring/authoring.h>
#include <skillet/skillet.h>

int main(int argc, char **argv) {
    skl_runtime_options options = {0};
    skl_runtime runtime;
    skl_document document;
    skl_error error = {0};
    int passed;

    if (argc != 2 || skl_abi_version() >> 16 != SKL_ABI_MAJOR) return 2;
    options.struct_size = sizeof options;
    options.root = argv[1];
    if (skl_runtime_open(&options, &runtime, &error) != SKL_OK) return 3;
    passed =
        skl_package_show(runtime, "org.example.absent", &document, &error) == SKL_E_NOT_FOUND &&
        strlen(skl_error_message(error)) > 0;
    skl_error_free(error);
    skl_runtime_close(runtime);
    printf("%s\n", skl_build_info());
    return passed ? 0 : 1;
}
