using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using Proa.CommandLine;
using Proa.Ending;
using Proa.Pods;
using Proa.Tests.Support;
using static Proa.Tests.CommandLine.Parsing;

namespace Proa.Tests.CommandLine;

public sealed class ParserTests
{
    [Theory]
    [InlineData("-g http://a:1/", "GET http://a:1/")]
    [InlineData("-ghttp://a:1/", "GET http://a:1/")]
    [InlineData("-g=http://a:1/", "GET http://a:1/")]
    [InlineData("--shutdown-http-get http://a:1/", "GET http://a:1/")]
    [InlineData("--shutdown-http-get=http://a:1/", "GET http://a:1/")]
    [InlineData("--shutdown-http-get=http://a:1/?x=y", "GET http://a:1/?x=y")]
    [InlineData("-p http://a:1/", "POST http://a:1/")]
    [InlineData("-phttp://a:1/", "POST http://a:1/")]
    [InlineData("-p=http://a:1/", "POST http://a:1/")]
    [InlineData("--shutdown-http-post https://a/", "POST https://a/")]
    [InlineData("--shutdown-http-post=https://a/", "POST https://a/")]
    [InlineData("-k envoy", "kill=envoy")]
    [InlineData("-kenvoy", "kill=envoy")]
    [InlineData("-k=envoy", "kill=envoy")]
    [InlineData("--kill envoy", "kill=envoy")]
    [InlineData("--kill=envoy", "kill=envoy")]
    [InlineData("--kill container/proxy", "kill=container/proxy")]
    [InlineData("-K", "kill-all")]
    [InlineData("--kill-all", "kill-all")]
    [InlineData("-Kk envoy", "kill=envoy kill-all")]
    [InlineData("-Kkenvoy", "kill=envoy kill-all")]
    [InlineData("-K --kill-signal INT", "kill-all kill-signal=2")]
    [InlineData("-K --kill-signal=SIGHUP", "kill-all kill-signal=1")]
    [InlineData("--shutdown-when auto", "")]
    [InlineData("--shutdown-when always", "shutdown-when=Always")]
    [InlineData("--shutdown-when=success", "shutdown-when=Success")]
    [InlineData("--shutdown-when=NEVER", "shutdown-when=Never")]
    [InlineData("--shutdown-timeout 1m30s", "shutdown-timeout=90000")]
    [InlineData("--shutdown-timeout=0", "shutdown-timeout=0")]
    [InlineData("--wait-for a", "wait-for=a")]
    [InlineData("--wait-for=a", "wait-for=a")]
    [InlineData("--ignore a", "ignore=a")]
    [InlineData("--ignore=a", "ignore=a")]
    [InlineData("--ready-timeout 500ms", "ready-timeout=500")]
    [InlineData("--ready-timeout=5", "ready-timeout=5000")]
    [InlineData("--no-wait", "no-wait")]
    [InlineData("--wait-http http://a:1/ready", "wait-http=http://a:1/ready")]
    [InlineData("--wait-http=https://u:p@a/?x=y", "wait-http=https://u:p@a/?x=y")]
    [InlineData("--wait-tcp localhost:5432", "wait-tcp=localhost:5432")]
    [InlineData("--wait-tcp=[::1]:65535", "wait-tcp=[::1]:65535")]
    [InlineData("--wait-tcp 127.0.0.1:1", "wait-tcp=127.0.0.1:1")]
    [InlineData("--wait-tcp a_b.svc.cluster.local:1", "wait-tcp=a_b.svc.cluster.local:1")]
    [InlineData("--wait-file /a", "wait-file=/a")]
    [InlineData("--wait-file=./-a", "wait-file=./-a")]
    [InlineData("--ready-timeout 5 --on-timeout start", "ready-timeout=5000 on-timeout=Start")]
    [InlineData("--ready-timeout 5 --on-timeout=fail", "ready-timeout=5000")]
    [InlineData("--no-api", "no-api")]
    [InlineData("--no-api --no-wait", "no-api no-wait")]
    [InlineData("--no-api --ignore a --pod p", "ignore=a no-api pod=p")]
    [InlineData("--shutdown-delay 5", "shutdown-delay=5000")]
    [InlineData("--shutdown-delay=500ms --shutdown-timeout 1", "shutdown-timeout=1000 shutdown-delay=500")]
    [InlineData("--pod p", "pod=p")]
    [InlineData("--pod=p", "pod=p")]
    [InlineData("--namespace n", "namespace=n")]
    [InlineData("--namespace=n", "namespace=n")]
    [InlineData("--container c", "container=c")]
    [InlineData("--container=c", "container=c")]
    [InlineData("--signal-group", "signal-group")]
    [InlineData("--env-file a --env-file=/b --env-file a", "env-file=a,/b")]
    [InlineData("--env-file a --env-file-override", "env-file=a env-file-override")]
    [InlineData("--stop-on a --stop-on=b,restart", "stop-on=a,b+restart")]
    [InlineData("--stop-on all --stop-on all,restart", "stop-on=*,*+restart")]
    [InlineData("--until main", "known=False until=main")]
    [InlineData("--until=main --known auto --stop-on a", "stop-on=a until=main")]
    [InlineData("--map-signal TERM=INT", "map-signal=15=2")]
    [InlineData("--map-signal=SIGTERM=SIGINT --map-signal 10=0", "map-signal=15=2,10=0")]
    [InlineData("--map-signal tstp=STOP", "map-signal=20=19")]
    [InlineData("--map-signal TERM=INT --map-signal 15=2", "map-signal=15=2,15=2")]
    [InlineData("--map-signal RTMIN+1=KILL", "map-signal=35=9")]
    [InlineData("--exit-zero 143 --exit-zero=0", "exit-zero=143,0")]
    [InlineData("--log-level debug", "log-level=Debug")]
    [InlineData("--log-level=off", "log-level=Off")]
    [InlineData("--log-level=Warning", "log-level=Warn")]
    [InlineData("--log-format json", "log-format=Json")]
    [InlineData("--log-format=text", "log-format=Text")]
    [InlineData("--pod --container", "pod=--container")]
    [InlineData("--pod=a=b", "pod=a=b")]
    public void An_option_is_read_in_each_of_its_forms(string arguments, string options) => Assert.Equal(options, Shown(Parse(arguments + " cmd").Options));

