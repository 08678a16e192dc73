namespace Proa.Tests.Support;

public sealed class SnapshotTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("snapshots-");

    public SnapshotTests() => File.WriteAllText(PathOf("one.txt"), "reviewed\n");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_text_that_is_as_it_was_reviewed_passes() => Snapshots().Compare("one.txt", "reviewed\n");

    [Theory]
    [InlineData("one.txt")]
    [InlineData("new.txt")]
    public void Any_other_fails_and_stays_as_it_was(string name)
    {
        Assert.ThrowsAny<Exception>(() => Snapshots(("CI", "true")).Compare(name, "changed\n"));
        Assert.Equal(["one.txt: reviewed\n"], Written());
    }

    [Fact]
    public void On_a_developers_machine_it_can_be_written_anew()
    {
        Snapshots(("UPDATE_SNAPSHOTS", "1")).Compare("folder/new.txt", "changed\n");
        Assert.Equal(["folder/new.txt: changed\n", "one.txt: reviewed\n"], Written());
    }

    [Theory]
    [InlineData("reviewed\n")]
    [InlineData("changed\n")]
    public void In_continuous_integration_that_is_refused_whatever_it_is(string text)
    {
        var refusal = Assert.ThrowsAny<Exception>(() => Snapshots(("UPDATE_SNAPSHOTS", "1"), ("CI", "true")).Compare("one.txt", text));
        Assert.Contains("UPDATE_SNAPSHOTS is refused where CI is set", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["one.txt: reviewed\n"], Written());
    }

    private Snapshot Snapshots(params (string Name, string Value)[] variables) =>
        new(_directory.FullName, _directory.FullName, name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private string[] Written() =>
    [
        .. _directory.GetFiles("*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(_directory.FullName, file.FullName)}: {File.ReadAllText(file.FullName)}")
            .Order(StringComparer.Ordinal),
    ];
}
