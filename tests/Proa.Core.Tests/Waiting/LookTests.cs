using Proa.Waiting;

namespace Proa.Tests.Waiting;

public sealed class LookTests
{
    [Theory]
    [InlineData(200, Readiness.Start, "")]
    [InlineData(204, Readiness.Start, "")]
    [InlineData(299, Readiness.Start, "")]
    [InlineData(101, Readiness.Wait, "")]
    [InlineData(301, Readiness.Wait, "proa does not follow redirects")]
    [InlineData(401, Readiness.Wait, "a user and a password")]
    [InlineData(404, Readiness.Wait, "is the path right")]
    [InlineData(503, Readiness.Wait, "")]
    internal void A_URL_is_ready_where_it_answers_2xx(int status, Readiness readiness, string hint)
    {
        var look = NetworkLook.OfHttp(new(Contact.Made, status));
        Assert.Equal((readiness, $"answers {status}"), (look.Readiness, look.Outcome));
        Assert.Equal(hint.Length > 0, look.Hint.Length > 0);
        Assert.Contains(hint, look.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version": "1", "state": "LIVE", "uptime": {"state": "x"}}""", "answers 200")]
    [InlineData("""{"state": "PRE_INITIALIZING"}""", "says that Envoy is PRE_INITIALIZING")]
    [InlineData("""{"state": "LIVE""", "does not say Envoy's state")]
    [InlineData("""{"uptime": {"state": "LIVE"}}""", "does not say Envoy's state")]
    [InlineData("""{"state": 3}""", "does not say Envoy's state")]
    [InlineData("", "does not say Envoy's state")]
    [InlineData("LIVE", "does not say Envoy's state")]
    [InlineData("\"LIVE\"", "does not say Envoy's state")]
    public void Envoy_is_ready_where_it_says_that_it_is_live(string answer, string outcome)
    {
        var look = NetworkLook.OfHttp(new(Contact.Made, 200, EnvoyState: Envoy.State(System.Text.Encoding.UTF8.GetBytes(answer))));
        Assert.Equal((outcome == "answers 200" ? Readiness.Start : Readiness.Wait, outcome), (look.Readiness, look.Outcome));
    }

    [Theory]
    [InlineData(Contact.Refused, "refuses connections")]
    [InlineData(Contact.NoSuchHost, "has a host name that does not exist")]
    [InlineData(Contact.NoLookUp, "has a host name that cannot be looked up now")]
    [InlineData(Contact.Silent, "has not answered within 5s")]
    [InlineData(Contact.Closed, "closes the connection without an answer")]
    [InlineData(Contact.NoHttp, "does not speak HTTP")]
    [InlineData(Contact.Failed, "cannot be reached: no route to host")]
    internal void Who_is_not_reached_may_yet_come(Contact contact, string outcome)
    {
        NetworkAttempt attempt = new(contact, Detail: "no route to host.");
        Assert.Equal((Readiness.Wait, outcome), (NetworkLook.OfTcp(attempt).Readiness, NetworkLook.OfTcp(attempt).Outcome));
        Assert.Equal(NetworkLook.OfTcp(attempt), NetworkLook.OfHttp(attempt));
    }

    [Fact]
    public void A_port_is_ready_where_it_takes_a_connection() =>
        Assert.Equal(new(Readiness.Start, "accepts connections"), NetworkLook.OfTcp(new(Contact.Made)));

    [Theory]
    [InlineData(FileKind.Regular, 1, 0, Readiness.Start, "exists and is not empty")]
    [InlineData(FileKind.Regular, 0, 0, Readiness.Wait, "is empty")]
    [InlineData(FileKind.Socket, 0, 0, Readiness.Start, "exists")]
    [InlineData(FileKind.Fifo, 0, 0, Readiness.Start, "exists")]
    [InlineData(FileKind.CharacterDevice, 0, 0, Readiness.Start, "exists")]
    [InlineData(FileKind.Directory, 4096, 0, Readiness.Never, "is a directory")]
    [InlineData(FileKind.None, 0, Errno.ENOENT, Readiness.Wait, "does not exist")]
    [InlineData(FileKind.None, 0, Errno.ENOTDIR, Readiness.Never, "can never exist: a part of its path is a file, not a directory")]
    [InlineData(FileKind.None, 0, Errno.ENAMETOOLONG, Readiness.Never, "can never exist: no way")]
    [InlineData(FileKind.None, 0, Errno.ELOOP, Readiness.Never, "can never exist: no way")]
    [InlineData(FileKind.None, 0, Errno.EACCES, Readiness.Wait, "cannot be checked: no way")]
    [InlineData(FileKind.None, 0, 5, Readiness.Wait, "cannot be checked: no way")]
    internal void A_file_is_ready_where_it_has_content(FileKind kind, long size, int errno, Readiness readiness, string outcome)
    {
        var look = FileLook.Of(kind, size, errno, "no way");
        Assert.Equal((readiness, outcome), (look.Readiness, look.Outcome));
    }

    [Fact]
    public void What_never_holds_says_what_to_do()
    {
        Assert.NotEqual("", FileLook.Of(FileKind.Directory, 0, 0, "").Hint);
        foreach (var errno in (int[])[Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG]) Assert.NotEqual("", FileLook.Of(FileKind.None, 0, errno, "x").Hint);
    }

    [Fact]
    public void A_condition_names_what_it_is_for_and_why_it_does_not_hold()
    {
        Assert.Equal(
            new(
                Readiness.Wait,
                "http://localhost:4191/ready answers 404",
                "is the path right, and does it accept GET?",
                "is the path right, and does it accept GET?"),
            NetworkLook.OfHttp(new(Contact.Made, 404)).Of("http://localhost:4191/ready"));
        Assert.Equal("", NetworkLook.OfHttp(new(Contact.Made, 200)).Of("http://localhost:4191/ready").Why);
    }

    [Fact]
    public void It_is_looked_at_ever_later_up_to_a_second()
    {
        var delays = new List<double>();
        for (var delay = TimeSpan.Zero; delays.Count < 6; delays.Add(delay.TotalMilliseconds)) delay = LookDelay.After(holds: false, held: false, delay);
        Assert.Equal([100, 200, 400, 800, 1000, 1000], delays);
    }

    [Fact]
    public void What_holds_is_looked_at_each_second_and_soon_where_it_has_ceased_to()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), LookDelay.After(holds: true, held: false, TimeSpan.FromMilliseconds(200)));
        Assert.Equal(TimeSpan.FromSeconds(1), LookDelay.After(holds: true, held: true, TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), LookDelay.After(holds: false, held: true, TimeSpan.FromSeconds(1)));
    }
}
