/** Atomic files, locks and plug state of keys. */
#include "token-store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <chrono>
#include <thread>

#include "crypto.h"

namespace fs = std::filesystem;

namespace bidkey {

namespace {

/** A file descriptor that closes itself. */
class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  bool isOpen() const { return fd_ >= 0; }

 private:
  int fd_;
};

void writeAll(int fd, View data) {
  while (!data.empty()) {
    const ssize_t done = ::write(fd, data.data(), data.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw Failure(Fail::storeIo);
    data = data.subspan(static_cast<std::size_t>(done));
  }
}

Bytes readAll(int fd, std::size_t size) {
  Bytes out(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t done = ::read(fd, out.data() + have, size - have);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw Failure(Fail::storeIo);
    have += static_cast<std::size_t>(done);
  }
  return out;
}

void syncFolder(const fs::path& folder) {
  const File dir(folder, O_RDONLY | O_DIRECTORY);
  if (!dir.isOpen() || ::fsync(dir.fd()) != 0) throw Failure(Fail::storeIo);
}

/** Files of this size are no keys: a bound before anything is allocated. */
constexpr off_t maxFileBytes = 64 << 20;

bool sameFile(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

}  // namespace

FileLock::FileLock(const fs::path& path, std::chrono::milliseconds limit) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const bool isTaken = errno == EWOULDBLOCK || errno == EINTR;
    if (!isTaken || std::chrono::steady_clock::now() >= until) {
      ::close(fd_);
      throw Failure(isTaken ? Fail::timeout : Fail::storeIo);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (fd_ < 0) throw Failure(Fail::storeIo);
}

FileLock::~FileLock() { ::close(fd_); }

fs::path tokenFolder() {
  const auto env = [](const char* name) { const char* value = std::getenv(name); return std::string(value == nullptr ? "" : value); };
  if (const auto own = env("BIDKEY_SOFT_UKEY_DIR"); !own.empty()) return own;
  if (const auto data = env("XDG_DATA_HOME"); !data.empty()) return fs::path(data) / "bidkey" / "soft-ukey";
  const auto home = env("HOME");
  return fs::path(home.empty() ? "/" : home) / ".local" / "share" / "bidkey" / "soft-ukey";
}

bool isValidSerial(std::string_view serial) {
  // PKCS#11 shows 16 characters of a serial number: longer ones could not be told apart.
  return !serial.empty() && serial.size() <= 16 && std::all_of(serial.begin(), serial.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; });
}

std::vector<std::string> serialsIn(const fs::path& folder) {
  std::vector<std::string> serials;
  std::error_code ignored;
  for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored)) {
    const auto& path = it->path();
    if (path.extension() == ".ukey" && isValidSerial(path.stem().string())) serials.push_back(path.stem().string());
  }
  std::sort(serials.begin(), serials.end());
  return serials;
}

Token::Token(fs::path folder, std::string serial) : folder_(std::move(folder)), serial_(std::move(serial)), faults_(file(".faults")) {}

std::shared_ptr<const TokenState> Token::read() {
  struct stat now {};
  const File in(file(".ukey"), O_RDONLY);
  if (!in.isOpen()) throw Failure(errno == ENOENT ? Fail::noSuchKey : Fail::storeIo);
  if (::fstat(in.fd(), &now) != 0) throw Failure(Fail::storeIo);
  const std::lock_guard guard(cache_);
  if (cached_ && sameFile(now, cachedStat_)) return cached_;
  if (now.st_size > maxFileBytes) throw Failure(Fail::storeCorrupt);
  cached_ = std::make_shared<const TokenState>(readTokenState(readAll(in.fd(), static_cast<std::size_t>(now.st_size))));
  cachedStat_ = now;
  return cached_;
}

PlugState Token::plug() const {
  PlugState state{0, true};
  struct stat ignored {};
  if (::stat(file(".ukey").c_str(), &ignored) != 0) return {0, false};
  const File in(file(".plug"), O_RDONLY);
  if (!in.isOpen()) return state;
  char text[32] = {};
  if (::read(in.fd(), text, sizeof text - 1) <= 0) return state;
  char* rest = nullptr;
  state.generation = std::strtoull(text, &rest, 10);
  state.isPresent = std::string_view(rest).substr(0, 4) != " out";
  return state;
}

void Token::setPlugged(bool isPresent) {
  const FileLock lock(file(".lock"));
  const PlugState now = plug();
  if (now.isPresent == isPresent) return;
  const std::string text = std::to_string(now.generation + 1) + (isPresent ? " in\n" : " out\n");
  const fs::path temporary = file((".plug." + hexOf(randomBytes(4))).c_str());
  {
    const File out(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!out.isOpen()) throw Failure(Fail::storeIo);
    writeAll(out.fd(), viewOf(text));
  }
  if (::rename(temporary.c_str(), file(".plug").c_str()) != 0) throw Failure(Fail::storeIo);
}

// Every numbered step is one after which `write n power-loss` can strike: old or new state must stand, nothing between.
void Token::replaceFile(View content) {
  const fs::path temporary = file(".ukey.new");
  const auto step = [this] { faults_.onWriteStep(); };
  {
    const File out(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!out.isOpen()) throw Failure(Fail::storeIo);
    step();
    writeAll(out.fd(), content.first(content.size() / 2));
    step();
    writeAll(out.fd(), content.subspan(content.size() / 2));
    step();
    if (::fsync(out.fd()) != 0) throw Failure(Fail::storeIo);
    step();
  }
  if (::rename(temporary.c_str(), file(".ukey").c_str()) != 0) throw Failure(Fail::storeIo);
  step();
  syncFolder(folder_);
  step();
}

void Token::create(const TokenState& state) {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) throw Failure(Fail::storeIo);
  if (fs::exists(file(".ukey"))) throw Failure(Fail::storeIo);
  ::chmod(folder_.c_str(), 0700);
  faults_.setArmed(state.isTest);
  const FileLock lock(file(".lock"));
  replaceFile(writeTokenState(state));
}

Token::Transaction::Transaction(Token& token) : token_(token), guard_(token.change_), lock_(token.file(".lock")) {
  state = *token_.read();
  token_.faults_.setArmed(state.isTest);
}

void Token::Transaction::commit() {
  if (state.usedBytes() > state.capacityBytes && state.usedBytes() > token_.read()->usedBytes()) throw Failure(Fail::noRoom);
  token_.replaceFile(writeTokenState(state));
}

FaultVerdict Token::faultOnCall(const char* function) {
  try {
    faults_.setArmed(read()->isTest);
  } catch (const Failure&) {
    return {};  // a damaged or vanished key obeys no plan; the call itself will report it
  }
  FaultVerdict verdict = faults_.onCall(function);
  if (verdict.unplug) setPlugged(false);
  return verdict;
}

std::shared_ptr<Token> tokenOf(const std::string& serial) {
  static auto& tokens = *new std::map<fs::path, std::shared_ptr<Token>>();
  static auto& guard = *new std::mutex();
  const auto folder = tokenFolder();
  const std::lock_guard lock(guard);
  auto& token = tokens[folder / serial];
  if (!token) token = std::make_shared<Token>(folder, serial);
  return token;
}

}  // namespace bidkey