    [Fact]
    public void Without_options_all_is_at_its_default() => Assert.Equivalent(new Options(), Parse("cmd").Options, strict: true);

    [Theory]
    [InlineData("PROA_SHUTDOWN_HTTP_GET", "http://a:1/ http://b:2/", "GET http://a:1/ GET http://b:2/")]
    [InlineData("PROA_SHUTDOWN_HTTP_POST", " http://a:1/\n  http://b:2/ ", "POST http://a:1/ POST http://b:2/")]
    [InlineData("PROA_KILL", "envoy pilot-agent", "kill=envoy,pilot-agent")]
    [InlineData("PROA_KILL_ALL", "true", "kill-all")]
    [InlineData("PROA_KILL_SIGNAL", "9", "kill-signal=9")]
    [InlineData("PROA_SHUTDOWN_WHEN", "never", "shutdown-when=Never")]
    [InlineData("PROA_SHUTDOWN_TIMEOUT", "10s", "shutdown-timeout=10000")]
    [InlineData("PROA_WAIT_FOR", "a b", "wait-for=a,b")]
    [InlineData("PROA_IGNORE", "a b a", "ignore=a,b")]
    [InlineData("PROA_READY_TIMEOUT", " 5m ", "ready-timeout=300000")]
    [InlineData("PROA_NO_WAIT", "1", "no-wait")]
    [InlineData("PROA_NO_WAIT", "Yes", "no-wait")]
    [InlineData("PROA_NO_WAIT", "on", "no-wait")]
    [InlineData("PROA_NO_WAIT", "false", "")]
    [InlineData("PROA_NO_WAIT", "0", "")]
    [InlineData("PROA_NO_WAIT", "no", "")]
    [InlineData("PROA_NO_WAIT", "OFF", "")]
    [InlineData("PROA_WAIT_HTTP", "http://a:1/ http://b:2/", "wait-http=http://a:1/,http://b:2/")]
    [InlineData("PROA_WAIT_TCP", "a:1 [::1]:2", "wait-tcp=a:1,[::1]:2")]
    [InlineData("PROA_WAIT_FILE", "/a b", "wait-file=/a,b")]
    [InlineData("PROA_NO_API", "true", "no-api")]
    [InlineData("PROA_SHUTDOWN_DELAY", "1s", "shutdown-delay=1000")]
    [InlineData("PROA_POD", "p", "pod=p")]
    [InlineData("PROA_NAMESPACE", "n", "namespace=n")]
    [InlineData("PROA_CONTAINER", "c", "container=c")]
    [InlineData("PROA_SIGNAL_GROUP", "true", "signal-group")]
    [InlineData("PROA_ENV_FILE", "/a b", "env-file=/a,b")]
    [InlineData("PROA_ENV_FILE_OVERRIDE", "true", "env-file-override")]
    [InlineData("PROA_STOP_ON", "a b,restart", "stop-on=a,b+restart")]
    [InlineData("PROA_UNTIL", "main", "known=False until=main")]
    [InlineData("PROA_MAP_SIGNAL", "TERM=INT USR1=0", "map-signal=15=2,10=0")]
    [InlineData("PROA_EXIT_ZERO", "143 255", "exit-zero=143,255")]
    [InlineData("PROA_LOG_LEVEL", "error", "log-level=Error")]
    [InlineData("PROA_LOG", "debug", "log-level=Debug")]
    [InlineData("PROA_LOG_FORMAT", "text", "log-format=Text")]
    [InlineData("RUST_LOG", "proa=trace,kube=off", "log-level=Trace")]
    [InlineData("RUST_LOG", "what-main-understands", "")]
    public void An_option_can_be_given_by_environment(string variable, string value, string options) =>
        Assert.Equal(options, Shown(Parse("cmd", (variable, value)).Options));

    [Fact]
    public void Every_option_but_those_that_run_no_command_has_a_variable() =>
        Assert.Equal(["check", "file", "install", "list-known", "help", "version", "verbose"], OptionTable.All.Where(o => !o.HasVariable).Select(o => o.Name));

    [Fact]
    public void A_variable_of_an_option_without_one_is_not_looked_at() =>
        Assert.Equal(
            Request.Run,
            Parse("cmd", ("PROA_HELP", "true"), ("PROA_VERSION", "true"), ("PROA_CHECK", "true"), ("PROA_INSTALL", "/x"), ("PROA_VERBOSE", "true")).Request);

