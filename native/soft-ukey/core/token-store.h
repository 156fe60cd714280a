/**
 * The folder of keys. One key is one file, `<serial>.ukey`, replaced as a whole: temporary file, fsync, rename, fsync of the folder.
 * Beside it: `.lock` (flock: released by the kernel when its holder dies), `.plug` (plugged in or not), `.faults` (test keys only).
 */
#pragma once
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>

#include "faults.h"
#include "token-state.h"

namespace bidkey {

/** $BIDKEY_SOFT_UKEY_DIR, else the user's data folder. */
std::filesystem::path tokenFolder();
/** Serial numbers of the keys in the folder, sorted. A folder that is not there has none. */
std::vector<std::string> serialsIn(const std::filesystem::path& folder);
bool isValidSerial(std::string_view serial);

/** Plugged in or not; the generation goes up with every change, so that a quick pull-and-push is noticed. */
struct PlugState {
  std::uint64_t generation = 0;
  bool isPresent = false;
  friend bool operator==(const PlugState&, const PlugState&) = default;
};

/** An exclusive lock of a file, waited for at most that long. The kernel releases it when the process dies. */
class FileLock {
 public:
  /** @throws Failure(timeout | storeIo) */
  explicit FileLock(const std::filesystem::path& path, std::chrono::milliseconds limit = std::chrono::seconds(60));
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

class Token {
 public:
  Token(std::filesystem::path folder, std::string serial);
  const std::string& serial() const { return serial_; }
  const std::filesystem::path& folder() const { return folder_; }

  /** Reads anew when another process has replaced the file. @throws Failure(noSuchKey | storeCorrupt | storeIo) */
  std::shared_ptr<const TokenState> read();
  PlugState plug() const;
  /** Plugs the key in or out, as ukeyctl and the fault `unplug` do. */
  void setPlugged(bool isPresent);
  /** Writes a new key. @throws Failure(storeIo) when the serial is taken */
  void create(const TokenState& state);
  Faults& faults() { return faults_; }
  /** Strikes by the fault plan, if this is a test key with one; to be called at the start of every exported function. */
  FaultVerdict faultOnCall(const char* function);
  /** The lock that SKF_LockDev holds: exclusive use among SKF callers. */
  std::filesystem::path exclusiveLockFile() const { return file(".exclusive"); }

  /** One change of the key, alone among all processes. What is not committed has not happened. */
  class Transaction {
   public:
    explicit Transaction(Token& token);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    TokenState state;
    /** May be called several times: each makes durable what stands in `state`. @throws Failure(noRoom | storeIo) */
    void commit();

   private:
    Token& token_;
    std::unique_lock<std::mutex> guard_;
    FileLock lock_;
  };

 private:
  friend class Transaction;
  std::filesystem::path file(const char* suffix) const { return folder_ / (serial_ + suffix); }
  void replaceFile(View content);

  std::filesystem::path folder_;
  std::string serial_;
  std::mutex change_, cache_;
  std::shared_ptr<const TokenState> cached_;
  struct stat cachedStat_ {};
  Faults faults_;
};

/** The key of that serial in the current folder; one object per process and key. */
std::shared_ptr<Token> tokenOf(const std::string& serial);

}  // namespace bidkey
