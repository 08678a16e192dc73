using System.Text;
using Proa.Http;

namespace Proa.Tests.Http;

public sealed class RequestTextTests
{
    [Theory]
    [InlineData("http://a/", "a")]
    [InlineData("http://A.example./", "a.example.")]
    [InlineData("http://a:80/", "a")]
    [InlineData("https://a:443/", "a")]
    [InlineData("http://a:443/", "a:443")]
    [InlineData("https://a:80/", "a:80")]
    [InlineData("http://user:secret@127.0.0.1:8080/", "127.0.0.1:8080")]
    [InlineData("http://[::1]/", "[::1]")]
    [InlineData("https://[2001:db8::1]:6443/", "[2001:db8::1]:6443")]
    [InlineData("http://[fe80::1%25eth0]:1/", "[fe80::1]:1")]
    [InlineData("http://zürich.example:1/", "xn--zrich-kva.example:1")]
    public void The_host_is_the_URLs_with_its_port_where_that_is_not_the_usual_one(string url, string host) =>
        Assert.Equal($"GET /a?b HTTP/1.1\r\nHost: {host}\r\n\r\n", Write("GET", url));

    [Fact]
    public void Fields_come_after_it() =>
        Assert.Equal(
            "GET /a?b HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX: \u00e4\r\n\r\n",
            Write("GET", "http://a", ("Accept", "*/*"), ("X", "\u00e4")));

    [Fact]
    public void POST_says_that_it_has_no_body() =>
        Assert.Equal("POST /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 0\r\n\r\n", Write("POST", "http://a", ("X", "y")));

    private static string Write(string method, string url, params (string Name, string Value)[] fields) =>
        Encoding.Latin1.GetString(RequestText.Write(method, new(url), "/a?b", fields));
}
