using System.Buffers.Text;
using System.Text;
using Proa.Identity;
using Proa.Tests.Support;

namespace Proa.Fuzz;

/// <summary>A service account token, and the payload of one.</summary>
internal sealed class TokenTarget : Target
{
    private const string Payload = """
        {"aud":["https://kubernetes.default.svc"],"exp":1826886318,"kubernetes.io":{"namespace":"lab","node":{"name":"labnode"},
        "pod":{"name":"mi","uid":"17639905-bb89-4ad7-9c36-a774a667e3f2"},"serviceaccount":{"name":"watcher","uid":"a94cabea"}}}
        """;

    /// <summary>A longer token is none.</summary>
    private const int LongestPayload = 48_000;

    public override string Name => "token";

    protected override int MemoryPerByte => 50;

    public override IEnumerable<byte[]> FirstInputs() =>
        ((string[])
        [
            Payload, Token(Encoding.UTF8.GetBytes(Payload)), Token("{\"kubernetes.io\":{\"namespace\":\"lab\"}}"u8), "{\"kubernetes.io\":null}", "a.b.c",
        ])
            .Select(Encoding.UTF8.GetBytes);

    public override IEnumerable<string> Words() => Json.Names(typeof(TokenPayload)).Concat(Json.Values()).Append(".").Append("=");

    public override void Read(byte[] input)
    {
        if (input.Length <= LongestPayload)
            Require(ServiceAccountToken.Read(Token(input)) == ModelOracle.Token(input), "the token is not what .NET reads");
        foreach (var text in (string[])[Encoding.ASCII.GetString(input).Trim(), Token(input)])
        {
            if (Bounded(input, _ => ServiceAccountToken.Read(text)) is not { } token) continue;
            var identity = new PodEvidence(null, null, token, null, null, null, "host.example").Decide();
            Require(identity.Namespace.Length > 0 && identity.Names.All(name => name.Length > 0), "the token gives a Pod without a name");
            Require(
                Handover.FromBytes(new Handover(identity, null, null).ToBytes())?.Identity.Describe() == identity.Describe(),
                "the Pod is another one when it is written and read again");
        }
    }

    private static string Token(ReadOnlySpan<byte> payload) => "eyJhbGciOiJSUzI1NiJ9." + Base64Url.EncodeToString(payload) + ".c2lnbmF0dXJl";
}
