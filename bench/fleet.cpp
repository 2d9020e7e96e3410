// SPDX-License-Identifier: Apache-2.0
// Makes the fleet of bench/fleet.h, for measurements by other programs.
//
//     bench_fleet FOLDER
#include "fleet.h"

int main(int argc, char **argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: bench_fleet FOLDER\n");
        return 2;
    }
    skillet::bench::fleet_in(argv[1]);
    return 0;
}
