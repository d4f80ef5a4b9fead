#!/usr/bin/env escript
%%! +sbwt none
%% A simple_one_for_one supervisor of many processes, each the cheapest there is: to start each, to restart one beside all
%% the others, and to stop all, in nanoseconds. Prints samples.
-mode(compile).
-export([init/1, start_child/1]).

main(Arguments) ->
    Children = case Arguments of [Text | _] -> list_to_integer(Text); [] -> 100000 end,
    Restarts = 1000,
    process_flag(trap_exit, true),
    logger:remove_handler(default),
    {ok, Supervisor} = supervisor:start_link(?MODULE, []),
    Self = self(),
    Start = nanoseconds_each(Children, fun() ->
        [{ok, _} = supervisor:start_child(Supervisor, [Self]) || _ <- lists:seq(1, Children)] end),
    forget(),
    Pids = lists:sublist([Pid || {_, Pid, _, _} <- supervisor:which_children(Supervisor)], Restarts),
    Restart = nanoseconds_each(Restarts, fun() ->
        [begin exit(Pid, kill), receive {up, _} -> ok end end || Pid <- Pids] end),
    Children = proplists:get_value(active, supervisor:count_children(Supervisor)),
    Stop = nanoseconds_each(Children, fun() ->
        exit(Supervisor, shutdown),
        receive {'EXIT', Supervisor, shutdown} -> ok end end),
    [sample(Name, Value) || {Name, Value} <- [{start, Start}, {restart, Restart}, {stop, Stop}]],
    ok.

init([]) ->
    {ok, {#{strategy => simple_one_for_one, intensity => 1000000},
          [#{id => child, start => {?MODULE, start_child, []}, restart => transient}]}}.

start_child(Bench) ->
    Pid = spawn_link(fun() -> receive after infinity -> ok end end),
    Bench ! {up, Pid},
    {ok, Pid}.

forget() -> receive _ -> forget() after 0 -> ok end.

nanoseconds_each(Count, Work) ->
    Begin = erlang:monotonic_time(nanosecond),
    Work(),
    (erlang:monotonic_time(nanosecond) - Begin) / Count.

sample(Name, Value) -> io:format("{\"name\":\"~s\",\"value\":~.1f,\"unit\":\"ns\"}~n", [Name, Value]).
