#!/usr/bin/env escript
%%! +S 1
%% play.escript FILE: plays the scripts of FILE on OTP's own supervisor, and prints what happens, a line each, in the
%% words of simulated_tree.hpp; after each script the line `end`.
%%
%% One thing of supervisor.erl is replaced before it is loaded: it reads the time, in whole seconds, from a table, so
%% that the scripts need not wait. One scheduler, so that all processes see one order of events.
-mode(compile).
-export([init/1, start_child/1, start_child/2, log/2]).

main([File]) ->
    ets:new(script, [named_table, public]),
    set_clock(0),
    replace_clock(),
    register(player, self()),
    process_flag(trap_exit, true),
    ok = logger:remove_handler(default),
    ok = logger:set_primary_config(level, info),
    ok = logger:add_handler(transcript, ?MODULE, #{}),
    {ok, Scripts} = file:consult(File),
    lists:foreach(fun play/1, Scripts).

%% ── The clock ──────────────────────────────────────────────────────────────────────────────────────────────────────

set_clock(Seconds) -> ets:insert(script, {seconds, Seconds}).

replace_clock() ->
    {_, Beam, Path} = code:get_object_code(supervisor),
    {ok, {_, [{abstract_code, {_, Forms}}]}} = beam_lib:chunks(Beam, [abstract_code]),
    Replaced = replace(Forms),
    false = Replaced =:= Forms,
    {ok, supervisor, Binary} = compile:forms(Replaced),
    code:unstick_mod(supervisor),
    {module, supervisor} = code:load_binary(supervisor, Path, Binary).

replace({call, L, {remote, _, {atom, _, erlang}, {atom, _, monotonic_time}}, [{integer, _, 1}]}) ->
    {call, L, {remote, L, {atom, L, ets}, {atom, L, lookup_element}},
     [{atom, L, script}, {atom, L, seconds}, {integer, L, 2}]};
replace(Form) when is_tuple(Form) -> list_to_tuple(replace(tuple_to_list(Form)));
replace([Head | Tail]) -> [replace(Head) | replace(Tail)];
replace(Form) -> Form.

%% ── Children ───────────────────────────────────────────────────────────────────────────────────────────────────────

init([]) -> {ok, ets:lookup_element(script, spec, 2)}.

%% Of simple_one_for_one: the template's own id comes first, the argument second.
start_child(_Template, Id) -> start_child(Id).

start_child(Id) ->
    Starts = ets:lookup_element(script, {starts, Id}, 2),
    ets:insert(script, {{starts, Id}, lists:nthtail(min(1, length(Starts)), Starts)}),
    case Starts of
        [ignored | _] -> say("start ~s ignored", [Id]), ignore;
        [{fails, Reason} | _] -> say("start ~s ~s", [Id, reason(Reason)]), {error, Reason};
        _ -> say("start ~s", [Id]), {ok, spawn_child(Id)}
    end.

spawn_child(Id) ->
    Supervisor = self(),
    Pid = spawn_link(fun() ->
        process_flag(trap_exit, true),
        Supervisor ! {ready, self()},
        child(Id, ets:lookup_element(script, {on_shutdown, Id}, 2))
    end),
    receive {ready, Pid} -> ok end,
    erlang:trace(Pid, true, [procs, {tracer, whereis(player)}]),
    ets:insert(script, [{{pid, Id}, Pid}, {{name, Pid}, Id}]),
    Pid.

child(Id, OnShutdown) ->
    receive
        {exit_with, Reason} -> exit(Reason);
        {'EXIT', _, shutdown} ->
            say("shutdown ~s", [Id]),
            case OnShutdown of
                obeys -> exit(shutdown);
                {ends, Reason} -> exit(Reason);
                ignores -> child(Id, OnShutdown)
            end
    end.

child_spec({Id, Restart, Significant, Shutdown, Type, _, _}) ->
    #{id => Id, start => {?MODULE, start_child, [Id]}, restart => Restart, significant => Significant,
      shutdown => Shutdown, type => Type}.

set_behaviour({Id, _, _, _, _, Starts, OnShutdown}) ->
    ets:insert(script, [{{starts, Id}, Starts}, {{on_shutdown, Id}, OnShutdown}]).

%% ── Playing ────────────────────────────────────────────────────────────────────────────────────────────────────────

