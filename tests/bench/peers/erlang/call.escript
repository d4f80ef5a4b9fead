#!/usr/bin/env escript
%%! +sbwt none
%% gen_server:call between two processes of one Erlang node, 1 and 100 in flight, in nanoseconds. Prints samples.
-mode(compile).
-export([init/1, handle_call/3, handle_cast/2]).

main(Arguments) ->
    Calls = case Arguments of [Text | _] -> list_to_integer(Text); [] -> 1000000 end,
    {ok, Replier} = gen_server:start_link(?MODULE, [], []),
    nanoseconds_per_call(Replier, Calls div 5 + 1, 10),
    [sample(InFlight, nanoseconds_per_call(Replier, Calls, InFlight)) || InFlight <- [1, 100]],
    ok.

nanoseconds_per_call(Replier, Calls, InFlight) ->
    Self = self(),
    Each = Calls div InFlight,
    Begin = erlang:monotonic_time(nanosecond),
    [spawn_link(fun() -> ask(Replier, Each), Self ! finished end) || _ <- lists:seq(1, InFlight)],
    [receive finished -> ok end || _ <- lists:seq(1, InFlight)],
    (erlang:monotonic_time(nanosecond) - Begin) / (Each * InFlight).

ask(_, 0) -> ok;
ask(Replier, Left) ->
    _ = gen_server:call(Replier, Left, infinity),
    ask(Replier, Left - 1).

sample(InFlight, Value) ->
    io:format("{\"name\":\"local_~b\",\"value\":~.1f,\"unit\":\"ns\"}~n", [InFlight, Value]).

init([]) -> {ok, none}.
handle_call(Number, _From, State) -> {reply, Number + 1, State}.
handle_cast(_, State) -> {noreply, State}.
