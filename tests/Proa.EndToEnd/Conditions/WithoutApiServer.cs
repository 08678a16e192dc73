using System.Net;
using System.Net.Sockets;
using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Conditions;

/// <summary><c>--no-api</c> with what it waits for.</summary>
public sealed class WithoutApiServer
{
    [Fact]
    public async Task Without_a_condition_main_is_started_at_once()
    {
        await using var proa = Waiting.Start("--no-api");
        Assert.Equal((0, "main runs\n", ""), await proa.ResultAsync());
    }

    [Fact]
    public async Task A_URL_is_waited_for_until_it_answers_2xx()
    {
        using var place = new Place(listens: false);
        var url = place.Url("127.0.0.1");
        await using var proa = Waiting.Start("--no-api", "--wait-http", url);
        await proa.ComplainsAsync($"proa: waiting for {url}\nproa: {url} refuses connections\n");
        place.Status = 503;
        place.Open();
        await proa.ComplainsAsync($"{url} answers 503\n");
        place.Status = 302;
        await proa.ComplainsAsync($"{url} answers 302\n");
        Assert.Equal("", proa.Output);
        place.Status = 204;
        await proa.ComplainsAsync($"{url} answers 204\n");
        await proa.StartsMainAsync();
        Assert.All(place.Heads, head => Assert.Matches("^GET /ready HTTP/1.1\n(.*\n)*User-Agent: proa/[0-9]+\\.[0-9]+\\.[0-9]+\n", head));
    }

