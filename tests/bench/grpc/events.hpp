#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace troupe::bench::rpc {

/// What a completion queue hands back: every tag is one of these.
class Event {
 public:
  Event() = default;
  virtual ~Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// `ok` as the completion queue says it.
  virtual void happened(bool ok) = 0;
};

/// Takes the next event; false when the queue was shut down.
inline bool take_event(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  if (!queue.Next(&tag, &ok)) return false;
  static_cast<Event*>(tag)->happened(ok);
  return true;
}

/// A call that was sent. Lifetime: its own, until `then` has been told the end.
template <class Reply, class Then>
class OpenCall final : public Event {
 public:
  explicit OpenCall(Then then) : then_(std::move(then)) {}

  template <class Prepare>
  void send(Prepare prepare) {
    reader_ = prepare(&context_);
    reader_->StartCall();
    reader_->Finish(&reply_, &status_, this);
  }

  void happened(bool) override {
    then_(status_, reply_);
    delete this;
  }

 private:
  grpc::ClientContext context_;
  Reply reply_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Reply>> reader_;
  Then then_;
};

/// Sends a call: `prepare` makes it with a stub's `PrepareAsync…`, `then(status, reply)` runs on the thread that takes
/// the queue's events.
template <class Reply, class Prepare, class Then>
void call(Prepare prepare, Then then) {
  auto* open = new OpenCall<Reply, Then>(std::move(then));
  open->send(std::move(prepare));
}

/// Answers the calls of one method, on the thread that takes the queue's events.
/// Lifetime: outlives the queue's last event.
template <class Request, class Reply>
class Method {
 public:
  /// One call: `handle` is given it and finishes it, at once or later.
  class Call final : public Event {
   public:
    explicit Call(Method& method) : method_(method) { method_.await_(&context_, &request_, &writer_, this); }

    const Request& request() const { return request_; }
    void finish(const Reply& reply) { writer_.Finish(reply, grpc::Status::OK, this); }
    void refuse(const grpc::Status& why) { writer_.FinishWithError(why, this); }

    void happened(bool ok) override {
      if (!ok || taken_) {
        delete this;
        return;
      }
      taken_ = true;
      method_.await_one();
      method_.handle_(*this);
    }

   private:
    Method& method_;
    grpc::ServerContext context_;
    Request request_;
    grpc::ServerAsyncResponseWriter<Reply> writer_{&context_};
    bool taken_ = false;
  };

  /// The service's `Request…` with the queue, and the tag that the call is to come back with.
  using Await = std::function<void(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Reply>*, void*)>;
  using Handle = std::function<void(Call&)>;

  Method(Await await, Handle handle) : await_(std::move(await)), handle_(std::move(handle)) {}

  /// Lets `count` calls come at once.
  void await(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) await_one();
  }

 private:
  /// The call deletes itself with its last event.
  void await_one() { new Call(*this); }

  Await await_;
  Handle handle_;
};

}  // namespace troupe::bench::rpc
