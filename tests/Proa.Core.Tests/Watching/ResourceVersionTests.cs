using System.Globalization;
using System.Numerics;
using CsCheck;
using Proa.Watching;

namespace Proa.Tests.Watching;

public sealed class ResourceVersionTests
{
    [Theory]
    [InlineData("720", "721", true)]
    [InlineData("721", "721", false)]
    [InlineData("722", "721", false)]
    [InlineData("99", "100", true)]
    [InlineData("100", "99", false)]
    [InlineData("9223372036854775807", "9223372036854775808", true)]
    [InlineData("99999999999999999999999999999999", "100000000000000000000000000000000", true)]
    public void Numbers_of_any_length_are_compared(string version, string than, bool isOlder) => Assert.Equal(isOlder, ResourceVersion.IsOlder(version, than));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0720")]
    [InlineData("-720")]
    [InlineData("+720")]
    [InlineData("72.0")]
    [InlineData("7a0")]
    [InlineData("v720")]
    [InlineData("720 ")]
    [InlineData("٧٢٠")]
    public void What_is_no_number_is_neither_older_nor_newer(string version)
    {
        Assert.False(ResourceVersion.IsOlder(version, "721"));
        Assert.False(ResourceVersion.IsOlder("721", version));
    }

    [Fact]
    public void They_are_in_the_order_of_the_numbers() =>
        Gen.Select(Gen.ULong[1, ulong.MaxValue], Gen.ULong[1, ulong.MaxValue], Gen.Int[0, 2]).Sample((a, b, power) =>
        {
            var (first, second) = (a * BigInteger.Pow(ulong.MaxValue, power), (BigInteger)b);
            Assert.Equal(first < second, ResourceVersion.IsOlder(first.ToString(CultureInfo.InvariantCulture), second.ToString(CultureInfo.InvariantCulture)));
        });
}
