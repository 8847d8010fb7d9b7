#include "vm/budget.hpp"

#include <cstdlib>

namespace shunt::lua {

namespace {

constexpr int most_refusals = 8;

}  // namespace

Budget::Budget(std::int64_t instructions, Milliseconds wall) : instructions_(instructions), wall_(wall), left_(wall) {}

void Budget::limit(std::int64_t instructions, Milliseconds wall) {
  instructions_ = instructions;
  wall_ = wall;
  renew();
}

void Budget::renew() {
  used_ = 0;
  left_ = wall_;
}

void Budget::start() {
  deadline_ = Clock::now() + left_;
}

void Budget::stop() {
  left_ = deadline_ - Clock::now();
}

Doom Budget::spend(std::int64_t count) {
  used_ = count > instructions_ - used_ ? instructions_ + 1 : used_ + count;
  if (used_ > instructions_) return Doom::instructions;
  return Clock::now() > deadline_ ? Doom::wall : Doom::none;
}

void* Memory::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  return static_cast<Memory*>(self)->resize(block, block == nullptr ? 0 : old_size, new_size);
}

void* Memory::resize(void* block, std::size_t old_size, std::size_t new_size) {
  if (new_size == 0) {
    std::free(block);
    used_ -= old_size;
    return nullptr;
  }
  if (bounded_ && new_size > old_size && used_ - old_size + new_size > limit_) {
    refuse(block, new_size);
    return nullptr;
  }
  void* const moved = std::realloc(block, new_size);
  if (moved == nullptr) return nullptr;
  used_ = used_ - old_size + new_size;
  if (new_size > old_size) refused_ = false;
  return moved;
}

void Memory::refuse(const void* block, std::size_t new_size) {
  if (refused_ && refused_block_ == block && refused_size_ == new_size) exceeded_ = true;
  if (++refusals_ > most_refusals) exceeded_ = true;
  refused_ = true;
  refused_block_ = block;
  refused_size_ = new_size;
}

}  // namespace shunt::lua
