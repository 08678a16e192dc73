using CsCheck;
using Proa.Identity;

namespace Proa.Tests.Identity;

public sealed class ProcessStatTests
{
    private const string Rest = " S 1 12 12 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 123456 1000 200 18446744073709551615 0 0";

    [Fact]
    public void The_fields_are_those_of_the_manual_page() =>
        Assert.Equal(new(12, "envoy", 'S', 1, 4194560, 123456), ProcessStat.Read("12 (envoy)" + Rest));

    [Theory]
    [InlineData("a) S 1 (b", "a) S 1 (b")]
    [InlineData("", "")]
    [InlineData(" x\ny ", " x\ny ")]
    [InlineData("))", "))")]
    public void A_name_may_hold_anything(string name, string read) =>
        Assert.Equal((read, 1, 123456UL), ProcessStat.Read($"12 ({name})" + Rest) is { } stat ? (stat.Name, stat.Parent, stat.StartTime) : default);

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12 (envoy")]
    [InlineData("12 envoy)" + Rest)]
    [InlineData("12 (envoy) S 1")]
    [InlineData("x (envoy)" + Rest)]
    [InlineData(") 12 (" + Rest)]
    public void What_is_no_such_text_is_no_process(string text) => Assert.Null(ProcessStat.Read(text));

    [Theory]
    [InlineData("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 2 0 0 0", true)]
    [InlineData("12 (envoy)" + Rest, false)]
    public void A_kernel_thread_is_known_by_its_flag(string text, bool isOfKernel) => Assert.Equal(isOfKernel, ProcessStat.Read(text)?.IsOfKernel);

    [Theory]
    [InlineData('Z', true)]
    [InlineData('X', true)]
    [InlineData('T', false)]
    [InlineData('D', false)]
    public void One_that_waits_to_be_reaped_has_ended(char state, bool hasEnded) =>
        Assert.Equal(hasEnded, ProcessStat.Read("12 (envoy)" + Rest.Replace('S', state))?.HasEnded);

    [Fact]
    public void Any_text_is_read_or_is_none() => Gen.String.Sample(text => ProcessStat.Read(text) is null or { Name: not null }, iter: 2_000);
}
