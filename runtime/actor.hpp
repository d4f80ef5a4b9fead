#pragma once

/// All that a domain is written with: messages and protocols, entities and their state, workers, asks, listings, the
/// domain.
#include <troupe/actor/all.hpp>
#include <troupe/actor/ask.hpp>
#include <troupe/actor/asks.hpp>
#include <troupe/actor/blocking.hpp>
#include <troupe/actor/current_time.hpp>
#include <troupe/actor/declaration.hpp>
#include <troupe/actor/domain.hpp>
#include <troupe/actor/entity.hpp>
#include <troupe/actor/every.hpp>
#include <troupe/actor/index.hpp>
#include <troupe/actor/ref.hpp>
#include <troupe/actor/rows.hpp>
#include <troupe/actor/table.hpp>
#include <troupe/actor/task.hpp>
#include <troupe/actor/worker.hpp>
#include <troupe/contract/failure.hpp>
#include <troupe/contract/key.hpp>
#include <troupe/contract/page.hpp>
#include <troupe/contract/principal.hpp>
#include <troupe/contract/protocol.hpp>
#include <troupe/wire/checker.hpp>
#include <troupe/wire/id.hpp>
#include <troupe/wire/secret.hpp>
#include <troupe/wire/time.hpp>