    [Fact]
    public void An_empty_variable_is_an_unset_one() => Gen.OneOf([.. OptionTable.All.Select(o => o.Variable), "PROA_LOG", "RUST_LOG"]).Sample(variable =>
        Assert.Equal("Run", Parse("cmd", (variable, "")).Request + Shown(Parse("cmd", (variable, "")).Options)));

    [Theory]
    [InlineData("--pod flag", "PROA_POD", "variable", "pod=flag")]
    [InlineData("--ignore a", "PROA_IGNORE", "b c", "ignore=a")]
    [InlineData("-g http://a:1/", "PROA_SHUTDOWN_HTTP_GET", "http://b:2/", "GET http://a:1/")]
    [InlineData("--shutdown-when auto", "PROA_SHUTDOWN_WHEN", "never", "")]
    [InlineData("--shutdown-timeout 1", "PROA_SHUTDOWN_TIMEOUT", "nonsense", "shutdown-timeout=1000")]
    [InlineData("--no-wait", "PROA_NO_WAIT", "false", "no-wait")]
    [InlineData("--no-wait", "PROA_STOP_ON", "a", "no-wait stop-on=a")]
    [InlineData("--no-wait", "PROA_WAIT_TCP", "a:1", "wait-tcp=a:1 no-wait")]
    [InlineData("--no-api", "PROA_WAIT_FOR", "a", "wait-for=a no-api")]
    [InlineData("--ready-timeout 5", "PROA_ON_TIMEOUT", "start", "ready-timeout=5000 on-timeout=Start")]
    [InlineData("--shutdown-delay 5", "PROA_SHUTDOWN_TIMEOUT", "5", "shutdown-timeout=5000 shutdown-delay=5000")]
    [InlineData("--log-level error", "PROA_LOG_LEVEL", "debug", "log-level=Error")]
    [InlineData("--log-level error", "PROA_LOG", "debug", "log-level=Error")]
    public void The_command_line_wins_over_a_variable(string arguments, string variable, string value, string options)
    {
        var result = Parse(arguments + " cmd", (variable, value));
        Assert.Equal(Request.Run, result.Request);
        Assert.Equal(options, Shown(result.Options));
    }

    [Fact]
    public void PROA_LOG_LEVEL_wins_over_PROA_LOG() =>
        Assert.Equal(LogLevel.Warn, Parse("cmd", ("PROA_LOG_LEVEL", "warn"), ("PROA_LOG", "debug")).Options.LogLevel);

    [Fact]
    public void PROA_LOG_wins_over_RUST_LOG() => Assert.Equal(LogLevel.Warn, Parse("cmd", ("PROA_LOG", "warn"), ("RUST_LOG", "debug")).Options.LogLevel);

    [Theory]
    [InlineData("warning", LogLevel.Warn)]
    [InlineData("Warning", LogLevel.Warn)]
    [InlineData("warn", LogLevel.Warn)]
    internal void PROA_LOG_takes_the_words_that_the_option_takes(string word, LogLevel level)
    {
        var result = Parse("cmd", ("PROA_LOG", word));
        Assert.Null(result.Error);
        Assert.Equal(level, result.Options.LogLevel);
        Assert.Equal(level, Parse($"--log-level {word} cmd").Options.LogLevel);
        Assert.Equal(level, Parse("cmd", ("PROA_LOG_LEVEL", word)).Options.LogLevel);
    }

    [Theory]
    [InlineData("PROA_READY_TIMEOUT", "5m")]
    [InlineData("PROA_WAIT_FOR", "proxy")]
    public void What_a_variable_says_of_waiting_does_not_contradict_no_wait(string variable, string value)
    {
        var result = Parse("--no-wait cmd", (variable, value));
        Assert.Null(result.Error);
        Assert.True(result.Options.NoWait);
    }

    [Theory]
    [InlineData("-g http://a:1/ -g http://b:2/", "GET http://a:1/ GET http://b:2/")]
    [InlineData("-p http://p:1/ -g http://a:1/ --shutdown-http-post=http://q:1/", "GET http://a:1/ POST http://p:1/ POST http://q:1/")]
    [InlineData("-k a --kill b -kc", "kill=a,b,c")]
    [InlineData("--wait-for a --wait-for b", "wait-for=a,b")]
    [InlineData("--wait-for a --wait-for b --wait-for a", "wait-for=a,b")]
    [InlineData("--ignore a --ignore b", "ignore=a,b")]
    [InlineData("--wait-http http://a:1/ --wait-http http://b:2/", "wait-http=http://a:1/,http://b:2/")]
    [InlineData("--wait-tcp a:1 --wait-tcp b:2", "wait-tcp=a:1,b:2")]
    [InlineData("--wait-file /a --wait-file /b", "wait-file=/a,/b")]
    public void A_repeatable_option_adds_up_in_the_order_given(string arguments, string options) =>
        Assert.Equal(options, Shown(Parse(arguments + " cmd").Options));

    [Theory]
    [InlineData("--pod a --pod b", "pod=b")]
    [InlineData("--shutdown-when never --shutdown-when always", "shutdown-when=Always")]
    [InlineData("--ready-timeout nonsense --ready-timeout 5", "ready-timeout=5000")]
    public void Of_an_option_that_is_not_repeatable_the_last_counts(string arguments, string options) =>
        Assert.Equal(options, Shown(Parse(arguments + " cmd").Options));

