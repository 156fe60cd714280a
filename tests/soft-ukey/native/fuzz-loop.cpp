/**
 * The fuzz targets where there is no libFuzzer: mutations of the seeds, without a look at what they reach.
 * `fuzz-parsers <seconds> [seed]` shares the time among all targets; `fuzz-parsers --write-seeds FOLDER` writes the seeds, one folder per target, for libFuzzer.
 */
#include <chrono>
#include <fstream>
#include <random>
#include <string_view>

#include "fuzz-world.h"

using namespace bidkey;

namespace {

Bytes mutated(const Bytes& seed, std::mt19937& random) {
  Bytes out = seed;
  const auto any = [&](std::size_t limit) { return static_cast<std::size_t>(random() % std::max<std::size_t>(limit, 1)); };
  for (std::size_t times = 1 + any(6); times > 0 && !out.empty(); times--) {
    const std::size_t at = any(out.size());
    switch (random() % 6) {
      case 0: out[at] = static_cast<std::uint8_t>(out[at] ^ (1U << any(8))); break;
      case 1: out[at] = static_cast<std::uint8_t>(random()); break;
      case 2: out.resize(at); break;
      case 3: out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random())); break;
      case 4: out[at] = (random() % 2) != 0 ? 0xff : 0x80; break;
      default: out.erase(out.begin() + static_cast<std::ptrdiff_t>(at)); break;
    }
  }
  return out;
}

int writeSeeds(const std::filesystem::path& folder) {
  for (const auto& target : fuzz::targets()) {
    std::filesystem::create_directories(folder / target.name);
    std::size_t number = 0;
    for (const auto& seed : fuzz::seedsOf(target)) {
      std::ofstream out(folder / target.name / std::to_string(number++), std::ios::binary);
      out.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
      if (!out) return 1;
    }
  }
  return 0;
}

void loop(const fuzz::Target& target, std::chrono::milliseconds time, std::mt19937& random) {
  const auto starts = fuzz::seedsOf(target);
  for (const auto& start : starts) target.run(start);
  const auto until = std::chrono::steady_clock::now() + time;
  std::size_t runs = 0;
  for (; std::chrono::steady_clock::now() < until; runs++) target.run(mutated(starts[random() % starts.size()], random));
  std::printf("fuzz-parsers: %s, %zu inputs, nothing found\n", target.name, runs);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** values) {
  if (count == 3 && std::string_view(values[1]) == "--write-seeds") return writeSeeds(values[2]);
  const int seconds = count > 1 ? std::atoi(values[1]) : 10;
  const auto seed = count > 2 ? static_cast<unsigned>(std::strtoul(values[2], nullptr, 10)) : std::random_device{}();
  std::printf("fuzz-parsers: seed %u\n", seed);
  std::fflush(stdout);
  std::mt19937 random(seed);
  const auto targets = fuzz::targets();
  for (const auto& target : targets) loop(target, std::chrono::milliseconds(seconds * 1000LL / static_cast<long long>(targets.size())), random);
  return 0;
}
