#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>

/// What tests ask from outside, as a request does that comes in on one of an engine's loops, mostly the first, and has
/// ten seconds.
namespace troupe::engine {

/// Empty until it has ended.
template <class T>
using Pending = std::shared_ptr<std::optional<Outcome<T>>>;

template <class T>
Pending<T> begin_request(Engine& engine, Task<T> task, std::size_t at = 0) {
  auto result = std::make_shared<std::optional<Outcome<T>>>();
  loop::Loop& loop = engine.loop(at);
  loop.call([&engine, &loop, result, task = std::move(task)]() mutable {
    engine.run(loop, {Shared<Origin>(new Origin(Principal{}, "")), loop.now() + std::chrono::seconds(10)},
               std::move(task), [result](Outcome<T> outcome) { result->emplace(std::move(outcome)); });
  });
  return result;
}

template <class T>
Outcome<T> end_of(loop::Simulation& world, const Pending<T>& request) {
  EXPECT_TRUE(world.run_until([&] { return request->has_value(); }, std::chrono::hours(1)));
  return **request;
}

}  // namespace troupe::engine