    [Theory]
    [InlineData("--pod a --pod b --pod a", "a")]
    [InlineData("--pod a --pod b --pod=b", "b")]
    [InlineData("--pod=a --pod=b --pod=b --pod=a", "a")]
    public void Of_an_option_given_again_the_last_counts_though_it_has_been_given_before(string arguments, string pod) =>
        Assert.Equal(pod, Parse(arguments + " cmd").Options.Pod);

    [Theory]
    [InlineData("cmd", 0)]
    [InlineData("cmd --no-wait", 0)]
    [InlineData("cmd -- x", 0)]
    [InlineData("--no-wait cmd --pod x", 1)]
    [InlineData("-- cmd", 1)]
    [InlineData("-- --no-wait", 1)]
    [InlineData("-- --", 1)]
    [InlineData("--no-wait -- cmd -- x", 2)]
    [InlineData("--pod x cmd", 2)]
    [InlineData("--pod=x cmd", 1)]
    [InlineData("-", 0)]
    [InlineData("--pod -- cmd", 2)]
    public void Options_end_at_two_dashes_or_at_the_first_argument_that_is_none(string arguments, int commandIndex)
    {
        var result = Parse(arguments);
        Assert.Equal(Request.Run, result.Request);
        Assert.Equal(commandIndex, result.CommandIndex);
    }

    [Fact]
    public void What_follows_the_command_is_not_read() => Assert.Equal("", Shown(Parse("cmd --no-wait --bogus").Options));

    [Fact]
    public void An_empty_argument_is_a_command() => Assert.Equal(Request.Run, Parser.Parse([""], _ => null).Request);

    [Theory]
    [InlineData("--help", Request.Help)]
    [InlineData("-h", Request.Help)]
    [InlineData("--no-wait -h", Request.Help)]
    [InlineData("-Kh", Request.Help)]
    [InlineData("--version", Request.Version)]
    [InlineData("-V", Request.Version)]
    [InlineData("-V cmd", Request.Version)]
    [InlineData("-h -V", Request.Help)]
    [InlineData("-V -h", Request.Help)]
    [InlineData("--ready-timeout nonsense --help", Request.Help)]
    [InlineData("--help --bogus", Request.Help)]
    [InlineData("--version --verbose", Request.Versions)]
    [InlineData("--verbose -V cmd", Request.Versions)]
    [InlineData("--verbose --help", Request.Help)]
    [InlineData("--check --version", Request.Version)]
    [InlineData("cmd --help", Request.Run)]
    [InlineData("-- --help", Request.Run)]
    internal void Help_and_version_are_answered_whatever_else_is_asked(string arguments, Request request) => Assert.Equal(request, Parse(arguments).Request);

    [Theory]
    [InlineData("--check", Request.Check, true)]
    [InlineData("--check --wait-only", Request.Check, false)]
    [InlineData("--wait-only", Request.Wait, false)]
    [InlineData("--wait-only --no-api --wait-tcp a:1 --", Request.Wait, false)]
    [InlineData("--check --log-format json --log-level debug", Request.Check, true)]
    [InlineData("--check --no-wait", Request.Check, false)]
    [InlineData("--check -- cmd", Request.Check, false)]
    [InlineData("--install /shared/proa", Request.Install, false)]
    [InlineData("-- cmd --check", Request.Run, false)]
    internal void Check_install_and_wait_only_need_no_command(string arguments, Request request, bool isBare)
    {
        var result = Parse(arguments);
        Assert.Equal((request, isBare), (result.Request, result.IsBare));
    }

    [Theory]
    [InlineData("--check --bogus", Request.Check)]
    [InlineData("--install x --ready-timeout nonsense", Request.Install)]
    [InlineData("--install", Request.Install)]
    [InlineData("--install --check", Request.Install)]
    [InlineData("--bogus cmd", Request.Run)]
    [InlineData("--wait-only cmd", Request.Wait)]
    [InlineData("", Request.Run)]
    internal void A_refusal_still_says_what_was_wanted(string arguments, Request wanted)
    {
        var result = Parse(arguments);
        Assert.Equal((Request.Refuse, wanted), (result.Request, result.Wanted));
    }

