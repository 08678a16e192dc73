using System.Net;
using System.Net.Sockets;
using Proa.Net;

namespace Proa.Unit.Tests.Net;

public sealed class TcpConnectorTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("[fd00::1]", "fd00::1")]
    [InlineData("localhost", "127.0.0.1 ::1")]
    [InlineData("LocalHost", "127.0.0.1 ::1")]
    [InlineData("sidecar.localhost", "127.0.0.1 ::1")]
    public async Task An_address_is_itself_and_localhost_is_looked_up_nowhere(string host, string addresses) =>
        Assert.Equal(addresses, string.Join(' ', (IEnumerable<IPAddress>)await TcpConnector.AddressesAsync(host, TestContext.Current.CancellationToken)));

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("a.localhost", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("[::1]", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("localhost.example", false)]
    [InlineData("notlocalhost", false)]
    [InlineData("", false)]
    public void What_stays_in_the_Pod_is_told_by_the_name(string host, bool isLoopback) => Assert.Equal(isLoopback, TcpConnector.IsLoopback(host));

    [Fact]
    public async Task Who_accepts_listens_and_who_refuses_does_not()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        Assert.False(await TcpConnector.IsListeningAsync("127.0.0.1", port, TestContext.Current.CancellationToken));
        socket.Listen();
        Assert.True(await TcpConnector.IsListeningAsync("127.0.0.1", port, TestContext.Current.CancellationToken));
    }
}
