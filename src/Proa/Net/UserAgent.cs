namespace Proa.Net;

/// <summary>As whom proa asks, in the logs of those it asks: <c>proa/1.2.3</c>.</summary>
internal static class UserAgent
{
    public static string Value { get; } = "proa/" + typeof(UserAgent).Assembly.GetName().Version?.ToString(3);
}
