#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/storage/support.hpp"

/// A store whose lane is made to throw, run by hand, and what is told of it.
namespace troupe::storage::test {

class ALane : public ::testing::Test {
 protected:
  ALane() { open({}); }

  void open(StoreLimits limits) {
    close();
    data_ = std::make_unique<DataFolder>(folder_.path(), "main");
    StoreEvents events;
    events.fatal = [this](const std::string& text) { fatal_.push_back(text); };
    events.trouble = [this](const std::string&, const std::string& text) {
      troubles_.push_back(text);
      if (log_fails_) throw std::runtime_error("the log is full");
    };
    factory_ = std::make_unique<SqliteStoreFactory>(*data_, workers_, events, limits);
    store_ = factory_->open(thing());
    EXPECT_TRUE(store_->begin_lane(watcher()));
  }
  void close() {
    store_.reset();
    factory_.reset();
    data_.reset();
  }

  LaneWatcher watcher() {
    return {[this](std::string trouble) { begun_.push_back(std::move(trouble)); },
            [this](std::string what) { crashes_.push_back(std::move(what)); }};
  }
  /// Begins the lane, which is down.
  void begin() {
    EXPECT_FALSE(store_->begin_lane(watcher()));
    workers_.run();
  }
  std::unique_ptr<Commit> begin_put(std::uint64_t id, std::uint64_t over_version, std::string body) {
    auto commit = put(id_key(id), over_version, std::move(body));
    store_->commit(*commit);
    return commit;
  }
  StoreStatus put_now(std::uint64_t id, std::uint64_t over_version, std::string body) {
    const auto commit = begin_put(id, over_version, std::move(body));
    workers_.run();
    return commit->status;
  }
  /// The version of a thing, 0 where there is none.
  std::uint64_t version_of(std::uint64_t id) {
    Load load;
    load.key = id_key(id);
    store_->load(load);
    workers_.run();
    EXPECT_EQ(load.status, StoreStatus::done) << load.detail;
    return load.state.version;
  }

  /// Manual ones, of which those with this name can't be made.
  class Workers final : public loop::WorkerFactory {
   public:
    std::unique_ptr<loop::Worker> make(std::string name) override {
      if (name == lacking) throw std::runtime_error("no thread is left");
      return manual_.make(std::move(name));
    }
    void run() { manual_.run(); }
    std::string lacking;

   private:
    ManualWorkers manual_;
  };

  TempFolder folder_;
  Workers workers_;
  bool log_fails_ = false;
  std::vector<std::string> fatal_;
  std::vector<std::string> troubles_;
  std::vector<std::string> begun_;
  std::vector<std::string> crashes_;
  std::unique_ptr<DataFolder> data_;
  std::unique_ptr<SqliteStoreFactory> factory_;
  std::unique_ptr<Store> store_;
};

}  // namespace troupe::storage::test