play({_Name, Flags, Children, More, Reloaded, Steps}) ->
    ets:delete_all_objects(script),
    set_clock(0),
    lists:foreach(fun set_behaviour/1, Children ++ More),
    put(requests, 0),
    put(more, More),
    put(dynamic, maps:get(strategy, Flags) =:= simple_one_for_one),
    ets:insert(script, {spec, {Flags, [child_spec(C) || C <- Children]}}),
    case supervisor:start_link(?MODULE, []) of
        {ok, Supervisor} ->
            print_events(),
            print("started"),
            print_state(Supervisor),
            lists:foreach(fun(Step) -> step(Supervisor, Reloaded, Step) end, Steps),
            end_quietly(Supervisor);
        {error, Reason} ->
            receive {'EXIT', _, Reason} -> ok end,
            print_events(),
            print("start_failed " ++ reason(Reason)),
            lists:foreach(fun({_, Burst}) -> print_replies([begin_operation(none, O) || O <- Burst]) end, Steps)
    end,
    print("end").

step(Supervisor, {Flags, Children}, {Seconds, [reload]}) ->
    set_clock(ets:lookup_element(script, seconds, 2) + Seconds),
    ets:insert(script, {spec, {Flags, [child_spec(C) || C <- Children]}}),
    Reply = try
        sys:suspend(Supervisor, infinity),
        ok = sys:change_code(Supervisor, ?MODULE, "1", [], infinity),
        sys:resume(Supervisor, infinity)
    catch exit:_ -> "terminated"
    end,
    Number = next_request(),
    settle(Supervisor),
    print("reply ~b ~s", [Number, Reply]),
    print_state(Supervisor);
step(Supervisor, _, {Seconds, Burst}) ->
    set_clock(ets:lookup_element(script, seconds, 2) + Seconds),
    Suspended = try erlang:suspend_process(Supervisor) catch error:_ -> false end,
    Operations = [begin_operation(Supervisor, Operation) || Operation <- Burst],
    Suspended andalso erlang:resume_process(Supervisor),
    settle(Supervisor),
    print_replies(Operations),
    print_state(Supervisor).

%% Puts its message into the supervisor's mailbox.
begin_operation(Supervisor, {stop, Reason}) ->
    is_pid(Supervisor) andalso exit(Supervisor, Reason),
    none;
begin_operation(_, {exit, Id, Reason}) ->
    Pid = latest_pid(Id),
    case is_process_alive(Pid) andalso Pid =/= self() of
        true ->
            Monitor = monitor(process, Pid),
            case Reason of killed -> exit(Pid, kill); _ -> Pid ! {exit_with, Reason} end,
            receive {'DOWN', Monitor, process, Pid, _} -> none end;
        false -> none
    end;
begin_operation(none, _) -> {next_request(), none};
begin_operation(Supervisor, {start_child, Id}) ->
    case get(dynamic) of
        true -> request(Supervisor, {start_child, [Id]});
        false -> request(Supervisor, {start_child, child_spec(lists:keyfind(Id, 1, get(more)))})
    end;
begin_operation(Supervisor, {Name, Id}) ->
    case get(dynamic) of
        true -> request(Supervisor, {Name, latest_pid(Id)});
        false -> request(Supervisor, {Name, Id})
    end.

request(Supervisor, Request) -> {next_request(), gen_server:send_request(Supervisor, Request)}.

next_request() -> put(requests, get(requests) + 1), get(requests).

%% That of a child which has never been is a process that is none.
latest_pid(Id) ->
    case ets:lookup(script, {pid, Id}) of [{_, Pid}] -> Pid; [] -> self() end.

%% Until nothing is left to do: a restart that failed is tried again through the mailbox, behind this call.
settle(Supervisor) ->
    try supervisor:which_children(Supervisor) of
        Children ->
            case lists:keymember(restarting, 2, Children) of
                true -> settle(Supervisor);
                false -> print_events()
            end
    catch exit:_ ->
        Ended = receive {'EXIT', Supervisor, Reason} -> "terminated " ++ reason(Reason)
                after 0 -> none
                end,
        print_events(),
        Ended =:= none orelse print(Ended)
    end.

end_quietly(Supervisor) ->
    [exit(Pid, kill) || {{pid, _}, Pid} <- ets:tab2list(script)],
    exit(Supervisor, kill),
    Monitor = monitor(process, Supervisor),
    receive {'DOWN', Monitor, process, Supervisor, _} -> ok end,
    forget_events().

