/** The fuzz targets for libFuzzer: `fuzz-libfuzzer --target=NAME [libFuzzer's options] CORPUS`. One process fuzzes one target. */
#include <string_view>

#include "fuzz-world.h"

namespace {
const fuzz::Target* chosen = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int* count, char*** values) {
  constexpr std::string_view option = "--target=";
  for (int at = 1; at < *count; at++) {
    const std::string_view value = (*values)[at];
    if (!value.starts_with(option)) continue;
    for (const auto& target : fuzz::targets())
      if (value.substr(option.size()) == target.name) chosen = &target;
  }
  fuzz::must(chosen != nullptr, "--target names no target");
  fuzz::faces();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run(bidkey::View(data, size));
  return 0;
}
