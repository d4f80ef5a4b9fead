#!/usr/bin/env escript
%%! +sbwt none -start_epmd false -setcookie troupe_bench
%% gen_server:call between two Erlang nodes in two processes over distribution, with 1, 64 and 512 in flight. Prints
%% samples; the CPU is that of both processes. Arguments: seconds of each measurement.
%%
%% Without epmd, which would stay behind as a daemon: ERL_FLAGS has "-erl_epmd_port PORT", where the server listens.
-mode(compile).
-export([init/1, handle_call/3, handle_cast/2]).

-define(IN_FLIGHT, [1, 64, 512]).
-define(WARM_UP_SHARE, 0.25).
-define(READY_LIMIT, 20000).

main(["serve"]) ->
    start_node('server@127.0.0.1', #{name_domain => longnames}),
    {ok, _} = gen_server:start_link({local, replier}, ?MODULE, [], []),
    io:format("ready pid=~s~n", [os:getpid()]),
    end_with_parent();
main(Arguments) ->
    Seconds = case Arguments of [Text | _] -> seconds(Text); [] -> 2.0 end,
    Server = start_server(),
    start_node('client@127.0.0.1', #{name_domain => longnames, dist_listen => false, hidden => true}),
    measure(64, Seconds * ?WARM_UP_SHARE),
    [report(InFlight, Server, Seconds) || InFlight <- ?IN_FLIGHT],
    ok.

seconds(Text) ->
    {Number, _} = string:to_float(Text ++ case lists:member($., Text) of true -> ""; false -> ".0" end),
    Number.

start_node(Name, Options) ->
    ok = application:set_env(kernel, inet_dist_use_interface, {127, 0, 0, 1}),
    {ok, _} = net_kernel:start(Name, Options).

%% The pid of the server's operating system process. Its standard input is ours to close, which ends it with us.
start_server() ->
    Port = open_port({spawn_executable, os:find_executable("escript")},
                     [{args, [escript:script_name(), "serve"]}, {line, 200}, use_stdio]),
    receive
        {Port, {data, {eol, "ready pid=" ++ Pid}}} -> Pid
    after ?READY_LIMIT -> error(the_server_is_not_ready)
    end.

end_with_parent() ->
    case io:get_line("") of
        eof -> halt(0);
        _ -> end_with_parent()
    end.

report(InFlight, Server, Seconds) ->
    Before = cpu_us(Server) + cpu_us(os:getpid()),
    {Calls, Elapsed, Each} = measure(InFlight, Seconds),
    Cpu = cpu_us(Server) + cpu_us(os:getpid()) - Before,
    case InFlight of
        1 ->
            Sorted = lists:sort(Each),
            sample("p50_1", lists:nth(length(Sorted) div 2 + 1, Sorted) / 1000, "us"),
            sample("p99_1", lists:nth(length(Sorted) * 99 div 100 + 1, Sorted) / 1000, "us");
        _ -> ok
    end,
    sample("rate_" ++ integer_to_list(InFlight), Calls / Elapsed, "1/s"),
    sample("cpu_" ++ integer_to_list(InFlight), Cpu / Calls, "us").

%% Calls, seconds, and with one in flight how long each took, in nanoseconds.
measure(InFlight, Seconds) ->
    Self = self(),
    Begin = now_ns(),
    Until = Begin + round(Seconds * 1.0e9),
    Replier = {replier, 'server@127.0.0.1'},
    [spawn_link(fun() -> Self ! {finished, ask(Replier, InFlight, Until, now_ns(), 0, [])} end)
     || _ <- lists:seq(1, InFlight)],
    Ends = [receive {finished, End} -> End end || _ <- lists:seq(1, InFlight)],
    Elapsed = (now_ns() - Begin) / 1.0e9,
    {lists:sum([Calls || {Calls, _} <- Ends]), Elapsed, lists:append([Each || {_, Each} <- Ends])}.

ask(_, _, Until, Started, Calls, Each) when Started >= Until -> {Calls, Each};
ask(Replier, InFlight, Until, Started, Calls, Each) ->
    _ = gen_server:call(Replier, Calls, infinity),
    Now = now_ns(),
    Kept = case InFlight of 1 -> [Now - Started | Each]; _ -> Each end,
    ask(Replier, InFlight, Until, Now, Calls + 1, Kept).

now_ns() -> erlang:monotonic_time(nanosecond).

%% User and system time of a process. The second field may hold blanks: count from its parenthesis.
cpu_us(Pid) ->
    {ok, Stat} = file:read_file("/proc/" ++ Pid ++ "/stat"),
    [_, Rest] = string:split(Stat, ") ", trailing),
    Fields = string:lexemes(Rest, " "),
    Ticks = binary_to_integer(lists:nth(12, Fields)) + binary_to_integer(lists:nth(13, Fields)),
    TicksPerSecond = list_to_integer(string:trim(os:cmd("getconf CLK_TCK"))),
    Ticks * 1000000 / TicksPerSecond.

sample(Name, Value, Unit) ->
    io:format("{\"name\":\"~s\",\"value\":~.3f,\"unit\":\"~s\"}~n", [Name, float(Value), Unit]).

init([]) -> {ok, none}.
handle_call(Number, _From, State) -> {reply, Number + 1, State}.
handle_cast(_, State) -> {noreply, State}.
