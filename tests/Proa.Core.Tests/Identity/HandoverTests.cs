using System.Text;
using CsCheck;
using Proa.Identity;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Identity;

public sealed class HandoverTests
{
    [Fact]
    public void What_is_handed_over_arrives_unaltered() => Generate.Knowledge.Sample(
        knowledge => Assert.Equivalent(knowledge, Handover.FromBytes(knowledge.ToBytes()), strict: true), iter: 300);

    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void A_recorded_Pod_arrives_unaltered(string recording)
    {
        foreach (var (_, pod) in Recordings.PodEvents(recording))
        {
            var knowledge = new Handover(new("lab", [recording], pod.Metadata.Uid, "watcher", "--pod"), new("main", "--container"), pod);
            Assert.Equivalent(knowledge, Handover.FromBytes(knowledge.ToBytes()), strict: true);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"identity":null}""")]
    [InlineData("""{"identity":{"namespace":"lab"}""")]
    [InlineData("""{"identity":{}}""")]
    [InlineData("""{"identity":{"names":null}}""")]
    [InlineData("""{"identity":{"names":[]}}""")]
    [InlineData("""{"identity":{"namespace":"lab"},"pod":{}}""")]
    [InlineData("Segmentation fault")]
    public void What_is_no_knowledge_or_has_no_name_to_look_up_is_none(string text) => Assert.Null(Handover.FromBytes(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Knowledge_that_is_cut_short_is_none()
    {
        var whole = new Handover(new("lab", ["p"], "uid", "", "--pod"), new("main", "--container"), Given.Pod()).ToBytes();
        for (var length = 0; length < whole.Length; length++) Assert.Null(Handover.FromBytes(whole.AsSpan(0, length)));
    }
}
