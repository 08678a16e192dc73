namespace Proa.Net;

/// <summary>As whom proa asks, in the logs of those it asks: <c>proa/1.2.3</c>.</summary>
internal static class UserAgent
{
    public const string Value = "proa/" + BuildVersions.ProaNumber;
}