    [Fact]
    public async Task A_port_is_waited_for_until_it_accepts_connections()
    {
        using var place = new Place(listens: false);
        await using var proa = Waiting.Start("--no-api", "--wait-tcp", place.Endpoint);
        await proa.ComplainsAsync($"proa: waiting for {place.Endpoint}\nproa: {place.Endpoint} refuses connections\n");
        place.Open();
        await proa.ComplainsAsync($"{place.Endpoint} accepts connections\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task A_file_is_waited_for_until_it_has_content()
    {
        using var directory = new TemporaryDirectory();
        var file = directory["secrets/database"];
        await using var proa = Waiting.Start("--no-api", "--wait-file", file);
        await proa.ComplainsAsync($"proa: waiting for {file}\nproa: {file} does not exist\n");
        directory.Write("secrets/database", "");
        await proa.ComplainsAsync($"{file} is empty\n");
        Assert.Equal("", proa.Output);
        directory.Write("secrets/database", "password");
        await proa.ComplainsAsync($"{file} exists and is not empty\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task A_socket_need_only_be_there()
    {
        using var directory = new TemporaryDirectory();
        await using var proa = Waiting.Start("--no-api", "--wait-file", directory["instance"]);
        await proa.ComplainsAsync("does not exist\n");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(directory["instance"]));
        await proa.ComplainsAsync($"{directory["instance"]} exists\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task A_place_that_comes_and_goes_holds_only_while_it_is_there()
    {
        using var place = new Place();
        using var directory = new TemporaryDirectory();
        await using var proa = Waiting.Start("--no-api", "--wait-tcp", place.Endpoint, "--wait-file", directory["file"]);
        await proa.ComplainsAsync($"{place.Endpoint} accepts connections\n");
        place.Close();
        await proa.ComplainsAsync($"{place.Endpoint} refuses connections\n");
        directory.Write("file", "content");
        await proa.ComplainsAsync("exists and is not empty\n");
        place.Open();
        await proa.ComplainsAsync($"{place.Endpoint} accepts connections\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task A_place_that_has_gone_without_being_seen_to_is_looked_at_once_more_before_main_is_started()
    {
        using var place = new Place();
        using var directory = new TemporaryDirectory();
        await using var proa = Waiting.Start("--no-api", "--wait-http", place.Url("127.0.0.1"), "--wait-file", directory["file"]);
        await proa.ComplainsAsync("answers 200\n");
        place.Close();
        directory.Write("file", "content");
        await proa.ComplainsAsync("refuses connections\n");
        place.Open();
        await proa.ComplainsAsync("answers 200\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task What_listens_in_the_Pod_over_TLS_needs_no_certificate_that_is_trusted()
    {
        using var place = new Place(hasTls: true);
        await using var proa = Waiting.Start("--no-api", "--wait-http", place.Url("localhost"));
        await proa.ComplainsAsync($"https://localhost:{place.Port}/ready answers 200\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task An_address_of_IPv6_is_written_in_brackets()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "there is no IPv6 loopback");
        using var place = new Place(address: IPAddress.IPv6Loopback);
        await using var proa = Waiting.Start(
            "--no-api", "--wait-tcp", $"[::1]:{place.Port}", "--wait-http", place.Url("[::1]"), "--wait-http", place.Url("localhost"));
        await proa.ComplainsAsync($"waiting for http://[::1]:{place.Port}/ready, http://localhost:{place.Port}/ready, [::1]:{place.Port}\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task A_host_name_that_does_not_exist_may_yet_come_to_exist()
    {
        using var directory = new TemporaryDirectory();
        await using var proa = RunningProcess.Start(
            [
                .. Asking.WithoutNames(directory),
                Executables.Proa, "--no-api", "--wait-http=http://nobody.example/ready", "--wait-tcp=nobody.example:1", "--", "echo", "main runs",
            ],
            Waiting.AsText);
        foreach (var _ in (int[])[1, 2]) await proa.ComplainsAsync("has a host name that does not exist\n");
        proa.Send(Signal.KILL);
        Assert.Equal("", (await proa.ResultAsync()).Output);
    }

    [Fact]
    public async Task A_user_and_a_password_are_sent_and_not_logged()
    {
        using var place = new Place { Status = 401 };
        await using var proa = Waiting.Start("--no-api", "--log-level=trace", "--wait-http", place.Url("user:s3cret%21@127.0.0.1") + "?token=t0ken");
        await proa.ComplainsAsync($"{place.Url("127.0.0.1")} answers 401\n");
        place.Status = 200;
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("s3cret", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", errors, StringComparison.Ordinal);
        Assert.Contains($"\nAuthorization: Basic {Convert.ToBase64String("user:s3cret!"u8)}\n", place.Heads.First(), StringComparison.Ordinal);
        Assert.StartsWith("GET /ready?token=t0ken HTTP/1.1\n", place.Heads.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_needs_no_token_nor_anything_else_of_the_image_and_the_sidecars_are_asked_to_stop()
    {
        Executables.RequireRoot("make a root directory of one's own");
        using var place = new Place(listens: false);
        using var directory = new TemporaryDirectory();
        Executables.Copy(Executables.Proa, directory["proa"]);
        foreach (var name in new[] { "dev", "proc" }) Directory.CreateDirectory(directory[name]);
        await using var proa = RunningProcess.Start(
            [
                "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec",
                "mount -t proc proc \"$0/proc\"; mount --rbind /dev \"$0/dev\"; exec chroot \"$0\" \"$@\"", directory.Path,
                "/proa", "--no-api", "--wait-tcp", place.Endpoint, "-p", place.Url("127.0.0.1"), "--", "/proa", "--version",
            ],
            new Dictionary<string, string?>(Waiting.AsText) { ["KUBERNETES_SERVICE_HOST"] = "127.0.0.1" });
        await proa.ComplainsAsync($"{place.Endpoint} refuses connections\n");
        place.Open();
        await proa.ComplainsAsync($"asked a sidecar to stop: POST {place.Url("127.0.0.1")}\n");
        var (exitCode, output, _) = await proa.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.StartsWith("proa ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd/x", "can never exist")]
    [InlineData("/etc", "is a directory")]
    public async Task A_file_that_can_never_be_is_refused_at_once(string file, string why)
    {
        using var place = new Place(listens: false);
        await using var proa = Waiting.Start("--no-api", "--wait-tcp", place.Endpoint, "--wait-file", file);
        Assert.Contains($"proa: error: cannot start main: {file} {why}", await proa.EndsWithoutMainAsync(125), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--wait-http=http://localhost:0/", "--wait-http \"http://localhost:0/\" has port 0")]
    [InlineData("--wait-tcp=localhost:65536", "--wait-tcp \"localhost:65536\": \"65536\" is not a port")]
    [InlineData("--wait-file=", "--wait-file has an empty path")]
    [InlineData("--on-timeout=start", "--on-timeout needs --ready-timeout")]
    [InlineData("--wait-for=sidecar", "--wait-for contradicts --no-api")]
    [InlineData("--wait-only", "--wait-only has nothing to wait for")]
    public async Task A_mistake_is_named(string mistake, string message)
    {
        await using var proa = Waiting.Start("--no-api", mistake);
        Assert.StartsWith($"proa: error: {message}", await proa.EndsWithoutMainAsync(125), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_looks_once_at_each_condition()
    {
        using var ready = new Place();
        using var absent = new Place(listens: false);
        string[] options = ["--no-api", "--check", "--wait-http", ready.Url("127.0.0.1")];
        await using (var proa = Waiting.Run(options))
        {
            var (exitCode, output, errors) = await proa.ResultAsync();
            Assert.Equal((0, ""), (exitCode, errors));
            Assert.Contains($"\nwait for     {ready.Url("127.0.0.1")}: answers 200\n", output, StringComparison.Ordinal);
            Assert.Contains("\nmain         can start now\n", output, StringComparison.Ordinal);
        }

        await using (var proa = Waiting.Run([.. options, "--wait-tcp", absent.Endpoint]))
        {
            var (exitCode, output, _) = await proa.ResultAsync();
            Assert.Equal(124, exitCode);
            Assert.Contains($"\nwait for     {absent.Endpoint}: refuses connections\n", output, StringComparison.Ordinal);
            Assert.Contains($"\nmain         cannot start yet: {absent.Endpoint} refuses connections\n", output, StringComparison.Ordinal);
        }

        Assert.Equal(2, ready.Heads.Count);
    }
}
