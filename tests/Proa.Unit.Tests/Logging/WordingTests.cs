using Proa.Logging;

namespace Proa.Unit.Tests.Logging;

public sealed class WordingTests
{
    [Theory]
    [InlineData("Connection refused", "connection refused")]
    [InlineData("A name", "A name")]
    [InlineData("TLS alert", "TLS alert")]
    [InlineData("already small", "already small")]
    [InlineData("X", "X")]
    [InlineData("", "")]
    [InlineData("Écoute", "écoute")]
    public void A_sentence_begins_small_and_an_abbreviation_stays(string text, string small) => Assert.Equal(small, Wording.WithSmallInitial(text));
}
