#include <troupe/observe/log.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

namespace troupe::observe {
namespace {

/// A pipe that stands for standard error.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader() { close(ends_[0]); }
  void close_writer() { close(ends_[1]); }

  std::string read_all() {
    close_writer();
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t n = 0; (n = ::read(ends_[0], part.data(), part.size())) > 0;) {
      text.append(part.data(), static_cast<std::size_t>(n));
    }
    return text;
  }

 private:
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

LogOptions text_options() { return {.node = "main", .level = Level::info, .format = LogFormat::text, .clock = {}}; }

TEST(LogQueue, WritesAllThatWasLoggedWhenItEnds) {
  Pipe pipe;
  {
    const Log log = Log::asynchronous(pipe.writer(), text_options());
    for (int i = 0; i < 100; ++i) log.with({{"i", i}}).info("line");
  }
  const std::string text = pipe.read_all();
  EXPECT_EQ(std::ranges::count(text, '\n'), 100);
  EXPECT_THAT(text, testing::StartsWith("INFO  main  line  i=0\nINFO  main  line  i=1\n"));
  EXPECT_THAT(text, testing::EndsWith("i=99\n"));
}

TEST(LogQueue, WritesLinesLongerThanAPipeTakesAtOnce) {
  Pipe pipe;
  const std::string message(20'000, 'x');
  {
    const Log log = Log::asynchronous(pipe.writer(), text_options());
    log.info(message);
  }
  EXPECT_EQ(pipe.read_all(), "INFO  main  " + message + "\n");
}

TEST(LogQueue, NeitherBlocksNorGrowsWhileNobodyReads) {
  Pipe pipe;
  const std::string message(1000, 'x');
  constexpr std::uint64_t logged = log_queue_lines * 3;
  {
    const Log log = Log::asynchronous(pipe.writer(), text_options());
    for (std::uint64_t i = 0; i < logged; ++i) log.info(message);
    // At most the queue and what a pipe holds (64 KiB) are kept, one line is in the writer's hands.
    EXPECT_GE(log.dropped(), logged - log_queue_lines - 70);
    EXPECT_LT(log.dropped(), logged);
  }
  const std::string text = pipe.read_all();
  EXPECT_THAT(text, testing::StartsWith("INFO  main  xxx"));
}

TEST(LogQueue, TellsHowMuchWasLost) {
  Pipe pipe;
  std::string text;
  {
    const Log log = Log::asynchronous(pipe.writer(), text_options());
    const std::string message(1000, 'x');
    for (std::size_t i = 0; i < log_queue_lines * 2; ++i) log.info(message);
    const std::uint64_t before = log.dropped();
    ASSERT_GT(before, 0u);
    // The reader comes back: read until the whole line of the notice is there.
    std::array<char, 4096> part{};
    const auto notice_is_there = [&text] {
      const auto notice = text.find("dropped");
      return notice != std::string::npos && text.find('\n', notice) != std::string::npos;
    };
    while (!notice_is_there()) {
      const ssize_t n = ::read(pipe.reader(), part.data(), part.size());
      ASSERT_GT(n, 0);
      text.append(part.data(), static_cast<std::size_t>(n));
    }
    pipe.close_reader();
  }
  EXPECT_THAT(text, testing::HasSubstr("WARN  main  log lines were dropped: nobody reads them fast enough  lines="));
}

TEST(LogQueue, IsWrittenWhenItHasBeenFlushed) {
  Pipe pipe;
  const Log log = Log::asynchronous(pipe.writer(), text_options());
  for (int i = 0; i < 10; ++i) log.info("line");
  ASSERT_TRUE(log.flush(std::chrono::minutes(1)));
  std::array<char, 4096> text{};
  const auto size = static_cast<std::size_t>(::read(pipe.reader(), text.data(), text.size()));
  EXPECT_EQ(std::count(text.begin(), text.begin() + size, '\n'), 10);
  EXPECT_TRUE(log.flush(Duration(0))) << "there is nothing left";
}

TEST(LogQueue, DoesNotWaitForEverToBeFlushed) {
  Pipe pipe;
  const Log log = Log::asynchronous(pipe.writer(), text_options());
  for (int i = 0; i < 100; ++i) log.info(std::string(1000, 'x'));
  EXPECT_FALSE(log.flush(Duration(10))) << "nobody reads";
  pipe.close_reader();
  EXPECT_TRUE(log.flush(std::chrono::minutes(1))) << "what is lost is not waited for";
}

TEST(LogQueue, OutlivesAReaderThatIsGone) {
  Pipe pipe;
  pipe.close_reader();
  {
    const Log log = Log::asynchronous(pipe.writer(), text_options());
    for (int i = 0; i < 10; ++i) log.info("line");
  }
  SUCCEED() << "it ends";
}

}  // namespace
}  // namespace troupe::observe
