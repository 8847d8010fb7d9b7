#include "loop/suspend.hpp"

#include <asio/error.hpp>
#include <asio/system_error.hpp>

namespace shunt::loop {

std::exception_ptr cancellation() {
  return std::make_exception_ptr(asio::system_error(make_error_code(asio::error::operation_aborted)));
}

bool is_cancellation(const std::exception_ptr& error) {
  if (!error) return false;
  try {
    std::rethrow_exception(error);
  } catch (const asio::system_error& known) {
    return known.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace shunt::loop