    [Theory]
    [InlineData("", "no COMMAND is given", "usage: proa [OPTION]... [--] COMMAND [ARG]...")]
    [InlineData("--no-wait", "no COMMAND is given", "usage: proa [OPTION]... [--] COMMAND [ARG]...")]
    [InlineData("--", "no COMMAND is given", "usage: proa [OPTION]... [--] COMMAND [ARG]...")]
    [InlineData("-😀 cmd", "unknown option -😀", "proa --help lists the options")]
    [InlineData("--nowait cmd", "unknown option --nowait", "did you mean --no-wait?")]
    [InlineData("--colour-of-the-sky cmd", "unknown option --colour-of-the-sky", "proa --help lists the options")]
    [InlineData("--podd=x cmd", "unknown option --podd", "did you mean --pod?")]
    [InlineData("---no-wait cmd", "unknown option ---no-wait", "did you mean --no-wait?")]
    [InlineData("-x cmd", "unknown option -x", "proa --help lists the options")]
    [InlineData("-Kx cmd", "unknown option -x", "proa --help lists the options")]
    [InlineData("-no-wait cmd", "unknown option -n", "did you mean --no-wait?")]
    [InlineData("--no-wait=yes cmd", "option --no-wait takes no argument, but \"yes\" is given", "write --no-wait")]
    [InlineData("--pod", "option --pod needs an argument", "write --pod NAME")]
    [InlineData("-g", "option -g needs an argument", "write --shutdown-http-get URL")]
    [InlineData("-Kk", "option -k needs an argument", "write --kill NAME")]
    [InlineData("--shutdown-timeout soon cmd", "--shutdown-timeout \"soon\" is not a duration", "write 90, 1m30s or 500ms; at most 1193h")]
    [InlineData("--ready-timeout -5 cmd", "--ready-timeout \"-5\" is not a duration", "write 90, 1m30s or 500ms; at most 1193h")]
    [InlineData("--kill-signal TREM cmd", "--kill-signal \"TREM\" is not a signal", "write TERM, SIGTERM or 15")]
    [InlineData(
        "--map-signal TERM cmd", "--map-signal \"TERM\" is not FROM=TO", "write two signals, like TERM=INT, or TERM=0 so that main does not get it")]
    [InlineData(
        "--map-signal TREM=INT cmd",
        "--map-signal \"TREM=INT\": \"TREM\" is not a signal",
        "write two signals, like TERM=INT, or TERM=0 so that main does not get it")]
    [InlineData(
        "--map-signal TERM=65 cmd",
        "--map-signal \"TERM=65\": \"65\" is not a signal",
        "write two signals, like TERM=INT, or TERM=0 so that main does not get it")]
    [InlineData("--map-signal KILL=TERM cmd", "--map-signal \"KILL=TERM\": proa never forwards SIGKILL", "leave it out")]
    [InlineData("--map-signal 34=TERM cmd", "--map-signal \"34=TERM\": proa never forwards SIGRTMIN", "leave it out")]
    [InlineData("--map-signal TERM=INT --map-signal TERM=0 cmd", "--map-signal maps SIGTERM to two signals", "remove one of them")]
    [InlineData("--env-file= cmd", "--env-file has an empty path", "give the file's path")]
    [InlineData("--env-file --no-wait cmd", "--env-file \"--no-wait\" begins with a dash", "if it is a path, write \"./--no-wait\"")]
    [InlineData("--env-file-override cmd", "--env-file-override needs --env-file", "name the file with --env-file")]
    [InlineData(
        "--env-file a --wait-only", "--env-file contradicts --wait-only", "remove one of them: there is no main that needs an environment")]
    [InlineData("--stop-on a,b cmd", "--stop-on \"a,b\" is neither NAME nor NAME,restart", "give the option once for each sidecar")]
    [InlineData("--stop-on ,restart cmd", "--stop-on \",restart\" is neither NAME nor NAME,restart", "give the option once for each sidecar")]
    [InlineData("--stop-on a --ignore a cmd", "container \"a\" is in --stop-on and in --ignore", "remove it from one of them")]
    [InlineData("--stop-on a --container a cmd", "--stop-on \"a\" is our own container", "name a sidecar")]
    [InlineData("--until a --container a cmd", "--until \"a\" is our own container", "name the container that this sidecar runs for")]
    [InlineData("--until= cmd", "--until has an empty name", "give a name")]
    [InlineData(
        "--stop-on a --no-wait cmd", "--stop-on contradicts --no-wait", "remove one of them: only the API server shows that a container has ended")]
    [InlineData(
        "--stop-on a --no-api cmd", "--stop-on contradicts --no-api", "remove one of them: only the API server shows that a container has ended")]
    [InlineData(
        "--until a --no-wait cmd", "--until contradicts --no-wait", "remove one of them: only the API server shows that a container has ended")]
    [InlineData(
        "--until a --wait-only", "--until contradicts --wait-only", "remove one of them: only the API server shows that a container has ended")]
    [InlineData("--exit-zero 256 cmd", "--exit-zero \"256\" is not an exit code", "write a number from 0 to 255; it is 128+n if signal n ends main")]
    [InlineData("--exit-zero TERM cmd", "--exit-zero \"TERM\" is not an exit code", "write a number from 0 to 255; it is 128+n if signal n ends main")]
    [InlineData("--shutdown-when often cmd", "--shutdown-when \"often\" is not known", "it is one of auto, always, success, never")]
    [InlineData("--log-format xml cmd", "--log-format \"xml\" is not known", "it is one of json, text")]
    [InlineData("--pod= cmd", "--pod has an empty name", "give a name")]
    [InlineData("--wait-for= cmd", "--wait-for has an empty name", "give a name")]
    [InlineData("-g= cmd", "--shutdown-http-get \"\" is not a URL", "write it in full, like http://localhost:15020/quitquitquit")]
    [InlineData("-g /quitquitquit cmd", "--shutdown-http-get \"/quitquitquit\" is not a URL", "write it in full, like http://localhost:15020/quitquitquit")]
    [InlineData(
        "-g localhost:15020/quit cmd",
        "--shutdown-http-get \"localhost:15020/quit\" is not a URL",
        "write it in full, like http://localhost:15020/quitquitquit")]
    [InlineData(
        "-g http://localhost:99999/ cmd",
        "--shutdown-http-get \"http://localhost:99999/\" is not a URL",
        "write it in full, like http://localhost:15020/quitquitquit")]
    [InlineData(
        "--kill /usr/bin/envoy cmd",
        "--kill \"/usr/bin/envoy\" is neither a file name nor a container",
        "give the executable's file name without its directory, or container/NAME")]
    [InlineData(
        "--kill container/ cmd",
        "--kill \"container/\" is neither a file name nor a container",
        "give the executable's file name without its directory, or container/NAME")]
    [InlineData(
        "--kill container/a/b cmd",
        "--kill \"container/a/b\" is neither a file name nor a container",
        "give the executable's file name without its directory, or container/NAME")]
    [InlineData("--kill= cmd", "--kill has an empty name", "give a name")]
    [InlineData("--kill-signal INT cmd", "--kill-signal has no effect without --kill or --kill-all", "name the processes with --kill")]
    [InlineData("--install", "option --install needs an argument", "write --install PATH")]
    [InlineData("--install= ", "--install has an empty name", "give a name")]
    [InlineData(
        "--install --check",
        "option --install needs an argument, but \"--check\" follows",
        "write --install PATH; write a path that begins with a dash as \"./--check\"")]
    [InlineData(
        "--install -- cmd",
        "option --install needs an argument, but \"--\" follows",
        "write --install PATH; write a path that begins with a dash as \"./--\"")]
    [InlineData("--install=-x", "--install \"-x\" begins with a dash", "if it is a path, write \"./-x\"")]
    [InlineData("--install /shared/proa cmd", "--install takes no COMMAND", "start COMMAND through the installed file")]
    [InlineData("--verbose cmd", "--verbose goes with --version", "--log-level debug logs more")]
    [InlineData("-g http://localhost:0/ cmd", "--shutdown-http-get \"http://localhost:0/\" has port 0", "a port is a number from 1 to 65535")]
    [InlineData("--wait-http http://a:0/ cmd", "--wait-http \"http://a:0/\" has port 0", "a port is a number from 1 to 65535")]
    [InlineData("--wait-http http://a:65536/ cmd",
        "--wait-http \"http://a:65536/\" is not a URL", "write it in full, like http://localhost:4191/ready, with a port from 1 to 65535")]
    [InlineData("--wait-http http:///ready cmd",
        "--wait-http \"http:///ready\" is not a URL", "write it in full, like http://localhost:4191/ready, with a port from 1 to 65535")]
    [InlineData("--wait-http localhost/ready cmd",
        "--wait-http \"localhost/ready\" is not a URL", "write it in full, like http://localhost:4191/ready, with a port from 1 to 65535")]
    [InlineData("--wait-http ftp://a/ cmd", "--wait-http \"ftp://a/\" is not http or https", "only http:// and https:// can be asked")]
    [InlineData("--wait-tcp localhost cmd", "--wait-tcp \"localhost\" has no port", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp localhost: cmd", "--wait-tcp \"localhost:\" has no port", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp [::1] cmd", "--wait-tcp \"[::1]\" has no port", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp ::1:5432 cmd", "--wait-tcp \"::1:5432\" is not HOST:PORT", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp [localhost]:1 cmd", "--wait-tcp \"[localhost]:1\" is not HOST:PORT", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp :5432 cmd", "--wait-tcp \":5432\" is not HOST:PORT", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp= cmd", "--wait-tcp \"\" is not HOST:PORT", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp http://a:1 cmd", "--wait-tcp \"http://a:1\" is not HOST:PORT", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("--wait-tcp a:0 cmd", "--wait-tcp \"a:0\": \"0\" is not a port", "a port is a number from 1 to 65535")]
    [InlineData("--wait-tcp a:65536 cmd", "--wait-tcp \"a:65536\": \"65536\" is not a port", "a port is a number from 1 to 65535")]
    [InlineData("--wait-tcp a:http cmd", "--wait-tcp \"a:http\": \"http\" is not a port", "a port is a number from 1 to 65535")]
    [InlineData("--wait-file= cmd", "--wait-file has an empty path", "give the file's path")]
    [InlineData("--wait-file --no-wait cmd", "--wait-file \"--no-wait\" begins with a dash", "if it is a path, write \"./--no-wait\"")]
    [InlineData("--shutdown-delay soon cmd", "--shutdown-delay \"soon\" is not a duration", "write 90, 1m30s or 500ms; at most 1193h")]
    [InlineData("--ready-timeout 5 --on-timeout run cmd", "--on-timeout \"run\" is not known", "it is one of fail, start")]
    [InlineData("--on-timeout start cmd", "--on-timeout needs --ready-timeout", "set --ready-timeout")]
    [InlineData("--on-timeout fail cmd", "--on-timeout needs --ready-timeout", "set --ready-timeout")]
    [InlineData("--wait-only cmd", "--wait-only takes no COMMAND", "leave out --wait-only, or COMMAND")]
    [InlineData("--wait-only --no-api", "--wait-only has nothing to wait for", "name it with --wait-http, --wait-tcp, --wait-file or --known KIND")]
    [InlineData("-p ftp://localhost/ cmd", "--shutdown-http-post \"ftp://localhost/\" is not http or https", "only http:// and https:// can be asked")]
    public void A_mistake_is_named_together_with_its_remedy(string arguments, string message, string hint) => Refuses(Parse(arguments), message, hint);

    [Fact]
    public void An_unknown_log_level_lists_the_known_ones()
    {
        var error = Parse("--log-level loud cmd").Error;
        Assert.Equal("--log-level \"loud\" is not known", error?.Message);
        Assert.Equal(["trace", "debug", "info", "warn", "error", "off"], error?.Hint["it is one of ".Length..].Split(", ").Except(["warning"]));
    }

    [Theory]
    [InlineData("PROA_NO_WAIT", "maybe", "PROA_NO_WAIT is \"maybe\", which is neither true nor false", "set PROA_NO_WAIT=true, or unset it")]
    [InlineData("PROA_READY_TIMEOUT", "soon", "PROA_READY_TIMEOUT \"soon\" is not a duration", "write 90, 1m30s or 500ms; at most 1193h")]
    [InlineData(
        "PROA_SHUTDOWN_HTTP_GET", "http://a:1/ b", "PROA_SHUTDOWN_HTTP_GET \"b\" is not a URL", "write it in full, like http://localhost:15020/quitquitquit")]
    [InlineData("PROA_KILL_SIGNAL", "x", "PROA_KILL_SIGNAL \"x\" is not a signal", "write TERM, SIGTERM or 15")]
    [InlineData("PROA_LOG", "loud", "PROA_LOG \"loud\" is not known", "it is one of trace, debug, info, warn, error, off")]
    [InlineData("PROA_POD", " ", "PROA_POD has an empty name", "give a name")]
    [InlineData("PROA_WAIT_TCP", "a:1 b", "PROA_WAIT_TCP \"b\" has no port", "write HOST:PORT, like localhost:5432 or [::1]:5432")]
    [InlineData("PROA_ON_TIMEOUT", "start", "PROA_ON_TIMEOUT needs --ready-timeout", "set --ready-timeout")]
    [InlineData("PROA_WAIT_ONLY", "true", "PROA_WAIT_ONLY takes no COMMAND", "leave out PROA_WAIT_ONLY, or COMMAND")]
    public void A_mistake_in_a_variable_names_the_variable(string variable, string value, string message, string hint) =>
        Refuses(Parse("cmd", (variable, value)), message, hint);

    [Theory]
    [InlineData("--no-wait --ready-timeout 5 cmd", "--ready-timeout contradicts --no-wait", "remove one of them")]
    [InlineData("--install x --check", "--check contradicts --install", "remove one of them")]
    [InlineData("--no-wait --wait-for a cmd", "--wait-for contradicts --no-wait", "remove one of them")]
    [InlineData("--no-wait --wait-http http://a/ cmd", "--wait-http contradicts --no-wait", "remove one of them")]
    [InlineData("--no-wait --wait-tcp a:1 cmd", "--wait-tcp contradicts --no-wait", "remove one of them")]
    [InlineData("--no-wait --wait-file a cmd", "--wait-file contradicts --no-wait", "remove one of them")]
    [InlineData("--no-wait --wait-only", "--wait-only contradicts --no-wait", "remove one of them")]
    [InlineData("--no-api --wait-for a cmd",
        "--wait-for contradicts --no-api", "remove one of them, or wait for it with --wait-http, --wait-tcp, --wait-file or --known KIND")]
    [InlineData("--wait-only --install x", "--wait-only contradicts --install", "remove one of them")]
    [InlineData("--wait-only --ready-timeout 5 --on-timeout start",
        "--on-timeout start contradicts --wait-only", "remove one of them: there is no main to start")]
    [InlineData("--shutdown-delay 5 --shutdown-timeout 5 cmd",
        "--shutdown-delay leaves nothing of --shutdown-timeout", "make the delay shorter, or the timeout longer: it counts from main's exit")]
    [InlineData("--shutdown-delay 1ms --shutdown-timeout 0 cmd",
        "--shutdown-delay leaves nothing of --shutdown-timeout", "make the delay shorter, or the timeout longer: it counts from main's exit")]
    [InlineData("--wait-for a --wait-for b --ignore b cmd", "container \"b\" is in --wait-for and in --ignore", "remove it from one of them")]
    [InlineData("--kill container/a --ignore a cmd", "container \"a\" is in --kill and in --ignore", "remove it from one of them")]
    [InlineData("--kill container/a --container a cmd", "--kill \"container/a\" would signal our own container", "name a sidecar")]
    [InlineData("--wait-for a --container a cmd", "--wait-for \"a\" would wait for our own container", "name a sidecar")]
    public void Options_that_contradict_each_other_are_refused(string arguments, string message, string hint) => Refuses(Parse(arguments), message, hint);

    [Theory]
    [InlineData("-v", "did you mean -V, --version?")]
    [InlineData("-G", "did you mean -g, --shutdown-http-get?")]
    [InlineData("-H", "did you mean -h, --help?")]
    public void A_letter_in_the_wrong_case_is_named_with_the_right_one(string argument, string hint) =>
        Assert.Equal(new UsageError("unknown option " + argument, hint), Parse(argument + " cmd").Error);

    [Fact]
    public void The_first_mistake_is_the_one_named() =>
        Assert.Equal("--shutdown-when \"often\" is not known", Parse("--ready-timeout soon --shutdown-when often cmd").Error?.Message);

    [Fact]
    public void Of_several_unknown_options_the_first_is_named() =>
        Assert.Equal("unknown option --bogus", Parse("--bogus --nonsense -x main").Error!.Message);

    [Fact]
    public void A_refusal_still_says_how_it_is_to_be_logged()
    {
        var result = Parse("--log-format text --log-level error --bogus cmd");
        Assert.Equal(Request.Refuse, result.Request);
        Assert.Equal("log-level=Error log-format=Text", Shown(result.Options));
    }

    [Theory]
    [InlineData("-p http://localhost:1/quit", true)] // no COMMAND
    [InlineData("--bogus -p http://localhost:1/quit -- main", true)]
    [InlineData("--bogus -p http://localhost:1/quit", true)]
    [InlineData("--bogus=5 -p http://localhost:1/quit -- main", true)]
    [InlineData("--bogus 5 -p http://localhost:1/quit -- main", true)]
    [InlineData("-x -p http://localhost:1/quit main", true)]
    [InlineData("--no-wait=x -p http://localhost:1/quit main", true)]
    [InlineData("--ready-timeout soon -p http://localhost:1/quit main", true)]
    [InlineData("-p http://localhost:1/quit -g", true)]
    [InlineData("--bogus main -p http://localhost:1/quit", false)] // these may be main's
    [InlineData("--bogus 5 main -p http://localhost:1/quit -- file", false)]
    [InlineData("--bogus -- main -p http://localhost:1/quit", false)]
    public void Beside_an_error_the_shutdown_requests_are_read_that_are_proas(string arguments, bool isRead)
    {
        var result = Parse(arguments);
        Assert.Equal((Request.Refuse, Request.Run, isRead), (result.Request, result.Wanted, EndingRule.Of(result.Options).HasWork));
    }

    [Fact]
    public void Any_command_line_and_environment_is_followed_or_refused() =>
        Gen.Select(Generate.Arguments, Generate.Variables).Sample(
            (arguments, variables) =>
            {
                var result = Parser.Parse(arguments, variables.GetValueOrDefault);
                Assert.Equal(result.Request == Request.Refuse, result.Error is not null);
                if (result.Request == Request.Run) Assert.InRange(result.CommandIndex, 0, arguments.Length - 1);
                if (result.Error is { } error) Assert.True(error.Message.Length > 0 && error.Hint.Length > 0);
                foreach (var request in result.Options.ShutdownRequests) Assert.StartsWith("http", request.LoggableUrl, StringComparison.Ordinal);
            },
            iter: 5_000);

    private static void Refuses(ParseResult result, string message, string hint)
    {
        Assert.Equal(Request.Refuse, result.Request);
        Assert.Equal(new UsageError(message, hint), result.Error);
    }

    /// <summary>The options that are not at their default.</summary>
    private static string Shown(Options options)
    {
        var absent = new Options();
        return string.Join(' ', new[]
        {
            string.Join(' ', options.ShutdownRequests.Select(r => r.Method.ToString().ToUpperInvariant() + " " + r.Url)),
            Names("kill", options.Kill),
            options.KillAll ? "kill-all" : "",
            Other("kill-signal", options.KillSignal, absent.KillSignal),
            Other("shutdown-when", options.ShutdownWhen, absent.ShutdownWhen),
            Other("shutdown-timeout", options.ShutdownTimeout?.TotalMilliseconds, null),
            Names("wait-for", options.WaitFor),
            Names("ignore", options.Ignore),
            Other("ready-timeout", options.ReadyTimeout?.TotalMilliseconds, null),
            Names("wait-http", options.WaitHttp),
            Names("wait-tcp", options.WaitTcp),
            Names("wait-file", options.WaitFile),
            Other("on-timeout", options.OnTimeout, absent.OnTimeout),
            options.NoApi ? "no-api" : "",
            options.NoWait ? "no-wait" : "",
            options.WaitOnly ? "wait-only" : "",
            Other("known", options.UsesKnown, true),
            Other("shutdown-delay", options.ShutdownDelay.TotalMilliseconds, 0),
            Other("pod", options.Pod, null),
            Other("namespace", options.Namespace, null),
            Other("container", options.Container, null),
            options.SignalGroup ? "signal-group" : "",
            Names("env-file", options.EnvFiles),
            options.EnvFileOverride ? "env-file-override" : "",
            Names("stop-on", [.. options.StopOn.Select(s => (s.Name ?? "*") + (s.AlsoRestart ? "+restart" : ""))]),
            Other("until", options.Until, null),
            Names("map-signal", [.. options.MapSignal.Select(m => FormattableString.Invariant($"{m.From}={m.To}"))]),
            Names("exit-zero", options.ExitZero),
            Other("log-level", options.LogLevel, absent.LogLevel),
            Other("log-format", options.LogFormat, absent.LogFormat),
        }.Where(text => text.Length > 0));

        static string Names<T>(string option, ImmutableArray<T> names) => names.IsEmpty ? "" : option + "=" + string.Join(',', names);
        static string Other<T>(string option, T value, T absent) =>
            EqualityComparer<T>.Default.Equals(value, absent) ? "" : string.Create(CultureInfo.InvariantCulture, $"{option}={value}");
    }
}
