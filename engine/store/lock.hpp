// One deployment at a time: locks that die with their holder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "shunt/error.hpp"
#include "shunt/value.hpp"

namespace shunt::store {

/// Who changed something last under a lock. It stays in the lock file when its holder has gone: what is outside of a
/// state folder remembers it, whatever becomes of the folder.
struct Driver {
  std::string app;
  std::string run;    ///< of which the state folder has a durable row
  std::string state;  ///< that folder

  Driver() = default;
};

/// Who holds a lock; written into the lock file by its holder (json), for messages only: the flock alone decides.
struct Holder {
  std::int64_t pid = 0;
  std::string by;  ///< user@host
  std::string verb;
  std::string run;
  std::string state;       ///< the state folder it works on
  std::int64_t since = 0;  ///< unix ms
  std::string step;        ///< what it is doing, updated now and then
  Driver last;

  Holder() = default;
};

Value to_value(const Holder& holder);

/// An exclusive flock on a file (created 0600; 0666 in a shared folder), close-on-exec, released by the kernel when the
/// holder dies. Movable, not copyable.
class Lock {
 public:
  /// Takes it now or fails: SH1806 held by somebody else (`evidence` is their Holder), SH1807 cannot be opened.
  static Result<Lock> take(const std::filesystem::path& file, const Holder& holder, bool shared_folder = false);

  /// Takes over a descriptor that an earlier image of this same process held across exec. SH1807 when it is not
  /// this file or does not hold its lock; the descriptor is then left open.
  static Result<Lock> inherit(int descriptor, const std::filesystem::path& file, const Holder& holder);

  /// Who holds it now, if anybody; never takes it.
  static std::optional<Holder> holder(const std::filesystem::path& file);

  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&& other) noexcept;
  ~Lock();

  void describe(Holder holder);  ///< rewrites what the file says; without a `last` of its own, that one stays
  int descriptor() const { return descriptor_; }
  const Driver& last() const { return last_; }

  /// What a lock file says of its last driver, whoever holds it.
  static Driver last_in(const std::filesystem::path& file);

 private:
  Lock(int descriptor, Driver last) : descriptor_(descriptor), last_(std::move(last)) {}
  int descriptor_ = -1;
  Driver last_;
};

/// The lock file of a proxy target: in /run/lock/shunt (made 1777 when possible), else in $XDG_RUNTIME_DIR/shunt.
std::filesystem::path target_lock_file(const std::string& target);

/// The lock file of an app: STATE/lock.
std::filesystem::path app_lock_file(const std::filesystem::path& state);

}  // namespace shunt::store
