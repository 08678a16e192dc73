namespace Proa.Watching;

/// <summary>
/// Whether the way to the API server is lost, as it is once a mesh's proxy has ended: connections are refused or not answered, one
/// after the other and for a while. A connection that breaks off, or an answer of any kind, shows that the way is there.
/// </summary>
/// <param name="Failures">How many attempts have failed so in a row.</param>
/// <param name="Since">When the first of them did, on a clock that does not jump.</param>
internal readonly record struct LostWay(int Failures, TimeSpan Since)
{
    private const int Enough = 3;
    private static readonly TimeSpan _while = TimeSpan.FromSeconds(1);

    public LostWay After(ApiFailure? failure, TimeSpan now) =>
        failure is not { IsUnreachable: true } ? default : Failures == 0 ? new(1, now) : this with { Failures = Failures + 1 };

    public bool Is(TimeSpan now) => Failures >= Enough && now - Since >= _while;
}
