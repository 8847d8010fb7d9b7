// What a script may use between two performs: instructions, time, memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "shunt/script.hpp"

namespace shunt::lua {

/// Which limit a script went over. There is no way back from any of them.
enum class Doom { none, instructions, wall, memory };

/// Instructions and time. Time counts only between `start` and `stop`, that is while Lua runs.
class Budget {
 public:
  Budget(std::int64_t instructions, Milliseconds wall);

  /// New limits, all of them unused.
  void limit(std::int64_t instructions, Milliseconds wall);

  /// A perform was answered: everything is available again.
  void renew();
  void start();
  void stop();

  /// Takes `count` instructions and looks at the time.
  Doom spend(std::int64_t count);

  std::int64_t instructions() const { return instructions_; }
  Milliseconds wall() const { return wall_; }

 private:
  using Clock = std::chrono::steady_clock;

  std::int64_t instructions_;
  std::int64_t used_ = 0;
  Milliseconds wall_;
  Clock::duration left_;
  Clock::time_point deadline_;
};

/// The allocator of one Lua state, with a cap. Lua collects garbage when an allocation is refused and asks once more;
/// only the second refusal means that the script needs too much, or many first ones one after the other: each costs a
/// walk through the whole memory, and the script gets nowhere.
class Memory {
 public:
  explicit Memory(std::size_t limit) : limit_(limit) {}

  /// The lua_Alloc; `self` is a Memory.
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);

  bool exceeded() const { return exceeded_; }
  void exceed() { exceeded_ = true; }

  /// Called each time some instructions have run: forgets how often Lua had to collect garbage meanwhile.
  void forget_refusals() { refusals_ = 0; }
  std::size_t used() const { return used_; }
  std::size_t limit() const { return limit_; }

  /// While it lives nothing is refused: for the host's own work, which has nobody to report a refusal to.
  class Unbounded {
   public:
    explicit Unbounded(Memory& memory) : memory_(memory), was_(memory.bounded_) { memory_.bounded_ = false; }
    ~Unbounded() { memory_.bounded_ = was_; }
    Unbounded(const Unbounded&) = delete;
    Unbounded& operator=(const Unbounded&) = delete;

   private:
    Memory& memory_;
    bool was_;
  };

 private:
  void* resize(void* block, std::size_t old_size, std::size_t new_size);
  void refuse(const void* block, std::size_t new_size);

  std::size_t limit_;
  std::size_t used_ = 0;
  bool bounded_ = true;
  bool exceeded_ = false;
  bool refused_ = false;
  int refusals_ = 0;
  const void* refused_block_ = nullptr;
  std::size_t refused_size_ = 0;
};

}  // namespace shunt::lua
