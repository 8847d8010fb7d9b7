// The right to change an app: its lock, its store, its epoch, and the locks of its proxies.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shunt/engine.hpp"
#include "store/lock.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Held from before the first look until after the last write; released by its end, or by the kernel.
class Claim {
 public:
  /// Takes the app's lock, opens its store and raises the epoch. SH1806 when somebody else holds it: the message says
  /// who, since when and at which step. `patience` is how long a holder that is only doing `--due` work is waited for.
  static Result<Claim> take(const Settings& settings, const std::string& app, const std::string& verb,
                            Milliseconds patience = Milliseconds(60'000));

  /// Takes the machine-wide locks of these proxy targets too.
  Result<void> take_targets(const std::vector<std::string>& targets);

  /// Says in the lock files what is being done. The first time of a run, whose row must be durable, the targets'
  /// remember it.
  void describe(const std::string& run, const std::string& step);

  /// Who drove the targets before, as far as that is remembered.
  std::vector<store::Driver> drivers() const;

  store::Store& store() { return *store_; }
  std::int64_t epoch() const { return epoch_; }
  const std::filesystem::path& folder() const { return folder_; }

  /// The descriptors of all locks that it holds, the app's first.
  std::vector<int> locks() const;

 private:
  Claim(store::Lock lock, std::unique_ptr<store::Store> store, std::int64_t epoch, std::filesystem::path folder,
        store::Holder holder)
      : lock_(std::move(lock)),
        store_(std::move(store)),
        epoch_(epoch),
        folder_(std::move(folder)),
        holder_(std::move(holder)) {}

  Result<store::Lock> take_target(const std::filesystem::path& file);

  store::Lock lock_;
  std::unique_ptr<store::Store> store_;
  std::int64_t epoch_;
  std::filesystem::path folder_;
  store::Holder holder_;
  std::string driving_;  ///< the run that the targets remember
  std::set<std::string> target_names_;
  std::vector<store::Lock> targets_;
  std::vector<int> handed_on_;  ///< locks of targets that an earlier image of this process may hold
};

/// The folder of an app's state.
std::filesystem::path state_folder(const Settings& settings, const std::string& app);

/// Every app that has state below the root, by name.
std::vector<std::string> known_apps(const Settings& settings);

}  // namespace shunt::deploy