%% ── Telling ────────────────────────────────────────────────────────────────────────────────────────────────────────

log(#{msg := {report, #{label := {supervisor, progress}, report := [{supervisor, {_, ?MODULE}}, {started, Child}]}}}, _) ->
    say("progress ~s", [proplists:get_value(id, Child)]);
log(#{msg := {report, #{label := {supervisor, Context},
                        report := [{supervisor, {_, ?MODULE}}, {errorContext, _}, {reason, Reason},
                                   {offender, Child}]}}}, _) ->
    say("report ~s ~s ~s", [Context, offender(Child), reason(Reason)]);
log(_, _) -> ok.

offender(Child) ->
    Id = atom_to_list(proplists:get_value(id, Child)),
    Pid = case proplists:get_value(pid, Child) of {restarting, Last} -> Last; Its -> Its end,
    case {proplists:get_value(nb_children, Child), ets:lookup(script, {name, Pid})} of
        {undefined, [{_, Name}]} -> atom_to_list(Name);
        {undefined, []} -> Id;
        {1, _} -> Id;
        {Count, _} -> io_lib:format("~s ~b children", [Id, Count])
    end.

reason({shutdown, {failed_to_start_child, Id, Reason}}) ->
    io_lib:format("shutdown(failed_to_start_child: ~s: ~s)", [Id, reason(Reason)]);
reason({shutdown, Term}) -> io_lib:format("shutdown(~s)", [Term]);
reason(Reason) -> atom_to_list(Reason).

say(Format, Arguments) -> player ! {event, io_lib:format(Format, Arguments)}.

print(Line) -> print("~s", [Line]).
print(Format, Arguments) -> io:format(Format ++ "~n", Arguments).

print_events() ->
    receive
        {event, Line} -> print(Line), print_events();
        {trace, Pid, exit, Reason} ->
            print("exit ~s ~s", [ets:lookup_element(script, {name, Pid}, 2), reason(Reason)]),
            print_events();
        Trace when element(1, Trace) =:= trace -> print_events()
    after 0 -> ok
    end.

forget_events() ->
    receive _ -> forget_events() after 0 -> ok end.

print_replies(Operations) ->
    [print("reply ~b ~s", [Number, reply_text(Request)]) || {Number, Request} <- Operations].

reply_text(none) -> "terminated";
reply_text(Request) ->
    case gen_server:receive_response(Request, infinity) of
        {reply, Reply} -> reply(Reply);
        {error, _} -> "terminated"
    end.

reply(ok) -> "ok";
reply({ok, undefined}) -> "ok";
reply({ok, _}) -> "ok started";
reply({error, {already_started, _}}) -> "already_started";
reply({error, {Reason, Child}}) when is_tuple(Child) -> "start_failed " ++ reason(Reason);
reply({error, Refusal}) ->
    Refusals = [already_present, not_found, running, restarting, simple_one_for_one],
    case lists:member(Refusal, Refusals) of
        true -> atom_to_list(Refusal);
        false -> "start_failed " ++ reason(Refusal)
    end.

print_state(Supervisor) ->
    try {supervisor:which_children(Supervisor), supervisor:count_children(Supervisor)} of
        {Children, Counts} ->
            print("children" ++ [[" ", Child] || Child <- children(Children)]),
            print("counts" ++ [io_lib:format(" ~s=~b", [Name, Count]) || {Name, Count} <- counts(Children, Counts)])
    catch exit:_ -> ok
    end.

%% Of dynamic children that were terminated while they restarted, OTP goes on counting as inactive for ever.
counts(Children, Counts) ->
    case get(dynamic) of
        true -> lists:keyreplace(active, 1, Counts, {active, length(Children)});
        false -> Counts
    end.

%% In the order of their start; those of simple_one_for_one by name.
children(Children) ->
    case get(dynamic) of
        true ->
            lists:sort([io_lib:format("~s=running", [ets:lookup_element(script, {name, Pid}, 2)])
                        || {undefined, Pid, _, _} <- Children]);
        false ->
            [io_lib:format("~s=~s", [Id, case Pid of undefined -> stopped; _ -> running end])
             || {Id, Pid, _, _} <- lists:reverse(Children)]
    end.
