#pragma once

#include <functional>
#include <memory>

#include <troupe/engine/timer_wheel.hpp>
#include <troupe/transport/detail/greeting.hpp>

namespace troupe::transport::detail {

/// Carries a handshake out over a channel, within a time limit.
class Greeter final : public std::enable_shared_from_this<Greeter>, private ChannelUser {
 public:
  /// Called once, on the loop, with the greeting agreed or refused, or with neither where the connection was lost.
  using OnEnd = std::function<void(const std::shared_ptr<Greeter>&)>;
  Greeter(engine::Loop& loop, std::shared_ptr<Channel> channel, std::unique_ptr<Greeting> greeting, OnEnd on_end);
  ~Greeter();
  Greeter(const Greeter&) = delete;
  Greeter& operator=(const Greeter&) = delete;

  void start(std::chrono::milliseconds limit);

  Greeting& greeting() { return *greeting_; }
  /// When agreed.
  std::shared_ptr<Channel> take_channel() { return std::move(channel_); }
  /// When the connection was lost.
  const std::string& lost_because() const { return lost_because_; }

 private:
  struct Limit : engine::Timer {
    explicit Limit(Greeter& greeter) : Timer(&Limit::fired), greeter(greeter) {}
    static void fired(engine::Timer& timer);
    Greeter& greeter;
  };

  std::span<std::byte> input_space() override { return greeting_->space(); }
  void on_input(std::size_t size) override;
  void on_writable() override;
  void on_closed(const std::string& why) override;
  void proceed();
  void write();
  void end();

  engine::Loop& loop_;
  std::shared_ptr<Channel> channel_;
  std::unique_ptr<Greeting> greeting_;
  OnEnd on_end_;
  Limit limit_;
  Bytes unsent_;
  bool blocked_ = false;
  std::string lost_because_;
};

}  // namespace troupe::transport::detail
