using System.Buffers.Text;
using System.Text;
using CsCheck;
using Proa.Identity;

namespace Proa.Tests.Identity;

public sealed class ServiceAccountTokenTests
{
    /// <summary>Recorded: see the fixtures' README.</summary>
    private const string Payload = """
        {"aud":["https://kubernetes.default.svc"],"exp":1826886318,"iat":1795350318,"iss":"https://kubernetes.default.svc",
         "jti":"d829cb78-7708-4cbc-85b8-a4c5ef2b018b","kubernetes.io":{"namespace":"lab","node":{"name":"labnode","uid":"17fd7509-746d-49e4-aec6-5ebf3a8d83f9"},
         "pod":{"name":"mi","uid":"17639905-bb89-4ad7-9c36-a774a667e3f2"},"serviceaccount":{"name":"watcher","uid":"a94cabea-bf74-4b04-b5e6-c6b8325e4982"},
         "warnafter":1795353925},"nbf":1795350318,"sub":"system:serviceaccount:lab:watcher"}
        """;

    [Fact]
    public void The_recorded_token_says_who_we_are() =>
        Assert.Equal(new("lab", "mi", "17639905-bb89-4ad7-9c36-a774a667e3f2", "watcher"), ServiceAccountToken.Read(Token(Payload)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_payload_is_base64url_without_padding_whatever_its_length(int spaces)
    {
        var token = Token(Payload + new string(' ', spaces));
        Assert.DoesNotContain('=', token);
        Assert.Equal("mi", ServiceAccountToken.Read(token)?.PodName);
    }

    [Fact]
    public void The_letters_that_only_base64url_has_are_read()
    {
        var token = Token("""{"kubernetes.io":{"namespace":"~~~???>>>ÿÿÿ"}}""");
        Assert.True(token.AsSpan().ContainsAny('-', '_'));
        Assert.Equal("~~~???>>>ÿÿÿ", ServiceAccountToken.Read(token)?.Namespace);
    }

    [Fact]
    public void A_line_feed_at_the_tokens_end_does_no_harm() => Assert.Equal("mi", ServiceAccountToken.Read(Token(Payload) + "\n")?.PodName);

    [Theory]
    [InlineData("""{"kubernetes.io":{"namespace":"lab","serviceaccount":{"name":"watcher"}}}""")]
    [InlineData("""{"kubernetes.io":{"namespace":"lab","pod":null,"serviceaccount":{"name":"watcher"}}}""")]
    [InlineData("""{"kubernetes.io":{"namespace":"lab","pod":{},"serviceaccount":{"name":"watcher"}}}""")]
    public void A_token_that_is_bound_to_no_Pod_names_none(string payload) =>
        Assert.Equal(new("lab", "", "", "watcher"), ServiceAccountToken.Read(Token(payload)));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"sub":"somebody","iss":"https://accounts.example.com"}""")]
    [InlineData("""{"kubernetes.io":null}""")]
    [InlineData("""{"kubernetes.io":"lab"}""")]
    [InlineData("""{"kubernetes.io":{"pod":"mi"}}""")]
    [InlineData("""{"kubernetes.io/serviceaccount/namespace":"lab","iss":"kubernetes/serviceaccount"}""")]
    public void Another_payload_says_nothing(string payload) => Assert.Null(ServiceAccountToken.Read(Token(payload)));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.!!!.c")]
    [InlineData("a.b.c")]
    [InlineData("a.ä.c")]
    [InlineData("a.e30.c.d")]
    public void What_is_no_token_says_nothing(string token) => Assert.Null(ServiceAccountToken.Read(token));

    [Fact]
    public void A_token_of_an_absurd_length_says_nothing() => Assert.Null(ServiceAccountToken.Read(Token(Payload + new string(' ', 100_000))));

    [Fact]
    public void Any_text_is_read_without_an_exception() => Gen.String.Array[1, 5].Sample(parts =>
    {
        var read = ServiceAccountToken.Read(string.Join('.', parts));
        Assert.True(read is null or { Namespace: not null });
    });

    private static string Token(string payload) =>
        string.Join('.', ((byte[][])[[.. """{"alg":"RS256"}"""u8], Encoding.UTF8.GetBytes(payload), [1, 2, 3]]).Select(part => Base64Url.EncodeToString(part)));
}
