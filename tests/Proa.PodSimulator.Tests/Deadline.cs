namespace Proa.PodSimulator.Tests;

/// <summary>Ends a wait for something that will not happen, so that a broken test fails instead of hanging.</summary>
internal static class Deadline
{
    public static CancellationToken Token
    {
        get
        {
            var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            source.CancelAfter(TimeSpan.FromMinutes(1));
            return source.Token;
        }
    }
}
