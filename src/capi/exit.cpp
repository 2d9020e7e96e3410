// SPDX-License-Identifier: Apache-2.0
// A process may exit while its other threads are inside the library. Destroying static objects
// then, the engine's above all, would pull them from under those threads. So the library's are
// never destroyed: the linker sends every registration of a static object's destructor here
// (--wrap in src/CMakeLists.txt), and the kernel takes the memory back. For the same reason the
// library stays loaded when somebody closes it (-z nodelete).
extern "C" {
int __wrap___cxa_atexit(void (*destroy)(void *), void *object, void *library);  // NOLINT

int __wrap___cxa_atexit(void (* /*destroy*/)(void *), void * /*object*/, void * /*library*/) {
    return 0;
}
}
